"""Runs every notebook from top to bottom and leaves the executed copies in runs/notebooks/.

Called by make.py; calls nbclient. A cell that raises fails the run. The notebooks themselves are never written to.
Arguments pick notebooks by a part of their name.
"""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

ROOT = Path(__file__).resolve().parent.parent


def main(parts):
    files = [
        f for f in sorted(ROOT.glob("notebooks/*.ipynb")) if not parts or any(p in f.stem for p in parts)
    ]
    if not files:
        sys.exit(
            "no notebooks/*.ipynb" + (" with one of {} in its name".format(", ".join(parts)) if parts else "")
        )
    failed = [file.name for file in files if not execute(file)]
    sys.exit("failed: " + ", ".join(failed) if failed else 0)


def execute(file):
    notebook, started = nbformat.read(file, as_version=4), time.monotonic()
    try:
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(file.parent)}}).execute()
    except CellExecutionError as fault:
        print(fault, file=sys.stderr)
        return False
    target = ROOT / "runs" / "notebooks" / file.name
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)
    print(f"{file.name}: {time.monotonic() - started:.0f} s, executed copy in {target.relative_to(ROOT)}")
    return True


if __name__ == "__main__":
    main(sys.argv[1:])
