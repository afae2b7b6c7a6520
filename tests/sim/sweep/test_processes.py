"""Processes of this machine give what one process gives, also when some of them die."""

import os
import select
import signal
import subprocess
import sys
import threading

import pytest

from sim.sweep import ProcessExecutor, SerialExecutor, SweepError, run
from sim.sweep.processes import ONE_THREAD, TRIES, processors
from tests.house.places import ROOT
from tests.sim.sweep.functions import HERE, chunk_tasks, pid_of_held
from tests.sim.sweep.same import same


def is_over(pid):
    """Waits until a process that is no child of this one is gone."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], 20.0)[0])
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("workers", [1, 3])
def test_processes_give_what_this_process_gives(tmp_path, workers):
    tasks = chunk_tasks(tmp_path, 20)
    there = list(run(ProcessExecutor(workers), f"{HERE}:in_flight", tasks, tmp_path / "many"))
    here = list(run(SerialExecutor(), f"{HERE}:in_flight", tasks, tmp_path / "one"))
    same(there, here)
    for file in (tmp_path / "one" / "results").iterdir():
        assert (tmp_path / "many" / "results" / file.name).read_bytes() == file.read_bytes()


def test_workers_have_one_thread_for_arithmetic_and_this_process_keeps_its_own(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    (found,) = run(ProcessExecutor(1), f"{HERE}:threads", [{}])
    assert found == {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    assert os.environ["OMP_NUM_THREADS"] == "7"
    assert "OPENBLAS_NUM_THREADS" not in os.environ
    assert {"OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"} <= set(ONE_THREAD)


def test_a_worker_killed_over_its_task_changes_nothing(tmp_path):
    tasks, said = chunk_tasks(tmp_path, 8, held=3), []
    killer = threading.Thread(target=lambda: os.kill(pid_of_held(tmp_path), signal.SIGKILL), daemon=True)
    killer.start()
    found = list(run(ProcessExecutor(2), f"{HERE}:in_flight", tasks, tmp_path / "out", said.append))
    killer.join(10)
    same(found, list(run(SerialExecutor(), f"{HERE}:draws", tasks)))
    (note,) = [each.note for each in said if each.note]
    assert note.startswith("the worker of task 3 (seed=3, first=30, count=10")
    assert note.endswith("died once; it was begun again")


def test_a_task_that_kills_every_worker_is_given_up_and_harms_no_other(tmp_path):
    tasks = [
        {"seed": seed, "folder": str(tmp_path), "deaths": {1: TRIES - 1, 2: 99}.get(seed, 0)}
        for seed in range(5)
    ]
    with pytest.raises(SweepError, match="1 of 5 tasks failed") as told:
        list(run(ProcessExecutor(2), f"{HERE}:suicidal", tasks, tmp_path / "out"))
    (failed,) = told.value.failed
    assert failed.number == 2
    assert f"its worker process died {TRIES} times: killed, out of memory" in failed.error
    assert len(list((tmp_path / "out" / "results").iterdir())) == 4
    assert len(list(tmp_path.glob("2.*"))) == TRIES


def test_a_failed_task_is_told_as_in_one_process(tmp_path):
    tasks = [{"seed": seed, "folder": str(tmp_path)} for seed in range(4)]
    texts = []
    for number, executor in enumerate((SerialExecutor(), ProcessExecutor(2))):
        with pytest.raises(SweepError) as told:
            list(run(executor, f"{HERE}:picky", tasks, tmp_path / str(number)))
        texts.append([str(each) for each in told.value.failed])
    assert texts[0] == texts[1]


def test_a_sweep_that_is_left_stops_its_workers(tmp_path):
    tasks = chunk_tasks(tmp_path, 6, held=1)
    sweep = run(ProcessExecutor(2), f"{HERE}:in_flight", tasks)
    next(sweep)
    pid = pid_of_held(tmp_path)
    sweep.close()
    assert is_over(pid)


def test_less_than_one_worker_is_refused():
    with pytest.raises(SweepError, match="at least 1 worker, received 0"):
        ProcessExecutor(0)
    assert ProcessExecutor().workers == processors() >= 1


SCRIPT = """
import sys
from sim.sweep import ProcessExecutor, SerialExecutor, run
from tests.sim.sweep.functions import HERE, chunk_tasks
folder, out, workers, held = sys.argv[1:]
tasks = chunk_tasks(folder, 12)
tasks[int(held)]["held"] = True
executor = ProcessExecutor(int(workers)) if int(workers) > 1 else SerialExecutor()
if __name__ == "__main__":
    tell = lambda now: print(now, flush=True)
    sys.exit(len(list(run(executor, f"{HERE}:in_flight", tasks, out, tell))) != 12)
"""


def start(folder, out, workers, held):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(folder), str(out), str(workers), str(held)],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def tasks_of(folder, held):
    return [{**task, "held": n == held} for n, task in enumerate(chunk_tasks(folder, 12))]


def test_a_sweep_killed_with_its_workers_at_work_leaves_none_and_goes_on_to_the_same_files(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with start(tmp_path, tmp_path / "out", 2, 4) as sweep:
        worker = pid_of_held(tmp_path)
        assert worker != sweep.pid
        sweep.kill()
    assert is_over(worker), "no worker outlives the sweep"
    kept = len(list((tmp_path / "out" / "results").glob("*.npz")))
    assert kept < 12
    said = []
    found = list(
        run(ProcessExecutor(2), f"{HERE}:in_flight", tasks_of(tmp_path, 4), tmp_path / "out", said.append)
    )
    counts = [each for each in said if not each.note]
    assert (counts[0].there, counts[-1].done) == (kept, 12 - kept)
    same(found, list(run(SerialExecutor(), f"{HERE}:in_flight", tasks_of(tmp_path, 4), tmp_path / "never")))
    for file in (tmp_path / "never" / "results").iterdir():
        assert (tmp_path / "out" / "results" / file.name).read_bytes() == file.read_bytes()


def test_killed_again_and_again_at_any_moment_it_comes_to_the_same(tmp_path):
    (tmp_path / "been").touch()  # so that no task waits
    left = 12
    for life in range(5):
        with start(tmp_path, tmp_path / "out", 1, 0) as sweep:
            for _ in range(1 + life % 3):
                sweep.stdout.readline()
            sweep.kill()
        left = 12 - len(list((tmp_path / "out" / "results").glob("*.npz")))
    found = list(run(SerialExecutor(), f"{HERE}:in_flight", tasks_of(tmp_path, 0), tmp_path / "out"))
    same(found, list(run(SerialExecutor(), f"{HERE}:draws", tasks_of(tmp_path, 0))))
    assert left < 12
