"""A question to a log: what would this other policy have got? The log, the policy's probabilities, the weights.

A target may be certain (one arm) or draw; it may depend on the row or on the position, or on neither. Built once and
handed to any number of estimators; pure.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sim.ope._faults import Faults, refuse
from sim.ope._log import Floats, Log

TOLERANCE = 1e-6
"""How far a row of probabilities may sum off 1: printed figures are rounded."""


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """A log and the policy asked about.

    Parameters
    ----------
    log: the log.
    target: probabilities of the policy asked about: shape (arms,), (positions, arms) or (rows, arms), each row summing
        to 1.

    Raises LogError: another shape, numbers that are no probabilities, rows that don't sum to 1, and probability on an
    arm that the log never shows, since what it would have got is not in the log.

    >>> log = Log(arms=("a", "b"), action=[0, 1], reward=[1.0, 0.0], propensity=[0.5, 0.5])
    >>> Question(log, [0.75, 0.25]).weight
    array([1.5, 0.5])
    """

    log: Log
    target: Floats
    probability: Floats = field(init=False)
    """Of each arm in each row, shape (rows, arms); may be a view that can't be written to."""
    weight: Floats = field(init=False)
    """Target's over logged probability of the arm chosen, shape (rows,)."""

    def __post_init__(self) -> None:
        log = self.log
        try:
            given = np.asarray(self.target, np.float64)
        except (TypeError, ValueError) as fault:
            refuse("target", f"not numbers ({fault}), allowed: probabilities")
        _check(log, given)
        object.__setattr__(self, "target", given)
        rows, arms = len(log), len(log.arms)
        if given.shape == (rows, arms):
            whole, chosen = given, given.ravel().take(np.arange(0, rows * arms, arms) + log.action)
        elif given.ndim == 1:
            whole, chosen = np.broadcast_to(given, (rows, arms)), given[log.action]
        else:
            whole, chosen = given[log.slot], given[log.slot, log.action]
        object.__setattr__(self, "probability", whole)
        object.__setattr__(self, "weight", chosen / log.propensity)
        _check_support(self)

    def wanted(self) -> Floats:
        """Mean probability of each arm in each position, shape (positions, arms); sums to 1."""
        log = self.log
        share = np.bincount(log.slot, minlength=log.positions) / len(log)
        if self.target.ndim == 1 or len(self.target) != len(log):
            return share[:, None] * self.target
        made = [self.probability[log.position == slot].sum(axis=0) for slot in range(log.positions)]
        return np.array(made) / len(log)


def _check(log: Log, given: Floats) -> None:
    """Shape, and that these are probabilities."""
    arms, faults = len(log.arms), Faults()
    allowed = [(arms,), (log.positions, arms), (len(log), arms)]
    if given.shape not in allowed:
        refuse("target", f"shape {given.shape}, allowed: {', '.join(map(str, dict.fromkeys(allowed)))}")
    table = given if given.ndim == 2 else given[None, :]
    off = np.einsum("ij->i", table)  # no BLAS: its threads wait for each other where cores are busy
    off -= 1.0
    if np.abs(off).max() <= TOLERANCE and table.min() >= 0.0:
        return
    faults.where("target", ~np.isfinite(table).all(axis=1), "missing or not finite, allowed: probabilities")
    faults.where("target", (table < 0.0).any(axis=1), "below 0, allowed: probabilities")
    faults.where("target", np.abs(off) > TOLERANCE, f"probabilities sum to {_worst(off)}, allowed: 1")
    faults.stop()


def _worst(off: Floats) -> str:
    """The sum that is furthest from 1."""
    return f"{1.0 + off[np.argmax(np.abs(off))]:.6g}"


def _check_support(question: Question) -> None:
    """No probability on an arm that the log never shows."""
    log = question.log
    never = log.shown == 0
    if not never.any():
        return
    lost = question.probability[:, never]
    faults = Faults()
    for arm, column in zip(np.flatnonzero(never), lost.T, strict=True):
        text = f"probability on arm {log.arms[arm]!r}, which the log never shows, allowed: arms with at least a row"
        faults.where("target", column > 0.0, text)
    faults.stop()


def uniform(log: Log) -> Floats:
    """Every arm alike, shape (arms,)."""
    return np.full(len(log.arms), 1.0 / len(log.arms))


def always(log: Log, arm: str) -> Floats:
    """One arm for sure, shape (arms,); raises LogError where the log has no such arm."""
    return probabilities(log, {arm: 1.0})


def probabilities(log: Log, given: Mapping[str, float]) -> Floats:
    """Probabilities by the arms' names, 0 for those not named, shape (arms,); raises LogError for unknown arms."""
    unknown = [arm for arm in given if arm not in log.arms]
    if unknown:
        shown = ", ".join(map(repr, log.arms[:20])) + (", ..." if len(log.arms) > 20 else "")
        refuse("target", f"arms that the log doesn't have: {', '.join(map(repr, unknown))}; it has {shown}")
    return np.array([given.get(arm, 0.0) for arm in log.arms], np.float64)
