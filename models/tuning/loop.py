"""The open loop L = C P of a controller around a process, and the frequencies at which it must be looked at.

Made by margins, ultimate and best_pi; calls process and forms. Refuses a loop whose controller pushes the wrong
way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array
from models.tuning.forms import Controller, Ideal, ideal
from models.tuning.process import Complex, Model, Process

_STEP = (
    0.005  # of log frequency: the grid is dense enough for one peak a cell down to a damping of about 0.005
)
_REACH = 200.0  # radians of dead-time phase that are followed turn by turn
_TURN = 0.1  # radians of dead-time phase a point, as far as that
_NOTHING = 1e-9  # a time is none below this share of the longest
_QUIET = 0.01  # and beyond it only while |L| is above this


@dataclass(frozen=True, slots=True, eq=False)
class Loop:
    """A controller in ideal form around a process; both broadcast to `plants` loops."""

    controller: Ideal
    process: Process

    @property
    def plants(self) -> int:
        """How many loops."""
        ours = (self.controller.gain, self.controller.integral_time, self.controller.derivative_time)
        return int(np.broadcast_shapes((self.process.plants,), *(np.shape(number) for number in ours))[0])

    @property
    def integrates(self) -> NDArray[np.bool_]:
        """Whether |L| grows without bound at low frequency, so that T begins at 1; shape (plants,) or one."""
        finite = np.isfinite(np.atleast_1d(np.asarray(self.controller.integral_time, np.float64)))
        return np.asarray(finite | (self.process.integrators > 0), np.bool_)

    def response(self, w: Array) -> Complex:
        """L(jw), shape (plants, points)."""
        s = 1j * np.asarray(w)
        return self.controller.response(s) * self.process.response(s)

    def magnitude(self, w: Array) -> Array:
        """|L(jw)|, shape (plants, points)."""
        s = 1j * np.asarray(w)
        return np.abs(self.controller.response(s) * self.process.rational(s))

    def phase(self, w: Array) -> Array:
        """Continuous phase of L(jw) in radians, shape (plants, points)."""
        return self.controller.phase(w) + self.process.phase(w)

    def frequencies(self) -> Array:
        """Rising frequencies, shape (plants, points), that hold every crossover and every peak of the loop."""
        c, n = self.controller, self.plants
        own = [np.broadcast_to(t, (n,)) for t in (c.integral_time, c.derivative_time, c.filter_time)]
        theirs = self.process.times()
        times = np.concatenate([np.broadcast_to(theirs, (n, theirs.shape[1])), np.stack(own, axis=1)], axis=1)
        times = np.where(np.isfinite(times), times, 0.0)
        times = np.where(times > _NOTHING * times.max(axis=1, keepdims=True), times, np.nan)
        times = np.where(np.all(np.isnan(times), axis=1, keepdims=True), 1.0, times)
        low, high = 1e-3 / np.nanmax(times, axis=1), 1e2 / np.nanmin(times, axis=1)
        low = low * np.minimum(1.0, self.magnitude(low[:, None])[:, 0])
        high = high * np.clip(2 * self.magnitude(high[:, None])[:, 0], 1.0, 1 / _NOTHING)
        return self._turns(_log_grid(low, high))

    def _turns(self, grid: Array) -> Array:
        """The grid with the turns of the dead time followed one by one, and cut where they no longer matter."""
        dead = np.broadcast_to(self.process.dead_time, (self.plants,))
        if not np.any(dead > 0):
            return grid
        rate = np.where(dead > 0, 1 / np.where(dead > 0, dead, 1.0), np.inf)
        loud = np.max(np.where(self.magnitude(grid) > _QUIET, grid, 0.0), axis=1)
        grid = _log_grid(grid[:, 0], np.minimum(grid[:, -1], np.maximum(loud, _REACH * rate)))
        turns = np.arange(1.0, _REACH, _TURN)[None, :] * rate[:, None]
        return np.sort(np.concatenate([grid, np.clip(turns, grid[:, :1], grid[:, -1:])], axis=1), axis=1)


def _log_grid(low: Array, high: Array) -> Array:
    points = int(np.ceil(np.max(np.log(high / low)) / _STEP))
    return np.exp(np.linspace(np.log(low), np.log(high), points, axis=1))


def around(controller: Controller, model: Model) -> Loop:
    """The loop of any form around any model; ValueError where the controller pushes the wrong way."""
    loop = Loop(ideal(controller), model.process)
    sign = np.sign(np.asarray(loop.controller.gain)) * np.sign(np.asarray(loop.process.gain))
    if not np.all(sign > 0):
        raise ValueError(
            f"gain: got controller gain {loop.controller.gain} on a process of gain {loop.process.gain}; "
            "both must have the same sign, or the loop drives the error up"
        )
    return loop
