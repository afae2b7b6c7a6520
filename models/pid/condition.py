"""What is done to samples before the law sees them: the middle of three, and a first-order filter for any spacing.

Called by the pid policy and by benchmarks; calls numpy only; pure.
"""

import numpy as np

from models.pid.law import Array, Number


def middle_of_three(newest: Array, last: Array, before: Array) -> Array:
    """The median of three samples, shape (cells,); the newest where an older one is NaN.

    A single wild sample never gets through; a step does, one sample later (Tukey, Exploratory Data Analysis, 1977,
    ch. 7).

    >>> middle_of_three(np.array([99.0, 5.0, 4.0]), np.array([3.0, 4.0, np.nan]), np.array([2.0, 9.0, 1.0]))
    array([3., 5., 4.])
    """
    middle = np.maximum(np.minimum(newest, last), np.minimum(np.maximum(newest, last), before))
    return np.where(np.isfinite(middle), middle, newest)


def smoothed(filtered: Array, value: Array, elapsed: Number, time: float) -> Array:
    """A first-order filter of `time` seconds after `elapsed` seconds, shape (cells,); the value itself at first.

    y += (1 - exp(-dt / T)) (x - y): the exact answer to a value held since the last sample, so samples may come at any
    distance. NaN in `filtered`: nothing is known yet.

    >>> smoothed(np.array([0.0, np.nan]), np.array([1.0, 1.0]), 3600.0 * np.log(2), 3600.0).round(12)
    array([0.5, 1. ])
    """
    moved = filtered - np.expm1(-np.asarray(elapsed) / time) * (value - filtered)
    return np.where(np.isfinite(filtered), moved, value)
