"""A Dask scheduler and two workers, three processes on free loopback ports."""

import contextlib
import importlib.util
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.places import ROOT


def need_dask() -> None:
    """Skip, with the reason, where Dask is not installed; in CI that is a failure (see conftest)."""
    if importlib.util.find_spec("distributed") is None:
        pytest.skip("Dask is not installed here (pip install 'setpoint[cluster]')")


@contextlib.contextmanager
def process(folder: Path, name: str, *words: str, path: Path = ROOT) -> Iterator[subprocess.Popen]:
    """One of Dask's programs, which imports from `path` first; its output lies beside it in a log.

    A scheduler that asks a killed worker for a result tries until this time is over: 30 s, where nothing else is said.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(path),
        "DASK_DISTRIBUTED__COMM__TIMEOUTS__CONNECT": "5s",
    }
    with (folder / f"{name}.log").open("w") as log:
        started = subprocess.Popen(
            [sys.executable, "-m", "dask", *words], stdout=log, stderr=log, cwd=folder, env=environment
        )
    try:
        yield started
    finally:
        started.kill()
        started.wait(20)


@contextlib.contextmanager
def scheduler(folder: Path) -> Iterator[tuple[str, subprocess.Popen]]:
    """The address of a scheduler, and its process."""
    need_dask()
    told = folder / "scheduler.json"
    words = [
        "scheduler",
        "--host",
        "127.0.0.1",
        "--port",
        "0",
        "--no-dashboard",
        "--scheduler-file",
        str(told),
    ]
    with process(folder, "scheduler", *words, "--dashboard-address", "127.0.0.1:0") as started:
        yield _address(told, started, folder / "scheduler.log"), started


@contextlib.contextmanager
def worker(
    folder: Path, address: str, name: str, threads: int = 1, path: Path = ROOT
) -> Iterator[subprocess.Popen]:
    """A worker that is this one process, without a nanny."""
    words = ["worker", address, "--name", name, "--nthreads", str(threads), "--no-nanny", "--no-dashboard"]
    more = ["--host", "127.0.0.1", "--memory-limit", "0", "--local-directory", str(folder / name)]
    with process(folder, name, *words, *more, "--dashboard-address", "127.0.0.1:0", path=path) as started:
        yield started


def wait_for(address: str, workers: int) -> None:
    import distributed

    with distributed.Client(address, timeout=30, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


def wait_until_left(address: str, workers: int) -> None:
    """Until the scheduler has noticed that others are gone."""
    import distributed

    ends = time.monotonic() + 30
    with distributed.Client(address, timeout=30, set_as_default=False) as client:
        while len(client.nthreads()) != workers:
            assert time.monotonic() < ends, client.nthreads()
            time.sleep(0.02)


def _address(told: Path, started: subprocess.Popen, log: Path) -> str:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and started.poll() is None:
        with contextlib.suppress(OSError, ValueError, KeyError):
            return json.loads(told.read_text())["address"]
        time.sleep(0.02)
    raise AssertionError(f"the scheduler did not start: {log.read_text()[-2000:]}")
