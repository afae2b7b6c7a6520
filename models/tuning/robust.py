"""Gains for a plant that is known only so far: the least IAE of which no possible plant makes the loop fragile.

    minimise    sum over plants of w_p IAE_p / (|k_p| T_p)        IAE after a unit step of load at the plant's input
    subject to  Ms <= ms for every plant, or for all but `1 - mass` of the weight

(Astrom & Hagglund, Advanced PID Control, ISA 2006, ch. 6, for one plant). |k_p| T_p, gain by the sum of the plant's
times, makes a strong or slow plant count no more than another. For given Ti and Td the constraint is solved exactly:
with L the loop at a gain of one,

    |1 + K L(jw)|^2 >= 1 / ms^2   for every w     is broken for K between the roots of a quadratic at each w,

so the largest K that is reached from zero without breaking it is the least lower root over w. Such a loop is stable,
since it never touches -1 on the way. A later gap between forbidden K serves too where
margins finds it sound. Called by `setpoint tune`; calls loop, margins and closed_loop.
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
from models.tuning.ultimate import ultimate

_COARSE, _FINE = 11, 9
"""Integral times tried over the whole range, and around the best of them."""
_RANGE = (0.12, 6.0)
"""Integral times tried first, in sums of the plant's times; the range moves on where the best lies at its edge."""
_MOVES = 4
_STEPS_A_SWING, _SAMPLES = 60, 3000
"""Of the simulation: steps in one swing at the edge of stability, and how many at the most."""
_RATIOS = (0.0, 0.1, 0.2, 0.3)
"""Td / Ti that a PID is tried with."""
_FILTER = 10.0
"""N: its derivative is filtered with Td / N."""
_SPEAKERS = 12
"""Plants whose IAE is looked at: enough for a mean, however many there are."""
_STEP = 0.03
"""Of log frequency."""
_NEAR = 1 + 1e-3
"""Ms this near to the limit counts as at it."""


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
    ratios = _RATIOS if kind == "PID" else _RATIOS[:1]
    search = _Search.of(plant, share, sign, ms, mass, times)
    tried = [search.anywhere(ratio) for ratio in ratios]
    ratio, (_, best) = min(zip(ratios, tried, strict=True), key=lambda each: each[1][0])
    step = (_RANGE[1] / _RANGE[0]) ** (1 / (_COARSE - 1))
    near = float(np.asarray(best.integral_time)) * np.geomspace(1 / step, step, _FINE)
    cost, found = search.best(near, ratio)
    around_each = margins(found, plant)
    counted = np.where(search.counts(found), around_each.ms, -np.inf)
    return Tuned(found, around_each, cost, int(np.argmax(counted)))


def largest_gain(controller: Ideal, model: Model, ms: float) -> Array:
    """The largest factor on a controller's gain that keeps Ms at `ms`, for each plant; shape (plants,).

    Scalars of the controller serve all plants, arrays go plant by plant. A slow lag under a short integral time is
    fragile at small gains and sound again at larger ones: then the larger counts. NaN where no gain will do, inf where
    every gain does.

    >>> from models.tuning.process import FirstOrder
    >>> found = largest_gain(Ideal(1.0, 1.03), FirstOrder(1.0, lag=1.0, dead_time=1.0), 1.59)
    >>> float(found[0].round(3))
    0.512
    """
    loop = around(controller, model)
    w = _grid(loop)
    low, high = _forbidden(loop, w, ms)
    found = -peak(w, -low, lambda x: -_forbidden(loop, x, ms)[0])
    if loop.process.integrators:
        found = np.full(len(low), np.nan)
    rows, at = _later_gaps(low, high)
    if not len(rows):
        return found
    some = _rows_of(loop, rows)
    near = np.clip(at[:, None] + np.arange(-1, 2), 0, w.shape[1] - 1)
    ends = -peak(
        np.take_along_axis(w[rows], near, axis=1),
        -np.take_along_axis(low[rows], near, axis=1),
        lambda x: -_forbidden(some, x, ms)[0],
    )
    sound = margins(replace(some.controller, gain=some.controller.gain * ends), some.process).ms <= ms * _NEAR
    for row, end in zip(rows[sound], ends[sound], strict=True):
        found[row] = np.fmax(found[row], end)
    return found


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


