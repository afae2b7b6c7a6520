"""The task of `setpoint sweep`: one variant of a campaign over a chunk of replicas, through the real loop; its scores.

Called by the executors, by place, and by the command for its tasks; calls sim.runs.runner and sim.runs.scores. Luck is
keyed by replica and cell, so replica n of every variant meets the same luck, in any chunk.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from controller.assembly import cells_of
from controller.cells import Array
from controller.config import loads
from sim.runs.figures import paired
from sim.runs.runner import WEEK, Run, finish, start
from sim.runs.scores import Scores, scores
from sim.sweep.chunks import SIZE, chunks
from sim.sweep.task import Task, Values
from sim.sweep.variants import Variant

SCORE = "sim.sweep.campaign:score"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What all variants share."""

    weeks: float
    seeds: int
    seed: int = 1

    def tasks(self, variants: Sequence[Variant], size: int = SIZE) -> list[Task]:
        """The tasks of all variants in order, none of more than `size` cells of replicas where that can be."""
        return [
            {
                "settings": dict(variant.settings), "weeks": self.weeks, "seed": self.seed, "first": first,
                "replicas": count, "config": variant.text,
            }
            for variant in variants
            for first, count in chunks(self.seeds, max(size // variant.cells, 1))
        ]  # fmt: skip


def score(task: Task) -> Values:
    """Scores of replicas `first` to `first + replicas - 1` of a config, each of shape (replicas,)."""
    campaign = loads(task["config"], file="the task's config")
    count, first = task["replicas"], task["first"]
    cells = cells_of(campaign).replicated(count, first=first)
    run = Run(campaign=campaign, seconds=task["weeks"] * WEEK, seed=task["seed"], cells=cells)
    found = scores(campaign, finish(start(run)), count)
    return {
        "replica": np.arange(first, first + count),
        **{name: getattr(found, name) for name in Scores.__slots__},
    }


@dataclass(frozen=True, slots=True)
class Row:
    """A variant's scores, means over its replicas, and its loss beside that of the file as written."""

    settings: dict[str, Any]
    inside: float
    """Share of windows in the band."""
    spend: float
    moves: float
    low: float
    """Smallest and largest output."""
    high: float
    loss: float
    above: float
    """Mean of its loss minus that of the file as written, paired by luck."""
    half: float
    """95 % half-width of `above`; NaN for one seed."""


def rows(trial: Trial, tasks: Sequence[Task], values: Iterator[Values]) -> Iterator[Row]:
    """A row a variant, the file as written first; `values` are those of `tasks`, in their order."""
    own: Array | None = None
    parts: list[Values] = []
    for task, part in zip(tasks, values, strict=True):
        parts.append(part)
        if task["first"] + task["replicas"] < trial.seeds:
            continue
        whole = {name: np.concatenate([each[name] for each in parts]) for name in Scores.__slots__}
        own = whole["loss"] if own is None else own
        yield _row(task["settings"], whole, own)
        parts = []


def _row(settings: dict[str, Any], whole: dict[str, Array], own: Array) -> Row:
    above, half = paired(whole["loss"], own)
    means = {name: float(whole[name].mean()) for name in ("inside", "spend", "moves", "loss")}
    low, high = float(whole["low"].min()), float(whole["high"].max())
    return Row(settings=settings, low=low, high=high, above=above, half=half, **means)
