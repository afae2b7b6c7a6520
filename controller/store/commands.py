"""Operators' commands as rows: written by any process in a short transaction, also while the daemon is down.

Called by the SQLite store; plain text columns, so that any SQLite shell can read who asked for what. A writer that
can't get its turn within the busy timeout has written nothing and may try again.
"""

import json
import sqlite3
from typing import Any

from controller.errors import StoreBroken, StoreBusy
from controller.ports import OperatorCommand
from controller.store.codec import to_json
from controller.store.upkeep import roll_back

PENDING = (
    "SELECT verb, owner, reason, data, expires_at, issued_at, number "
    "FROM commands WHERE number > ? ORDER BY number"
)


def post(db: sqlite3.Connection, command: OperatorCommand) -> int:
    """Add a command and return its number; on disk at return. Raises StoreBusy or StoreBroken."""
    data = to_json(command.data, f"data of the command {command.verb!r}").decode()
    values = (command.verb, command.owner, command.reason, data, command.expires_at, command.issued_at)
    try:
        db.execute("BEGIN IMMEDIATE")
        found = db.execute(
            "INSERT INTO commands (number, verb, owner, reason, data, expires_at, issued_at) "
            "SELECT coalesce(max(number), -1) + 1, ?, ?, ?, ?, ?, ? FROM commands RETURNING number",
            values,
        ).fetchone()
        db.execute("COMMIT")
    except sqlite3.Error as fault:
        roll_back(db)
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
            raise StoreBusy(
                "another process keeps the journal locked; nothing was written: try again"
            ) from fault
        raise StoreBroken(f"the command {command.verb!r} was not written: {fault}") from fault
    return int(found[0])


def from_row(row: tuple[Any, ...]) -> OperatorCommand:
    """The command of a row."""
    verb, owner, reason, data, expires_at, issued_at, number = row
    return OperatorCommand(verb, owner, reason, json.loads(data), expires_at, issued_at, number)
