"""A sweep on a Dask cluster of two worker processes gives what this process gives, also when one of them is killed."""

import os
import signal
import sys
import threading

import pytest

from controller.errors import NotAvailable, PortError
from sim.sweep import ClusterExecutor, SerialExecutor, SweepError, run
from sim.sweep.task import release
from tests.sim.sweep import cluster_kit
from tests.sim.sweep.functions import HERE, chunk_tasks, pid_of_held
from tests.sim.sweep.same import same


@pytest.mark.real
def test_a_cluster_gives_what_this_process_gives(cluster, tmp_path):
    tasks = chunk_tasks(tmp_path, 30)
    there = list(run(ClusterExecutor(cluster), f"{HERE}:in_flight", tasks, tmp_path / "cluster"))
    here = list(run(SerialExecutor(), f"{HERE}:in_flight", tasks, tmp_path / "serial"))
    same(there, here)
    for file in (tmp_path / "serial" / "results").iterdir():
        assert (tmp_path / "cluster" / "results" / file.name).read_bytes() == file.read_bytes()


@pytest.mark.real
def test_failed_tasks_are_told_and_the_others_kept(cluster, tmp_path):
    tasks = [{"seed": seed, "folder": str(tmp_path)} for seed in range(6)]
    with pytest.raises(SweepError, match=r"3 of 6 tasks failed; the 3 finished ones are kept") as told:
        list(run(ClusterExecutor(cluster), f"{HERE}:picky", tasks, tmp_path / "out"))
    assert "task 1 (seed=1" in str(told.value)
    (tmp_path / "mended").touch()
    assert [
        v["seed"] for v in run(ClusterExecutor(cluster), f"{HERE}:picky", tasks, tmp_path / "out")
    ] == list(range(6))


@pytest.mark.real
def test_no_task_gives_nothing(cluster):
    assert list(ClusterExecutor(cluster).map(f"{HERE}:draws", [])) == []


@pytest.mark.real
def test_a_worker_killed_over_its_task_changes_nothing(tmp_path):
    tasks = chunk_tasks(tmp_path, 24, held=5)
    with (
        cluster_kit.scheduler(tmp_path) as (address, _),
        cluster_kit.worker(tmp_path, address, "one") as one,
        cluster_kit.worker(tmp_path, address, "two") as two,
    ):
        cluster_kit.wait_for(address, 2)
        killed = []

        def kill():
            killed.append(pid_of_held(tmp_path))
            os.kill(killed[0], signal.SIGKILL)

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        found = list(run(ClusterExecutor(address), f"{HERE}:in_flight", tasks, tmp_path / "out"))
        killer.join(10)
        assert killed[0] in (one.pid, two.pid)
        dead, alive = (one, two) if killed[0] == one.pid else (two, one)
        assert dead.wait(10) == -signal.SIGKILL
        assert alive.poll() is None
    same(found, list(run(SerialExecutor(), f"{HERE}:draws", tasks)))


@pytest.mark.real
def test_a_scheduler_that_is_lost_is_told_and_the_sweep_goes_on_elsewhere(tmp_path):
    tasks = chunk_tasks(tmp_path, 8, held=7)
    with cluster_kit.scheduler(tmp_path) as (address, head), cluster_kit.worker(tmp_path, address, "one"):

        def kill():
            pid_of_held(tmp_path)
            head.kill()

        killer = threading.Thread(target=kill, daemon=True)
        killer.start()
        with pytest.raises(PortError, match=rf"the Dask scheduler at {address} was lost"):
            list(run(ClusterExecutor(address, patience=20.0), f"{HERE}:in_flight", tasks, tmp_path / "out"))
        killer.join(10)
    kept = len(list((tmp_path / "out" / "results").iterdir()))
    assert kept <= 7, "what was on its way when the scheduler died may be lost"
    said = []
    found = list(run(SerialExecutor(), f"{HERE}:in_flight", tasks, tmp_path / "out", said.append))
    assert (said[0].there, said[-1].done) == (kept, 8 - kept)
    same(found, list(run(SerialExecutor(), f"{HERE}:draws", tasks)))


@pytest.mark.real
def test_a_worker_without_setpoint_is_told_before_it_gets_a_task_and_lives_on(cluster, tmp_path):
    (tmp_path / "bare" / "sim").mkdir(parents=True)
    (tmp_path / "bare" / "sim" / "__init__.py").write_text("raise ModuleNotFoundError('No module named sim')")
    with cluster_kit.worker(tmp_path, cluster, "unfit", path=tmp_path / "bare") as unfit:
        cluster_kit.wait_for(cluster, 3)
        for _ in range(2):
            with pytest.raises(
                PortError, match=r"1 of 3 workers .* can't do these tasks; .*: ModuleNotFoundError: No module"
            ):
                list(ClusterExecutor(cluster).map(f"{HERE}:draws", [{}]))
        assert unfit.poll() is None
    cluster_kit.wait_until_left(cluster, 2)


@pytest.mark.real
def test_workers_of_another_release_are_told(cluster, monkeypatch):
    ours = release()
    monkeypatch.setattr("sim.sweep.cluster.release", lambda: "9.9")
    with pytest.raises(
        PortError,
        match=f"2 of 2 workers .*: it has setpoint {ours}; allowed: .* setpoint 9.9 and the function",
    ):
        list(ClusterExecutor(cluster).map(f"{HERE}:draws", [{}]))


@pytest.mark.real
def test_a_cluster_without_workers_is_told(tmp_path):
    with (
        cluster_kit.scheduler(tmp_path) as (address, _),
        pytest.raises(PortError, match="has no worker: start one"),
    ):
        list(ClusterExecutor(address, patience=0.5).map(f"{HERE}:draws", [{}]))


@pytest.mark.real
def test_an_address_where_nobody_answers_is_told():
    cluster_kit.need_dask()
    with pytest.raises(
        PortError, match=r"no Dask scheduler answers at tcp://127.0.0.1:1: .* allowed: the address"
    ):
        list(ClusterExecutor("tcp://127.0.0.1:1", patience=0.3).map(f"{HERE}:draws", [{}]))
    with pytest.raises(PortError, match="no Dask scheduler answers at nonsense://x"):
        list(ClusterExecutor("nonsense://x", patience=0.3).map(f"{HERE}:draws", [{}]))


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(NotAvailable, match=r"pip install 'setpoint\[cluster\]'"):
        list(ClusterExecutor("tcp://127.0.0.1:1").map(f"{HERE}:draws", [{}]))
