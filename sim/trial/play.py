"""One task of a trial: one entry in one case over all its futures, through the real loop; its figures, one a future.

Called by the executors, by place; calls sim.evidence.play. Of what that returns only figures are kept. `cpu` is the
processor's time, the one thing that differs between two runs of the same task.
"""

import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim.evidence import play as evidence

PLACE = "sim.trial.play:play"
FIGURES = {
    "loss": "score.loss",
    "inside": "score.inside",
    "spend": "score.spend",
    "moves": "score.moves",
    "reversals": "reversals",
}
"""What is kept, shape (futures,) each -> its name in the evidence's result."""


def play(task: Mapping[str, Any]) -> dict[str, Any]:
    """Do a task: `evidence` is the evidence's own; `code` and `name` only tell it from others.

    `skipped` says why where the scenario makes no sense on the campaign; a task that tunes gives `gains`.
    """
    before = _cpu()
    told = evidence.play(task["evidence"])
    kept: dict[str, Any] = {"skipped": told.get("skipped", "")}
    kept |= {name: np.asarray(told[place], np.float64) for name, place in FIGURES.items() if place in told}
    if "gains" in told:
        kept |= {"gains": told["gains"], "losses": told["losses"]}
    if "grid.best" in told:
        kept["best"] = told["grid.best"]
    return kept | {"cpu": _cpu() - before}


def _cpu() -> float:
    """Seconds that the processor has worked for this process."""
    times = os.times()
    return times.user + times.system
