"""What handing out a task costs over the bare function, an executor each; and what two processes gain on closed loops.

Cost: many tasks of nothing, wall time a task less that of the bare function, from the first result on (so without the
start of workers, which has its own figure). `kept`: with the result written, synced and renamed, in this process; its
limit is the machine's own fsync, timed beside it. The cluster is a Dask scheduler and two workers on this machine,
where Dask is installed. Gain: closed loops of a shipped campaign, one process against two, start included; it needs two
processors that are free, so the load is printed, and the processor time that both took.
"""

import contextlib
import importlib.util
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from sim.sweep import ClusterExecutor, ProcessExecutor, SerialExecutor, run
from sim.sweep.campaign import SCORE, Trial
from sim.sweep.task import key_fields
from sim.sweep.variants import axis_of, read_variants

NOTHING = "sim.sweep.task:key_fields"
TASKS, ROUNDS = 400, 5
CAMPAIGN = Path(__file__).resolve().parent.parent / "configs" / "push_frequency.yaml"
AXIS = "loops.activity.policy.gain=0.25,0.5,1,2,4"


def bare(tasks):
    start = time.perf_counter()
    for task in tasks:
        key_fields(task)
    return (time.perf_counter() - start) / len(tasks)


def handed(executor, tasks):
    """Seconds until the first result, and a task from there on."""
    start = time.perf_counter()
    results = executor.map(NOTHING, tasks)
    next(results)
    first = time.perf_counter()
    for _ in results:
        pass
    return first - start, (time.perf_counter() - first) / (len(tasks) - 1)


def kept(tasks):
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        start = time.perf_counter()
        for _ in run(SerialExecutor(), NOTHING, tasks, Path(folder, "out")):
            pass
        return (time.perf_counter() - start) / len(tasks)


def synced(count=100):
    """Seconds of a write, an fsync, a rename and an fsync of the folder: what keeping can't do without."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        start = time.perf_counter()
        for number in range(count):
            part = Path(folder, f"{number}.part")
            with part.open("wb") as file:
                file.write(b"x" * 1000)
                file.flush()
                os.fsync(file.fileno())
            part.rename(Path(folder, str(number)))
            names = os.open(folder, os.O_RDONLY)
            os.fsync(names)
            os.close(names)
        return (time.perf_counter() - start) / count


def executors(stack):
    yield "serial", SerialExecutor()
    yield "2 processes", ProcessExecutor(2)
    if importlib.util.find_spec("distributed"):
        import distributed

        place = stack.enter_context(tempfile.TemporaryDirectory())
        settings = {
            "dashboard_address": None,
            "n_workers": 2,
            "threads_per_worker": 1,
            "local_directory": place,
        }
        cluster = stack.enter_context(distributed.LocalCluster(host="127.0.0.1", **settings))
        yield "Dask, 2 workers", ClusterExecutor(cluster.scheduler_address)


def overheads(stack):
    """Rows of name, start, seconds a task, and seconds over the bare function."""
    tasks = [{"seed": seed} for seed in range(TASKS)]
    named = list(executors(stack))
    spent, starts, least = {name: [] for name, _ in named}, {}, []
    for _ in range(ROUNDS):
        least.append(bare(tasks))
        for name, executor in named:
            began, each = handed(executor, tasks)
            starts[name] = min(began, starts.get(name, began))
            spent[name].append(each)
    floor = statistics.median(least)
    rows = [("bare function", 0.0, floor, 0.0)]
    for name, _ in named:
        each = statistics.median(spent[name])
        rows.append((name, starts[name], each, each - floor))
    each = statistics.median(kept(tasks) for _ in range(3))
    rows.append(("serial, kept", 0.0, each, each - floor))
    return rows


def gain():
    """Wall and processor seconds of closed loops, in one process and in two."""
    variants = read_variants(CAMPAIGN, [axis_of(AXIS)])
    tasks = Trial(weeks=1.0, seeds=100).tasks(variants)
    list(SerialExecutor().map(SCORE, tasks[:1]))
    spent = []
    for executor in (SerialExecutor(), ProcessExecutor(2)):
        start, used = time.perf_counter(), processor()
        done = list(executor.map(SCORE, tasks))
        spent.append((time.perf_counter() - start, processor() - used))
        assert not any(each.answer.error for each in done)
    return len(tasks), *spent


def processor():
    """Processor seconds of this process and its children that are over."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def figures(rows, one, two):
    found = {f"a task over the bare function, {name}": (over * 1e6, "us") for name, _, _, over in rows[1:]}
    found |= {f"start, {name}": (start * 1e3, "ms") for name, start, _, _ in rows[2:] if start}
    found["2 processes on closed loops"] = (one / two, "x")
    return {
        name: {"value": value, "unit": unit, "target": None, "met": None}
        for name, (value, unit) in found.items()
    }


def main():
    with contextlib.ExitStack() as stack:
        rows = overheads(stack)
    print(f"{'':<18} {'start ms':>9} {'us a task':>10} {'over bare':>10}")
    for name, start, each, over in rows:
        print(f"{name:<18} {start * 1e3:>9.0f} {each * 1e6:>10.1f} {over * 1e6:>10.1f}")
    print(f"{'write and fsync':<18} {'':>9} {synced() * 1e6:>10.1f}")
    load = os.getloadavg()[0]
    count, (one, used), (two, used_by_two) = gain()
    print(
        f"{count} closed loops of 100 replicas: {one:.1f} s in one process, {two:.1f} s in two, {one / two:.2f} x"
    )
    print(
        f"processor time {used:.1f} and {used_by_two:.1f} s; load before {load:.1f} on {os.cpu_count()} processors"
    )
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures(rows, one, two)))


if __name__ == "__main__":
    main()
