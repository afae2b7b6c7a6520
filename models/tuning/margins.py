"""Margins of a loop: how far it is from the edge of stability. Called by tuner, gate and judge; calls loop.

With S = 1 / (1 + L) and T = L / (1 + L): Ms = max |S|, Mt = max |T|. Gain margin: the factor on the gain that
reaches -1; phase and delay margin: the phase or dead time that does, the least over all gain crossovers (Astrom
& Hagglund, Advanced PID Control, ISA 2006, ch. 4). Stability by counting the crossings of the axis left of -1
(Nyquist), exact for processes that are not unstable by themselves. Accuracy 1e-4 relative: a log grid of 0.5 %
steps, then bisection and golden section inside a cell.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array
from models.tuning.forms import Controller
from models.tuning.loop import Loop, around
from models.tuning.process import Model

T = TypeVar("T", bound=np.generic)
_GOLDEN = (np.sqrt(5) - 1) / 2


@dataclass(frozen=True, slots=True, eq=False)
class Margins:
    """Margins of loops, each of shape (plants,). Of an unstable loop: Ms and Mt inf, the margins 0, the floor 1."""

    stable: NDArray[np.bool_]
    """bool."""
    ms: Array
    """Largest |S|: how much the loop amplifies at its worst frequency."""
    mt: Array
    """Largest |T|."""
    gain_margin: Array
    """Factor up on the gain; inf where no gain breaks the loop."""
    gain_floor: Array
    """Factor down on the gain, below 1; 0 where no loss of gain breaks the loop, as is usual."""
    phase_margin: Array
    """Degrees; inf where |L| is below 1 everywhere."""
    delay_margin: Array
    """Time, in the process's unit; inf where no delay breaks the loop."""
    phase_crossover: Array
    """Frequency of the gain margin, radians per time; NaN where there is none."""
    gain_crossover: Array
    """Frequency of the delay margin, radians per time; NaN where there is none."""


def margins(controller: Controller, model: Model) -> Margins:
    """The margins of a controller around a model, each of shape (plants,).

    >>> from models.tuning.forms import Ideal
    >>> from models.tuning.process import FirstOrder
    >>> found = margins(Ideal(4.0, 8.0), FirstOrder(1.0, lag=8.0, dead_time=1.0))
    >>> f"{found.ms[0]:.2f} {found.gain_margin[0]:.2f} {found.phase_margin[0]:.1f} {found.delay_margin[0]:.2f}"
    '1.59 3.14 61.4 2.14'
    """
    loop = around(controller, model)
    w = loop.frequencies()
    response, turns = loop.response(w), odd_turns(loop.phase(w))
    size, jumps = loop.magnitude(w), np.diff(turns, axis=1)  # as the search between two points sees it
    w_phase, crosses = crossings(jumps != 0, w, lambda x: odd_turns(loop.phase(x)))
    at_phase = loop.magnitude(w_phase)
    around_edge = turns[:, 0] + np.sum(_gather(jumps, jumps != 0) * (crosses & (at_phase > 1)), axis=1)
    steady = (around_edge == 0) & (size[:, -1] < 1)
    factor = np.divide(1.0, at_phase, out=np.full(at_phase.shape, np.inf), where=crosses & (at_phase < 1))
    floor = np.divide(1.0, at_phase, out=np.zeros(at_phase.shape), where=crosses & (at_phase > 1))
    w_gain, falls = crossings((size[:, 1:] > 1) != (size[:, :-1] > 1), w, lambda x: loop.magnitude(x) > 1)
    room = np.where(falls, np.mod(loop.phase(w_gain) + np.pi, 2 * np.pi), np.inf)
    delay = room / w_gain
    ms = peak(w, -np.abs(1 + response), lambda x: -np.abs(1 + loop.response(x)))
    mt = peak(w, np.abs(response / (1 + response)), lambda x: _complementary(loop, x))
    mt = np.where(loop.integrates, np.maximum(mt, 1.0), mt)
    return Margins(
        stable=steady,
        ms=np.where(steady, -1 / ms, np.inf),
        mt=np.where(steady, mt, np.inf),
        gain_margin=np.where(steady, factor.min(axis=1), 0.0),
        gain_floor=np.where(steady, floor.max(axis=1), 1.0),
        phase_margin=np.where(steady, np.degrees(room.min(axis=1)), 0.0),
        delay_margin=np.where(steady, delay.min(axis=1), 0.0),
        phase_crossover=np.where(
            np.isfinite(factor.min(axis=1)), _pick(w_phase, np.argmin(factor, axis=1)), np.nan
        ),
        gain_crossover=np.where(falls.any(axis=1), _pick(w_gain, np.argmin(delay, axis=1)), np.nan),
    )


def odd_turns(phase: Array) -> Array:
    """How many odd multiples of pi a lag has passed; it steps where L crosses the negative real axis."""
    return np.floor((np.pi - phase) / (2 * np.pi))


def crossings(
    steps: NDArray[np.bool_], w: Array, side: Callable[[Array], NDArray[np.generic]]
) -> tuple[Array, NDArray[np.bool_]]:
    """Frequencies at which `side` changes, and which of them are real: (plants, most); others pad plants with fewer.

    `steps`, shape (plants, points - 1), marks the cells of `w` that hold a change.
    """
    there = _gather(steps, steps)
    low, high = _gather(w[:, :-1], steps), _gather(w[:, 1:], steps)
    first = side(low)
    for _ in range(45):
        middle = np.sqrt(low * high)
        same = side(middle) == first
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return np.sqrt(low * high), there


def _gather(values: NDArray[T], where: NDArray[np.bool_]) -> NDArray[T]:
    """The values of marked cells, moved to the front, shape (plants, most); the rest is whatever follows."""
    most = max(1, int(where.sum(axis=1).max()))
    order = np.argsort(~where, axis=1, kind="stable")[:, :most]
    return np.take_along_axis(values, order, axis=1)


def peak(w: Array, values: Array, function: Callable[[Array], Array]) -> Array:
    """The maximum over frequency, shape (plants,): the best point of the grid, refined between its neighbours."""
    best = np.argmax(values, axis=1)[:, None]
    low = np.take_along_axis(w, np.maximum(best - 1, 0), axis=1)
    high = np.take_along_axis(w, np.minimum(best + 1, w.shape[1] - 1), axis=1)
    for _ in range(40):
        inner, outer = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        rising = function(inner) < function(outer)
        low, high = np.where(rising, inner, low), np.where(rising, high, outer)
    return np.asarray(np.maximum(function((low + high) / 2)[:, 0], values.max(axis=1)))


def _complementary(loop: Loop, w: Array) -> Array:
    response = loop.response(w)
    return np.abs(response / (1 + response))


def _pick(values: Array, index: NDArray[np.intp]) -> Array:
    return np.asarray(np.take_along_axis(values, index[:, None], axis=1)[:, 0])
