"""Variance taken out of a lift by what was known before the test: the same person's purchases the month before.

    adjusted = y - theta (x - mean x)      theta = cov(y, x) / var(x)      variance left: 1 - corr(y, x)^2

(Deng, Xu, Kohavi & Walker, Improving the sensitivity of online controlled experiments by utilizing pre-experiment data,
WSDM 2013, eqs. 3 to 5.) x must not be touched by the treatment: anything from before it began. theta is that of both
groups within themselves; the interval is that of a fixed size. For looks in between, take theta from earlier data and
hand the adjusted outcomes to `lift.of_means`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from models.inference.checks import Array, Interval, finite, level


class Adjusted(NamedTuple):
    """What came out, shape (...)."""

    lift: Interval
    plain: Interval
    """Without the covariate, for comparison."""
    theta: Array
    removed: Array
    """Share of the variance of the lift that the covariate took out."""


def adjusted(outcome: ArrayLike, before: ArrayLike, theta: ArrayLike, mean: ArrayLike) -> Array:
    """Outcomes (..., people) less what `before` foretold, with a theta and mean known from elsewhere.

    >>> adjusted([5.0, 9.0], [1.0, 3.0], 2.0, 2.0)
    array([7., 7.])
    """
    y, x = _pair("outcome", outcome, before)
    slope, middle = (np.asarray(each, np.float64)[..., None] for each in (theta, mean))
    return np.asarray(y - slope * (x - middle))


def cuped(
    treated: ArrayLike,
    treated_before: ArrayLike,
    held: ArrayLike,
    held_before: ArrayLike,
    *,
    level: float = 0.95,
) -> Adjusted:
    """Lift of the mean, treated less held out; groups (..., people), of any two sizes from 2 up.

    Raises
    ------
    ValueError: values missing or infinite; shapes that don't fit; a group of fewer than two; a covariate that is the
        same for everybody.

    >>> x1, x0 = np.arange(6.0), np.arange(6.0) + 1.0
    >>> found = cuped(2 * x1 + [3, 1] * 3, x1, 2 * x0 + [0, 2] * 3, x0)
    >>> round(float(found.lift.estimate), 2), round(float(found.plain.estimate), 2), round(float(found.removed), 2)
    (1.0, -1.0, 0.92)
    """
    z = float(ndtri(0.5 + _level(level) / 2.0))
    groups = [_pair("treated", treated, treated_before), _pair("held", held, held_before)]
    moved = [tuple(each - each.mean(axis=-1, keepdims=True) for each in group) for group in groups]
    within = sum((x**2).sum(axis=-1) for _, x in moved)
    if (np.asarray(within) == 0).any():
        raise ValueError("before: received the same value for everybody, allowed is a covariate that differs")
    theta = np.asarray(sum((y * x).sum(axis=-1) for y, x in moved) / within)
    plain = _lift([y for y, _ in groups], z)
    found = _lift([y - theta[..., None] * x for y, x in groups], z)
    widths = [end.high - end.low for end in (found, plain)]
    share = np.divide(widths[0], widths[1], out=np.ones_like(widths[0]), where=widths[1] > 0)
    return Adjusted(found, plain, theta, 1.0 - share**2)


def _lift(groups: list[Array], z: float) -> Interval:
    apart = groups[0].mean(axis=-1) - groups[1].mean(axis=-1)
    se = np.sqrt(np.sum([each.var(axis=-1, ddof=1) / each.shape[-1] for each in groups], axis=0))
    return Interval(apart, apart - z * se, apart + z * se)


def _pair(name: str, outcome: ArrayLike, before: ArrayLike) -> tuple[Array, Array]:
    y, x = finite(name, outcome), finite(f"{name} before", before)
    if y.shape != x.shape or y.ndim == 0 or y.shape[-1] < 2:
        raise ValueError(
            f"{name}: received outcomes {y.shape} and covariates {x.shape}, allowed is one shape, two people or more"
        )
    return y, x


_level = level
