"""Lift: treated less held out, with an interval that is valid at every look.

`difference` and `ratio` take two intervals that are valid at every look, each at `each(level)`: both hold at once
with probability `level` (union bound), so what follows from them does too. Exact where the two are exact; wide.
`of_means` is the normal mixture of the difference itself, narrower, valid from a first look of some size on:

    radius = se sqrt((1 + 1/k) (log(1 + k) + 2 log(1/alpha)))      se^2 = v1 / n1 + v0 / n0      k = rho^2 v / se^2

with v the variance of one outcome over both groups, so that k is in samples (see `mixture`). The groups may grow at
different rates; who is in which must not depend on outcomes.
"""

import numpy as np

from models.inference.checks import Array, Interval
from models.inference.checks import level as checked
from models.inference.mixture import FIRST, Moments, widening


def each(level: float) -> float:
    """The level that each of two intervals needs for both to hold with probability `level`.

    >>> round(each(0.95), 3)
    0.975
    """
    return 1.0 - (1.0 - checked(level)) / 2.0


def difference(treated: Interval, held: Interval) -> Interval:
    """Treated less held out, shapes broadcast.

    >>> from models.inference import counted
    >>> both = [counted.interval([won], [10_000], level=each(0.95)) for won in (900, 600)]
    >>> [round(float(end[0]), 4) for end in difference(*both)]
    [0.03, 0.0083, 0.0516]
    """
    return Interval(treated.estimate - held.estimate, treated.low - held.high, treated.high - held.low)


def ratio(treated: Interval, held: Interval) -> Interval:
    """Relative lift, treated / held out - 1, of outcomes that are never negative; inf where held out may be 0.

    >>> one, other = (Interval(*(np.array([x]) for x in ends)) for ends in ((0.6, 0.5, 0.7), (0.5, 0.4, 0.6)))
    >>> [round(float(end[0]), 3) for end in ratio(one, other)]
    [0.2, -0.167, 0.75]
    """
    if (np.minimum(treated.low, held.low) < 0).any():
        raise ValueError(
            f"ratio: received an interval from {np.minimum(treated.low, held.low).min():g}, "
            "allowed are outcomes of 0 or more"
        )
    return Interval(
        _over(treated.estimate, held.estimate), _over(treated.low, held.high), _over(treated.high, held.low)
    )


def of_means(
    treated: Moments, held: Moments, planned: float, *, level: float = 0.95, first: int = FIRST
) -> Interval:
    """Treated less held out, shape (streams,); infinite before `first` samples in each group.

    Parameters
    ----------
    planned: size n1 n0 / (n1 + n0) at which it is narrowest: 500 for two groups of 1,000.

    >>> two = [Moments.none((1,)).seen([np.tile([mean - 1, mean + 1], 500)]) for mean in (10.2, 10.0)]
    >>> [round(float(end[0]), 2) for end in of_means(*two, planned=500)]
    [0.2, 0.06, 0.34]
    """
    n1, n0 = treated.count, held.count
    enough = np.minimum(n1, n0) >= max(first, 2)
    pooled = (treated.squares + held.squares) / np.maximum(n1 + n0 - 2.0, 1.0)
    ready = enough & (pooled > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.where(ready, treated.variance / n1 + held.variance / n0, 1.0)
    size = np.where(ready, pooled / variance, 1.0)
    radius = np.where(ready, np.sqrt(variance) * widening(size, planned, level), np.inf)
    apart = treated.mean - held.mean
    return Interval(apart, apart - radius, apart + radius)


def _over(one: Array, other: Array) -> Array:
    infinite = np.full(np.broadcast(one, other).shape, np.inf)
    return np.asarray(np.divide(one, other, out=infinite, where=other > 0) - 1.0)