def _later_gaps(low: Array, high: Array) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Where a gap between forbidden factors ends, but for the first from zero: plants, and points of the grid."""
    order = np.argsort(low, axis=1)
    begins = np.take_along_axis(low, order, axis=1)
    passed = np.maximum.accumulate(
        np.where(np.isfinite(begins), np.take_along_axis(high, order, axis=1), 0.0), axis=1
    )
    gaps = np.isfinite(begins[:, 1:]) & (begins[:, 1:] > passed[:, :-1] * (1 + 1e-6))
    rows, place = np.nonzero(gaps)
    return rows, order[rows, place + 1]


def _rows_of(loop: Loop, rows: NDArray[np.intp]) -> Loop:
    """Some of the loops, each as often as named."""
    c = loop.controller
    numbers = (c.gain, c.integral_time, c.derivative_time, c.filter_time)
    mine = Ideal(*(np.broadcast_to(np.asarray(n, np.float64), (loop.plants,))[rows] for n in numbers))
    return Loop(mine, _chosen(loop.process, rows if loop.process.plants > 1 else np.zeros_like(rows)))


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """What all candidates of one search share."""

    plant: Process
    share: Array
    sign: float
    ms: float
    mass: float
    times: Array
    some: NDArray[np.intp]
    """Plants whose answer is simulated."""
    dt: float
    lasts: float

    @classmethod
    def of(cls, plant: Process, share: Array, sign: float, ms: float, mass: float, times: Array) -> "_Search":
        """With the pace of the simulation found once: quick enough for the quickest plant, no longer than is of use."""
        some = _speakers(plant, share)
        reach = float(times[some].max())
        swing = float(np.min(ultimate(_chosen(plant, some)).period))
        dt = swing / _STEPS_A_SWING if np.isfinite(swing) else reach / 400
        return cls(plant, share, sign, ms, mass, times, some, dt, min(12 * reach, _SAMPLES * dt))

    def anywhere(self, ratio: float) -> tuple[float, Ideal]:
        """The best over a wide range of integral times, which moves on while the best lies at its edge."""
        centre = float(np.exp(np.average(np.log(self.times), weights=self.share)))
        tried = centre * (4.0 if self.plant.integrators else 1.0) * np.geomspace(*_RANGE, _COARSE)
        found = self.best(tried, ratio)
        for _ in range(_MOVES):
            at = float(np.asarray(found[1].integral_time))
            if tried[0] < at < tried[-1]:
                break
            tried = tried * (_RANGE[0] / _RANGE[1] if at <= tried[0] else _RANGE[1] / _RANGE[0]) ** 0.5
            found = min(found, self.best(tried, ratio), key=lambda each: each[0])
        return found

    def best(self, integral: Array, ratio: float) -> tuple[float, Ideal]:
        """The candidate of least cost, and its cost; all are tried at once."""
        gain = self._gains(integral, ratio)
        there = np.isfinite(gain) & (gain > 0)
        gain, integral = gain[there], integral[there]
        costs = self._costs(gain, integral, ratio) if len(gain) else np.zeros(0)
        for n in np.argsort(costs):
            time = float(integral[n])
            found = Ideal(self.sign * float(gain[n]), time, ratio * time, ratio * time / _FILTER)
            if self._sound(found):
                return float(costs[n]), found
        raise ValueError(f"ms: got {self.ms}, no gain reaches it for these plants; allowed is a larger one")

    def _gains(self, integral: Array, ratio: float) -> Array:
        """The largest that each candidate may have, shape (candidates,)."""
        every = np.arange(self.plant.plants)
        one = self._each(np.ones(len(integral)), integral, ratio, every)
        most = largest_gain(one, _chosen(self.plant, np.tile(every, len(integral))), self.ms)
        rows = most.reshape(len(integral), -1)
        return np.array([_least_of_mass(row, self.share, self.mass) for row in rows])

    def _each(self, gain: Array, integral: Array, ratio: float, some: NDArray[np.intp]) -> Ideal:
        """Every candidate around each of some plants, candidates first."""
        gain, time = (np.repeat(values, len(some)) for values in (self.sign * gain, integral))
        return Ideal(gain, time, ratio * time, ratio * time / _FILTER)

    def _sound(self, controller: Ideal) -> bool:
        """A gain that suits one plant may be too small for another, slower one."""
        good = margins(controller, self.plant).ms <= self.ms * _NEAR
        return float(self.share[good].sum()) >= self.mass - 1e-9

    def counts(self, controller: Ideal) -> NDArray[np.bool_]:
        """Which plants are within the mass."""
        most = largest_gain(replace(controller, gain=self.sign), self.plant, self.ms)
        return np.asarray(most >= abs(float(np.asarray(controller.gain))) * (1 - 1e-9), np.bool_)

    def _costs(self, gain: Array, integral: Array, ratio: float) -> Array:
        """Weighted mean of IAE over |k| T, shape (candidates,).

        A slow tail still owes what the integral part must supply, Ti / K in all.
        """
        share, pace = self.share[self.some], self.times[self.some]
        plant = _chosen(self.plant, np.tile(self.some, len(gain)))
        controller = self._each(gain, integral, ratio, self.some)
        answer = simulate(controller, plant, duration=self.lasts, dt=self.dt, load=1.0)
        owed = np.abs(-np.asarray(controller.integral_time) / np.asarray(controller.gain) - answer.ie)
        iae = (answer.iae + owed).reshape(len(gain), -1)
        strong = np.abs(np.broadcast_to(np.asarray(self.plant.gain, np.float64), self.share.shape)[self.some])
        return np.asarray((share / share.sum() * iae / (strong * pace)).sum(axis=1))


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
