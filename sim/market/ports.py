"""A market's signals and levers as the loop's own sensors and actuators.

Built by sim.market.build from a campaign; called by the loop as any other port. A sensor moves the market to the tick
it is asked at, so that one virtual clock drives both. Windows end on the market's grid of steps, as late as they are
settled.
"""

from dataclasses import dataclass, field

import numpy as np

from controller.cells import Array, Bools, Codes
from controller.errors import SensorError, SetpointError
from controller.plan import Sensor as SensorPlan
from controller.quantities.units import Unit
from controller.signals import Command, Landing, Quality, Reading, Receipt, Tick, codes
from sim.market.levers import Setting
from sim.market.market import Market


@dataclass(frozen=True, slots=True, eq=False)
class MarketSensor:
    """A declared sensor on a signal of a market; see `controller.ports.Sensor`."""

    name: str
    plan: SensorPlan
    market: Market
    signal: str
    windowed: bool = field(init=False)
    """True where the value is what happened in a window; False for a level or a running total."""
    per_window: float = field(init=False)
    """What a count in the window is multiplied by to be in the sensor's unit."""

    def __post_init__(self) -> None:
        kind, step = self.market.signals[self.signal], self.market.timing.step
        unit, window = Unit.parse(self.plan.unit), self.plan.window
        if unit.is_money != (kind.unit == "money"):
            raise SetpointError(
                f"market.signals.{self.name}: {self.signal} is in {kind.unit}, the sensor in {self.plan.unit}"
            )
        windowed = window is not None and not self.plan.counter and kind.kind != "level"
        if windowed and (window or 0.0) % step:
            raise SetpointError(
                f"sensors.{self.name}.window: must be a multiple of the market's step of {step:g} s, "
                f"received {window:g} s"
            )
        span = unit.seconds
        object.__setattr__(self, "windowed", windowed)
        object.__setattr__(self, "per_window", 1.0 if span is None or not window else span / window)

    def read(self, tick: Tick) -> Reading:
        """The newest settled value; raises SensorError where no cell can be read.

        Of cells that have sources of their own, those that can't be read are missing.
        """
        market = self.market
        market.advance_to(tick.time)
        silent = market.silent(self.signal)
        if silent is not None and silent.all():
            raise SensorError(f"{self.name}: the simulated feed of {self.signal} is down")
        upto = tick.time - self.plan.settle
        if self.windowed:
            assert self.plan.window is not None
            count, end = market.window(self.signal, upto, self.plan.window)
            return self._reading(count * self.per_window, count, end - self.plan.window, end, silent)
        value, end = market.total(self.signal, upto)
        return self._reading(value, value, end, end, silent)

    def _reading(
        self, value: Array, samples: Array, start: float, end: float, silent: Bools | None
    ) -> Reading:
        size, first = len(value), self.market.first * self.market.timing.step
        if start < first or end <= first:
            return self._missing(size, start, end, "the market is younger than that")
        nothing, stamps = np.full(size, np.nan), np.full(size, end)
        quality = codes(size, Quality.GOOD)
        if self.market.signals[self.signal].kind != "count":
            samples = nothing
        if silent is not None and silent.any():
            value, samples, stamps = (np.where(silent, nothing, each) for each in (value, samples, stamps))
            quality = np.where(silent, np.int8(Quality.MISSING), quality)
        return Reading(self.name, self.plan.unit, value, start, end, stamps, samples, quality)

    def _missing(self, size: int, start: float, end: float, note: str) -> Reading:
        nothing = np.full(size, np.nan)
        missing = codes(size, Quality.MISSING)
        return Reading(self.name, self.plan.unit, nothing, start, end, nothing, nothing, missing, note=note)


@dataclass(frozen=True, slots=True, eq=False)
class MarketActuator:
    """A declared actuator on a lever of a market; see `controller.ports.Actuator`."""

    name: str
    market: Market
    lever: str

    def apply(self, command: Command) -> Receipt:
        """Turn the lever; raises Refused for an older epoch or a value out of its range, Unreachable as it is deaf.

        What has landed is what is in force already: an order on its way is unconfirmed.
        """
        now = max(self.market.now, command.issued_at)
        self.market.advance_to(now)
        off = np.zeros(len(command.value), np.bool_) if command.suspend is None else command.suspend
        ends = np.inf if command.lease is None else command.issued_at + command.lease
        order = Setting(now, command.value, off, command.epoch, command.id, ends, command.fallback)
        lever = self.market.levers[self.lever]
        standing = lever.take(order, now)
        lever.answer(now)
        there = np.where(
            standing.value == command.value, np.int8(Landing.CONFIRMED), np.int8(Landing.UNCONFIRMED)
        )
        return self._receipt(standing, there)

    def read_back(self) -> Receipt:
        """The value in force at the latest moment the market knows of; raises Unreachable while the target is mute."""
        lever = self.market.levers[self.lever]
        lever.answer(self.market.now)
        standing = lever.in_force(self.market.now)
        return self._receipt(standing, codes(len(standing.value), Landing.CONFIRMED))

    def _receipt(self, standing: Setting, landing: Codes) -> Receipt:
        return Receipt(self.name, standing.value.copy(), landing, standing.epoch, standing.command_id)
