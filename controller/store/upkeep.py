"""What keeps a journal usable for years: whole copies, and a check of the file.

Called by the SQLite store; calls sqlite3 and the file system.
"""

import contextlib
import os
import sqlite3
from pathlib import Path

from controller.errors import StoreBroken, StoreError


def backup(db: sqlite3.Connection, source: Path, target: Path) -> int:
    """A compact copy by VACUUM INTO, synced and put in place whole; returns its bytes. Never overwrites a file."""
    if target.exists():
        raise StoreError(f"{target} exists: a backup overwrites nothing; name a new file")
    part = target.with_name(target.name + ".part")
    part.unlink(missing_ok=True)
    try:
        db.execute("VACUUM INTO ?", (str(part),))
        _sync(part)
        os.link(part, target)  # fails where somebody made it meanwhile
        part.unlink()
        _sync(target.parent)
    except (sqlite3.Error, OSError) as fault:
        part.unlink(missing_ok=True)
        raise StoreError(
            f"the backup of {source} to {target} failed, nothing was left there: {fault}"
        ) from fault
    return target.stat().st_size


def check_file(db: sqlite3.Connection, path: Path) -> None:
    """SQLite's own check of pages, indexes and references; raises StoreBroken with what it found."""
    try:
        found = [row[0] for row in db.execute("PRAGMA integrity_check(10)")]
        loose = [
            f"{table} row {row} refers to nothing"
            for table, row, *_ in db.execute("PRAGMA foreign_key_check")
        ]
    except sqlite3.Error as fault:
        raise StoreBroken(f"{path} is damaged: {fault}; restore a backup") from fault
    faults = [text for text in found if text != "ok"] + loose
    if faults:
        raise StoreBroken(f"{path} is damaged: {'; '.join(faults)}; restore a backup")


def roll_back(db: sqlite3.Connection) -> None:
    """Undo an open transaction, if there is one; what a failed rollback says adds nothing to the first failure."""
    with contextlib.suppress(sqlite3.Error):
        if db.in_transaction:
            db.execute("ROLLBACK")


def _sync(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
