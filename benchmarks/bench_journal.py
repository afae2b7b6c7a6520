"""What a durable tick costs: against this disk's own sync of as many bytes, and against JSON a cell.

Records are those of a real loop (tests/support/world.py), for one cell and for ten thousand. The limit is measured
in the same process, folder and moment, turn and turn about: as many bytes into a file that has its room already, and
fdatasync. Reading is measured against json.loads of the same rows, opening with a million records in the file.
"""

import json
import os
import sqlite3
import statistics
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pandas as pd

from controller.cells import Cells
from controller.store import MemoryStore, SqliteStore
from sim.journal.journal import read_journal
from tests.support.world import World, campaign_with, policy_plan

MILLION = 1_000_000


def records_of(cells, turns):
    """Tick records, and the rows a MemoryStore makes of them."""
    store = MemoryStore()
    policy = policy_plan("pid", gain=0.5, integral_time=1800.0)
    world = World(campaign_with(policy), Cells(tuple(f"store-{n}" for n in range(cells))), store=store)
    world.sensor.demand = lambda _: 100.0 + (world.cells.key % 1009) / 7.0  # no two stores alike
    world.turns(turns)
    return list(store.records(0, ("start",))), list(store.records(0, ("tick",)))


def timed(call, *values):
    begun = time.perf_counter()
    call(*values)
    return time.perf_counter() - begun


class Raw:
    """The limit: bytes into a file that has room, and one sync."""

    room = 16 * 2**20

    def __init__(self, folder):
        self.file = os.open(folder / "raw", os.O_RDWR | os.O_CREAT)
        os.pwrite(self.file, bytes(self.room), 0)
        os.fsync(self.file)
        self.block = bytes(range(256)) * 8192
        self.at = 0

    def write(self, size):
        self.at = 0 if self.at + size > self.room else self.at
        os.pwrite(self.file, self.block[:size], self.at)
        os.fdatasync(self.file)
        self.at += size


def append(folder, records, name):
    """Wall times of durable appends and of raw writes of their size, CPU of an append, and its bytes."""
    raw, walls, limits, cpu = Raw(folder), [], [], []
    store = SqliteStore(folder / f"{name}.journal")
    store.claim("benchmark")
    sizes = [size_of(store, record) for record in records[:5]]
    for record in records[5:]:
        begun = time.process_time()
        walls.append(timed(store.append, record))
        cpu.append(time.process_time() - begun)
        limits.append(timed(raw.write, max(4096, sizes[-1])))
    sizes = [len(row.body) + len(row.data) for row in store.rows(5)]
    store.close()
    return (
        walls,
        limits,
        statistics.mean(cpu),
        statistics.mean(sizes) + 40,
    )  # the row's own numbers, and the index


def size_of(store, record):
    store.append(record)
    (row,) = store.rows(store.last(record.kind).number)
    return len(row.body) + len(row.data)


def json_per_cell(record):
    """The same record as an object a cell, which is what a journal of JSON lines would hold."""
    lists = {name: column.tolist() for name, column in record.columns.items()}
    count = len(next(iter(lists.values())))
    heads = {"index": record.index, "time": record.time}
    return [
        json.dumps({**heads, **{name: values[n] for name, values in lists.items()}}) for n in range(count)
    ]


def opening(folder, record):
    """Seconds until a journal of a million records is open, owned, and its last tick read."""
    path = folder / "million.journal"
    store = SqliteStore(path)
    store.claim("benchmark")
    store.append(record)
    store.close()
    with closing(sqlite3.connect(path)) as db, db:
        have = 1
        while have < MILLION - 1:
            more = min(have, MILLION - 1 - have)
            db.execute(
                "INSERT INTO records SELECT number + ?, kind, tick, time, layout, data, body "
                "FROM records WHERE number < ?",
                (have, more),
            )
            have += more
    store = SqliteStore(path)
    store.claim("benchmark")
    store.append(replace(record, index=have))
    store.close()
    begun = time.perf_counter()
    store = SqliteStore(path)
    store.claim("benchmark")
    assert store.last("tick").number == MILLION - 1
    seconds = time.perf_counter() - begun
    store.close()
    return seconds


def reading(folder, starts, ticks, repeat=40):
    """Rows a second of read_journal, and of json.loads and a DataFrame over the same rows."""
    path = folder / "reading.journal"
    store = SqliteStore(path)
    store.claim("benchmark")
    store.append(starts[0])
    for _ in range(repeat):
        for record in ticks:
            store.append(record, durable=False)
    store.close()
    begun = time.process_time()
    rows = len(read_journal(path))
    ours = rows / (time.process_time() - begun)
    lines = [line for record in ticks for line in json_per_cell(record)]
    begun = time.process_time()
    pd.DataFrame([json.loads(line) for line in lines])
    return ours, len(lines) / (time.process_time() - begun)


def figure(value, unit, target=None, most=True):
    met = None if target is None else bool(value <= target if most else value >= target)
    return {"value": value, "unit": unit, "target": target, "met": met}


def measure(folder):
    figures = {}
    for cells, turns in ((1, 505), (10_000, 65)):
        _, ticks = records_of(cells, turns)
        walls, limits, cpu, size = append(folder, ticks, cells)
        text = statistics.mean(len("".join(json_per_cell(record))) for record in ticks[5:8])
        wall, limit = statistics.median(walls), statistics.median(limits)
        most, least = (4.0, 2.0) if cells == 1 else (6.0, 10.0)
        figures |= {
            f"durable append, {cells} cells": figure(wall * 1e3, "ms", 40.0),
            f"the same, 95th of 100, {cells} cells": figure(
                sorted(walls)[int(0.95 * len(walls))] * 1e3, "ms"
            ),
            f"CPU of it, {cells} cells": figure(cpu * 1e3, "ms"),
            f"as many bytes written and synced, {cells} cells": figure(limit * 1e3, "ms"),
            f"append / bytes synced, {cells} cells": figure(wall / limit, "times", most),
            f"bytes a cell and tick, {cells} cells": figure(size / cells, "B"),
            f"JSON a cell / journal, {cells} cells": figure(text / size, "times", least, most=False),
        }
    figures["open and own a journal of a million records"] = figure(
        opening(folder, records_of(1, 5)[1][0]), "s", 1.0
    )
    ours, theirs = reading(folder, *records_of(200, 50))
    figures["read_journal, 200 cells"] = figure(ours / 1e6, "million rows/s CPU", 0.3, most=False)
    figures["read_journal / json.loads of the same rows"] = figure(ours / theirs, "times", 10.0, most=False)
    return figures


def main():
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(Path(folder))
    for name, value in figures.items():
        print(f"{name:<50} {value['value']:>10.4g} {value['unit']}")
    if "--json" in sys.argv:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
