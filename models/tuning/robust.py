"""Gains for a plant that is known only so far: the least IAE of which no possible plant makes the loop fragile.

    minimise    sum over plants of w_p IAE_p / (|k_p| T_p)        IAE after a unit step of load at the plant's input
    subject to  Ms <= ms for every plant, or for all but `1 - mass` of the weight

(Astrom & Hagglund, Advanced PID Control, ISA 2006, ch. 6, for one plant). |k_p| T_p, gain by the sum of the plant's
times, makes a strong or slow plant count no more than another. For given Ti and Td the constraint is solved exactly:
with L the loop at a gain of one,

    |1 + K L(jw)|^2 >= 1 / ms^2   for every w     is broken for K between the roots of a quadratic at each w,

so the largest K that is reached from zero without breaking it is the least lower root over w. Such a loop is stable,
since it never touches -1 on the way. Called by `setpoint tune`; calls loop, margins and closed_loop.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array
from models.tuning.closed_loop import simulate
from models.tuning.forms import Ideal
from models.tuning.loop import Loop, around
from models.tuning.margins import Margins, margins, peak
from models.tuning.process import Model, Process

_COARSE, _FINE = 11, 7
"""Integral times tried over the whole range, and around the best of them."""
_RATIOS = (0.0, 0.1, 0.2, 0.3)
"""Td / Ti that a PID is tried with."""
_FILTER = 10.0
"""N: its derivative is filtered with Td / N."""
_SPEAKERS = 12
"""Plants whose IAE is looked at: enough for a mean, however many there are."""
_STEP = 0.03
"""Of log frequency."""


@dataclass(frozen=True, slots=True, eq=False)
class Tuned:
    """What was found."""

    controller: Ideal
    """Scalars; the gain has the sign of the plants'."""
    margins: Margins
    """Of this controller around each plant, shape (plants,), the extra delay among its dead time."""
    cost: float
    """The sum that was minimised."""
    binds: int
    """Index of the plant with the largest Ms that counts."""


def robust(
    model: Model, *, weights: Array | None = None, ms: float = 1.6, kind: Literal["PI", "PID"] = "PI",
    extra_delay: float = 0.0, mass: float = 1.0,
) -> Tuned:  # fmt: skip
    """One controller for all plants of a model.

    Parameters
    ----------
    model: plants of shape (plants,), all of one sign of gain and none with a dead time of zero in all.
    weights: how likely each is, shape (plants,); None: all alike.
    extra_delay: dead time that a sampled loop adds, half its period, in the process's unit of time.
    mass: weight of the plants for which `ms` must hold, those that ask for the smallest gain left out first.

    Raises ValueError for plants of both signs, weights that are none, and an `ms` that can't be reached.

    >>> from models.tuning.process import FirstOrder
    >>> found = robust(FirstOrder(np.array([0.5, 1.0, 2.0]), lag=8.0, dead_time=1.0))
    >>> float(found.margins.ms.max().round(2)), found.binds
    (1.6, 2)
    """
    share = _shares(model, weights, ms, mass)
    plant = model.process.delayed(extra_delay)
    sign = _sign(plant)
    times = plant.times().sum(axis=1)
    if not (times > 0).all():
        raise ValueError(
            "model: a plant that answers at once needs no PI; name an extra_delay or its dead time"
        )
    reach = float(np.exp(np.average(np.log(times), weights=share)))
    ratios = _RATIOS if kind == "PID" else _RATIOS[:1]
    search = _Search(plant, share, sign, ms, mass, times)
    centre = reach * (4.0 if plant.integrators else 1.0)
    tried = [search.best(centre * np.geomspace(0.12, 6.0, _COARSE), ratio) for ratio in ratios]
    ratio, (_, best) = min(zip(ratios, tried, strict=True), key=lambda each: each[1][0])
    step = (6.0 / 0.12) ** (1 / (_COARSE - 1))
    near = float(np.asarray(best.integral_time)) * np.geomspace(1 / step, step, _FINE)
    cost, found = search.best(near, ratio)
    around_each = margins(found, plant)
    counted = np.where(search.counts(found), around_each.ms, -np.inf)
    return Tuned(found, around_each, cost, int(np.argmax(counted)))


