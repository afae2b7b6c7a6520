"""Coupons: which share is redeemed, and when in a coupon's life, with a last rush before it expires.

    share = 1 / (1 + exp(-(a + b face / price - c effort)))
    G(age) = (1 - rush) early(age) + rush late(age)         share of the redeemers who have come by that age
    early(age) = (1 - 2^(-age / half_life)) / (1 - 2^(-life / half_life))
    late(age) = (2^((age - life) / width) - 2^(-life / width)) / (1 - 2^(-life / width))
    left(age) = 1 - share G(age)                            hazard = share G'(age) / left(age)

A proposal in form: redemptions fall off after the first weeks, and a reminder near the end of a long life works better
than many short coupons (Hwang et al. 2023, randomised). The share redeemed by the end is exact however time is cut.
Ages in seconds. Called by plants and agents; calls scipy.special; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

_DAY = 86_400.0
_LN2 = float(np.log(2.0))
_US = "denominators differ between channels (all distributed, or those who opted in), and studies disagree"

INSERT = Parameter(0.0022, 0.001, 0.01, "share of coupons", f"US inserts 2019, 530 M of 240 bn; {_US}", True)
ALL = Parameter(
    0.0065, 0.002, 0.02, "share of coupons", f"all US consumer goods 2019, 1.74 of 267 bn; {_US}", True
)
PRINT_AT_HOME = Parameter(0.145, 0.05, 0.2, "share of coupons", f"digital, US 2015; {_US}", True)
LOAD_TO_CARD = Parameter(0.073, 0.02, 0.15, "share of coupons", f"digital, US 2015; {_US}", True)

FACE = Parameter(
    4.0,
    0.0,
    12.0,
    "logit per price",
    "proposal: a face value of half the price multiplies the odds by seven",
    True,
)
EFFORT = Parameter(
    1.0,
    0.0,
    3.0,
    "logit per effort",
    "proposal: effort one is a coupon to cut out and carry; pushed coupons redeem 6 % more than pulled (Molitor 2025)",
    True,
)
LIFE = Parameter(28 * _DAY, 2 * _DAY, 76 * _DAY, "s", "38 to 76 days in Complete Journey, shorter in apps")
HALF_LIFE = Parameter(
    17.5 * _DAY,
    _DAY,
    21 * _DAY,
    "s",
    "2.5 weeks for mailed coupons (Complete Journey, type A, weeks 2 to 8)",
    True,
)
RUSH = Parameter(0.15, 0.0, 0.4, "share of redeemers", "proposal: those who come because it expires", True)
WIDTH = Parameter(2 * _DAY, 0.5 * _DAY, 7 * _DAY, "s", "proposal: the rush doubles every two days")


def share(
    relative: Floats, effort: Value, base: Value, face: Value = FACE.value, weight: Value = EFFORT.value
) -> Floats:
    """Share of the coupons that will be redeemed, in [0, 1], shapes broadcast; rises with value, falls with effort.

    Parameters
    ----------
    relative: face value over price, zero or more.
    effort: what it takes to use one, zero or more; one is a coupon to cut out and carry.
    base: logit of the share at no value and no effort (`base_of`).
    face, weight: logit for each unit of `relative` and of `effort`, zero or more.

    >>> base = base_of(LOAD_TO_CARD.value, relative=0.25, effort=0.0)
    >>> share(np.array([0.1, 0.25, 0.5]), 0.0, base).round(4), share(np.array([0.25]), 1.0, base).round(4)
    (array([0.0414, 0.073 , 0.1763]), array([0.0282]))
    """
    from scipy.special import expit

    _sizes(relative, effort, face, weight)
    return np.asarray(expit(base + face * relative - weight * np.asarray(effort)))


def base_of(
    share: Value, relative: Value, effort: Value, face: Value = FACE.value, weight: Value = EFFORT.value
) -> Floats:
    """The `base` with which coupons of a relative value and effort are redeemed by `share`, shapes broadcast."""
    if not (np.greater(share, 0) & np.less(share, 1)).all():
        raise ValueError(f"a share of coupons must lie between none and all, received {share}")
    _sizes(relative, effort, face, weight)
    return np.asarray(
        np.log(share)
        - np.log1p(-np.asarray(share))
        - face * np.asarray(relative)
        + weight * np.asarray(effort)
    )


def come(
    age: Floats,
    life: Value = LIFE.value,
    half_life: Value = HALF_LIFE.value,
    rush: Value = RUSH.value,
    width: Value = WIDTH.value,
) -> Floats:
    """Share of the redeemers who have come by an age in seconds: from none at zero to all at `life`, never falling.

    >>> come(np.array([0.0, 14.0, 26.0, 28.0, 99.0]) * 86_400).round(3)
    array([0.   , 0.541, 0.891, 1.   , 1.   ])
    """
    _times(age, life, half_life, rush, width)
    at = np.minimum(age, life)
    early = np.expm1(-_LN2 * at / half_life) / np.expm1(-_LN2 * np.asarray(life) / half_life)
    late = (
        np.exp2((at - life) / width)
        * np.expm1(-_LN2 * at / width)
        / np.expm1(-_LN2 * np.asarray(life) / width)
    )
    return np.asarray((1.0 - np.asarray(rush)) * early + rush * late)


def left(age: Floats, share: Value, **times: Value) -> Floats:
    """Share of the coupons not redeemed by an age, from one down to 1 - `share`; `times` as for `come`.

    >>> left(np.array([0.0, 28.0]) * 86_400, LOAD_TO_CARD.value)
    array([1.   , 0.927])
    """
    _share(share)
    return np.asarray(1.0 - np.asarray(share) * come(age, **times))


def redeem_chance(age: Floats, dt: float, share: Value, **times: Value) -> Floats:
    """Chance that a coupon unredeemed at an age is redeemed in the next dt seconds; none once it has expired.

    >>> day = 86_400.0
    >>> redeem_chance(np.array([0.0, 20.0, 27.0, 28.0]) * day, day, 0.2).round(4)
    array([0.0099, 0.0061, 0.015 , 0.    ])
    """
    if not dt > 0:
        raise ValueError(f"a step must be above zero seconds, received {dt}")
    now, next_ = left(age, share, **times), left(np.add(age, dt), share, **times)
    return np.asarray(np.where(now > 0, (now - next_) / np.where(now > 0, now, 1.0), 0.0))


def hazard(
    age: Floats,
    share: Value,
    life: Value = LIFE.value,
    half_life: Value = HALF_LIFE.value,
    rush: Value = RUSH.value,
    width: Value = WIDTH.value,
) -> Floats:
    """Redemptions a second of a coupon still unredeemed at an age; zero from `life` on.

    >>> (hazard(np.array([0.0, 20.0, 27.9, 28.0]) * 86_400, 0.2) * 86_400).round(4)
    array([0.01  , 0.0061, 0.0167, 0.    ])
    """
    now = left(age, share, life=life, half_life=half_life, rush=rush, width=width)
    at = np.minimum(age, life)
    early = np.exp2(-at / half_life) / half_life / -np.expm1(-_LN2 * np.asarray(life) / half_life)
    late = np.exp2((at - life) / width) / width / -np.expm1(-_LN2 * np.asarray(life) / width)
    flow = share * _LN2 * ((1.0 - np.asarray(rush)) * early + rush * late)
    return np.asarray(np.where(np.less(age, life), flow / np.where(now > 0, now, 1.0), 0.0))


def _sizes(relative: Value, effort: Value, face: Value, weight: Value) -> None:
    for name, value in (("relative value", relative), ("effort", effort), ("face", face), ("weight", weight)):
        if not np.greater_equal(value, 0).all():
            raise ValueError(f"{name} must be zero or more, received {value}")


def _times(age: Floats, life: Value, half_life: Value, rush: Value, width: Value) -> None:
    if not np.greater_equal(age, 0).all():
        raise ValueError(f"an age must be zero seconds or more, received {age}")
    for name, value in (("life", life), ("half_life", half_life), ("width", width)):
        if not (np.greater(value, 0) & np.isfinite(value)).all():
            raise ValueError(f"{name} must be above zero seconds and finite, received {value}")
    _share(rush)


def _share(share: Value) -> None:
    if not (np.greater_equal(share, 0) & np.less_equal(share, 1)).all():
        raise ValueError(f"a share must lie in [0, 1], received {share}")
