"""Fits of the negative binomial law of purchases to a table of counts, or to two figures of a panel report.

    maximum likelihood over (r, alpha); moments; penetration with purchases a buyer

Tables of trips often hold buyers only: such a zero-truncated table is fitted by the law given one purchase or more.
At the best mean for each shape the likelihood is a curve with one top, found as the root of its slope. Called through
nbd.py; calls nbd_law and scipy; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.nbd_law import log_pmf, penetration

Floats = NDArray[np.float64]

_LEAST, _MOST = 1e-4, 1e4
"""Shapes that a fit looks at: below, the law is the logarithmic series; above, Poisson's."""


def log_likelihood(
    counts: Floats,
    people: Floats,
    r: Floats,
    alpha: Floats,
    period: float = 1.0,
    truncated: bool | None = None,
) -> Floats:
    """Log likelihood of a table (see `fit`) at each pair of `r` and `alpha`, shape of those.

    >>> log_likelihood(np.array([0.0, 1.0]), np.array([1.0, 1.0]), np.array([1.0]), np.array([1.0])).round(4)
    array([-2.0794])
    """
    counts, people, truncated = _table(counts, people, truncated)
    r, alpha = np.broadcast_arrays(np.asarray(r, dtype=float), np.asarray(alpha, dtype=float))
    each = log_pmf(counts, r[..., None], alpha[..., None], period)
    if truncated:
        each = each - np.log(penetration(r, alpha, period))[..., None]
    return np.asarray(each @ people)


def fit(
    counts: Floats, people: Floats, period: float = 1.0, truncated: bool | None = None
) -> tuple[float, float]:
    """(r, alpha) of greatest likelihood for a table: `people[i]` persons bought `counts[i]` times in `period`.

    Parameters
    ----------
    counts: whole, zero or more, each once; shape (rows,).
    people: zero or more; shape (rows,).
    period: length of the time counted; alpha comes out in its unit.
    truncated: whether persons who bought nothing could not be seen. None: yes if the table has no row for zero.

    Raises ValueError where no such law fits: counts less spread than Poisson's, or a likelihood that has no top.

    >>> from models.response.nbd_law import pmf
    >>> k, n = np.arange(40.0), 1000 * pmf(np.arange(40.0), 0.8, 0.4)
    >>> [round(x, 3) for x in fit(k, n)], [round(x, 3) for x in fit(k[1:], n[1:])]
    ([0.8, 0.4], [0.8, 0.4])
    """
    from scipy.optimize import brentq

    counts, people, truncated = _table(counts, people, truncated)
    total = people.sum()
    average = float(counts @ people / total)

    def slope(log_r: float) -> float:
        r = np.exp(log_r)
        return _score(r, _mu(r, average, truncated), counts, people / total, truncated)

    ends = np.log(_LEAST), np.log(_MOST)
    if not slope(ends[0]) > 0:
        raise ValueError(
            "no negative binomial law fits best: the likelihood of the table still rises as the shape goes to zero "
            f"(the logarithmic series), received counts of mean {average:g} for {total:g} persons"
        )
    if not slope(ends[1]) < 0:
        raise ValueError(
            f"the counts are spread no wider than Poisson's, received a variance of {_variance(counts, people):g} "
            f"at a mean of {average:g}{' among buyers' if truncated else ''}: persons do not differ by a gamma law"
        )
    r = float(np.exp(brentq(slope, *ends, xtol=1e-12)))
    return r, r / _mu(r, average, truncated) * period


def fit_moments(
    counts: Floats, people: Floats, period: float = 1.0, truncated: bool | None = None
) -> tuple[float, float]:
    """(r, alpha) from mean and variance, arguments as for `fit`: quicker, and less sharp.

    Without non-buyers the share of those who bought once stands in for them (Brass, Biometrika 45, 1958):
    w = mean / variance (1 - share of ones) is alpha / (alpha + period), and r = (w mean - share of ones) / (1 - w).

    >>> from models.response.nbd_law import pmf
    >>> k, n = np.arange(60.0), 1000 * pmf(np.arange(60.0), 0.8, 0.4)
    >>> [round(x, 3) for x in fit_moments(k, n)], [round(x, 3) for x in fit_moments(k[1:], n[1:])]
    ([0.8, 0.4], [0.8, 0.4])
    """
    counts, people, truncated = _table(counts, people, truncated)
    average, variance = float(counts @ people / people.sum()), _variance(counts, people)
    once = float(people[counts == 1].sum() / people.sum()) if truncated else 0.0
    w = average / variance * (1.0 - once) if variance else np.inf
    r = (w * average - once) / (1.0 - w) if w < 1 else -1.0
    if not r > 0:
        raise ValueError(
            f"no negative binomial law has these moments: received mean {average:g}, variance {variance:g}"
            + (f" and {once:.1%} who bought once" if truncated else "; the variance must be above the mean")
        )
    return r, w / (1.0 - w) * period


