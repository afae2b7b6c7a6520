"""A first-order model with dead time read off a step response. Called by the tuner; calls process.

As Astrom & Hagglund (2004) take them: gain K from where it settles; L where the steepest tangent meets the
start; L + T where 63 % of the way is made. Made for clean curves, a model's or an averaged one; noisy journals
belong to identification.
"""

import numpy as np

from models.pid.law import Array
from models.tuning.process import FirstOrder

_WAY = 1 - np.exp(-1)
_SETTLED = 0.02


def fit_step(times: Array, response: Array, step: float = 1.0) -> FirstOrder:
    """Gain, T and L of responses (plants, samples) or (samples,) to a step of the input of size `step` at time 0.

    `times` of shape (samples,), rising from 0. ValueError where a curve has not settled (over its last tenth it
    moves by more than 2 % of the way), does not move, or holds NaN.

    >>> t = np.arange(0.0, 100.0, 0.01)
    >>> fitted = fit_step(t, 2 * (1 - np.exp(-np.maximum(t - 1, 0) / 8)))
    >>> [round(float(value[0]), 2) for value in (fitted.gain, fitted.dead_time, fitted.lag)]
    [2.0, 1.0, 8.0]
    """
    curves = np.atleast_2d(np.asarray(response, np.float64))
    _check(times, curves, step)
    way = curves[:, -1] - curves[:, 0]
    share = (curves - curves[:, :1]) / way[:, None]
    rise = np.diff(share, axis=1) / np.diff(times)
    steep = np.argmax(rise, axis=1)
    rows = np.arange(len(curves))
    middle, height = (times[steep] + times[steep + 1]) / 2, (share[rows, steep] + share[rows, steep + 1]) / 2
    dead = np.maximum(middle - height / rise[rows, steep], 0.0)
    passed = np.argmax(share >= _WAY, axis=1)
    before, after = share[rows, passed - 1], share[rows, passed]
    at = times[passed - 1] + (times[passed] - times[passed - 1]) * (_WAY - before) / (after - before)
    return FirstOrder(way / step, at - dead, dead)


def _check(times: Array, curves: Array, step: float) -> None:
    if times.shape != curves.shape[1:] or len(times) < 10 or np.any(np.diff(times) <= 0) or times[0] != 0:
        raise ValueError(
            f"times: got shape {times.shape} for responses {curves.shape}; allowed: 10 or more, rising from 0"
        )
    if not np.all(np.isfinite(curves)) or not np.isfinite(step) or step == 0:
        raise ValueError(
            f"response: got NaN or inf, or a step of {step}; allowed are finite curves and a step other than 0"
        )
    way = np.abs(curves[:, -1] - curves[:, 0])
    if np.any(way == 0):
        raise ValueError(
            f"response: got curves that end where they began, plants {np.flatnonzero(way == 0).tolist()}"
        )
    tail = curves[:, -max(2, len(times) // 10) :]
    moving = np.ptp(tail, axis=1) > _SETTLED * way
    if np.any(moving):
        raise ValueError(
            f"response: got curves still moving at their end, plants {np.flatnonzero(moving).tolist()}"
        )