def largest_gain(controller: Ideal, model: Model, ms: float) -> Array:
    """The largest factor on a controller's gain that keeps Ms at `ms`, for each plant; shape (plants,).

    Scalars of the controller serve all plants, arrays go plant by plant. Reached from zero without breaking the limit;
    NaN where even a small gain breaks it, inf where none does.

    >>> from models.tuning.process import FirstOrder
    >>> found = largest_gain(Ideal(1.0, 1.03), FirstOrder(1.0, lag=1.0, dead_time=1.0), 1.59)
    >>> float(found[0].round(3))
    0.512
    """
    loop = around(controller, model)
    w = _grid(loop)
    low, high = _forbidden(loop, w, ms)
    if loop.process.integrators:
        return _after_the_start(low, high)
    return -peak(w, -low, lambda x: -_forbidden(loop, x, ms)[0])


def _grid(loop: Loop) -> Array:
    """Rising frequencies (plants, points) with the one that binds among them; the search refines between two."""
    times = loop.process.times()
    dead = np.broadcast_to(np.asarray(loop.process.dead_time, np.float64), (loop.process.plants,))
    quickest = np.min(np.where(times > 0, times, np.inf), axis=1)
    high = np.where(dead > 0, 12 / np.where(dead > 0, dead, 1.0), 100 / quickest)
    longest = np.max(np.asarray(loop.controller.integral_time, np.float64))
    low = 0.03 / np.maximum(times.sum(axis=1), longest if np.isfinite(longest) else 0.0)
    points = int(np.ceil(np.log(np.max(high / low)) / _STEP))
    grid = np.exp(np.linspace(np.log(low), np.log(high), points, axis=1))
    return np.asarray(np.broadcast_to(grid, (loop.plants, points)), np.float64)


