"""Carry-over: a dose works on after it was given, and fades geometrically.

    stock' = (x - stock) ln 2 / half_life        (continuous; a step of constant x is solved exactly)

The normalised geometric adstock, keyed by half-life so that it means the same at any step: a constant dose x ends at a
stock of x. Called by the plants' parts; calls nothing; draws nothing.
"""

from typing import overload

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

HALF_LIFE = Parameter(
    6 * 3600.0,
    3600.0,
    21 * 86_400.0,
    "s",
    "proposal for a change that is seen in the shop; weekly carry-over 0 to 0.3 for digital media (Robyn's guideline) "
    "is a half-life up to 4 days; mailed grocery coupons fade with about 2.5 weeks (Complete Journey, type A)",
    True,
)


@overload
def retained(half_life: float, dt: float) -> float: ...
@overload
def retained(half_life: NDArray[np.float64], dt: float) -> NDArray[np.float64]: ...
def retained(half_life: float | NDArray[np.float64], dt: float) -> float | NDArray[np.float64]:
    """Share of a stock that is left after dt seconds; a half-life of zero keeps nothing.

    A number in, a number out; an array of half-lives in, shape (cells,), its shape out, each cell to the bit what its
    number alone would give, so that a sweep equals its single runs.

    >>> retained(3600.0, 7200.0), retained(0.0, 60.0), retained(np.array([3600.0, 0.0]), 7200.0)
    (0.25, 0.0, array([0.25, 0.  ]))
    """
    if not isinstance(half_life, np.ndarray):
        return _retained(half_life, dt)
    flat = [_retained(each, dt) for each in half_life.ravel().tolist()]
    return np.array(flat, dtype=float).reshape(half_life.shape)


def _retained(half_life: float, dt: float) -> float:
    if half_life < 0 or dt <= 0:
        raise ValueError(f"half_life must be zero or more and dt above zero, received {half_life} and {dt}")
    return float(0.5 ** (dt / half_life)) if half_life else 0.0


def carry_over(
    stock: NDArray[np.float64], dose: NDArray[np.float64], half_life: float | NDArray[np.float64], dt: float
) -> NDArray[np.float64]:
    """The stock after dt seconds of a constant dose, shape kept; unit of the dose.

    half_life: seconds, one for all or one a cell, shape (cells,).

    >>> carry_over(np.array([0.0]), np.array([8.0]), half_life=60.0, dt=120.0)
    array([6.])
    """
    keep = retained(half_life, dt)
    return stock * keep + dose * (1.0 - keep)
