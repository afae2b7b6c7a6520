"""A log of decisions: what was done, with which probability, and what came of it. Arrays of shape (rows,).

Built by the readers or from arrays; checked once, when it is built, and never mended: whatever is wrong is told with
its rows. Called by everything in this folder; pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.ope._faults import Faults, refuse

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Log:
    """Logged decisions, one a row.

    Raises LogError: an empty log, arrays of unequal length, actions that `arms` doesn't have, rewards or contexts that
    are not finite, propensities that are missing, 0 or less, or above 1.

    >>> log = Log(arms=("a", "b"), action=[0, 1], reward=[1.0, 0.0], propensity=[0.5, 0.5])
    >>> len(log), log.shown.tolist()
    (2, [1, 1])
    >>> Log(arms=("a", "b"), action=[0, 1], reward=[1.0, 0.0], propensity=[0.5, 0.0])
    Traceback (most recent call last):
    ...
    sim.ope._faults.LogError: propensity: 0 or less, allowed: above 0, at most 1; in 1 row: 1
    """

    arms: tuple[str, ...]
    """Names of all arms that could be chosen."""
    action: Ints
    """The arm chosen, as its place in `arms`."""
    reward: Floats
    """What came of it, in any unit; the estimates have the same."""
    propensity: Floats
    """Probability with which the logging policy chose this arm in this row, as it was when it chose; 0 < p <= 1."""
    position: Ints | None = None
    """Slot of the page (or any other small class of decisions), from 0; None: there is one."""
    context: Floats | None = None
    """What was known before the choice, shape (rows, features)."""
    features: tuple[str, ...] = ()
    """Names of the columns of `context`."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Rows that the reader left out by a rule, by reason: forced, pending."""
    shown: Ints = field(init=False)
    """Rows in which each arm was chosen, shape (arms,)."""

    def __post_init__(self) -> None:
        for name, kind in (("action", np.int64), ("reward", np.float64), ("propensity", np.float64)):
            object.__setattr__(self, name, _array(name, getattr(self, name), kind))
        if self.position is not None:
            object.__setattr__(self, "position", _array("position", self.position, np.int64))
        if self.context is not None:
            object.__setattr__(self, "context", _array("context", self.context, np.float64, 2))
        _check_shape(self)
        _check_rows(self)
        object.__setattr__(self, "shown", np.bincount(self.action, minlength=len(self.arms)))

    def __len__(self) -> int:
        return len(self.action)

    @property
    def positions(self) -> int:
        """Number of positions."""
        return 1 if self.position is None else int(self.position.max()) + 1

    @property
    def slot(self) -> Ints:
        """The position of each row, zeros where there is one."""
        return np.zeros(len(self), np.int64) if self.position is None else self.position


def _array(name: str, values: object, kind: type, dimensions: int = 1) -> NDArray[Any]:
    """As an array of one kind; whole numbers stay whole."""
    try:
        given = np.asarray(values)
        if kind is np.int64 and given.dtype.kind not in "iu" and given.size:
            refuse(name, f"values of type {given.dtype}, allowed: whole numbers")
        made: NDArray[Any] = given.astype(kind, copy=False)
    except (TypeError, ValueError) as fault:
        refuse(name, f"not numbers ({fault}), allowed: an array of numbers")
    if made.ndim != dimensions:
        refuse(name, f"{made.ndim} dimensions, allowed: {dimensions}")
    return made


def _check_shape(log: Log) -> None:
    """Lengths and names."""
    faults, rows = Faults(), len(log.action)
    if rows == 0:
        refuse("log", "it is empty: 0 rows, allowed: 1 or more")
    if len(set(log.arms)) != len(log.arms):
        twice = sorted({arm for arm in log.arms if log.arms.count(arm) > 1})
        faults.say("arms", f"named twice: {', '.join(twice)}; allowed: each once")
    for name in ("reward", "propensity", "position", "context"):
        values = getattr(log, name)
        if values is not None and len(values) != rows:
            faults.say(name, f"{len(values):,} rows, allowed: {rows:,}, as many as action has")
    columns = 0 if log.context is None else log.context.shape[1]
    if len(log.features) != columns:
        faults.say(
            "context", f"{columns} columns and {len(log.features)} names, allowed: a name for each column"
        )
    faults.stop()


def _check_rows(log: Log) -> None:
    """Values, row by row."""
    faults, arms = Faults(), len(log.arms)
    p = log.propensity
    unknown = (log.action < 0) | (log.action >= arms)
    faults.where("action", unknown, f"an arm that is not there, allowed: 0 to {arms - 1}")
    faults.where("reward", ~np.isfinite(log.reward), "missing or not finite, allowed: a finite number")
    if not (p.min() > 0.0 and p.max() <= 1.0):  # False for NaN too
        faults.where("propensity", np.isnan(p), "missing, allowed: above 0, at most 1")
        faults.where("propensity", p <= 0.0, "0 or less, allowed: above 0, at most 1")
        faults.where("propensity", p > 1.0, "above 1, allowed: above 0, at most 1")
    if log.position is not None:
        faults.where("position", log.position < 0, "below 0, allowed: 0, 1, 2, ...")
    if log.context is not None:
        bad = ~np.isfinite(log.context).all(axis=1)
        faults.where("context", bad, "missing or not finite, allowed: finite numbers")
    faults.stop()


def contexts(rows: Sequence[Mapping[str, float]]) -> tuple[tuple[str, ...], Floats]:
    """Contexts that come as one mapping a row: names and matrix (rows, features); raises LogError for other keys.

    >>> contexts([{"age": 30.0, "vip": 1.0}, {"vip": 0.0, "age": 41.0}])
    (('age', 'vip'), array([[30.,  1.],
           [41.,  0.]]))
    >>> contexts([{"age": 30.0}, {"age": 41.0, "city": 2.0}])
    Traceback (most recent call last):
    ...
    sim.ope._faults.LogError: context: keys that row 0 doesn't have (city), allowed: age; in 1 row: 1
    """
    if not rows:
        return (), np.zeros((0, 0))
    names, faults = tuple(sorted(rows[0])), Faults()
    known = set(names)
    allowed = ", ".join(names) or "none"
    new = sorted({key for row in rows for key in row.keys() - known})
    gone = sorted({key for row in rows for key in known - row.keys()})
    more = np.array([bool(row.keys() - known) for row in rows])
    less = np.array([bool(known - row.keys()) for row in rows])
    faults.where("context", more, f"keys that row 0 doesn't have ({', '.join(new)}), allowed: {allowed}")
    faults.where("context", less, f"keys are missing ({', '.join(gone)}), needed: {allowed}")
    faults.stop()
    return names, np.array([[row[name] for name in names] for row in rows], np.float64).reshape(len(rows), -1)
