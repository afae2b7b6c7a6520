"""CPU time from the command line to the answer: `setpoint --help`, and `setpoint check` of a first campaign.

Beside them stands a Python that imports numpy alone: what no check can be cheaper than. Children's CPU, all threads.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile

COMMAND = "import sys; sys.argv[0] = 'setpoint'; from controller.cli import main; main()"


def seconds(*words, rounds=5):
    """Median CPU seconds of a whole process."""
    times = []
    for _ in range(rounds):
        before = os.times()
        subprocess.run([sys.executable, *words], capture_output=True, check=True)
        after = os.times()
        times.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    return statistics.median(times)


def main():
    with tempfile.TemporaryDirectory() as folder:
        file = f"{folder}/campaign.yaml"
        subprocess.run([sys.executable, "-c", COMMAND, "init", file], capture_output=True, check=True)
        figures = {
            "python that imports numpy": (seconds("-c", "import numpy"), None),
            "setpoint --help": (seconds("-c", COMMAND, "--help"), 1.0),
            "setpoint check": (seconds("-c", COMMAND, "check", file), 1.0),
        }
    for name, (value, target) in figures.items():
        print(f"{name:28} {value:6.2f} s CPU" + (f"   (target {target} s)" if target else ""))
    if "--json" in sys.argv:
        print(json.dumps({name: _figure(*figure) for name, figure in figures.items()}))


def _figure(value, target):
    met = None if target is None else bool(value <= target)
    return {"value": round(value, 3), "unit": "s CPU", "target": target, "met": met}


if __name__ == "__main__":
    main()
