"""Runs every benchmarks/bench_*.py and prints one table of what they measured.

Called by make.py. Each benchmark, started with --json, ends in one line `{figure: {value, unit, target, met}}`. A
missed target is reported, a benchmark that breaks fails the run. Arguments pick benchmarks by a part of their name.
"""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(parts):
    files = [
        f for f in sorted(ROOT.glob("benchmarks/bench_*.py")) if not parts or any(p in f.stem for p in parts)
    ]
    if not files:
        sys.exit(
            "no benchmarks/bench_*.py"
            + (" with one of {} in its name".format(", ".join(parts)) if parts else "")
        )
    rows, broken = [], []
    for file in files:
        print(f"{file.stem} ...", file=sys.stderr, flush=True)
        figures = measure(file)
        rows += [(file.stem.removeprefix("bench_"), name, figure) for name, figure in (figures or {}).items()]
        broken += [file.stem] if figures is None else []
    print_table([("benchmark", "figure", "value", "target", ""), *(cells(*row) for row in rows)])
    print(f"{sum(row[2]['met'] is False for row in rows)} of {len(rows)} figures miss their target")
    sys.exit("broken: " + ", ".join(broken) if broken else 0)


def measure(file):
    """The figures of one benchmark; None if it broke, with its output shown."""
    done = subprocess.run(
        [sys.executable, str(file), "--json"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    try:
        done.check_returncode()
        figures = json.loads(done.stdout.rstrip().rpartition("\n")[2])
        return {name: {"unit": "", "target": None, "met": None, **figure} for name, figure in figures.items()}
    except (subprocess.CalledProcessError, ValueError, TypeError, AttributeError) as fault:
        print(done.stdout + done.stderr + f"{file.stem}: {fault}", file=sys.stderr)
        return None


def cells(benchmark, name, figure):
    mark = {True: "met", False: "MISSED", None: ""}[figure["met"]]
    target = "" if figure["target"] is None else f"{figure['target']} {figure['unit']}"
    return benchmark, name, f"{short(figure['value'])} {figure['unit']}".strip(), target.strip(), mark


def short(value):
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def print_table(rows):
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip())


if __name__ == "__main__":
    main(sys.argv[1:])
