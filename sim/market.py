"""A market: a plant on its own grid of steps, over recorded demand, with levers that people turn and signals they read.

Moved by whoever has the time: `advance_to`. Sensors and actuators (sim.ports) and the HTTP server (sim.served) stand in
front of it; the loop never sees it. Calls the plant, the demand, the levers and the history; reads no clock. All chance
is keyed by (seed, cell, step, channel): two policies on markets of one seed meet the same luck, and replicas in one
market equal as many separate markets bit for bit.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from controller.cells import Array, Cells
from models.draws import Draws, Uint64
from models.plants.base import Plant
from sim.demand import Demand
from sim.disturbances import Disturbance, demand_factor, feed_is_dead
from sim.history import History
from sim.levers import Lever


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How a market runs and reports, in seconds."""

    step: float = 600.0
    """Length of a step; windows, dead times and an hour must be multiples of it."""
    paid_lag: float = 3600.0
    """By how much the ledger shows late what was paid."""
    late_share: float = 0.0
    """Share of each step's counts that comes in only `late_by` after it happened."""
    late_by: float = 0.0
    keep: float = 8 * 86_400.0
    """How far back signals can be read."""


class Market:
    """One market over all cells.

    Parameters
    ----------
    plant: what answers to the levers.
    demand: base demand of the same cells.
    draws: source of all its luck.
    start: UTC seconds of its first moment, on the grid of steps.
    levers: value of each of the plant's levers at the start, shape (cells,) or a number; those not named are off.
    people: whom the campaign could reach in one pool.
    disturbances: what happens from outside.
    keys: whose luck each cell has; None: its own. Cells of one key meet the same luck whatever is done to them.
    """

    def __init__(
        self,
        plant: Plant,
        demand: Demand,
        draws: Draws,
        *,
        start: float,
        levers: Mapping[str, Array | float],
        timing: Timing | None = None,
        people: float = 100_000.0,
        disturbances: Iterable[Disturbance] = (),
        keys: Uint64 | None = None,
    ) -> None:
        self.plant, self.demand, self.draws = plant, demand, draws
        self.cells: Cells = demand.cells
        self.keys = self.cells.key if keys is None else keys
        self.timing = timing or Timing()
        self.disturbances = list(disturbances)
        _check_step(self.timing.step, start)
        self.first = round(start / self.timing.step)
        """Index of the first step on the grid since 1970; step n of the market is step first + n of the grid."""
        self.now = start
        """The latest moment anybody has asked about; steps are done up to the last grid point before it."""
        self.levers = {
            name: Lever(name, kind, self._start_of(name, levers)) for name, kind in plant.levers.items()
        }
        unknown = sorted(set(levers) - set(plant.levers))
        if unknown:
            raise ValueError(f"the market has no lever {unknown}, only {sorted(plant.levers)}")
        self.people = people * demand.share
        self.state = plant.start(self._inputs(start), self.timing.step)
        self.counted = frozenset(name for name, signal in plant.signals.items() if signal.kind != "level")
        self.history = History(plant.signals, len(self.cells), round(self.timing.keep / self.timing.step))

    # -- time -------------------------------------------------------------------------------------------------------

    def advance_to(self, moment: float) -> None:
        """Do every step that ends at or before a UTC moment; a moment in the past changes nothing."""
        while self.time + self.timing.step <= moment + 1e-6:
            self._step()
        self.now = max(self.now, moment)

    @property
    def time(self) -> float:
        """UTC seconds of the end of the last step done."""
        return (self.first + self.history.steps) * self.timing.step

    def _step(self) -> None:
        index, dt = self.first + self.history.steps, self.timing.step
        luck = partial(self._luck, index)
        self.state, signals = self.plant.step(self.state, self._inputs(self.time), luck, dt)
        self.history.add(signals, self.counted)
        for lever in self.levers.values():
            lever.forget(self.time)

    def _luck(self, step: int, channel: str) -> Array:
        return self.draws.uniform(self.keys, step, channel)

    def _inputs(self, moment: float) -> dict[str, Array]:
        at = {name: lever.offered(moment) for name, lever in self.levers.items()}
        at["demand"] = self.demand.at(moment) * demand_factor(self.disturbances, moment)
        at["people"] = self.people
        return at

    def _start_of(self, name: str, levers: Mapping[str, Array | float]) -> Array:
        value = levers.get(name, self.plant.levers[name].off)
        return np.broadcast_to(np.asarray(value, np.float64), (len(self.cells),)).copy()

    # -- reading ----------------------------------------------------------------------------------------------------

    def total(self, signal: str, moment: float) -> tuple[Array, float]:
        """A count's total since the start, or a level, as known now for the last grid point at or before `moment`.

        Returns the value, shape (cells,), and that grid point in UTC seconds. Late counts and a lagging ledger show.
        """
        end = min(self.step_at(moment), self.history.steps)
        return self._known(signal, end), (self.first + end) * self.timing.step

    def window(self, signal: str, moment: float, seconds: float) -> tuple[Array, float]:
        """What was counted in the window of `seconds` up to the last grid point at or before `moment`, as known now."""
        end = min(self.step_at(moment), self.history.steps)
        start = end - round(seconds / self.timing.step)
        value = self._known(signal, end) - self._known(signal, start)
        return np.asarray(value), (self.first + end) * self.timing.step

    def is_dead(self, signal: str) -> bool:
        """Whether the feed of a signal is down now."""
        return feed_is_dead(self.disturbances, signal, self.now)

    def step_at(self, moment: float) -> int:
        """Steps from the start to the last grid point at or before a moment; may be negative."""
        return int(np.floor(moment / self.timing.step + 1e-9)) - self.first

    def _known(self, signal: str, step: int) -> Array:
        timing = self.timing
        if signal.endswith("_paid"):
            step -= round(timing.paid_lag / timing.step)
        total = self.history.at(signal, step)
        if not timing.late_share or self.plant.signals[signal].kind != "count":
            return total
        arrived = min(step, self.step_at(self.now - timing.late_by))
        late = self.history.at(signal, step) - self.history.at(signal, max(arrived, self.history.oldest))
        return total - np.floor(late * timing.late_share)


def _check_step(step: float, start: float) -> None:
    if step <= 0 or 3600.0 % step:
        raise ValueError(f"a step must divide an hour, received {step} s")
    if start % step:
        raise ValueError(f"a market starts on its grid of {step:g} s, received {start}")
