"""What the tasks of these tests do; named by place, so that worker processes find them."""

import os
import signal
import threading
from pathlib import Path

import numpy as np

from models.draws import Draws, keys_of

HERE = "tests.sim.sweep.functions"


def draws(task):
    """Keyed draws of a chunk of scenarios: the same numbers in any chunking."""
    names = tuple(f"r{n}" for n in range(task["first"], task["first"] + task["count"]))
    source = Draws(task["seed"])
    rows = np.array([source.uniform(keys_of(names), tick, "demand") for tick in range(5)])
    return {
        "scenario": np.arange(task["first"], task["first"] + task["count"]),
        "rows": rows.T,
        "top": rows.max(axis=0),
    }


def everything(task):
    """One of each kind of value."""
    return {
        "number": np.float64(1 / 3), "count": 7, "yes": np.True_, "text": "中 文", "none": None, "nan": float("nan"),
        "list": (1, [2.5, "x"]), "mapping": {"a": 1}, "array": np.arange(6.0).reshape(2, 3)[:, ::-1],
        "names": np.array(["a", "bc"]), "empty": np.zeros((0, 3), np.int8), "whole": np.array(2**63, np.uint64),
    }  # fmt: skip


def picky(task):
    """Fails on odd seeds unless told otherwise by a file."""
    if task["seed"] % 2 and not (Path(task["folder"]) / "mended").exists():
        raise ValueError(f"odd seeds are not liked,\nreceived {task['seed']}")
    return {"seed": task["seed"]}


def leaving(task):
    raise SystemExit("gone")


def unkept(task):
    return {"thing": object()}


def noted(task):
    """Leaves a line for each time it is run."""
    with (Path(task["folder"]) / "ran").open("a") as file:
        file.write(f"{task['seed']}\n")
    return {"seed": task["seed"]}


def threads(task):
    return {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}


def suicidal(task):
    """Kills its process as often as told, then answers."""
    place = Path(task["folder"]) / str(task["seed"])
    died = len(list(place.parent.glob(f"{place.name}.*")))
    if died < task["deaths"]:
        place.with_suffix(f".{died}").touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"seed": task["seed"], "draw": Draws(task["seed"]).uniform(keys_of(("a", "b")), 0, "x")}


def in_flight(task):
    """Of a task that is to be `held`, the first try says its process through a pipe and waits for its end."""
    folder = Path(task["folder"])
    if task["held"]:
        try:
            (folder / "been").touch(exist_ok=False)
        except FileExistsError:
            return draws(task)
        with (folder / "pipe").open("w") as pipe:  # waits here until the test reads
            pipe.write(str(os.getpid()))
        threading.Event().wait()
    return draws(task)


def chunk_tasks(folder, count=12, held=None):
    """Tasks for `in_flight`, one of them held, and the pipe that it speaks through."""
    if held is not None:
        os.mkfifo(Path(folder) / "pipe")
    return [
        {"seed": 3, "first": 10 * n, "count": 10, "folder": str(folder), "held": n == held}
        for n in range(count)
    ]


def pid_of_held(folder):
    """The process of the held task, once it is at work."""
    with (Path(folder) / "pipe").open() as pipe:
        return int(pipe.read())
