"""The plants of a simulated market: a small step of the lever, tried without luck at every place where it may stand.

For each possible market (posterior draws or assumed effects, contested ways to answer) and each place of the lever, the
market runs until it has settled, then once more with the lever a little higher; what is measured then, less what would
have been measured, is the step response, seen as the sensor sees it: over its window, settled. Called by the command;
calls the plant and models.tuning.fit_step; draws nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from controller.assembly import cells_of
from controller.cells import Array
from controller.errors import SetpointError
from controller.plan import Campaign
from models.plants.base import Plant, State
from models.response.mechanisms import MECHANISMS
from models.tuning.step_fit import fit_step
from sim.market.settings import Settings
from sim.runs.evenly import EvenLuck
from sim.runs.futures import ASSUMED, Futures, thinned
from sim.scenarios._base import market_in, span_of
from sim.scenarios._probe import counted, inputs_at_start
from sim.tuning.plants import LEAST, Plants

if TYPE_CHECKING:
    from sim.calibration import Calibrated

DAY, HOUR = 86_400.0, 3600.0
PLACES = (0.1, 0.3, 0.5, 0.7)
"""Shares of the range at which a step is tried: a market that saturates answers less at the top."""
STEP = 0.05
"""Size of the step, as a share of the range."""
SETTLES, WATCHED = 14, 14
"""Days before the step, and days after it."""


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """Step responses of one loop: share of the measured value per share of the range."""

    seconds: Array
    """Since the step, shape (samples,)."""
    curves: Array
    """Shape (plants, samples)."""
    source: str


def plants_of(
    campaign: Campaign, loop: str, calibrated: "Calibrated | None" = None, draws: int = 20
) -> Plants:
    """The first-order plants of a loop's market; SetpointError where the loop can't be tried there.

    draws: how many possible markets of a calibration; without one, all assumed effects are tried.
    """
    found = steps(campaign, loop, calibrated, draws)
    curves = peaked(found.curves)
    gain = curves[:, -1].copy()
    alive = np.abs(gain) >= LEAST
    lag, dead = np.full(len(gain), HOUR), np.zeros(len(gain))
    if alive.any():
        fitted = fit_step(found.seconds, curves[alive])
        gain[alive], lag[alive], dead[alive] = fitted.gain, np.maximum(fitted.lag, 1.0), fitted.dead_time
    return Plants(gain, lag, dead, np.full(len(gain), 1 / len(gain)), found.source)


def peaked(curves: Array) -> Array:
    """Responses up to their highest point, held there: what fades later (fatigue) is slow, and counts as a disturbance.

    >>> peaked(np.array([[0.0, 2.0, 1.5], [0.0, -1.0, -3.0]]))
    array([[ 0.,  2.,  2.],
           [ 0., -1., -3.]])
    """
    end = np.take_along_axis(curves, np.abs(curves).argmax(axis=1)[:, None], axis=1)
    way = np.where(end < 0, -1.0, 1.0)
    return np.asarray(way * np.maximum.accumulate(way * curves, axis=1))


def steps(campaign: Campaign, loop: str, calibrated: "Calibrated | None" = None, draws: int = 20) -> Steps:
    """The step responses themselves."""
    trial = _Trial.of(campaign, loop)
    numbers = thinned(draws, len(ASSUMED) if calibrated is None else calibrated.draws)
    ways = MECHANISMS if trial.lever == "win_probability" else ()
    futures = Futures(numbers, ways, (0,))
    cells = cells_of(campaign)
    world = futures.world(cells, calibrated)
    size = futures.count * len(PLACES)
    inputs = inputs_at_start(campaign, trial.plant, trial.settings, size)
    own = len(cells)
    inputs["effect"] = np.tile(np.broadcast_to(world.effect, (futures.count * own,))[::own], len(PLACES))
    if world.mechanism is not None:
        inputs["mechanism"] = np.tile(world.mechanism[::own].astype(np.float64), len(PLACES))
    place = np.repeat(np.array(PLACES), futures.count)
    curves = trial.responses(inputs, place)
    said = "fitted"
    if calibrated is None:
        said = f"assumed, {', '.join(f'{e:g}' for e in ASSUMED)} times the plant's"
    source = f"{size} steps on the market ({trial.kind}), its answer {said}"
    return Steps(trial.seconds, curves, source)


@dataclass(frozen=True, slots=True, eq=False)
class _Trial:
    """One loop's lever and signal on the campaign's plant."""

    kind: str
    plant: Plant
    settings: Settings
    lever: str
    signal: str
    span: tuple[float, float]
    window: int
    """Steps of the market over which the sensor sees."""
    late: int
    """Steps until a window counts as settled."""

    @classmethod
    def of(cls, campaign: Campaign, loop: str) -> "_Trial":
        market, plan = market_in(campaign), campaign.loops[loop]
        sensor = campaign.sensors[plan.sensor]
        levers = [market.levers[channel] for channel in plan.channels if channel in market.levers]
        if plan.sensor not in market.signals or len(levers) != 1:
            text = f"loops.{loop}: {plan.measure} by {', '.join(plan.channels)}"
            allowed = "one lever of the market, and a signal that it gives itself"
            raise SetpointError(f"{text} can't be tried on the simulated market, allowed: {allowed}")
        plant, settings = counted(campaign)
        signal, step = market.signals[plan.sensor], settings.step
        level = plant.signals[signal].kind == "level" and not sensor.window
        return cls(
            kind=market.kind, plant=plant, settings=settings, lever=levers[0], signal=signal,
            span=span_of(campaign, levers[0]), window=1 if level else max(round((sensor.window or HOUR) / step), 1),
            late=round(sensor.settle / step),
        )  # fmt: skip

    @property
    def seconds(self) -> Array:
        """Moments of the samples of a response, shape (samples,)."""
        samples = np.arange(round(WATCHED * DAY / self.settings.step) + 1)
        return np.asarray(samples * self.settings.step, np.float64)

    def responses(self, inputs: Mapping[str, Array], place: Array) -> Array:
        """Share of the measured value per share of the range, shape (plants, samples)."""
        low, high = self.span
        still = {**inputs, self.lever: low + place * (high - low)}
        moved = {**inputs, self.lever: low + (place + STEP) * (high - low)}
        state, dt = self.plant.start(still, self.settings.step), self.settings.step
        settled = round(SETTLES * DAY / dt)
        for n in range(settled):
            state, _ = self.plant.step(state, still, EvenLuck(place.shape, n), dt)
        said = self._run(state, still, settled)
        before = self._seen(said, said[0])
        after = self._seen(self._run(state, moved, settled), said[0])
        share = (after - before) / np.maximum(before, 1e-12) / STEP
        return np.asarray(share.T, np.float64)

    def _run(self, state: State, inputs: Mapping[str, Array], first: int) -> Array:
        """The signal of every step from the change on, shape (steps, plants)."""
        said, dt = [], self.settings.step
        for n in range(len(self.seconds) - 1):
            state, signals = self.plant.step(state, inputs, EvenLuck(inputs[self.lever].shape, first + n), dt)
            said.append(signals[self.signal])
        return np.array(said)

    def _seen(self, said: Array, usual: Array) -> Array:
        """What the sensor makes of it: the mean of the newest settled window, shape (samples, plants)."""
        padded = np.concatenate([np.repeat(usual[None], self.window + self.late, axis=0), said])
        sums = np.concatenate([np.zeros((1, len(usual))), np.cumsum(padded, axis=0)])
        means = (sums[self.window :] - sums[: -self.window]) / self.window
        return np.asarray(means[: len(said) + 1])
