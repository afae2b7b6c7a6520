"""Referral: buyers bring others, some time later, and those buy and bring others.

    new(t) = sum over tau of g(tau) K buyers(t - tau)       g geometric: a half-life
    pending' = pending 2^(-dt / half_life) + K buyers       new = pending (1 - 2^(-dt / half_life))

K = invitations a buyer x chance that one is taken up. One stock holds all that is still to come, so a step costs the
same however long the memory. Each buyer brings exactly K in the end; with K below one a buyer from outside makes
1 / (1 - K) in all, with K of one or more the sum has no end, which must be asked for by name. Called by twists; calls
adstock; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import retained
from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

K = Parameter(0.15, 0.05, 0.4, "new buyers per buyer", "proposal; no portable value is published", True)
HALF_LIFE = Parameter(7 * 86_400.0, 86_400.0, 30 * 86_400.0, "s", "proposal: from a purchase to the friend's")
VALUE = Parameter(
    0.0,
    0.0,
    0.16,
    "share of purchases a buyer",
    "what a referred buyer buys beyond others: at least 16 % (Schmitt, Skiera & van den Bulte 2011, 10,000 bank "
    "customers), not found again in 2015 and 2019",
    True,
)


def amplification(k: Value = K.value) -> Floats:
    """Buyers in all for each buyer from outside: 1 / (1 - K).

    >>> amplification(np.array([0.0, 0.15, 0.4])).round(3)
    array([1.   , 1.176, 1.667])
    """
    _check(k, False)
    return 1.0 / (1.0 - np.asarray(k, dtype=float))


def referred(
    pending: Floats,
    buyers: Floats,
    dt: float,
    k: Value = K.value,
    half_life: Value = HALF_LIFE.value,
    *,
    supercritical: bool = False,
) -> tuple[Floats, Floats]:
    """What is still to come after a step, and the new buyers of that step, shapes (cells,).

    Parameters
    ----------
    pending: new buyers still to come from purchases made before the step.
    buyers: who bought in the step, the referred among them; they bring others from the next step on.
    dt: seconds.
    k: new buyers that each buyer brings, zero or more, below one.
    half_life: of the wait, seconds; zero brings all in the next step.
    supercritical: allow a `k` of one or more, under which buyers grow without end.

    >>> pending, total = np.array([0.0]), 0.0
    >>> for outside in [100.0] + [0.0] * 300:
    ...     new = referred(pending, np.array([0.0]), 86_400.0)[1]
    ...     pending, new = referred(pending, outside + new, 86_400.0)
    ...     total += outside + new[0]
    >>> round(float(total), 3)
    117.647
    """
    _check(k, supercritical)
    keep = retained(half_life, dt)
    return np.asarray(pending * keep + k * buyers), np.asarray(pending * (1.0 - keep))


def due(pending: Floats, dt: float, half_life: Value = HALF_LIFE.value) -> Floats:
    """The new buyers of the next dt seconds, known before anybody buys, shape of `pending`.

    >>> due(np.array([8.0]), dt=7 * 86_400.0)
    array([4.])
    """
    return np.asarray(pending * (1.0 - retained(half_life, dt)))


def settled(buyers: Floats, dt: float, k: Value = K.value, half_life: Value = HALF_LIFE.value) -> Floats:
    """What is still to come where so many have bought in every step for ever, shape of `buyers`.

    >>> due(settled(np.array([200.0]), 3600.0), 3600.0).round(9)
    array([30.])
    """
    _check(k, False)
    return np.asarray(k * buyers / (1.0 - retained(half_life, dt)))


def _check(k: Value, supercritical: bool) -> None:
    if not (np.greater_equal(k, 0) & np.isfinite(k)).all():
        raise ValueError(
            f"K, the new buyers that a buyer brings, must be zero or more and finite, received {k}"
        )
    if not supercritical and not np.less(k, 1).all():
        raise ValueError(
            f"K, the new buyers that a buyer brings, must be below one, or buyers grow without end, received {k}; "
            "say supercritical=True to see just that"
        )
