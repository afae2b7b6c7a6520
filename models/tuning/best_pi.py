"""The best PI controller at a given robustness, by search. A yardstick; calls margins and closed_loop.

For each integral time the largest gain that keeps Ms at the wish; of these, the one of least IAE after a unit
load step or setpoint step (Astrom & Hagglund, Advanced PID Control, ISA 2006, ch. 6: minimise IAE subject to
Ms). One process at a time.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array
from models.tuning.closed_loop import simulate
from models.tuning.forms import Ideal
from models.tuning.loop import around
from models.tuning.margins import crossings, margins, odd_turns
from models.tuning.process import Model
from models.tuning.ultimate import ultimate

_GAINS = 60
_MOVES = 6  # of the range of integral times, should the best lie at its edge


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The controller found and its IAE."""

    controller: Ideal
    iae: float


def best_pi(
    model: Model, ms: float, kind: Literal["load", "setpoint"] = "load", integral_times: Array | None = None
) -> Best:
    """The PI of least IAE with largest sensitivity `ms`; ValueError where no gain reaches it.

    `integral_times` are those tried; None tries 30, and 15 more around the best.

    >>> from models.tuning.process import FirstOrder
    >>> found = best_pi(FirstOrder(1.0, lag=1.0, dead_time=1.0), ms=1.59)
    >>> f"{found.controller.gain:.2f} {found.iae:.2f}"
    '0.52 2.02'
    """
    if kind not in ("load", "setpoint"):
        raise ValueError(f"kind: got {kind!r}, allowed are 'load' and 'setpoint'")
    if integral_times is not None:
        return _best(model, ms, kind, np.asarray(integral_times, np.float64))
    middle, ratio = _reach(model) * (8 if model.process.integrators else 1), 1.11
    for _ in range(_MOVES):
        coarse = middle * ratio ** np.arange(-14.5, 15.0)
        near = float(np.asarray(_best(model, ms, kind, coarse).controller.integral_time))
        if coarse[1] < near < coarse[-2]:
            break
        middle = near
    return _best(model, ms, kind, np.geomspace(near / ratio, near * ratio, 15))


def gain_at_ms(model: Model, integral_times: Array, ms: float) -> Array:
    """The largest stable gain with Ms at `ms`, for each integral time; NaN where there is none. Shape (times,).

    Searched below the gain at which the loop first swings, on a log grid of 60 gains and then by bisection.
    """
    if not ms > 1:
        raise ValueError(f"ms: got {ms}, allowed is above 1")
    sign = float(np.sign(np.asarray(model.process.gain).reshape(-1)[0]))
    times = np.asarray(integral_times, np.float64)
    loop = around(Ideal(sign, times), model)
    w = loop.frequencies()
    turns = odd_turns(loop.phase(w))
    at, real = crossings(turns[:, 1:] != turns[:, :-1], w, lambda x: odd_turns(loop.phase(x)))
    loudest = np.max(np.where(real, loop.magnitude(at), 0.0), axis=1)
    if not np.all(loudest > 0):
        raise ValueError("model: a PI loop around it never swings, so no gain has the least IAE")
    response = loop.response(w)

    def within(gain: Array) -> NDArray[np.bool_]:
        return np.asarray(np.min(np.abs(1 + gain[:, None] * response), axis=1) >= 1 / ms)

    high, low = 1 / loudest, np.full(len(loudest), np.nan)
    for factor in np.geomspace(0.999, 1e-3, _GAINS):
        gain = factor / loudest
        good = np.isnan(low) & within(gain)
        low = np.where(good, gain, low)
        high = np.where(np.isnan(low), gain, high)
    for _ in range(40):
        middle = (low + high) / 2
        good = within(np.nan_to_num(middle))
        low, high = np.where(good, middle, low), np.where(good, high, middle)
    found = np.isfinite(low)
    sound = found & margins(Ideal(sign * np.where(found, low, 1.0), times), model).stable
    return np.where(sound, sign * low, np.nan)


def _best(model: Model, ms: float, kind: str, times: Array) -> Best:
    gains = gain_at_ms(model, times, ms)
    there = np.isfinite(gains)
    if not np.any(there):
        raise ValueError(
            f"ms: got {ms}, no PI gain reaches it with integral times {times[0]:.3g} to {times[-1]:.3g}"
        )
    gains, times = gains[there], times[there]
    controller, reach = Ideal(gains, times), _reach(model)
    swing = float(ultimate(model).period[0])
    dt = swing / 150 if np.isfinite(swing) else reach / 400
    step = {"load": 1.0} if kind == "load" else {"setpoint": 1.0}
    answer = simulate(controller, model, duration=min(30 * reach, 6000 * dt), dt=dt, **step)
    # What a slow tail still owes is known: the integral of the error ends at what the integral part must supply.
    supply = -np.ones(len(times)) if kind == "load" else 1 / np.asarray(model.process.gain, np.float64)
    supply = np.zeros(len(times)) if kind != "load" and model.process.integrators else supply
    iae = answer.iae + np.abs(supply * times / gains - answer.ie)
    best = int(np.argmin(iae))
    return Best(Ideal(float(gains[best]), float(times[best])), float(iae[best]))


def _reach(model: Model) -> float:
    """Sum of the process's times: how long it takes to answer."""
    times = model.process.times()
    if len(times) != 1:
        raise ValueError(f"model: got {len(times)} plants, the search takes one at a time")
    return float(times.sum())
