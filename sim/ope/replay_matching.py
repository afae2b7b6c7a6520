"""Replay matching: the rows in which the target would have done the same, and their plain mean.

A row is accepted with probability w / largest w, by a keyed draw. For a target that is certain and a log that chose
every arm alike, these are the rows whose arm is the target's own (Li et al., WSDM 2011); else it is rejection sampling,
which serves logs of unequal odds and targets that draw. It throws much of the log away, so its interval is wide; it
needs no weights to be explained. The largest weight is the log's own.
"""

import numpy as np

from models.draws import Draws
from sim.ope._base import Estimator, Rewards, Told
from sim.ope._question import Question


def tell(question: Question, _rewards: Rewards | None, draws: Draws) -> Told:
    """Mean reward of the rows accepted; nan where none is, which the gate refuses."""
    log, weight = question.log, question.weight
    luck = draws.uniform(np.arange(len(log), dtype=np.uint64), 0, "ope.matching")
    kept = luck * weight.max() < weight
    used = int(kept.sum())
    value = float(log.reward[kept].mean()) if used else float("nan")
    influence = np.where(kept, log.reward - value, 0.0) * (len(log) / max(used, 1))
    return Told(value=value, influence=influence, used=used)


ESTIMATOR = Estimator(
    about="mean reward of the rows in which the target would have done the same",
    assumes="propensities are those of decision time, and no weight larger than the log's largest is possible",
    source="Li, Chu, Langford & Wang, WSDM 2011, algorithm 2; rejection sampling for the rest",
    modelled=False,
    tell=tell,
)
