"""What a loop is to keep at this moment: a level, given the week's shape where the target has one.

Called by the loop; built by assembly from the plan's target. A shaped level is that of the window which was measured,
not of the moment it is looked at: a reading that settles five minutes late is held against the hour it counts, and a
window that lies in two hours against its part of each.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Cells
from controller.clock import civil_at
from controller.loop.week import hours_at
from controller.signals import Signal, Tick
from models.forecast.hours import weight

HOURS = 168


@dataclass(frozen=True, slots=True, eq=False)
class Setpoint:
    """The level of one loop, in its sensor's unit.

    >>> flat = Setpoint(np.array([5.0, 7.0]), None, 3600.0)
    >>> flat.level
    array([5., 7.])
    """

    level: Array
    """Shape (cells,)."""
    weights: Array | None
    """168 hour-of-week weights of mean 1 that multiply the level; None: flat."""
    window: float
    """Seconds a measured value covers."""
    band: Array | float = 0.0
    """Half-width in the sensor's unit around `level`, before shape."""
    learned: str = ""
    """Name of the fact that holds each cell's own weights, shape (cells, 168); empty: none are learnt."""

    def at(
        self, tick: Tick, signal: Signal, cells: Cells, level: Array | None = None,
        facts: Mapping[str, Array] | None = None,
    ) -> Array:  # fmt: skip
        """Setpoint of the newest measured window, shape (cells,); `level` where another loop moves it.

        `facts`: those of the journal, needed where weights are learnt.
        """
        level = self.level if level is None else level
        if self.learned:
            ends = np.where(np.isfinite(signal.good_at), signal.good_at, tick.time)
            return level * weight((facts or {})[self.learned], hours_at(ends, cells), self.window / 3600.0)
        if self.weights is None:
            return level
        if not self.window:
            return level * self.weights[tick.civil.hour_of_week]
        known = np.isfinite(signal.good_at)
        end = float(signal.good_at[known].max()) if known.any() else tick.time
        civil = civil_at(end, cells)
        hours = civil.hour_of_week + (civil.seconds_of_day % 3600.0) / 3600.0
        return level * mean_weight(self.weights, hours, self.window / 3600.0)


def mean_weight(weights: Array, end: Array, length: float) -> Array:
    """Mean weight of windows of `length` hours that end at `end`, in hours of the week; shape of `end`.

    A window that lies in two hours takes its part of each; one of a week or more goes round.

    >>> night_and_day = np.tile(np.r_[np.zeros(12), np.full(12, 2.0)], 7)
    >>> mean_weight(night_and_day, np.array([12.0, 13.0, 12.75, 24.0]), 1.0)
    array([0. , 2. , 1.5, 2. ])
    >>> mean_weight(night_and_day, np.array([12.0, 5.5]), 24.0)
    array([1., 1.])
    """
    return (_area(weights, end) - _area(weights, end - length)) / length


def _area(weights: Array, hour: Array) -> Array:
    """Weight added up from the start of the week to an hour of it, before or after it too."""
    area = np.concatenate([[0.0], np.cumsum(weights)])
    weeks, rest = np.divmod(hour, HOURS)
    full = np.minimum(rest.astype(np.int64), HOURS - 1)
    return np.asarray(weeks * area[-1] + area[full] + weights[full] * (rest - full), np.float64)
