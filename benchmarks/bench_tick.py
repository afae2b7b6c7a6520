"""CPU time of one whole turn of the loop, for one cell and for many, with and without a durable journal.

Beside each journal figure stands the latency of this disk's own fsync, measured in the same process. The peer is
simple-pid called once a cell: what a turn costs without validation, limits, orders, and a record of any of it.
"""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import simple_pid

from controller.cells import Cells
from controller.store import MemoryStore
from controller.store.sqlite import SqliteStore
from tests.support.world import World, campaign_with, policy_plan

SIZES = (1, 200, 10_000)


class Nowhere(MemoryStore):
    """A store that keeps nothing: what is left is the loop's own time."""

    def append(self, record, durable=True):
        self._next += 1
        return self._next - 1

    def save_snapshot(self, number, state, data):
        pass


def world(cells, store):
    names = tuple(f"store-{n}" for n in range(cells))
    policy = policy_plan("pid", gain=0.5, integral_time=1800.0)
    return World(campaign_with(policy), Cells(names), store=store)


def per_turn(run, turns, clock=time.process_time, rounds=5):
    run.turns(10)
    times = []
    for _ in range(rounds):
        begun = clock()
        for _ in range(turns):
            run.turn()
        times.append((clock() - begun) / turns)
    return statistics.median(times)


def peer(cells, rounds=5):
    loops = [simple_pid.PID(0.001, 0.0001, 0.0, 115.0, output_limits=(0.03, 0.12)) for _ in range(cells)]
    measured = (100.0 + np.arange(cells) % 7).tolist()
    times = []
    for _ in range(rounds):
        begun = time.process_time()
        for loop, value in zip(loops, measured, strict=True):
            loop(value, dt=300.0)
        times.append(time.process_time() - begun)
    return statistics.median(times)


def fsync_latency(folder, count=50):
    with (Path(folder) / "probe").open("wb") as file:
        times = []
        for _ in range(count):
            file.write(b"x" * 4096)
            file.flush()
            begun = time.perf_counter()
            os.fsync(file.fileno())
            times.append(time.perf_counter() - begun)
    return statistics.median(times)


def main():
    figures = {}
    print(
        f"{'cells':>7} {'turn, ms CPU':>13} {'with journal':>13} {'wall, ms':>9} {'simple-pid':>11} {'ratio':>7}"
    )
    with tempfile.TemporaryDirectory() as folder:
        disk = fsync_latency(folder)
        for cells in SIZES:
            turns = 200 if cells < 1000 else 10
            bare = per_turn(world(cells, Nowhere()), turns)
            store = SqliteStore(Path(folder) / f"{cells}.journal")
            run = world(cells, store)
            kept = per_turn(run, turns)
            wall = per_turn(run, turns, time.perf_counter)
            store.close()
            other = peer(cells)
            row = (bare * 1e3, kept * 1e3, wall * 1e3, other * 1e3, bare / other)
            print(f"{cells:>7} {row[0]:13.3f} {row[1]:13.3f} {row[2]:9.3f} {row[3]:11.3f} {row[4]:7.1f}")
            if cells == 1:
                figures["turn of one cell beside the store"] = (row[0], "ms CPU", 1.0)
            if cells == 10_000:
                figures["turn of 10,000 cells beside the store"] = (row[0], "ms CPU", 20.0)
                figures["turn of 10,000 cells, durable journal"] = (row[2], "ms wall", 60.0)
        print(f"this disk's fsync: {disk * 1e3:.3f} ms")
        figures["fsync of this disk"] = (disk * 1e3, "ms wall", None)
    if "--json" in sys.argv:
        print(json.dumps({k: _figure(*v) for k, v in figures.items()}))


def _figure(value, unit, target):
    met = None if target is None else bool(value <= target)
    return {"value": round(value, 4), "unit": unit, "target": target, "met": met}


if __name__ == "__main__":
    main()
