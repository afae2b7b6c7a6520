"""How well a log supports a question, and when it doesn't: part of every estimate.

Effective sample size is Kish's, (sum w)^2 / sum w^2: as many rows of equal weight would tell as much. The mean of the
weights is 1 in expectation where propensities are right and every arm wanted could be chosen; far off, one of them
is not so. Pure.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sim.ope._question import Question


@dataclass(frozen=True, slots=True)
class Gate:
    """Least support with which a value is given. The figures are judgements, to be set by who asks."""

    effective: float = 100.0
    """Least effective sample size, rows: below it the normal intervals of weighted rewards can't be trusted."""
    largest: float = 0.05
    """Largest share of one row in the sum of weights."""
    off: float = 4.0
    """How many standard errors the mean weight may be away from 1."""
    unseen: float = 0.01
    """Share of the target's choices that may fall on pairs of arm and position without a row."""


@dataclass(frozen=True, slots=True)
class Support:
    """What the weights of a question say."""

    rows: int
    effective: float
    """Effective sample size, rows."""
    largest: float
    """Share of the heaviest row in the sum of weights, 0..1; 1 where no row has a weight."""
    heaviest: float
    """The largest weight."""
    mean: float
    """Mean weight; 1 in expectation."""
    off: float
    """How many standard errors that is away from 1; infinite where all weights are alike and not 1."""
    unseen: float
    """Share of the target's choices on pairs of arm and position without a row, 0..1."""

    def refusals(self, gate: Gate) -> Iterator[str]:
        """Why no value is given, in plain words; nothing where one may be."""
        if self.effective < gate.effective:
            yield (
                f"the weighted log is worth {self.effective:.1f} of its {self.rows:,} rows, "
                f"needed: {gate.effective:g}"
            )
        if self.largest > gate.largest:
            yield (
                f"one row carries {self.largest:.1%} of the weight (its weight is {self.heaviest:,.6g}), "
                f"allowed: {gate.largest:.1%}"
            )
        if abs(self.off) > gate.off:
            yield (
                f"the weights' mean is {self.mean:.4g}, {abs(self.off):.1f} standard errors from 1, allowed: "
                f"{gate.off:g}: propensities are wrong, or the log can't show what is asked"
            )
        if self.unseen > gate.unseen:
            yield (
                f"{self.unseen:.1%} of the choices asked about have no row (arm in that position), "
                f"allowed: {gate.unseen:.1%}"
            )


def support(question: Question) -> Support:
    """What the weights of a question say.

    >>> from sim.ope._log import Log
    >>> log = Log(arms=("a", "b"), action=[0, 0, 1, 1], reward=[0.0, 1.0, 0.0, 1.0], propensity=[0.5] * 4)
    >>> found = support(Question(log, [1.0, 0.0]))
    >>> found.effective, found.largest, found.mean, found.off
    (2.0, 0.5, 1.0, 0.0)
    """
    weight, rows = question.weight, len(question.log)
    total, square, heaviest = (
        float(weight.sum()),
        float(np.einsum("i,i->", weight, weight)),
        float(weight.max()),
    )
    mean = total / rows
    spread = max(square / rows - mean * mean, 0.0)
    error = float(np.sqrt(spread / rows))
    if abs(mean - 1.0) < 1e-12:
        off = 0.0
    else:
        off = (mean - 1.0) / error if error > 1e-12 else float(np.copysign(np.inf, mean - 1.0))
    effective = total * total / square if square > 0 else 0.0
    largest = heaviest / total if total > 0 else 1.0
    return Support(rows, effective, largest, heaviest, mean, off, _unseen(question))


def _unseen(question: Question) -> float:
    """Share of the target's choices on pairs of arm and position that no row shows."""
    log = question.log
    if log.position is None:
        return 0.0  # a target of arms without a row is an error already
    arms = len(log.arms)
    seen = np.bincount(log.slot * arms + log.action, minlength=log.positions * arms) > 0
    if seen.all():
        return 0.0
    return float(question.wanted().ravel()[~seen].sum())
