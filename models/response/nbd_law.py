"""The negative binomial law of purchases: Poisson for each person, at rates that differ by a gamma law.

    rate ~ Gamma(r, alpha)     purchases in t, given the rate ~ Poisson(rate t)
    P(X(t) = k) = Gamma(r + k) / (Gamma(r) k!)  (alpha / (alpha + t))^r  (t / (alpha + t))^k

Time is in the unit of `alpha`: days, weeks, or the period of a table. Called through nbd.py, which has values and
sources; calls scipy.special; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Value = float | Floats


def pmf(k: Floats, r: Value, alpha: Value, t: Value = 1.0) -> Floats:
    """Chance of exactly `k` purchases in a time `t`; k whole, zero or more; all arguments broadcast.

    >>> pmf(np.arange(3.0), 1.0, 1.0)
    array([0.5  , 0.25 , 0.125])
    """
    return np.asarray(np.exp(log_pmf(k, r, alpha, t)))


def mean(r: Value, alpha: Value, t: Value = 1.0) -> Floats:
    """Purchases a person in a time `t`, those who buy nothing counted.

    >>> mean(0.5, 10.0, 52.0)
    array(2.6)
    """
    _check(r, alpha, t)
    return np.asarray(r / alpha * t, dtype=float)


def penetration(r: Value, alpha: Value, t: Value = 1.0) -> Floats:
    """Share of people who buy at least once in a time `t`; rises with t from none towards all.

    >>> penetration(1.0, 10.0, np.array([0.0, 10.0, 990.0]))
    array([0.  , 0.5 , 0.99])
    """
    _check(r, alpha, t)
    return np.asarray(-np.expm1(-np.asarray(r) * np.log1p(np.divide(t, alpha))))


def buyers(k: Floats, people: Value, r: Value, alpha: Value, t: Value = 1.0) -> Floats:
    """How many of `people` are expected to buy exactly `k` times in a time `t`.

    The published fit to contacts with a poster in a week, r 0.969 and alpha 0.218 (Fader & Hardie, course notes on
    applied probability models; 250 people, data of Greene 1982, of whom 48, 37 and 30 had 0, 1 and 2):

    >>> buyers(np.arange(3.0), 250.0, 0.969, 0.218).round(1)
    array([47.2, 37.5, 30.3])
    """
    return np.asarray(people * pmf(k, r, alpha, t))


def next_mean(k: Floats, seen: Value, r: Value, alpha: Value, t: Value = 1.0) -> Floats:
    """Purchases to expect in the next time `t` from whoever bought `k` times in the last time `seen`.

    The mean of the gamma law once k is known: the heaviest buyers fall back, and those who bought nothing come.

    >>> next_mean(np.array([0.0, 10.0]), 1.0, 1.0, 1.0)
    array([0.5, 5.5])
    """
    _check(r, alpha, t)
    _check(r, alpha, seen)
    return np.asarray((r + k) / np.add(alpha, seen) * t)


def log_pmf(k: Floats, r: Value, alpha: Value, t: Value) -> Floats:
    """Logarithm of `pmf`, which see; minus infinity where the chance is none."""
    from scipy.special import betaln, xlogy

    _check(r, alpha, t)
    if not ((k >= 0) & (k == np.floor(k))).all():
        raise ValueError(f"a number of purchases must be whole and zero or more, received {k}")
    ways = -np.log(k + r) - betaln(k + 1.0, r)
    none = -np.asarray(r) * np.log1p(np.divide(t, alpha))
    return np.asarray(ways + none + xlogy(k, np.divide(t, np.add(alpha, t))))


def _check(r: Value, alpha: Value, t: Value) -> None:
    for name, value in (("r", r), ("alpha", alpha)):
        if not (np.greater(value, 0) & np.isfinite(value)).all():
            raise ValueError(f"{name} must be above zero and finite, received {value}")
    if not (np.greater_equal(t, 0) & np.isfinite(t)).all():
        raise ValueError(f"a time must be zero or more and finite, received {t}")
