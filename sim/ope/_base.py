"""What an estimator is: how it makes a value of a question, and which part of it each row has.

Each file beside this one holds one, as ESTIMATOR; its name is the kind. Found by sim.ope._family; asked by
sim.ope._evaluate, which adds interval and support and refuses where the log can't tell. Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from models.draws import Draws
from sim.ope._log import Floats, Log
from sim.ope._question import Question


@dataclass(frozen=True, slots=True, eq=False)
class Rewards:
    """A model of rewards, as predictions for a log."""

    crossed: Floats
    """Expected reward of each arm in each row, shape (rows, arms), by a fit that has not seen the row."""
    whole: Floats
    """The same by a fit to all rows."""
    features: Floats
    """What the model knows of each row, shape (rows, features)."""
    inverse: Floats
    """Inverse of each arm's penalised matrix of squares, (arms, features, features); zeros: nothing was fitted."""

    def pull(self, question: Question, weight: Floats | float = 0.0) -> Floats:
        """How far a row's own reward moves the model's part of an estimate, times rows; shape (rows,).

        The model is linear in the rewards, so this is exact. `weight` is that of the residuals in the estimate: with
        the whole weight the errors of the model cancel and the pull is near 0; with 0 it is that of the direct method.
        """
        log, x = question.log, self.features
        paid = np.array([_by_arm(log, weight * column) for column in x.T]).T
        reach = np.einsum("aij,aj->ai", self.inverse, question.probability.T @ x - paid)
        return np.asarray(np.einsum("ij,ij->i", x, reach[log.action]), np.float64)


def _by_arm(log: Log, values: Floats) -> Floats:
    """Sums of the rows of each arm, shape (arms,)."""
    return np.bincount(log.action, weights=values, minlength=len(log.arms)).astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What an estimator says."""

    value: float
    influence: Floats
    """Part of each row in the estimate's error, shape (rows,), mean 0: n Var(value) = mean of its squares."""
    bias: float = 0.0
    """What shrinking is estimated to have moved the value by; widens the interval on both sides."""
    used: int | None = None
    """Rows that count, where not all do."""
    details: Mapping[str, float] = field(default_factory=dict)
    """What was tuned, by name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimator:
    """One way to a value."""

    about: str
    """What it does, in one sentence without a full stop."""
    assumes: str
    """What must hold for it, beside a supported question."""
    source: str
    """Paper and equation."""
    modelled: bool
    """True where it needs a model of rewards."""
    tell: Callable[[Question, Rewards | None, Draws], Told]
    """The value."""
