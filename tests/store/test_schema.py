"""Settings are read back, schemas are numbered, and a file of somebody else is left alone."""

import sqlite3
from pathlib import Path

import pytest

from controller.errors import StoreBroken, StoreBusy, StoreError, StoreTooNew
from controller.store import SqliteStore, connection, schema
from tests.store.journals import shell

KNOWN = schema.known()
EXTRA = "CREATE TABLE extra (a TEXT) STRICT;"


def test_the_settings_in_force_are_those_promised(store):
    found = {name: store._db.execute(f"PRAGMA {name}").fetchone()[0] for name in connection._WRITER}
    assert found == connection._WRITER
    assert (found["journal_mode"], found["synchronous"], found["foreign_keys"]) == ("wal", 2, 1)


@pytest.mark.parametrize(
    ("name", "value"), [("synchronous", 7), ("journal_mode", "nonsense"), ("foreign_keys", 5)]
)
def test_a_setting_that_is_not_taken_is_refused(path, monkeypatch, name, value):
    """SQLite ignores what it does not understand, in silence."""
    monkeypatch.setitem(connection._WRITER, name, value)
    with pytest.raises(StoreBroken, match=f"{name} is .*, not {value}"):
        SqliteStore(path)


def test_a_file_system_without_shared_memory_is_refused():
    """No write-ahead log there: SQLite falls back to another mode without a word."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    with pytest.raises(StoreBroken, match="journal_mode is memory, not wal; is it on a local disk"):
        connection.settle(db, Path("x"), {"journal_mode": "wal"})
    db.close()


def test_a_newer_schema_is_refused_by_writers_and_readers(path):
    SqliteStore(path).close()
    shell(path, "PRAGMA user_version = 99")
    for readonly in (False, True):
        with pytest.raises(StoreTooNew, match=f"schema 99.*up to {max(schema.known())}: upgrade"):
            SqliteStore(path, readonly=readonly)


def test_another_program_s_file_is_left_alone(path):
    shell(path, "CREATE TABLE theirs (a)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="another program"):
        SqliteStore(path)
    assert path.read_bytes() == before
    path.write_text("not a database at all, but long enough to be looked at as one" * 20)
    with pytest.raises(StoreBroken, match="can't be read as a journal"):
        SqliteStore(path)


def test_a_new_migration_is_applied_once_and_old_readers_wait_for_it(path, monkeypatch):
    SqliteStore(path).close()
    monkeypatch.setattr(schema, "known", lambda: {**KNOWN, 2: EXTRA})
    with pytest.raises(StoreError, match="schema 1: open it once for writing"):
        SqliteStore(path, readonly=True)
    for _ in range(2):
        SqliteStore(path).close()
    assert shell(path, "PRAGMA user_version") == [(2,)]
    assert shell(path, "SELECT count(*) FROM extra") == [(0,)]


def test_a_migration_that_fails_leaves_the_file_as_it_was(path, monkeypatch):
    SqliteStore(path).close()
    broken = "CREATE TABLE extra (a TEXT) STRICT; INSERT INTO nowhere VALUES (1);"
    monkeypatch.setattr(schema, "known", lambda: {**KNOWN, 2: broken})
    with pytest.raises(StoreBroken, match=r"migration 2 failed and was undone.*nowhere"):
        SqliteStore(path)
    assert shell(path, "PRAGMA user_version") == [(1,)]
    assert shell(path, "SELECT name FROM sqlite_schema WHERE name = 'extra'") == []


def test_no_migration_under_a_running_daemon(store, path, monkeypatch):
    monkeypatch.setattr(schema, "known", lambda: {**KNOWN, 2: EXTRA})
    with pytest.raises(StoreBusy, match="belongs to daemon"):
        SqliteStore(path)


def test_a_missing_journal_is_not_made_by_accident(path):
    for wanted in ({"readonly": True}, {"create": False}):
        with pytest.raises(StoreError, match="there is no journal at"):
            SqliteStore(path, **wanted)
    assert not path.exists()
