"""What is done to samples before the law sees them: the middle of three, and a first-order filter for any spacing.

Called by the pid policy (into new arrays) and by sweeps and benchmarks (in place); calls numpy only. In each, `out` is
where the result goes and `spare` room for what lies between, arrays of the same shape or None for new ones: an array of
a hundred kilobytes costs more to make than to fill.
"""

import numpy as np

from models.pid.law import Array, Number


def middle_of_three(
    newest: Array, last: Array, before: Array, out: Array | None = None, spare: Array | None = None
) -> Array:
    """The median of three samples, shape (cells,); the newest where an older one is NaN.

    A single wild sample never gets through; a step does, one sample later (Tukey, Exploratory Data Analysis, 1977,
    ch. 7). `out` is none of the inputs.

    >>> middle_of_three(np.array([99.0, 5.0, 4.0]), np.array([3.0, 4.0, np.nan]), np.array([2.0, 9.0, 1.0]))
    array([3., 5., 4.])
    """
    middle = np.maximum(newest, last, out=out)
    np.minimum(middle, before, out=middle)
    np.maximum(middle, np.minimum(newest, last, out=spare), out=middle)
    unknown = np.isnan(middle)
    if unknown.any():
        np.copyto(middle, newest, where=unknown)
    return middle


def smoothed(
    filtered: Array,
    value: Array,
    elapsed: Number,
    time: float,
    out: Array | None = None,
    spare: Array | None = None,
) -> Array:
    """A first-order filter of `time` seconds after `elapsed` seconds, shape (cells,); the value itself at first.

    y += (1 - exp(-dt / T)) (x - y): the exact answer to a value held since the last sample, so samples may come at any
    distance. NaN in `filtered`: nothing is known yet. `out` may be `filtered` itself.

    >>> smoothed(np.array([0.0, np.nan]), np.array([1.0, 1.0]), 3600.0 * np.log(2), 3600.0).round(12)
    array([0.5, 1. ])
    """
    move = np.subtract(value, filtered, out=spare)
    np.multiply(move, -np.expm1(-np.asarray(elapsed) / time), out=move)
    result = np.add(filtered, move, out=out)
    unknown = np.isnan(result)
    if unknown.any():
        np.copyto(result, value, where=unknown)
    return result


def ramped(
    now: Array, level: Array, most: Number, out: Array | None = None, spare: Array | None = None
) -> Array:
    """One step of a ramp towards a level, by `most` at the most, shape (cells,); `out` may be `now` itself.

    >>> ramped(np.array([1.0, 9.0, 4.9]), np.full(3, 5.0), 2.0)
    array([3., 7., 5.])
    """
    move = np.subtract(level, now, out=spare)
    np.minimum(move, most, out=move)
    np.maximum(move, -np.asarray(most), out=move)
    return np.add(now, move, out=out)
