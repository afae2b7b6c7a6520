"""From a trial's cases to its figures: simple_pid is tuned first, then every entry plays every case.

Called by benchmarks/field_trial.py and tests; calls an executor of sim.sweep through `run`, which keeps finished tasks
in a folder and takes them up again. A task that fails stops no other: its entry is shown as failed, with the reason.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from controller.cells import Array
from sim.sweep.errors import SweepError
from sim.sweep.executor import Executor
from sim.sweep.progress import Tell
from sim.sweep.runs import run
from sim.trial.cases import Case, Trial
from sim.trial.entries import Entry
from sim.trial.play import FIGURES, PLACE


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """What an entry came to in a case."""

    figures: Mapping[str, Array] = field(default_factory=dict)
    """Figure -> one a future, seed by seed within each market; see play.FIGURES."""
    missing: str = ""
    """Why there is none: not built, failed, or makes no sense here."""
    cpu: float = 0.0
    """Seconds of the processor."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A whole trial."""

    trial: Trial
    gains: Mapping[Path, tuple[float, float]]
    """simple_pid's, by campaign: gain, and integral time in executions."""
    played: Mapping[tuple[str, str], Played]
    """By the name of a case and that of an entry."""
    tuned: float = 0.0
    """Seconds of the processor that tuning simple_pid took."""


def play_all(trial: Trial, executor: Executor, folder: Path | None = None, tell: Tell | None = None) -> Found:
    """Play a trial; raises SetpointError where what is asked for makes no sense.

    folder: where finished tasks are kept, so that a trial that was stopped goes on from there; None: nowhere.
    """
    files = [file for file in trial.campaigns if any(case.file == file for case in trial.cases)]
    gains: dict[Path, tuple[float, float]] = {}
    tuned, why = 0.0, {}
    if any(entry.row == "simple_pid" for entry in trial.entries):
        done = _results(executor, [trial.tuning(file) for file in files], folder, None)
        for file, told in zip(files, done, strict=True):
            if "gains" in told:
                gains[file] = (float(told["gains"][0]), float(told["gains"][1]))
                tuned += float(told["cpu"])
            else:
                why[file] = f"simple_pid could not be tuned: {_reason(told)}"
    wanted = [(case, entry) for case in trial.cases for entry in trial.entries]
    blocks = list(trial.blocks())
    able = [(case, entry) for case, entry in wanted if not _unable(trial, why, case, entry)]
    tasks = [trial.task(case, entry, seeds, gains.get(case.file)) for case, entry in able for seeds in blocks]
    results = _results(executor, tasks, folder, tell)
    played = {
        (case.name, entry.name): Played(missing=_unable(trial, why, case, entry)) for case, entry in wanted
    }
    for n, (case, entry) in enumerate(able):
        played[case.name, entry.name] = _joined(
            results[n * len(blocks) : (n + 1) * len(blocks)], [len(seeds) for seeds in blocks]
        )
    return Found(trial, gains, played, tuned)


def _unable(trial: Trial, why: Mapping[Path, str], case: Case, entry: Entry) -> str:
    """Why an entry can't be played in a case at all; empty where it can."""
    fault = trial.faults.get((case.file, entry.name))
    if fault:
        return f"not built: {fault}"
    return why.get(case.file, "") if entry.row == "simple_pid" else ""


def _results(
    executor: Executor, tasks: Sequence[Mapping[str, Any]], folder: Path | None, tell: Tell | None
) -> list[Mapping[str, Any]]:
    """The values of every task, in order; of one that failed, `failed`. What failed is tried again by the next run."""
    left, found = list(range(len(tasks))), dict[int, Mapping[str, Any]]()
    while left:
        try:
            for number, told in zip(
                left, run(executor, PLACE, [tasks[n] for n in left], folder, tell), strict=True
            ):
                found[number] = told
            left = []
        except SweepError as fault:
            if not fault.failed:
                raise
            found |= {left[each.number]: {"failed": each.error} for each in fault.failed}
            left = [n for n in left if n not in found]
    return [found[n] for n in range(len(tasks))]


def _reason(told: Mapping[str, Any]) -> str:
    return f"failed: {told['failed']}" if "failed" in told else str(told.get("skipped", ""))


def _joined(parts: Sequence[Mapping[str, Any]], sizes: Sequence[int]) -> Played:
    """Blocks of seeds as one: market by market, the seeds of all blocks in order."""
    missing = next((why for part in parts if (why := _reason(part))), "")
    if missing:
        return Played(missing=missing)
    figures = {}
    for name in FIGURES:
        rows = [part[name].reshape(-1, size) for part, size in zip(parts, sizes, strict=True)]
        figures[name] = np.concatenate(rows, axis=1).ravel()
    return Played(figures, cpu=sum(float(part["cpu"]) for part in parts))
