"""Customers who may stop at any time: purchases at random at a rate of their own, and a lifetime of their own.

    rate ~ Gamma(r, alpha)     purchases while active ~ Poisson     lifetime ~ exponential, its rate ~ Gamma(s, beta)
    E[X(t)] = r beta / (alpha (s - 1))  (1 - (beta / (beta + t))^(s - 1))

The Pareto/NBD model (Schmittlein, Morrison & Colombo, Management Science 33:1, 1987; in the form of Fader & Hardie's
note on its derivation, 2005). A customer is known by `x` repeat purchases, the time `last` of the last of them and the
time `seen`, both since the first purchase. Time is in the unit of `alpha` and `beta`, weeks for the defaults. The
chance to be active is an integral over the time of stopping, done by quadrature: the printed form by a hypergeometric
function has no value in floating point for heavy customers. Called by plants and calibration; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

Floats = NDArray[np.float64]

_SOURCE = (
    "CDNOW, 2,357 customers over 39 weeks (Fader, Hardie & Lee 2005); one data set, the range is a proposal"
)
R = Parameter(0.553, 0.1, 2.0, "1", f"{_SOURCE}; with alpha: 0.052 purchases a week while active")
ALPHA = Parameter(10.58, 2.0, 50.0, "weeks", _SOURCE)
S = Parameter(0.606, 0.1, 2.0, "1", _SOURCE)
BETA = Parameter(11.66, 2.0, 50.0, "weeks", _SOURCE)

_NODES = 64
"""Of the quadrature over the time of stopping; the log odds are off by less than 1e-11 for up to 300 purchases."""


def rate(r: float = R.value, alpha: float = ALPHA.value) -> float:
    """Mean purchases a unit of time while active.

    >>> round(rate(), 3)
    0.052
    """
    _check(r, alpha, 1.0, 1.0)
    return r / alpha


def expected(
    t: Floats, r: float = R.value, alpha: float = ALPHA.value, s: float = S.value, beta: float = BETA.value
) -> Floats:
    """Repeat purchases a new customer makes by the time `t`, shape of `t`; rises, ever more slowly.

    >>> expected(np.array([0.0, 39.0, 52.0])).round(3)
    array([0.   , 1.212, 1.472])
    """
    _check(r, alpha, s, beta)
    _times(t)
    return r / alpha * _active_time(t, s, beta)


def active(
    x: Floats,
    last: Floats,
    seen: Floats,
    r: float = R.value,
    alpha: float = ALPHA.value,
    s: float = S.value,
    beta: float = BETA.value,
) -> Floats:
    """Chance that a customer has not stopped, in (0, 1); arguments broadcast.

    >>> active(np.array([0.0, 26.0]), np.array([0.0, 30.86]), np.array([31.0, 31.0])).round(4)
    array([0.349 , 0.9979])
    """
    from scipy.special import expit

    _check(r, alpha, s, beta)
    if not ((x >= 0) & (last >= 0) & (last <= seen) & np.isfinite(seen)).all():
        raise ValueError(
            "a customer has zero or more purchases, and the last of them within the time seen, received "
            f"x={x}, last={last}, seen={seen}"
        )
    return np.asarray(expit(-_stopped_log_odds(x, last, seen, r, alpha, s, beta)))


def expected_next(
    t: Floats,
    x: Floats,
    last: Floats,
    seen: Floats,
    r: float = R.value,
    alpha: float = ALPHA.value,
    s: float = S.value,
    beta: float = BETA.value,
) -> Floats:
    """Purchases to expect in the next time `t` from a customer of known past; arguments broadcast.

    26 purchases, the last at week 30.86 of 31; the next 52 weeks:

    >>> expected_next(np.array([52.0]), np.array([26.0]), np.array([30.86]), np.array([31.0])).round(1)
    array([25.5])
    """
    _times(t)
    alive = active(x, last, seen, r, alpha, s, beta)
    return np.asarray(alive * (r + x) / (alpha + seen) * _active_time(t, s, beta + seen))


def _active_time(t: Floats, s: float, beta: Floats | float) -> Floats:
    """Mean time active within the next `t`; at s = 1 the power becomes a logarithm."""
    log = np.log1p(t / beta)
    return np.asarray(beta * (log if s == 1 else -np.expm1(-(s - 1.0) * log) / (s - 1.0)))


def _stopped_log_odds(
    x: Floats, last: Floats, seen: Floats, r: float, alpha: float, s: float, beta: float
) -> Floats:
    """Logarithm of the odds of having stopped between `last` and `seen`, minus infinity where they are one."""
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    x, last, seen = (each[..., None] for each in np.broadcast_arrays(x, last, seen))
    whole = np.log((alpha + seen) / (alpha + last))
    part = whole * (nodes + 1.0) / 2.0
    stop = beta - alpha + (alpha + last) * np.exp(part)
    log = np.log(alpha - beta + stop) - (r + x) * part - (s + 1.0) * np.log(stop) + s * np.log(beta + seen)
    top = log.max(axis=-1, keepdims=True)
    total = (np.exp(log - top) @ weights)[..., None] * whole * s / 2.0
    with np.errstate(divide="ignore"):  # the logarithm of none
        return np.asarray(((r + x) * whole + top + np.log(total))[..., 0])


def _times(t: Floats) -> None:
    if not ((t >= 0) & np.isfinite(t)).all():
        raise ValueError(f"a time must be zero or more and finite, received {t}")


def _check(r: float, alpha: float, s: float, beta: float) -> None:
    if not min(r, alpha, s, beta) > 0 or not np.isfinite([r, alpha, s, beta]).all():
        raise ValueError(
            f"r, alpha, s and beta must be above zero and finite, received {r}, {alpha}, {s}, {beta}"
        )
