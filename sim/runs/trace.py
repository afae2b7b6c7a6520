"""What a simulated run leaves for scoring: the market's truth by the hour, and every lever by the tick.

Written by the runner after each turn; read by scoring and the demo. Truth is taken from the market's history, without
the sensors' delay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from controller.cells import Array
from controller.clock import civil_at
from controller.loop.turn import Turn
from controller.signals import Latch, Verdict
from sim.market.market import Market

HOUR = 3600.0


@dataclass(slots=True, eq=False)
class Trace:
    """Rows of one run; the first row of `totals` is the moment it starts."""

    market: Market
    signals: tuple[str, ...]
    """Signals whose truth is kept."""
    starts: float
    """UTC seconds from which on the run counts, a full hour."""
    totals: dict[str, list[Array]] = field(default_factory=dict)
    levers: dict[str, list[Array]] = field(default_factory=dict)
    moments: list[float] = field(default_factory=list)
    """UTC seconds of the rows of `levers`."""
    hours: list[Array] = field(default_factory=list)
    blind: Array = field(init=False)
    """Moves away from the safe value while what its loop measures could not be read, shape (cells,)."""
    _next: float = field(init=False)

    def __post_init__(self) -> None:
        self._next = self.starts
        self.blind = np.zeros(len(self.market.cells))
        self.totals = {name: [] for name in self.signals}
        self.levers = {name: [] for name in self.market.levers}

    def note(self, moment: float) -> None:
        """Take what is known at a moment, after the market was moved there and the loop has acted."""
        while self._next <= min(moment, self.market.time):
            step = self.market.step_at(self._next)
            for name, rows in self.totals.items():
                rows.append(self.market.history.at(name, step))
            middle = civil_at(self._next - HOUR / 2, self.market.cells)
            self.hours.append(middle.hour_of_week.astype(np.float64))
            self._next += HOUR
        if moment >= self.starts:
            self.moments.append(moment)
            for name, rows in self.levers.items():
                rows.append(self.market.levers[name].in_force(moment).value)

    def look(self, turn: Turn, lever: str, sensor: str, safe: float) -> None:
        """Count what a turn moved blindly: call after `note` at its moment, once for each lever."""
        signal, rows = turn.signals[sensor], self.levers[lever]
        blind = (signal.latch != Latch.LIVE) | (signal.verdict == Verdict.NO_DATA)
        if len(rows) > 1 and blind.any():
            away = np.abs(rows[-1] - safe) > np.abs(rows[-2] - safe) + 1e-12
            self.blind += blind & away

    def hourly(self, signal: str) -> Array:
        """What each hour was, shape (hours, cells): its count, or the level at its end."""
        rows = np.array(self.totals[signal])
        return np.diff(rows, axis=0) if signal in self.market.counted else rows[1:]

    def hour_of_week(self) -> Array:
        """Civil hour of each hour, shape (hours, cells)."""
        return np.array(self.hours[1:])

    def gained(self, signal: str) -> Array:
        """A total's growth over the run, or a level's; shape (cells,)."""
        rows = self.totals[signal]
        return np.asarray(rows[-1] - rows[0])

    def moves(self, lever: str) -> Array:
        """How often a lever changed, shape (cells,)."""
        changed = np.abs(np.diff(np.array(self.levers[lever]), axis=0)) > 1e-12
        return np.asarray(changed.sum(axis=0), np.float64)

    def reversals(self, lever: str) -> Array:
        """How often a lever moved the other way than it last had, shape (cells,)."""
        moves = np.diff(np.array(self.levers[lever]), axis=0)
        way = np.where(np.abs(moves) > 1e-12, np.sign(moves), 0.0)
        last, found = np.zeros(way.shape[1:]), np.zeros(way.shape[1:])
        for now in way:
            found += now * last < 0
            last = np.where(now != 0, now, last)
        return found

    def extremes(self, lever: str) -> tuple[Array, Array]:
        """Smallest and largest value of a lever, shape (cells,)."""
        rows = np.array(self.levers[lever])
        return rows.min(axis=0), rows.max(axis=0)


def summed(values: Mapping[str, Array]) -> Array | None:
    """Sum of several arrays; None where there is none."""
    rows = list(values.values())
    return np.asarray(np.sum(rows, axis=0)) if rows else None