def _forbidden(loop: Loop, w: Array, ms: float) -> tuple[Array, Array]:
    """The factors between which Ms is broken at each frequency, (plants, points); inf where none breaks it there."""
    response = loop.response(w)
    size, real = np.abs(response) ** 2, response.real
    under = real**2 - size * (1 - 1 / ms**2)
    there = (under > 0) & (real < 0)
    root = np.sqrt(np.where(there, under, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        low = np.where(there, (-real - root) / size, np.inf)
        high = np.where(there, (-real + root) / size, np.inf)
    return low, high


def _after_the_start(low: Array, high: Array) -> Array:
    """With two integrators a small gain is fragile too: the end of the first gap between forbidden factors."""
    found = np.full(len(low), np.nan)
    for plant, order in enumerate(np.argsort(low, axis=1)):
        begins, passed = low[plant, order], np.maximum.accumulate(high[plant, order])
        gaps = np.flatnonzero(begins[1:] > passed[:-1] * (1 + 1e-6))
        if len(gaps):
            found[plant] = begins[gaps[0] + 1] * (1 - _STEP**2)  # its end is known to the grid's accuracy
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """What all candidates of one search share."""

    plant: Process
    share: Array
    sign: float
    ms: float
    mass: float
    times: Array

    def best(self, integral: Array, ratio: float) -> tuple[float, Ideal]:
        """The candidate of least cost, and its cost."""
        found = [self._one(float(time), ratio) for time in integral]
        there = [each for each in found if each is not None]
        if not there:
            raise ValueError(
                f"ms: got {self.ms}, no gain reaches it for these plants; allowed is a larger one"
            )
        return min(there, key=lambda each: each[0])

    def _one(self, integral: float, ratio: float) -> tuple[float, Ideal] | None:
        shape = Ideal(self.sign, integral, ratio * integral, ratio * integral / _FILTER)
        most = largest_gain(shape, self.plant, self.ms)
        gain = _least_of_mass(most, self.share, self.mass)
        if not np.isfinite(gain) or gain <= 0:
            return None
        controller = replace(shape, gain=self.sign * gain)
        if self.plant.integrators and not self._sound(controller):
            return None
        return self._cost(controller), controller

    def _sound(self, controller: Ideal) -> bool:
        """Integrating plants: a gain that suits one may be too small for another."""
        found = margins(controller, self.plant)
        return float(self.share[found.ms <= self.ms * (1 + 1e-3)].sum()) >= self.mass - 1e-9

    def counts(self, controller: Ideal) -> NDArray[np.bool_]:
        """Which plants are within the mass."""
        most = largest_gain(replace(controller, gain=self.sign), self.plant, self.ms)
        return np.asarray(most >= abs(float(np.asarray(controller.gain))) * (1 - 1e-9), np.bool_)

    def _cost(self, controller: Ideal) -> float:
        """Weighted mean of IAE over |k| T. A slow tail still owes what the integral part must supply, Ti / K in all."""
        some = _speakers(self.plant, self.share)
        plant, share = _chosen(self.plant, some), self.share[some]
        pace = self.times[some]
        reach = float(pace.max())
        dt = max(float(np.asarray(plant.dead_time).min()) / 5, reach / 250)
        answer = simulate(controller, plant, duration=12 * reach, dt=dt, load=1.0)
        owed = np.abs(-float(np.asarray(controller.integral_time)) / np.asarray(controller.gain) - answer.ie)
        scale = np.abs(np.broadcast_to(np.asarray(plant.gain, np.float64), share.shape)) * pace
        return float(np.sum(share / share.sum() * (answer.iae + owed) / scale))


def _least_of_mass(most: Array, share: Array, mass: float) -> float:
    """The largest gain that suits plants of so much weight."""
    order = np.argsort(most)
    left_out = np.cumsum(share[order])
    first = int(np.searchsorted(left_out, 1 - mass + 1e-12, side="right")) if mass < 1 else 0
    return float(most[order[min(first, len(order) - 1)]])


def _speakers(plant: Process, share: Array) -> NDArray[np.intp]:
    """Plants that stand for all: every one where they are few, else evenly by weight along their gain."""
    if len(share) <= _SPEAKERS:
        return np.arange(len(share))
    order = np.argsort(np.broadcast_to(np.asarray(plant.gain, np.float64), share.shape), kind="stable")
    at = (np.arange(_SPEAKERS) + 0.5) / _SPEAKERS
    return np.unique(order[np.searchsorted(np.cumsum(share[order]), at * (1 - 1e-12))])


def _chosen(plant: Process, some: NDArray[np.intp]) -> Process:
    def of(number: object) -> Array:
        return np.broadcast_to(np.asarray(number), (plant.plants,))[some]

    return Process(
        of(plant.gain), tuple(of(lag) for lag in plant.lags), tuple(of(lead) for lead in plant.leads),
        of(plant.dead_time), plant.integrators,
    )  # fmt: skip


def _sign(plant: Process) -> float:
    signs = np.unique(np.sign(np.asarray(plant.gain, np.float64)))
    if len(signs) != 1:
        raise ValueError(
            "gain: got plants of both signs, so one controller would drive some of them away; first settle the sign"
        )
    return float(signs[0])


def _shares(model: Model, weights: Array | None, ms: float, mass: float) -> Array:
    plants = model.process.plants
    given = np.ones(plants) if weights is None else np.asarray(weights, np.float64)
    if given.shape != (plants,) or not np.isfinite(given).all() or (given < 0).any() or not given.sum() > 0:
        raise ValueError(f"weights: got {weights}, allowed are {plants} numbers of 0 or more, not all 0")
    if not ms > 1 or not np.isfinite(ms):
        raise ValueError(f"ms: got {ms}, allowed is above 1")
    if not 0.5 <= mass <= 1:
        raise ValueError(f"mass: got {mass}, allowed is 0.5 to 1")
    return np.asarray(given / given.sum(), np.float64)
