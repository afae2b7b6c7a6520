"""Readers and operators beside the daemon, in other processes and in other threads."""

import sqlite3
import threading

import numpy as np
import pytest

from controller.errors import StoreBusy, StoreError
from controller.ports import OperatorCommand, Record
from controller.store import SqliteStore, connection, queries
from tests.store.journals import log_of, tick

LOG = connection.PAGE_SIZE * connection.CHECKPOINT_PAGES
NOISE = np.sqrt(np.arange(1.0, 2001.0))


def test_a_reader_sees_what_is_durable_and_only_that(store, path):
    reader = SqliteStore(path, readonly=True)
    store.append(tick(0))
    store.append(tick(1), durable=False)
    assert [record.index for record in reader.records()] == [0]
    assert store.last("tick").index == 1  # the owner sees its own, by committing it first
    assert [record.index for record in reader.records()] == [0, 1]
    for forbidden in (lambda: reader.claim("x"), lambda: reader.post(OperatorCommand("hold", "a", "b"))):
        with pytest.raises(StoreError, match="reading only"):
            forbidden()
    reader.close()


def test_a_reader_in_the_middle_does_not_hold_up_the_log(store, path):
    """The log is used again from its start although a reader stopped half way."""
    grow(store, 0, 100)
    slow = SqliteStore(path, readonly=True).records()
    assert next(slow).index == 0
    grow(store, 100, 800)
    assert log_of(path).stat().st_size < 2 * LOG
    assert sum(1 for _ in slow) == 799


def test_a_transaction_that_stays_open_would_hold_it_up(store, path):
    """The test above can fail: this is what it guards against."""
    grow(store, 0, 100)
    stuck = sqlite3.connect(path, isolation_level=None)
    stuck.execute("BEGIN")
    stuck.execute("SELECT count(*) FROM records").fetchall()
    grow(store, 100, 800)
    assert log_of(path).stat().st_size > 2 * LOG
    stuck.close()


def grow(store, first, last):
    """Records of 16 kB, twenty to a commit."""
    for index in range(first, last):
        store.append(Record("tick", index, 0.0, {"a": NOISE + index}), durable=index % 20 == 19)
    store.flush()


def test_commands_are_posted_beside_the_daemon_and_while_it_is_down(store, path):
    other = SqliteStore(path, create=False)
    assert other.post(OperatorCommand("hold", "ann", "too warm", {"channel": "odds"}, 90.0, 30.0)) == 0
    assert store.pending()[0].data == {"channel": "odds"}
    store.append(tick(0))
    store.close()
    assert other.post(OperatorCommand("resume", "ann", "")) == 1
    again = SqliteStore(path)
    assert [command.verb for command in again.pending(0)] == ["resume"]
    again.close()
    other.close()


def test_many_writers_of_commands_all_come_through(store, path):
    def ask(name):
        mine = SqliteStore(path)
        for _ in range(10):
            mine.post(OperatorCommand("hold", name, ""))
        mine.close()

    threads = [threading.Thread(target=ask, args=(f"t{i}",)) for i in range(4)]
    for thread in threads:
        thread.start()
    for index in range(50):
        store.append(tick(index))
    for thread in threads:
        thread.join()
    assert [command.number for command in store.pending()] == list(range(40))
    assert [record.number for record in store.records()] == list(range(50))


def test_a_command_that_does_not_get_its_turn_may_be_tried_again(store, path, monkeypatch):
    other = SqliteStore(path)
    other._db.execute("PRAGMA busy_timeout = 0")
    blocker = sqlite3.connect(path, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="nothing was written: try again"):
        other.post(OperatorCommand("hold", "ann", ""))
    blocker.execute("ROLLBACK")
    blocker.close()
    assert other.post(OperatorCommand("hold", "ann", "")) == 0
    other.close()


def test_one_store_serves_threads(store):
    def write(start):
        for index in range(start, start + 25):
            store.append(tick(index), durable=index % 5 == 0)
            store.last("tick")

    threads = [threading.Thread(target=write, args=(100 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [record.number for record in store.records()] == list(range(100))


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        (queries.LAST, ("tick",)),
        (queries.SNAPSHOT, (7,)),
        (f"{queries._ROW} WHERE number >= ? ORDER BY number LIMIT 64", (7,)),
        (f"{queries._ROW} WHERE kind = ? AND number >= ? ORDER BY number LIMIT 64", ("tick", 7)),
        ("SELECT max(number) FROM records", ()),
    ],
)
def test_no_query_looks_at_every_record(store, sql, values):
    """What makes a journal of a million records open as fast as a new one."""
    plan = [row[-1] for row in store._db.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    assert plan
    assert not [step for step in plan if "TEMP B-TREE" in step]
    assert not [step for step in plan if step.startswith("SCAN")] or sql.startswith("SELECT max")
