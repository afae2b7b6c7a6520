"""Connections to a journal: how the file is opened, and that SQLite really took the settings it was given.

Durability here rests on a few pragmas which SQLite may ignore in silence (on a network file system, say), so each is
read back, and a connection that differs is refused. Called by the SQLite store; calls sqlite3 and the schema.

Why these values: WAL lets readers work while the daemon writes. FULL syncs the log at each commit; NORMAL would lose
commits at a power failure. Pages of 4096 bytes are the file system's block, and a one-cell tick touches two or three.
A checkpoint each 1000 pages copies 4 MB at most, so no tick waits long for it, and the log is grown to that length
once, at the claim: syncing blocks that exist already takes less than half the time of syncing new ones.
"""

import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from controller.errors import NotAvailable, StoreBroken, StoreError
from controller.store.schema import version_of

PAGE_SIZE = 4096
CHECKPOINT_PAGES = 1000
BUSY_MILLISECONDS = 10_000
OLDEST_SQLITE = (3, 37, 0)
"""The first with STRICT tables."""

_WRITER: dict[str, str | int] = {
    "journal_mode": "wal",
    "synchronous": 2,
    "foreign_keys": 1,
    "fullfsync": 1,
    "checkpoint_fullfsync": 1,
    "busy_timeout": BUSY_MILLISECONDS,
    "wal_autocheckpoint": CHECKPOINT_PAGES,
    "journal_size_limit": -1,
}
_READER: dict[str, str | int] = {"busy_timeout": BUSY_MILLISECONDS}


def connect(path: Path, *, readonly: bool, create: bool) -> tuple[sqlite3.Connection, int]:
    """Open a journal's file; returns the connection and the schema's version.

    Raises StoreError where there is no journal, StoreTooNew, and StoreBroken where a setting was not taken.
    """
    if sqlite3.sqlite_version_info < OLDEST_SQLITE:
        needed = ".".join(map(str, OLDEST_SQLITE))
        raise NotAvailable(
            f"the journal needs SQLite {needed} or newer, this Python has {sqlite3.sqlite_version}"
        )
    if not create and not path.is_file():
        raise StoreError(f"there is no journal at {path}")
    how = _reading(path) if readonly else ("mode=rwc" if create else "mode=rw")
    uri = f"file:{quote(str(path.absolute()))}?{how}"
    try:
        connection = sqlite3.connect(
            uri, uri=True, timeout=BUSY_MILLISECONDS / 1000, isolation_level=None, check_same_thread=False
        )
    except sqlite3.Error as fault:
        raise StoreError(f"the journal {path} can't be opened: {fault}") from fault
    try:
        version = version_of(connection, str(path))  # first: another program's file is left as it is
        settle(connection, path, _READER if readonly else _WRITER)
    except BaseException:
        connection.close()
        raise
    return connection, version


def settle(connection: sqlite3.Connection, path: Path, wanted: dict[str, str | int]) -> None:
    """Set the pragmas and read each one back; raises StoreBroken where one differs."""
    try:
        connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
        for name, value in wanted.items():
            connection.execute(f"PRAGMA {name} = {value}").fetchall()
        found = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    except sqlite3.Error as fault:
        raise StoreBroken(f"{path} can't be used as a journal: {fault}") from fault
    wrong = [
        f"{name} is {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value
    ]
    if wrong:
        raise StoreBroken(
            f"{path}: SQLite did not take its settings: {'; '.join(wrong)}; is it on a local disk?"
        )


def grow_log(connection: sqlite3.Connection, path: Path) -> None:
    """Write the log once to the length it has at a checkpoint, so that no later commit has to allocate."""
    log = path.with_name(path.name + "-wal")
    size = PAGE_SIZE * CHECKPOINT_PAGES
    if log.exists() and log.stat().st_size >= size:
        return
    connection.execute("DROP TABLE IF EXISTS scratch")  # of a process killed in the middle of this
    connection.execute("CREATE TABLE scratch (room BLOB)")
    connection.execute("INSERT INTO scratch VALUES (zeroblob(?))", (size,))
    connection.execute("DROP TABLE scratch")
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()


def _reading(path: Path) -> str:
    """A journal in a folder that can't be written has no log to share: it is opened as an archive."""
    archived = not os.access(path.parent, os.W_OK) and not path.with_name(path.name + "-wal").exists()
    return "mode=ro&immutable=1" if archived else "mode=ro"
