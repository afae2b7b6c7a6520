"""The journal's schema: numbered migrations, each in one transaction with its number.

migrations/NNNN_NAME.sql, package data, are applied in order; `user_version` is the number of the last one. A file that
a newer version wrote is refused. Called when a store is opened, by a caller that holds the store's lock; calls sqlite3.
"""

import sqlite3
from collections.abc import Iterator
from importlib.resources import files

from controller.errors import StoreBroken, StoreError, StoreTooNew

APPLICATION_ID = 0x53455450
"""`SETP`, in the file's header: no other program's database is taken for a journal."""


def known() -> dict[int, str]:
    """Number -> SQL of the migrations in this version."""
    folder = files("controller.store") / "migrations"
    found = {int(file.name[:4]): file.read_text() for file in folder.iterdir() if file.name.endswith(".sql")}
    return dict(sorted(found.items()))


def version_of(connection: sqlite3.Connection, path: str) -> int:
    """The schema's number; 0 for an empty file. Raises StoreTooNew, or StoreError where the file is no journal."""
    try:
        application = connection.execute("PRAGMA application_id").fetchone()[0]
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        empty = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0] == 0
    except sqlite3.DatabaseError as fault:
        raise StoreBroken(f"{path} can't be read as a journal: {fault}") from fault
    if application != APPLICATION_ID and not empty:
        raise StoreError(
            f"{path} is a database of another program (application id {application}), not a journal"
        )
    newest = max(known())
    if version > newest:
        raise StoreTooNew(
            f"{path} has schema {version}, written by a newer version; this one knows schemas up to {newest}: upgrade"
        )
    return version


def migrate(connection: sqlite3.Connection, path: str) -> None:
    """Bring the schema up to date, a transaction a step; a step that fails leaves the file as it was."""
    for number, sql in known().items():
        if number > version_of(connection, path):
            _step(connection, number, sql, path)


def _step(connection: sqlite3.Connection, number: int, sql: str, path: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in statements(sql):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {number}")
        connection.execute("COMMIT")
    except sqlite3.Error as fault:
        connection.execute("ROLLBACK")
        raise StoreBroken(f"{path}: migration {number} failed and was undone: {fault}") from fault


def statements(sql: str) -> Iterator[str]:
    """The statements of a script; sqlite3's own executescript would commit before each.

    >>> list(statements("CREATE TABLE a (b TEXT); -- one\\nDROP TABLE a;"))
    ['CREATE TABLE a (b TEXT);', '-- one\\nDROP TABLE a;']
    """
    pending = ""
    for piece in sql.split(";")[:-1]:
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            yield pending.strip()
            pending = ""
    if pending.strip():
        raise StoreBroken(f"a migration ends in the middle of a statement: {pending.strip()!r}")
