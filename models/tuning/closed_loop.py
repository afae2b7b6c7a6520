"""A loop in time: answers to a step of setpoint or of load at the process input. Called by best_pi and the tuner.

The process is exact between samples for an input of straight lines, the dead time a line of whole samples (its
step is cut to fit), the integral a trapezoid: the error falls with the square of the step. The derivative acts
on the measurement; without a filter it is a difference over one sample. Linear: no limits, no noise. Calls
state_space and forms.

Check that needs no paper: after a unit load step, the integral of the error is -Ti / K (Astrom & Hagglund,
2006, ch. 4).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array, Number
from models.tuning.forms import Controller, Ideal
from models.tuning.loop import around
from models.tuning.process import Model
from models.tuning.state_space import Steps, steps


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What happened; arrays of shape (plants, samples)."""

    times: Array
    """Each plant has its own, since its dead time is a whole number of samples."""
    output: Array
    moves: Array
    """The controller's output."""
    setpoint: float

    @property
    def iae(self) -> Array:
        """Integral of the absolute error, shape (plants,)."""
        return np.asarray(np.trapezoid(np.abs(self.setpoint - self.output), self.times, axis=1))

    @property
    def ie(self) -> Array:
        """Integral of the error, setpoint less output, shape (plants,)."""
        return np.asarray(np.trapezoid(self.setpoint - self.output, self.times, axis=1))

    @property
    def overshoot(self) -> Array:
        """How far the output goes beyond the setpoint, as a share of it, 0 or more; shape (plants,)."""
        if self.setpoint == 0:
            raise ValueError("setpoint: got 0, an overshoot needs a step of the setpoint")
        return np.asarray(np.maximum(np.max(self.output / self.setpoint, axis=1) - 1, 0.0))


def simulate(
    controller: Controller,
    model: Model,
    *,
    duration: float,
    dt: float,
    setpoint: float = 0.0,
    load: float = 0.0,
    setpoint_weight: float = 1.0,
) -> Answer:
    """At rest until time 0, then the setpoint steps to `setpoint` and the load to `load`; times in the process's unit.

    `dt` is the longest step. ValueError for a duration or step that is not above 0 or a process that answers at once.

    >>> from models.tuning.process import FirstOrder
    >>> answer = simulate(Ideal(0.5, 1.0), FirstOrder(1.0, lag=1.0, dead_time=1.0), duration=40, dt=0.02, load=1.0)
    >>> float(answer.ie[0].round(6))
    -2.0
    """
    if not (dt > 0 and duration > 0 and np.isfinite(duration)):
        raise ValueError(f"duration, dt: got {duration}, {dt}; allowed are finite numbers above 0")
    loop = around(controller, model)
    plants = loop.plants
    dead = np.broadcast_to(np.asarray(loop.process.dead_time, np.float64), (plants,))
    late = np.ceil(dead / dt * (1 - 1e-12)).astype(np.int64)
    step = np.divide(dead, late, out=np.full(plants, dt), where=late > 0)
    samples = int(np.ceil(duration / step.min())) + 1
    own = np.broadcast_to(step, (loop.process.plants,)) if loop.process.plants == plants else step[:1]
    output, moves = _run(
        loop.controller, steps(loop.process, own), step, late, samples, (setpoint, load, setpoint_weight)
    )
    return Answer(np.arange(samples) * step[:, None], output, moves, setpoint)


def _run(
    c: Ideal, plant: Steps, dt: Array, late: NDArray[np.int64], samples: int, wish: tuple[float, float, float]
) -> tuple[Array, Array]:
    """Output and moves, each (plants, samples)."""
    setpoint, load, weight = wish
    n, rows = len(dt), np.arange(len(dt))
    at_once = late == 0
    fade = _fade(c.filter_time, dt)
    reset = np.asarray(c.gain) / np.asarray(c.integral_time) * dt / 2
    rate = np.asarray(c.gain) * c.derivative_time * (1 - fade) / dt
    slope = c.gain + reset + rate  # how the next move falls with the next output
    through = np.where(at_once, np.sum(plant.output * plant.right, axis=1), 0.0)
    y, u = np.zeros((samples, n)), np.zeros((samples, n))
    x, integral, derivative = np.zeros((n, plant.output.shape[1])), np.zeros(n), np.zeros(n)
    u[0] = c.gain * weight * setpoint
    for k in range(samples - 1):
        begun = k >= late
        left = np.where(begun, u[np.maximum(k - late, 0), rows] + load, 0.0)
        right = np.where(begun, np.where(at_once, 0.0, u[np.maximum(k + 1 - late, 0), rows]) + load, 0.0)
        x = (plant.move @ x[..., None])[..., 0] + plant.left * left[:, None] + plant.right * right[:, None]
        free = np.sum(plant.output * x, axis=1)  # the next output, but for what the next move does at once
        rest = (
            c.gain * weight * setpoint
            + integral
            + reset * (2 * setpoint - y[k])
            + fade * derivative
            + rate * y[k]
        )
        u[k + 1] = (rest - slope * free) / (1 + slope * through)
        x = x + plant.right * np.where(at_once, u[k + 1], 0.0)[:, None]
        y[k + 1] = free + through * u[k + 1]
        integral = integral + reset * (2 * setpoint - y[k] - y[k + 1])
        derivative = fade * derivative - rate * (y[k + 1] - y[k])
    return y.T, u.T


def _fade(filter_time: Number, dt: Array) -> Array:
    """What is left of the derivative after a step; 0 without a filter."""
    tf = np.broadcast_to(np.asarray(filter_time, np.float64), dt.shape)
    return np.where(tf > 0, np.exp(-dt / np.where(tf > 0, tf, 1.0)), 0.0)
