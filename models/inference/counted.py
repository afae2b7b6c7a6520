"""A share from counts, with an interval that is exact and valid at every look: conversions, redemptions, wins.

    M(p) = B(a + s, b + n - s) / (B(a, b) p^s (1 - p)^(n - s))          interval: where M(p) < 1 / alpha

M is the ratio of the likelihood under a beta mixture to that under p: a martingale under p, so it passes 1 / alpha with
probability alpha or less, ever (Robbins, Annals of Mathematical Statistics 41 (1970) 1397-1409; Ville's inequality).
Counts are all it needs; they are their own state. The prior a, b moves the width, never the validity: it is narrowest
for shares that the prior thought likely. Each trial must have the same share given what came before, so that the trials
of one arm may have been handed out by a bandit.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, xlog1py, xlogy

from models.inference.checks import Array, Interval, counts, level

_HALVINGS = 60


def evidence(
    successes: ArrayLike, trials: ArrayLike, share: ArrayLike, prior: tuple[float, float] = (0.5, 0.5)
) -> Array:
    """log M(p) against each `share`, shapes broadcast; log(1 / 0.05) = 3.0 or more, ever, refutes at 5 %.

    >>> evidence([9.0, 5.0], [10.0, 10.0], [0.5]).round(2)
    array([ 2.25, -1.4 ])
    """
    s, n = _pair(successes, trials)
    a, b = _prior(prior)
    p = np.asarray(share, np.float64)
    mixed = betaln(a + s, b + n - s) - betaln(a, b)
    return np.asarray(mixed - xlogy(s, p) - xlog1py(n - s, -p), np.float64)


def interval(
    successes: ArrayLike,
    trials: ArrayLike,
    *,
    level: float = 0.95,
    prior: tuple[float, float] = (0.5, 0.5),
) -> Interval:
    """The share, and ends that hold it at every look with probability `level`; shapes broadcast.

    Raises
    ------
    ValueError: counts that are negative, broken or missing; more successes than trials; a level or prior out of range.

    >>> [round(float(end[0]), 4) for end in interval([80.0], [1000.0])]
    [0.08, 0.0524, 0.1151]
    >>> interval([0.0], [0.0]).high
    array([1.])
    """
    s, n = _pair(successes, trials)
    limit = -np.log(1.0 - _level(level))
    share = np.divide(s, n, out=np.full(s.shape, 0.5), where=n > 0)

    def outside(p: Array) -> Array:
        return np.asarray(evidence(s, n, p, prior) - limit)

    low, high = (_edge(outside, share, np.full(s.shape, end)) for end in (0.0, 1.0))
    return Interval(share, np.where(s > 0, low, 0.0), np.where(s < n, high, 1.0))


def _edge(outside: Callable[[Array], Array], inner: Array, outer: Array) -> Array:
    """Where `outside` passes zero between a point inside and a point outside, by halving; the outer end of it."""
    for _ in range(_HALVINGS):
        middle = (inner + outer) / 2.0
        out = outside(middle) >= 0
        inner, outer = np.where(out, inner, middle), np.where(out, middle, outer)
    return outer


def _pair(successes: ArrayLike, trials: ArrayLike) -> tuple[Array, Array]:
    s, n = np.broadcast_arrays(counts("successes", successes), counts("trials", trials))
    if (s > n).any():
        at = tuple(int(each) for each in np.argwhere(s > n)[0])
        raise ValueError(
            f"successes: received {s[at]:g} of {n[at]:g} trials, allowed are no more than the trials"
        )
    return s, n


def _prior(prior: tuple[float, float]) -> tuple[float, float]:
    a, b = prior
    if not (0 < a < np.inf and 0 < b < np.inf):
        raise ValueError(f"prior: received {prior!r}, allowed are two finite numbers above 0")
    return a, b


_level = level
