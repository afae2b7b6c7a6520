"""A failed write is the last one, nothing acknowledged is lost, and damage is found and named."""

import subprocess
import sys

import numpy as np
import pytest

from controller.errors import StoreBroken, StoreError
from controller.ports import OperatorCommand, Record
from controller.store import SqliteStore
from tests.store.journals import shell, tick


def test_after_a_full_disk_nothing_is_tried_again(store):
    store.append(tick(0))
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    noise = np.frombuffer(bytes(range(256)) * 40_000)
    with pytest.raises(StoreBroken, match=r"no longer written: append failed: database or disk is full"):
        store.append(Record("tick", 1, 60.0, {"big": noise}))
    store._db.execute("PRAGMA max_page_count = 1000000")  # the disk is free again: too late
    refused = [
        lambda: store.append(tick(2)),
        lambda: store.save_snapshot(0, {}, {}),
        lambda: store.post(OperatorCommand("hold", "a", "b")),
        lambda: store.last("tick"),
        lambda: list(store.records()),
        lambda: store.prune(0.0, 1),
    ]
    for again in refused:
        with pytest.raises(StoreBroken, match="no longer used: append failed"):
            again()


FAILING_WRITER = """
import resource, sys
import numpy as np
from controller.errors import StoreBroken
from controller.ports import Record
from controller.store import SqliteStore
store = SqliteStore(sys.argv[1])
store.claim("daemon")
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
noise = np.sqrt(np.arange(1, 20_001))
faults = 0
for index in range(2000):
    try:
        print(store.append(Record("tick", index, 60.0 * index, {"a": noise + index})), flush=True)
    except StoreBroken:
        faults += 1
        if faults == 5:
            break
print("faults", faults, flush=True)
"""


@pytest.mark.parametrize("room", [4_200_000, 5_000_000, 6_543_210])
def test_a_write_that_the_system_refuses_loses_nothing_acknowledged(path, room):
    """The kernel really says no: the file may not grow any further."""
    done = subprocess.run(
        [sys.executable, "-c", FAILING_WRITER, str(path), str(room)],
        capture_output=True,
        text=True,
        check=False,
    )
    *acked, faults = done.stdout.splitlines()
    assert faults == "faults 5", done.stderr
    store = SqliteStore(path)
    numbers = [record.number for record in store.records()]
    assert numbers[: len(acked)] == [int(number) for number in acked]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) - len(acked) <= 1
    store.verify()
    assert store.claim("heir") == 2
    assert store.append(tick(9)) == len(numbers)
    store.close()


def test_an_interruption_in_the_middle_of_a_commit_is_a_failure(store, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("controller.store.queries.put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.append(tick(0))
    monkeypatch.undo()
    with pytest.raises(StoreBroken, match="append failed: KeyboardInterrupt"):
        store.append(tick(1))


def test_a_closed_store_says_so(store):
    store.close()
    store.close()
    for late in (lambda: store.append(tick(0)), store.pending, lambda: store.claim("x")):
        with pytest.raises(StoreError, match="is closed"):
            late()


def test_a_refused_record_spoils_nothing(store):
    store.append(tick(0), durable=False)
    with pytest.raises(ValueError, match="nan"):
        store.append(Record("tick", 1, 60.0, {}, {"x": float("nan")}))
    assert store.append(tick(1)) == 1
    assert [record.index for record in store.records()] == [0, 1]


def test_a_damaged_record_is_named(store, path):
    for index in range(3):
        store.append(tick(index))
    shell(
        path,
        "UPDATE records SET body = CAST(substr(body, 1, 12) || x'ff' || substr(body, 14) AS BLOB) WHERE number = 1",
    )
    found = store.records()
    assert next(found).index == 0
    with pytest.raises(StoreBroken, match=r"record 1 \(tick\).*checksum is wrong; restore a backup"):
        next(found)
    with pytest.raises(StoreBroken, match="record 1 "):
        store.verify()


def test_verify_reads_everything(store, path):
    for index in range(10):
        store.append(tick(index))
    store.save_snapshot(9, {"a/b/c": np.ones(3)}, {})
    assert store.verify() == 10
    shell(path, "UPDATE snapshots SET body = x'010203'")
    with pytest.raises(StoreBroken, match=r"record 9 \(snapshot\)"):
        store.verify()


def test_verify_finds_a_broken_page(store, path):
    for index in range(300):
        store.append(Record("tick", index, 0.0, {"a": np.sqrt(np.arange(1.0, 200.0))}), durable=False)
    store.close()
    size = path.stat().st_size
    with path.open("r+b") as file:
        for page in range(3, size // 4096):
            file.seek(page * 4096 + 3)
            file.write(b"\xff\xff\xff")
    store = SqliteStore(path)
    with pytest.raises(StoreBroken, match=r"damaged|can't be read"):
        store.verify()
    store.close()
