"""Customers who may stop: purchases at random at a rate of their own, and after each purchase a chance to be gone.

    rate ~ Gamma(r, alpha)     purchases while active ~ Poisson     gone after a purchase with chance p ~ Beta(a, b)
    E[X(t)] = (a + b - 1) / (a - 1)  (1 - (alpha / (alpha + t))^r  2F1(r, b; a + b - 1; t / (alpha + t)))
    P(active | x, last, seen) = 1 / (1 + [x > 0] a / (b + x - 1)  ((alpha + seen) / (alpha + last))^(r + x))

The BG/NBD model of repeat purchase (Fader, Hardie & Lee, Marketing Science 24:2, 2005). A customer is known by three
figures: `x` repeat purchases, the time `last` of the last of them, and the time `seen`, both since the first purchase.
Time is in the unit of `alpha`, weeks for the defaults. Purchases are averaged over p by quadrature: in floating point
the hypergeometric function of the printed form fails for heavy customers and where a - r is whole. Called by plants and
calibration; calls nbd_law and scipy.special; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response import nbd_law
from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

_SOURCE = (
    "CDNOW, 2,357 customers over 39 weeks (Fader, Hardie & Lee 2005); one data set, the range is a proposal"
)
R = Parameter(0.243, 0.1, 1.0, "1", _SOURCE)
ALPHA = Parameter(4.414, 1.0, 20.0, "weeks", _SOURCE)
A = Parameter(0.793, 0.2, 3.0, "1", f"{_SOURCE}; with b: 24.6 % are gone after each purchase")
B = Parameter(2.426, 1.0, 10.0, "1", _SOURCE)

_STEP = 1.0 / 64.0
"""Of the quadrature over p; the error is below 1e-14 of the value for a under 5, 1e-9 for a of 100."""
_BLOCK = 512
"""Customers at once, so that the work fits into a cache."""


def dropout(a: float = A.value, b: float = B.value) -> float:
    """Mean chance to be gone after a purchase.

    >>> round(dropout(), 3)
    0.246
    """
    _check(1.0, 1.0, a, b)
    return a / (a + b)


def expected(
    t: Floats, r: float = R.value, alpha: float = ALPHA.value, a: float = A.value, b: float = B.value
) -> Floats:
    """Repeat purchases a new customer makes by the time `t`, shape of `t`; rises, ever more slowly.

    >>> expected(np.array([0.0, 39.0, 52.0])).round(3)
    array([0.   , 1.197, 1.446])
    """
    _check(r, alpha, a, b)
    _times(t)
    return _while_active(t, r, alpha, a, b)


def active(
    x: Floats,
    last: Floats,
    seen: Floats,
    r: float = R.value,
    alpha: float = ALPHA.value,
    a: float = A.value,
    b: float = B.value,
) -> Floats:
    """Chance that a customer has not stopped, in (0, 1]; one for whoever made no repeat purchase yet.

    >>> active(np.array([0.0, 2.0, 26.0]), np.array([0.0, 30.43, 30.86]), np.array([38.86, 38.86, 31.0])).round(4)
    array([1.    , 0.7266, 0.9689])
    """
    from scipy.special import expit

    _check(r, alpha, a, b)
    _customer(x, last, seen)
    return np.asarray(expit(-_gone_log_odds(x, last, seen, r, alpha, a, b)))


def expected_next(
    t: Floats,
    x: Floats,
    last: Floats,
    seen: Floats,
    r: float = R.value,
    alpha: float = ALPHA.value,
    a: float = A.value,
    b: float = B.value,
) -> Floats:
    """Purchases to expect in the next time `t` from a customer of known past; arguments broadcast.

    The authors' printed example (two purchases, the last at week 30.43 of 38.86; the next 39 weeks) gives 1.226:

    >>> expected_next(np.array([39.0]), np.array([2.0]), np.array([30.43]), np.array([38.86])).round(3)
    array([1.226])
    """
    _check(r, alpha, a, b)
    _customer(x, last, seen)
    _times(t)
    once_active = _while_active(t, r + x, alpha + seen, a, b + x)
    return once_active * active(x, last, seen, r, alpha, a, b)


def pmf(
    x: Floats,
    t: Floats,
    r: float = R.value,
    alpha: float = ALPHA.value,
    a: float = A.value,
    b: float = B.value,
) -> Floats:
    """Chance that a new customer makes exactly `x` repeat purchases by the time `t`; arguments broadcast.

    >>> pmf(np.arange(3.0), np.array([39.0])).round(4)
    array([0.5738, 0.1994, 0.0854])
    """
    from scipy.special import betainc, betaln

    _check(r, alpha, a, b)
    _times(t)
    on = np.exp(betaln(a, b + x) - betaln(a, b)) * nbd_law.pmf(x, r, alpha, t)
    some = np.maximum(x, 1.0)
    off = np.exp(betaln(a + 1.0, b + some - 1.0) - betaln(a, b)) * betainc(some, r, t / (alpha + t))
    return np.asarray(on + np.where(x > 0, off, 0.0))


def log_likelihood(
    x: Floats,
    last: Floats,
    seen: Floats,
    r: float = R.value,
    alpha: float = ALPHA.value,
    a: float = A.value,
    b: float = B.value,
) -> Floats:
    """Log likelihood of each customer's record, shape of `x`; the published fit's sum over CDNOW is -9,582.4.

    >>> log_likelihood(np.array([0.0, 2.0]), np.array([0.0, 30.43]), np.array([38.86, 38.86])).round(3)
    array([-0.555, -9.459])
    """
    from scipy.special import betaln, gammaln

    _check(r, alpha, a, b)
    _customer(x, last, seen)
    law = gammaln(r + x) - gammaln(r) + r * np.log(alpha) - (r + x) * np.log(alpha + seen)
    stays = betaln(a, b + x) - betaln(a, b)
    return np.asarray(law + stays + np.logaddexp(0.0, _gone_log_odds(x, last, seen, r, alpha, a, b)))


def _gone_log_odds(
    x: Floats, last: Floats, seen: Floats, r: float, alpha: float, a: float, b: float
) -> Floats:
    """Logarithm of the odds of having stopped, minus infinity before the first repeat purchase."""
    chance = np.log(a / (b + np.maximum(x, 1.0) - 1.0))
    return np.asarray(np.where(x > 0, chance + (r + x) * np.log((alpha + seen) / (alpha + last)), -np.inf))


def _while_active(t: Floats, r: Value, alpha: Value, a: float, b: Value) -> Floats:
    """Mean over p ~ Beta(a, b) of (1 - (alpha / (alpha + p t))^r) / p, all but `a` broadcast."""
    t, r, alpha, b = np.broadcast_arrays(t, r, alpha, b)
    flat, out = [each.ravel() for each in (t, r, alpha, b)], np.empty(t.size)
    for start in range(0, t.size, _BLOCK):
        here = slice(start, start + _BLOCK)
        out[here] = _quadrature(a, *(each[here, None] for each in flat))
    return out.reshape(t.shape)


def _quadrature(a: float, t: Floats, r: Floats, alpha: Floats, b: Floats) -> Floats:
    """The same by the double exponential rule (Takahasi & Mori 1974); the arguments are columns, one row a customer."""
    from scipy.special import expit, log_expit

    least = min(a, b.min())
    reach = np.arcsinh((50.0 / least + np.log1p((a + b.max()) / least)) / np.pi)
    s = _STEP * np.arange(-np.ceil(reach / _STEP), np.ceil(reach / _STEP) + 1.0)
    y = np.pi * np.sinh(s)
    log_weight = a * log_expit(y) + b * log_expit(-y) + np.log(np.cosh(s))
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    p = np.maximum(expit(y), 1e-300)
    each = -np.expm1(-r * np.log1p(p * t / alpha)) / p
    return np.asarray((weight * each).sum(axis=1) / weight.sum(axis=1))


def _times(t: Floats) -> None:
    if not ((t >= 0) & np.isfinite(t)).all():
        raise ValueError(f"a time must be zero or more and finite, received {t}")


def _customer(x: Floats, last: Floats, seen: Floats) -> None:
    if not ((x >= 0) & (last >= 0) & (last <= seen) & np.isfinite(seen)).all():
        raise ValueError(
            "a customer has zero or more purchases, and the last of them within the time seen, received "
            f"x={x}, last={last}, seen={seen}"
        )


def _check(r: float, alpha: float, a: float, b: float) -> None:
    if not min(r, alpha, a, b) > 0 or not np.isfinite([r, alpha, a, b]).all():
        raise ValueError(f"r, alpha, a and b must be above zero and finite, received {r}, {alpha}, {a}, {b}")
