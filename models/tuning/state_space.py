"""The rational part of a process in steps of time, exact between samples. Called by closed_loop and step_response.

x' = A x + B v, y = c x with v moving in straight lines between samples (first-order hold), solved by the
exponential of [[A, B, 0], [0, 0, 1], [0, 0, 0]] (Franklin, Powell & Workman, Digital Control of Dynamic
Systems, 1998, ch. 4). The dead time is not in it: it belongs to who calls. Calls process; scipy where it is
needed.
"""

from dataclasses import dataclass

import numpy as np

from models.pid.law import Array
from models.tuning.process import Process


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """x after a step = move x + left v(start) + right v(end), for plants of the largest order among them."""

    move: Array
    """Shape (plants, order, order)."""
    left: Array
    """Shape (plants, order)."""
    right: Array
    """Shape (plants, order)."""
    output: Array
    """c, shape (plants, order)."""


def steps(process: Process, dt: Array) -> Steps:
    """Steps of `dt`, shape (plants,), one for each plant; ValueError where the output would jump with the input."""
    from scipy.linalg import expm

    if process.degree < 1:
        raise ValueError(
            f"lags: got {process.lags} under leads {process.leads}; simulation needs more lags than leads"
        )
    built = [_companion(process, plant) for plant in range(process.plants)]
    order = max(len(b) for _, b, _ in built)
    system, output = np.zeros((process.plants, order + 2, order + 2)), np.zeros((process.plants, order))
    for plant, (a, b, c) in enumerate(built):
        n = len(b)
        system[plant, :n, :n], system[plant, :n, order] = a * dt[plant], b * dt[plant]
        output[plant, :n] = c
    system[:, order, order + 1] = 1
    whole = np.asarray(expm(system))
    right = whole[:, :order, order + 1]
    return Steps(whole[:, :order, :order], whole[:, :order, order] - right, right, output)


def step_response(process: Process, dt: float, samples: int) -> Array:
    """The answer to a unit step at time 0, at 0, dt, 2 dt, ..., shape (plants, samples); exact.

    >>> step_response(Process(2.0, lags=(1.0,), dead_time=1.0), 1.0, 3).round(4)
    array([[0.    , 0.    , 1.2642]])
    """
    times = np.arange(samples) * dt
    dead = np.broadcast_to(np.asarray(process.dead_time, np.float64), (process.plants,))
    whole = np.ceil(dead / dt * (1 - 1e-12)).astype(np.int64)
    late = whole * dt - dead  # the first sample after the dead time comes this much later
    fine, start = steps(process, np.full(process.plants, dt)), steps(process, np.maximum(late, 0.0))
    out = np.zeros((process.plants, samples))
    for plant in range(process.plants):
        count = samples - int(whole[plant])
        if count > 0:
            first = start.left[plant] + start.right[plant]
            path = _path(fine.move[plant], fine.left[plant] + fine.right[plant], first, count)
            out[plant, whole[plant] :] = fine.output[plant] @ path
    return np.where(times >= dead[:, None], out, 0.0)


def _path(move: Array, push: Array, first: Array, count: int) -> Array:
    """States x, move x + push, ... in columns, shape (order, count), by doubling."""
    order = len(push)
    jump = np.zeros((order + 1, order + 1))
    jump[:order, :order], jump[:order, order], jump[order, order] = move, push, 1
    path = np.append(first, 1.0)[:, None]
    while path.shape[1] < count:
        path = np.concatenate([path, jump @ path], axis=1)
        jump = jump @ jump
    return path[:order, :count]


def _companion(process: Process, plant: int) -> tuple[Array, Array, Array]:
    """A, B, c of one plant in controllable form."""

    def of(numbers: tuple[object, ...]) -> list[complex]:
        values = [
            complex(np.broadcast_to(np.asarray(number), (process.plants,))[plant]) for number in numbers
        ]
        return [value for value in values if value]

    lags, leads = of(process.lags), of(process.leads)
    den, num = np.ones(1, np.complex128), np.ones(1, np.complex128)
    for lag in lags:
        den = np.convolve(den, [lag, 1])
    for lead in leads:
        num = np.convolve(num, [lead, 1])
    bottom = np.append(den.real, np.zeros(process.integrators))
    n = len(bottom) - 1
    gain = float(np.broadcast_to(np.asarray(process.gain, np.float64), (process.plants,))[plant])
    top = np.zeros(n)
    if len(num) > n:
        raise ValueError(
            f"lags: got {lags} under leads {leads} for plant {plant}; simulation needs more lags than leads"
        )
    top[n - len(num) :] = num.real * gain / bottom[0]
    a = np.eye(n, k=-1)
    a[0] = -bottom[1:] / bottom[0]
    return a, np.eye(n)[0], top
