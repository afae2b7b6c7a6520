"""The week: a profile of 168 hours, Monday 00:00 first.

    demand an hour = level x weight[hour of week]      weights of mean one

Called by base demands and by whoever writes a target's shape; calls nothing; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

HOURS = 168


def weights(hourly: NDArray[np.float64]) -> NDArray[np.float64]:
    """Weights of mean one from whole weeks of an hourly series that begins on a Monday 00:00; shape (168,).

    >>> weights(np.tile(np.arange(168.0), 3))[:3].round(4)
    array([0.   , 0.012, 0.024])
    """
    if hourly.size == 0 or hourly.size % HOURS or not np.isfinite(hourly).all() or hourly.sum() <= 0:
        raise ValueError(
            f"a weekly profile needs whole weeks of finite hours with a sum above zero, received {hourly.size}"
        )
    profile = hourly.reshape(-1, HOURS).mean(axis=0)
    return np.asarray(profile / profile.mean())


def at_hour(profile: NDArray[np.float64], hour_of_week: NDArray[np.int64]) -> NDArray[np.float64]:
    """The weight in force in each cell, shape (cells,), from a profile of shape (168,).

    >>> at_hour(np.arange(168.0), np.array([0, 167]))
    array([  0., 167.])
    """
    return profile[hour_of_week]
