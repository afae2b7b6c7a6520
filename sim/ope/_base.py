"""What an estimator is: how it makes a value of a question, and which part of it each row has.

Each file beside this one holds one, as ESTIMATOR; its name is the kind. Found by sim.ope._family; asked by
sim.ope._evaluate, which adds interval and support and refuses where the log can't tell. Pure.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from models.draws import Draws
from sim.ope._log import Floats
from sim.ope._question import Question


@dataclass(frozen=True, slots=True, eq=False)
class Rewards:
    """A model of rewards, as predictions for a log."""

    crossed: Floats
    """Expected reward of each arm in each row, shape (rows, arms), by a fit that has not seen the row."""
    whole: Floats
    """The same by a fit to all rows."""
    pull: Floats
    """What the direct estimate moves by when the row's own reward rises by 1, times rows; shape (rows,)."""


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
