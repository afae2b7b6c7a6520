"""What a run goes on from instead of a fresh start: levers, the plant's state, what the loop remembers, the ledger.

Made by sim.runs.today for a real campaign; put in by sim.runs.runner. A market that goes on was not born at the start
of the run, and the money that was paid before it stays paid: its ledger counts on from there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from controller.cells import Array
from controller.ports import Sensor
from controller.signals import Reading, Tick
from models.plants.base import State
from sim.market.levers import Setting
from sim.market.market import Market
from sim.market.ports import MarketSensor


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resumed:
    """What is there when a run starts; last axis of every array: cells."""

    levers: Mapping[str, Array]
    """Lever of the market -> value in force."""
    state: State
    """Of the plant, one step of the market before the start."""
    facts: State
    """What guardrails know of the past, as controller.loop.facts names it."""
    paid: Mapping[str, Array]
    """Sensor of money paid -> what it said at the start."""

    def times(self, count: int) -> "Resumed":
        """The same for `count` replicas side by side.

        >>> one = Resumed(levers={}, state={"stock": np.array([1.0, 2.0])}, facts={}, paid={})
        >>> one.times(2).state["stock"]
        array([1., 2., 1., 2.])
        """
        levers, paid = _beside(self.levers, count), _beside(self.paid, count)
        return Resumed(
            levers=levers, state=_beside(self.state, count), facts=_beside(self.facts, count), paid=paid
        )

    def move(self, market: Market, starts: float) -> None:
        """Let a market run up to a start with its levers as they are, the state put in one step before it."""
        for name, value in self.levers.items():
            market.levers[name].take(Setting(market.now, value, np.zeros(value.shape, np.bool_)), market.now)
        market.advance_to(starts - market.timing.step)
        market.state = {**market.state, **self.state}
        market.advance_to(starts)

    def sensors(self, usual: Mapping[str, Sensor]) -> dict[str, Sensor]:
        """The sensors of a market that has run up to the start, those of money paid counting on from before."""
        return {name: self._ledger(name, sensor) for name, sensor in usual.items()}

    def _ledger(self, name: str, sensor: Sensor) -> Sensor:
        if name not in self.paid or not isinstance(sensor, MarketSensor) or sensor.windowed:
            return sensor
        history = sensor.market.history
        return Ledger(sensor, self.paid[name], history.at(sensor.signal, history.steps))


@dataclass(frozen=True, slots=True, eq=False)
class Ledger:
    """A sensor of money paid that counts on from what it said before; see `controller.ports.Sensor`."""

    sensor: MarketSensor
    before: Array
    """What it said at the start, shape (cells,)."""
    zero: Array
    """What the market's own count was then: money of the days that the market ran by itself."""

    def read(self, tick: Tick) -> Reading:
        """What was paid before and since; a ledger that is late says no less than what was paid before."""
        found = self.sensor.read(tick)
        return replace(found, value=self.before + np.maximum(found.value - self.zero, 0.0))


def _beside(arrays: Mapping[str, Array], count: int) -> dict[str, Array]:
    return {name: np.tile(value, (1,) * (value.ndim - 1) + (count,)) for name, value in arrays.items()}
