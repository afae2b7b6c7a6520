"""Whether a folder is one of sweeps, of this layout, and nobody else's at the moment.

Called by folder.py before anything is written, and by index.py before anything is read. Never deletes.
"""

import fcntl
import json
import os
from pathlib import Path
from typing import IO

from sim.sweep.errors import SweepError

LAYOUT = 1
MARK, LOCK, INDEX, RESULTS, FAILED = "sweep.json", ".lock", "index.jsonl", "results", "failed"
PART, DAMAGED = ".part", ".damaged"


def result_at(place: Path, digest: str) -> Path:
    """The file of a result."""
    return place / RESULTS / f"{digest}.npz"


def trace_at(place: Path, digest: str) -> Path:
    """The file of the trace of a task's last error."""
    return place / FAILED / f"{digest}.txt"


def claim(place: Path) -> bool:
    """Make the folder; True where it is new, so that it has to be marked. Raises SweepError where it is no place."""
    if (place / MARK).exists():
        check(place)
        return False
    try:
        place.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as fault:
        raise SweepError(f"{place} is no folder, allowed: a folder of results, or a new name") from fault
    others = sorted(path.name for path in place.iterdir() if path.name not in (LOCK, MARK + PART))
    if others:
        seen = ", ".join(others[:3])
        raise SweepError(
            f"{place} is not empty and holds no sweep, received {seen}, allowed: a folder of results, or a new name"
        )
    return True


def check(place: Path) -> None:
    """Raises SweepError where a folder holds no sweep, or one of another layout."""
    path = place / MARK
    try:
        layout = json.loads(path.read_bytes())["layout"]
    except (FileNotFoundError, NotADirectoryError) as fault:
        raise SweepError(f"there is no sweep in {place}: it has no {MARK}") from fault
    except (ValueError, LookupError, TypeError) as fault:
        raise SweepError(f'{path} is no mark of a sweep, allowed: {{"layout": {LAYOUT}}}') from fault
    if layout != LAYOUT:
        raise SweepError(
            f"{place} has layout {layout!r}, this version reads and writes layout {LAYOUT}: take another folder, "
            "or the version of Setpoint that made it"
        )


def locked(place: Path) -> IO[str]:
    """The lock of a folder; the system frees it when its holder dies, kill -9 included. Raises SweepError."""
    file = (place / LOCK).open("a")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise SweepError(
            f"another sweep is writing to {place}: wait for it, or take another folder"
        ) from None
    return file


def sync(folder: Path) -> None:
    """Wait until the names in a folder are on the disk."""
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
