"""A market's signals and levers as the loop's own sensors and actuators.

Built by sim.build from a campaign; called by the loop as any other port. A sensor moves the market to the tick it is
asked at, so that one virtual clock drives both. Windows end on the market's grid of steps, as late as they are settled.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.errors import SensorError, SetpointError
from controller.plan import Sensor as SensorPlan
from controller.quantities.units import Unit
from controller.signals import Command, Landing, Quality, Reading, Receipt, Tick, codes
from sim.levers import Setting
from sim.market import Market


@dataclass(frozen=True, slots=True, eq=False)
class MarketSensor:
    """A declared sensor on a signal of a market; see `controller.ports.Sensor`."""

    name: str
    plan: SensorPlan
    market: Market
    signal: str

    def __post_init__(self) -> None:
        kind, step = self.market.plant.signals[self.signal], self.market.timing.step
        unit = Unit.parse(self.plan.unit)
        if unit.is_money != (kind.unit == "money"):
            raise SetpointError(
                f"market.signals.{self.name}: {self.signal} is in {kind.unit}, the sensor in {self.plan.unit}"
            )
        if self.windowed and (self.plan.window or 0.0) % step:
            raise SetpointError(
                f"sensors.{self.name}.window: must be a multiple of the market's step of {step:g} s, "
                f"received {self.plan.window:g} s"
            )

    @property
    def windowed(self) -> bool:
        """True where the value is what happened in a window; False for a level or a running total."""
        kind = self.market.plant.signals[self.signal].kind
        return self.plan.window is not None and not self.plan.counter and kind != "level"

    def read(self, tick: Tick) -> Reading:
        """The newest settled value; raises SensorError while its feed is dead."""
        self.market.advance_to(tick.time)
        if self.market.is_dead(self.signal):
            raise SensorError(f"{self.name}: the simulated feed of {self.signal} is down")
        upto = tick.time - self.plan.settle
        if self.windowed:
            assert self.plan.window is not None
            count, end = self.market.window(self.signal, upto, self.plan.window)
            return self._reading(count * self._per_window(), count, end - self.plan.window, end)
        value, end = self.market.total(self.signal, upto)
        return self._reading(value, value, end, end)

    def _per_window(self) -> float:
        """What a count in the window is multiplied by to be in the sensor's unit."""
        span = Unit.parse(self.plan.unit).seconds
        return 1.0 if span is None or self.plan.window is None else span / self.plan.window

    def _reading(self, value: Array, samples: Array, start: float, end: float) -> Reading:
        size, first = len(value), self.market.first * self.market.timing.step
        if start < first or end <= first:
            return self._missing(size, start, end, "the market is younger than that")
        counted = self.market.plant.signals[self.signal].kind == "count"
        return Reading(
            self.name,
            self.plan.unit,
            value,
            start,
            end,
            np.full(size, end),
            samples if counted else np.full(size, np.nan),
            codes(size, Quality.GOOD),
        )

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
        """Turn the lever; raises Refused for an older epoch or a value out of the lever's range."""
        now = max(self.market.now, command.issued_at)
        self.market.advance_to(now)
        off = np.zeros(len(command.value), np.bool_) if command.suspend is None else command.suspend
        ends = np.inf if command.lease is None else command.issued_at + command.lease
        order = Setting(now, command.value, off, command.epoch, command.id, ends, command.fallback)
        return self._receipt(self.market.levers[self.lever].take(order, now))

    def read_back(self) -> Receipt:
        """The value in force at the latest moment the market knows of."""
        return self._receipt(self.market.levers[self.lever].in_force(self.market.now))

    def _receipt(self, standing: Setting) -> Receipt:
        landing = codes(len(standing.value), Landing.CONFIRMED)
        return Receipt(self.name, standing.value.copy(), landing, standing.epoch, standing.command_id)
