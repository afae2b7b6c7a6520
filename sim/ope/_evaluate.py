"""Asking: value, interval and support of each estimator, or the reasons why there is no value.

Intervals are normal ones from influence functions. Called by the command and by notebooks; calls the members of the
family and the model of rewards; pure.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from models.draws import Draws
from sim.ope._base import Rewards, Told
from sim.ope._family import estimator, kinds
from sim.ope._faults import refuse
from sim.ope._question import Question
from sim.ope._rewards import fitted
from sim.ope._support import Gate, Support, support


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What is known of a policy's value by one estimator; value and interval are None where it is refused."""

    kind: str
    value: float | None
    """Expected reward of a decision, in the reward's unit."""
    low: float | None
    high: float | None
    """Interval at `level`."""
    error: float | None
    """Standard error, without the estimated bias of shrinking."""
    level: float
    support: Support
    used: int
    """Rows that count."""
    details: Mapping[str, float]
    """What was tuned, by name."""
    refused: tuple[str, ...]
    """Why there is no value; empty where there is one."""


def evaluate(
    question: Question,
    asked: Sequence[str] = (),
    *,
    rewards: Rewards | None = None,
    seed: int = 0,
    level: float = 0.95,
    gate: Gate | None = None,
) -> tuple[Estimate, ...]:
    """What each estimator says.

    Parameters
    ----------
    question: the log, and the policy asked about.
    asked: kinds of estimators; none: all of them.
    rewards: a model of rewards; None: one is fitted to the log where an estimator needs it.
    seed: of the folds and of what replay matching accepts.
    level: of the intervals, between 0 and 1.
    gate: least support with which a value is given.

    Raises UnknownKind, and LogError where the log is too short for a model.

    >>> from sim.ope._log import Log
    >>> log = Log(arms=("a", "b"), action=[0, 1] * 200, reward=[1.0, 0.0, 0.0, 0.0] * 100, propensity=[0.5] * 400)
    >>> [(each.kind, each.value) for each in evaluate(Question(log, [1.0, 0.0]), ["ips", "snips"])]
    [('ips', 0.5), ('snips', 0.5)]
    >>> evaluate(Question(log, [1.0, 0.0]), ["ips"], gate=Gate(effective=1000.0))[0].refused
    ('the weighted log is worth 200.0 of its 400 rows, needed: 1000',)
    """
    if not 0.0 < level < 1.0:
        refuse("level", f"{level:g}, allowed: between 0 and 1")
    gate, members = gate or Gate(), [(kind, estimator(kind)) for kind in asked or kinds()]
    found, draws = support(question), Draws(seed)
    reasons = tuple(found.refusals(gate))
    if rewards is None and not reasons and any(member.modelled for _, member in members):
        rewards = fitted(question, draws)
    made = []
    for kind, member in members:
        if reasons:
            made.append(_refused(kind, level, found, reasons))
        else:
            made.append(_estimate(kind, member.tell(question, rewards, draws), level, found, gate))
    return tuple(made)


def _refused(kind: str, level: float, found: Support, reasons: tuple[str, ...]) -> Estimate:
    return Estimate(
        kind=kind, value=None, low=None, high=None, error=None, level=level, support=found, used=0, details={},
        refused=reasons,
    )  # fmt: skip


def _estimate(kind: str, told: Told, level: float, found: Support, gate: Gate) -> Estimate:
    """With its interval; refused where too few rows count."""
    rows = found.rows
    used = rows if told.used is None else told.used
    if used < gate.effective:
        why = f"only {used:,} of {rows:,} rows could be matched, needed: {gate.effective:g}"
        return _refused(kind, level, found, (why,))
    squares = float(np.einsum("i,i->", told.influence, told.influence))
    error = (squares / (rows * max(rows - 1, 1))) ** 0.5
    half = NormalDist().inv_cdf(0.5 + 0.5 * level) * error + told.bias
    return Estimate(
        kind=kind, value=told.value, low=told.value - half, high=told.value + half, error=error, level=level,
        support=found, used=used, details=told.details, refused=(),
    )  # fmt: skip