def fit_penetration(share: float, each: float, period: float = 1.0) -> tuple[float, float]:
    """(r, alpha) from two figures of any panel report: the share who buy in `period`, and purchases a buyer.

    Toothpaste: 56 % buy, 2.6 times each; published 0.78 for the shape.

    >>> r, alpha = fit_penetration(0.56, 2.6)
    >>> round(r, 3), round(r / alpha, 3)
    (0.779, 1.456)
    """
    from scipy.optimize import brentq

    average = share * each
    if not (0 < share < 1 and np.isfinite(each) and share < -np.expm1(-average)):
        raise ValueError(
            "a penetration must lie between none and what Poisson's law gives for so many purchases, received "
            f"{share:g} with {each:g} purchases a buyer: at most {-np.expm1(-average):g} can be reached"
        )

    def miss(log_r: float) -> float:
        r = np.exp(log_r)
        return float(penetration(r, r / average)) - share

    low, high = np.log(1e-9), np.log(1e9)
    if miss(high) <= 0:
        raise ValueError(
            f"a penetration of {share:g} with {each:g} purchases a buyer is Poisson's: no gamma law"
        )
    r = float(np.exp(brentq(miss, low, high, xtol=1e-13)))
    return r, r / average * period


def _mu(r: float, average: float, truncated: bool) -> float:
    """Mean over all persons that is likeliest at a shape, from the mean of those seen."""
    from scipy.optimize import brentq

    if not truncated:
        return average

    def miss(log_mu: float) -> float:
        mu = np.exp(log_mu)
        return float(mu / -np.expm1(-r * np.log1p(mu / r)) - average)

    return float(np.exp(brentq(miss, np.log(1e-12), np.log(average) + 1e-9, xtol=1e-14)))


def _score(r: float, mu: float, counts: Floats, share: Floats, truncated: bool) -> float:
    """How the log likelihood a person changes with the shape, the mean held."""
    from scipy.special import digamma

    log_q = -np.log1p(mu / r)
    tilt = log_q + mu / (r + mu)
    own = share @ (digamma(counts + r) - digamma(r)) + log_q + 1.0 - (r + share @ counts) / (r + mu)
    unseen = np.exp(r * log_q) / -np.expm1(r * log_q) * tilt if truncated else 0.0
    return float(own + unseen)


def _variance(counts: Floats, people: Floats) -> float:
    share = people / people.sum()
    return float(share @ (counts - share @ counts) ** 2)


def _table(counts: Floats, people: Floats, truncated: bool | None) -> tuple[Floats, Floats, bool]:
    counts, people = np.asarray(counts, dtype=float), np.asarray(people, dtype=float)
    if counts.ndim != 1 or counts.shape != people.shape:
        raise ValueError(f"a table is two columns of one length, received {counts.shape} and {people.shape}")
    if not ((counts >= 0) & (counts == np.floor(counts))).all() or len(np.unique(counts)) != len(counts):
        raise ValueError(f"counts must be whole, zero or more, and each there once, received {counts}")
    if not ((people >= 0) & np.isfinite(people)).all() or not people.sum() > 0:
        raise ValueError(f"people must be zero or more and finite, and not all zero, received {people}")
    truncated = not (counts == 0).any() if truncated is None else truncated
    if truncated and people[counts == 0].any():
        raise ValueError(f"a truncated table holds nobody who bought nothing, received {people[counts == 0]}")
    top = counts[people > 0].max()
    if top < (2 if truncated else 1):
        raise ValueError(
            f"a table tells of heterogeneity only if somebody bought {'twice' if truncated else 'once'} or more, "
            f"received a highest count of {top:g}"
        )
    keep = people > 0
    return counts[keep], people[keep], truncated
