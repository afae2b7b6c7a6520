"""kill -9 at any instant: no acknowledged record is lost, none is doubled, and the next owner goes on.

A child writes to the journal and acknowledges each record on a pipe after `append` has returned; the parent kills it,
opens the same file and compares. Every life goes on with the journal of the one before.
"""

import os
import signal

import numpy as np
import pytest

from controller.ports import Record
from controller.store import SqliteStore

LARGE = np.sqrt(np.arange(1.0, 3001.0))


def record(index):
    """Content that only this index has, small or large."""
    columns = {"applied.odds": LARGE[: 3000 if index % 5 == 0 else 1] + index}
    return Record("tick" if index % 3 else "intent", index, 60.0 * index, columns, {"elapsed": float(index)})


def live(path, pipe):
    """Append for ever; every seventh record waits for the next, every fourth is followed by a snapshot."""
    store = SqliteStore(path)
    store.claim(f"life {os.getpid()}")
    newest = max(last.number if (last := store.last(kind)) else -1 for kind in ("tick", "intent"))
    for index in range(newest + 1, newest + 100_000):
        durable = index % 7 != 0
        number = store.append(record(index), durable)
        if index % 4 == 0:
            store.save_snapshot(number, {"a/b/sum": np.array([float(index)])}, {"index": index})
            durable = True
        if durable:
            os.write(pipe, f"{number}\n".encode())


def killed_life(path, acks, spin):
    """Run a life until it has acknowledged some records, then kill it; returns the numbers acknowledged."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(read)
            live(path, write)
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        seen = [pipe.readline() for _ in range(acks)]
        for _ in range(spin):
            pass
        os.kill(child, signal.SIGKILL)
        seen += pipe.readlines()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    return [int(line) for line in seen if line.endswith(b"\n")]


def check(path, acked, life):
    """What the next owner finds."""
    store = SqliteStore(path)
    assert store.claim("heir") == 2 * life
    found = list(store.records())
    assert [r.number for r in found] == list(range(len(found)))
    assert len(found) > max(acked)
    for was in found[-60:]:
        wanted = record(was.number)
        assert (was.kind, was.index, was.time, was.data) == (
            wanted.kind,
            wanted.index,
            wanted.time,
            wanted.data,
        )
        assert was.columns["applied.odds"].tobytes() == wanted.columns["applied.odds"].tobytes()
    number, state, data = store.snapshot()
    assert number <= found[-1].number
    assert state["a/b/sum"].tolist() == [float(number)] == [float(data["index"])]
    last_acked_snapshot = max((n for n in acked if n % 4 == 0), default=0)
    assert number >= last_acked_snapshot
    store.close()
    return len(found) - 1 - max(acked)


def kill(path, lives):
    """Returns records acknowledged, and records found that nobody had acknowledged."""
    acknowledged = open_ended = 0
    for life in range(1, lives + 1):
        acked = killed_life(path, 1 + life * 7919 % 23, life * 104_729 % 30_000)
        open_ended += check(path, acked, life)
        acknowledged += len(acked)
    return acknowledged, open_ended


def test_thirty_kills(tmp_path):
    acknowledged, _ = kill(tmp_path / "a.journal", 30)
    assert acknowledged > 30


def test_the_harness_notices_a_loss(tmp_path):
    """A journal whose last acknowledged record is taken away does not pass."""
    path = tmp_path / "a.journal"
    acked = killed_life(path, 9, 0)
    store = SqliteStore(path)
    store._db.execute("DELETE FROM records WHERE number >= ?", (max(acked),))
    store.close()
    with pytest.raises(AssertionError):
        check(path, acked, 1)


def test_the_harness_notices_a_write_that_is_not_durable(tmp_path, monkeypatch):
    """Acknowledging what only waits in memory is found out."""
    flush = SqliteStore.flush
    monkeypatch.setattr(SqliteStore, "flush", lambda self: None)
    monkeypatch.setattr(SqliteStore, "save_snapshot", lambda *_: None)
    acked = killed_life(tmp_path / "a.journal", 9, 0)
    monkeypatch.setattr(SqliteStore, "flush", flush)
    with pytest.raises(AssertionError):
        check(tmp_path / "a.journal", acked, 1)


@pytest.mark.proof
@pytest.mark.timeout(3600)
def test_a_thousand_kills(tmp_path):
    acknowledged = open_ended = 0
    for start in range(40):  # a journal each, so that comparing does not take longer and longer
        counts = kill(tmp_path / f"{start}.journal", 25)
        acknowledged, open_ended = acknowledged + counts[0], open_ended + counts[1]
    print(
        f"1,000 kills: {acknowledged} records acknowledged, 0 lost, {open_ended} found that were not acknowledged"
    )
