"""Holidays: what one does to its own day, and to the day before.

    factor(day) = own of the holiday on that day, else eve of the holiday on the next day, else one

Dates are day numbers of any one count (days since 1970, proleptic ordinals), so no calendar is needed here. Called by
base demands and calibration; calls nothing; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

OWN = Parameter(
    0.6,
    0.0,
    1.6,
    "factor",
    "units over the weekday's usual, Complete Journey 2017: Thanksgiving 0.58, Easter Sunday 0.75, 25 December 0 "
    "(shut), 4 July 1.57; so each holiday has its own",
)
EVE = Parameter(
    1.5,
    0.9,
    1.9,
    "factor",
    "the same: 1.86 before Thanksgiving, 1.21 before Easter, 1.12 before 4 July, 0.89 on 24 "
    "December (1.48 the day before)",
)


def factor(
    day: NDArray[np.int64], dates: NDArray[np.int64], own: Value = OWN.value, eve: Value = EVE.value
) -> Floats:
    """The factor on a day's demand, shape of `day`; one far from every holiday.

    Parameters
    ----------
    day: day number, any shape.
    dates: day numbers of the holidays, each once, in any order; shape (holidays,).
    own, eve: factors of a holiday's day and of the day before, zero or more; one for all, or shape (holidays,).

    >>> factor(np.array([9, 10, 11, 20]), np.array([11, 20]), own=np.array([0.0, 1.5]), eve=1.8)
    array([1. , 1.8, 0. , 1.5])
    """
    own, eve = _each("own", own, dates), _each("eve", eve, dates)
    order = np.argsort(dates)
    dates, own, eve = dates[order], own[order], eve[order]
    if (np.diff(dates) == 0).any():
        raise ValueError(f"a holiday may be named once, received {dates[1:][np.diff(dates) == 0]} twice")
    return _found(day, dates, own, _found(day + 1, dates, eve, np.ones(np.shape(day))))


def _found(day: NDArray[np.int64], dates: NDArray[np.int64], values: Floats, otherwise: Floats) -> Floats:
    if not len(dates):
        return otherwise
    place = np.minimum(np.searchsorted(dates, day), len(dates) - 1)
    return np.where(dates[place] == day, values[place], otherwise)


def _each(name: str, value: Value, dates: NDArray[np.int64]) -> Floats:
    if not (np.greater_equal(value, 0) & np.isfinite(value)).all():
        raise ValueError(f"{name} must be a factor of zero or more, received {value}")
    if np.shape(value) not in {(), dates.shape}:
        raise ValueError(
            f"{name} must be one factor or one a holiday, received {np.shape(value)} for {dates.shape}"
        )
    return np.broadcast_to(np.asarray(value, dtype=float), dates.shape)
