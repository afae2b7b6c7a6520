"""A market: a plant on its own grid of steps, over recorded demand, with levers that people turn and signals they read.

Moved by whoever has the time: `advance_to`. Sensors and actuators (sim.market.ports) and the HTTP server (sim.served)
stand in front of it; the loop never sees it. Calls the plant, the demand, the levers and the reception; reads no clock.
All chance is keyed by (seed, cell, step, channel): two policies on markets of one seed meet the same luck, and replicas
in one market equal as many separate markets bit for bit, faults of sensors and levers included.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools, Cells, Ints
from models.draws import Draws, Uint64
from models.plants.base import Plant
from models.response.seasonal import HOURS
from sim.instruments import Drive, Feed
from sim.market.disturbances import (
    Disturbance,
    Outage,
    Regime,
    Spell,
    demand_factor,
    effect_factor,
    feed_is_dead,
    hearing_delay,
)
from sim.market.levers import Lever
from sim.market.reception import Reception, Timing
from sim.market.stops import Stop
from sim.market.world import BaseDemand

__all__ = ["Market", "StepLuck", "Timing"]


@dataclass(frozen=True, slots=True, eq=False)
class StepLuck:
    """The chance of one step of a market; see `models.plants.base.Luck`."""

    draws: Draws
    keys: Uint64
    step: int

    def __call__(self, channel: str) -> Array:
        return self.draws.uniform(self.keys, self.step, channel)

    def words(self, channel: str) -> Uint64:
        """64-bit words, shape (cells,)."""
        return self.draws.words(self.keys, self.step, channel)


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
    effect: factor on how sales answer to a change of the levers, shape (cells,) or a number. The level at the values of
        the start is known and stays, however strong the answer.
    mechanism: how each cell answers to a lottery (see models.response.mechanisms); None: as the plant does. All agree
        at the values of the start.
    feeds: how signals reach their readers, by name; `*` stands for all not named; perfect but for the timing.
    drives: how orders land in levers, by name; `*` stands for all not named; perfect where nothing is said.
    recorded_at_start: the demand is what was sold with the levers where they start, instead of with none.
    """

    def __init__(
        self,
        plant: Plant,
        demand: BaseDemand,
        draws: Draws,
        *,
        start: float,
        levers: Mapping[str, Array | float],
        timing: Timing | None = None,
        people: float = 100_000.0,
        disturbances: Iterable[Disturbance] = (),
        keys: Uint64 | None = None,
        effect: Array | float = 1.0,
        mechanism: Ints | None = None,
        feeds: Mapping[str, Feed] | None = None,
        drives: Mapping[str, Drive] | None = None,
        recorded_at_start: bool = False,
    ) -> None:
        self.plant, self.demand, self.draws = plant, demand, draws
        self.cells: Cells = demand.cells
        self.keys = self.cells.key if keys is None else keys
        self.timing = timing or Timing()
        self.disturbances = tuple(disturbances)
        self.effect = np.broadcast_to(np.asarray(effect, np.float64), (len(self.cells),))
        self.mechanism = None if mechanism is None else mechanism.astype(np.float64)
        self.signals = dict(plant.signals)
        """What can be measured, by name."""
        self.counted = frozenset(name for name, signal in self.signals.items() if signal.kind != "level")
        _check_step(self.timing.step, start)
        self.first = round(start / self.timing.step)
        """Index of the first step on the grid since 1970; step n of the market is step first + n of the grid."""
        self.now = start
        """The latest moment anybody has asked about; steps are done up to the last grid point before it."""
        self.levers = self._built(levers, drives or {})
        self.people = people * demand.share
        self._known: dict[str, Array] = {}
        self._longest = sum(d.delay for d in self.disturbances if isinstance(d, Regime))
        self._scale: Array | float = 1.0
        self._know(start, recorded_at_start)
        self.state = plant.start(self.inputs(start) | {"usual_demand": self._usual(start)}, self.timing.step)
        self.reception = self._listening(feeds or {})
        self.history = self.reception.truth
        """The truth, step by step; what is known of it is `total` and `window`."""
        self._stops = tuple(
            Stop(cap, lever, self.cells, self.history)
            for lever in self.levers.values()
            for cap in lever.drive.caps
        )

    def _built(self, levers: Mapping[str, Array | float], drives: Mapping[str, Drive]) -> dict[str, Lever]:
        _check_names("lever", levers, self.plant.levers)
        _check_names("lever", set(drives) - {"*"}, self.plant.levers)
        perfect = Drive()
        used = [name for drive in drives.values() for cap in drive.caps for name in cap.signals]
        _check_names("signal", used, self.signals)
        return {
            name: Lever(name, kind, self._start_of(name, levers), drives.get(name, drives.get("*", perfect)))
            for name, kind in self.plant.levers.items()
        }

    def _listening(self, feeds: Mapping[str, Feed]) -> Reception:
        named = [name for d in self.disturbances if isinstance(d, Outage | Spell) for name in d.signals]
        _check_names("signal", (*set(feeds) - {"*"}, *named), self.signals)
        spells = (d for d in self.disturbances if isinstance(d, Spell))
        return Reception(
            self.signals, feeds, spells, self.timing, self.cells,
            first=self.first, draws=self.draws, keys=self.keys,
        )  # fmt: skip

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
        luck = StepLuck(self.draws, self.keys, index)
        self.state, signals = self.plant.step(self.state, self.inputs(self.time), luck, dt)
        self.reception.note(signals)
        for stop in self._stops:
            stop.look(self.time)
        for lever in self.levers.values():
            lever.forget(self.time - self._longest)

    def inputs(self, moment: float) -> dict[str, Array]:
        """What the plant is shown in a step that begins at a moment."""
        at = {name: lever.offered(moment) for name, lever in self.levers.items()}
        late = hearing_delay(self.disturbances, moment)
        if late:
            heard = {name: lever.offered(moment - late) for name, lever in self.levers.items()}
            at |= {f"felt.{name}": value for name, value in heard.items()}
        keen = demand_factor(self.disturbances, moment)
        at["demand"] = self.demand.at(moment) * keen * self._scale
        at["interest"] = np.full(len(self.cells), keen)
        at["people"] = self.people
        at["effect"] = self.effect * effect_factor(self.disturbances, moment)
        if self.mechanism is not None:
            at["mechanism"] = self.mechanism
        return at | self._known

    def _know(self, start: float, recorded_at_start: bool) -> None:
        """What is known of the market where its levers stand at the start, if there is any doubt about the rest."""
        changing = any(isinstance(d, Regime) and d.effect != 1.0 for d in self.disturbances)
        sure = self.mechanism is None and not changing and bool((self.effect == 1.0).all())
        if sure and not recorded_at_start:
            return
        levers = {name: lever.offered(start) for name, lever in self.levers.items()}
        known = self.plant.settled({**levers, "demand": self.demand.at(start), "people": self.people})
        if recorded_at_start:
            self._scale = 1.0 / (1.0 + known)
        self._known = {f"reference.{name}": value for name, value in levers.items()} | {"known": known}

    def _usual(self, start: float) -> Array:
        """Units an hour in the mean of the week that begins with the market, shape (cells,)."""
        hours = (self.demand.at(start + n * 3600.0) for n in range(HOURS))
        return np.asarray(sum(hours, np.zeros(len(self.cells))) / HOURS * self._scale)

    def _start_of(self, name: str, levers: Mapping[str, Array | float]) -> Array:
        value = levers.get(name, self.plant.levers[name].off)
        return np.broadcast_to(np.asarray(value, np.float64), (len(self.cells),)).copy()

    # -- reading ----------------------------------------------------------------------------------------------------

    def total(self, signal: str, moment: float) -> tuple[Array, float]:
        """A count's total, or a level, as known now for the last grid point at or before `moment`.

        Returns the value, shape (cells,), and the moment in UTC seconds that it is stamped with. What the signal's feed
        does to it shows: counts that are late, a lagging ledger, a counter that began anew.
        """
        end = min(self.step_at(moment), self.history.steps)
        value, stamp = self.reception.total(signal, end, self.now)
        return value, (self.first + stamp) * self.timing.step

    def window(self, signal: str, moment: float, seconds: float) -> tuple[Array, float]:
        """What was counted in the window of `seconds` up to the last grid point at or before `moment`, as known now."""
        end = min(self.step_at(moment), self.history.steps)
        start = end - round(seconds / self.timing.step)
        value, stamp = self.reception.window(signal, start, end, self.now)
        return value, (self.first + stamp) * self.timing.step

    def silent(self, signal: str) -> Bools | None:
        """Where a signal can't be read now, shape (cells,); None: it can everywhere."""
        if feed_is_dead(self.disturbances, signal, self.now):
            return np.ones(len(self.cells), np.bool_)
        return self.reception.silent(signal)

    def is_dead(self, signal: str) -> bool:
        """Whether a signal can be read nowhere now."""
        silent = self.silent(signal)
        return silent is not None and bool(silent.all())

    def step_at(self, moment: float) -> int:
        """Steps from the start to the last grid point at or before a moment; may be negative."""
        return self.reception.ground.step_at(moment)


def _check_step(step: float, start: float) -> None:
    if step <= 0 or 3600.0 % step:
        raise ValueError(f"a step must divide an hour, received {step} s")
    if start % step:
        raise ValueError(f"a market starts on its grid of {step:g} s, received {start}")


def _check_names(what: str, named: Iterable[str], known: Iterable[str]) -> None:
    unknown = sorted(set(named) - set(known))
    if unknown:
        raise ValueError(f"the market has no {what} {unknown}, only {sorted(known)}")
