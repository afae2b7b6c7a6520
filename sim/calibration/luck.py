"""The chance that a calibration uses: keyed, so that the same data and seed give the same market to the last bit.

Called by the fits and by the predictive simulation; calls models.draws.
"""

import numpy as np

from controller.cells import Array, Ints
from models.draws import Draws


def uniforms(draws: Draws, count: int, channel: str, ordinal: int = 0) -> Array:
    """Uniforms on [0, 1), shape (count,), one for each posterior draw or replica.

    >>> uniforms(Draws(1), 3, "x").shape, bool((uniforms(Draws(1), 2, "x") == uniforms(Draws(1), 3, "x")[:2]).all())
    ((3,), True)
    """
    return draws.uniform(np.arange(count, dtype=np.uint64), 0, channel, ordinal)


def normals(draws: Draws, count: int, channel: str, ordinal: int = 0) -> Array:
    """Standard normals, shape (count,)."""
    from scipy.special import ndtri

    return np.asarray(ndtri(np.maximum(uniforms(draws, count, channel, ordinal), 2.0**-54)))


def resampled(draws: Draws, count: int, weeks: int, channel: str, length: int = 1) -> Array:
    """How often each week is in each of `count` bootstrap samples of runs of `length` weeks, shape (count, weeks).

    Runs begin anywhere and go round the end (the circular block bootstrap of Politis & Romano, 1992), so that what
    drifts over months varies between samples as it does between months.

    >>> resampled(Draws(1), 5, 8, "weeks", length=3).sum(axis=1)
    array([8., 8., 8., 8., 8.])
    """
    taken, runs = np.zeros((count, weeks)), -(-weeks // length)
    for run in range(runs):
        start: Ints = (uniforms(draws, count, channel, run) * weeks).astype(np.int64)
        for step in range(min(length, weeks - run * length)):
            taken[np.arange(count), (start + step) % weeks] += 1.0
    return taken
