"""The learnt week as a fold of the journal: which readings count, and the facts that come of them.

Called by facts.py for every tick's record, so that live, after a restart and in a replay the week is the same to the
bit; calls models.forecast. A reading counts where it is a new, good sample that the loop believed: not uncertain, not
while the sensor was held or at its safe value, and not in a window that an event lies in. A correction of a window that
was counted already changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools, Cells
from controller.clock import civil_at
from controller.plan import Campaign
from controller.ports import Record
from controller.signals import Latch, Quality, Verdict
from models.forecast.hours import HOURS, LONGEST
from models.forecast.week import Week, learnt

FACTS = ("week", "week_total", "week_count", "level", "level_weight", "week_until")
"""Names of the facts of a sensor, each with `.SENSOR` behind it."""


@dataclass(frozen=True, slots=True, eq=False)
class Away:
    """Spans of time that are left out, UTC seconds, shape (events, cells); -inf where a cell is not concerned."""

    starts: Array
    ends: Array

    def touches(self, start: Array, end: Array) -> Bools:
        """Where a window and one of the spans have a moment in common, shape (cells,).

        >>> fair = Away(np.array([[3600.0]]), np.array([[7200.0]]))
        >>> [bool(fair.touches(np.array([end - 3600.0]), np.array([end]))[0]) for end in (3600.0, 3601.0, 10800.0)]
        [False, True, False]
        """
        return np.asarray(((self.starts < end) & (start < self.ends)).any(axis=0))


@dataclass(frozen=True, slots=True, eq=False)
class WeekScope:
    """What is learnt of one sensor.

    >>> away = Away(np.empty((0, 2)), np.empty((0, 2)))
    >>> scope = WeekScope("units", 3600.0, np.ones((2, 168)), away, Cells(("north", "south")))
    >>> scope.start()["week.units"].shape, scope.start()["level.units"]
    ((2, 168), array([nan, nan]))
    """

    sensor: str
    window: float
    """Seconds that a value covers, at most a day."""
    prior: Array
    """Profile until enough has been learnt, shape (cells, 168), mean one."""
    away: Away
    """What is left out of learning."""
    cells: Cells

    def start(self) -> dict[str, Array]:
        """The facts before the first record."""
        return self._named(Week.fresh(self.prior), self.cells.full(-np.inf))

    def folded(self, before: Mapping[str, Array], record: Record) -> dict[str, Array]:
        """The facts after one tick's record; empty where nothing is learnt of it."""
        counts, end = self._counts(record), record.columns.get(f"signal.{self.sensor}.good_at")
        if end is None or not counts.any():
            return {}
        until = before[f"week_until.{self.sensor}"]
        gap = np.where(counts, end - until, 0.0)
        new = np.clip(gap / self.window, 0.0, 1.0)
        if not (new > 0).any():
            return {}
        hours = hours_at(np.where(counts, end, 0.0), self.cells)
        value = record.columns[f"signal.{self.sensor}.value"]
        week = learnt(self._week(before), self.prior, hours, self.window / 3600.0, value, new)
        return self._named(week, np.where(new > 0, end, until))

    def _counts(self, record: Record) -> Bools:
        """Cells whose reading is one to learn from."""
        head, columns = f"signal.{self.sensor}", record.columns
        if f"{head}.fresh" not in columns or f"reading.{self.sensor}.quality" not in columns:
            return np.zeros(len(self.cells), np.bool_)
        end, value = columns[f"{head}.good_at"], columns[f"{head}.value"]
        good = (columns[f"{head}.verdict"] == Verdict.OK) & (columns[f"{head}.latch"] == Latch.LIVE)
        sure = columns[f"reading.{self.sensor}.quality"] == Quality.GOOD
        known = np.isfinite(end) & (value >= 0) & columns[f"{head}.fresh"]
        return np.asarray(good & sure & known & ~self.away.touches(end - self.window, end))

    def _week(self, facts: Mapping[str, Array]) -> Week:
        return Week(*(facts[f"{name}.{self.sensor}"] for name in FACTS[:-1]))

    def _named(self, week: Week, until: Array) -> dict[str, Array]:
        values = (week.shape, week.total, week.count, week.level, week.weight, until)
        return {f"{name}.{self.sensor}": value for name, value in zip(FACTS, values, strict=True)}


def hours_at(end: Array, cells: Cells) -> Array:
    """Hours of the week at each cell's own moment, shape (cells,)."""
    hours = np.zeros(len(cells))
    for moment in np.unique(end):
        civil = civil_at(float(moment), cells)
        at = civil.hour_of_week + (civil.seconds_of_day % 3600.0) / 3600.0
        hours = np.where(end == moment, at, hours)
    return hours


def weeks_of(campaign: Campaign, cells: Cells) -> dict[str, WeekScope]:
    """Sensor -> what is learnt of its week: for a target's shape, or for a budget that is planned by forecast."""
    asked = [
        loop.sensor
        for loop in campaign.loops.values()
        if (loop.target.shape is not None and loop.target.shape.learned)
        or (loop.pays_from in campaign.budgets and campaign.budgets[loop.pays_from].plan == "forecast")
    ]
    away, found = _away(campaign, cells), {}
    for name in dict.fromkeys(asked):
        window = campaign.sensors[name].window
        if window and window <= LONGEST * 3600.0:
            found[name] = WeekScope(name, window, _prior(campaign, name, cells), away, cells)
    return found


def _away(campaign: Campaign, cells: Cells) -> Away:
    """The campaign's events, whichever loop they feed into, in the zone of each cell."""
    starts, ends = np.full((2, len(campaign.events), len(cells)), -np.inf)
    for row, event in enumerate(campaign.events.values()):
        for cell, label in enumerate(cells.label_of):
            if not event.cells or label in event.cells:
                starts[row, cell], ends[row, cell] = event.span(cells.zone_of[cell])
    return Away(starts, ends)


def _prior(campaign: Campaign, sensor: str, cells: Cells) -> Array:
    """The shape that a file gives for what this sensor measures; flat where none does."""
    shapes = (loop.target.shape for loop in campaign.loops.values() if loop.sensor == sensor)
    weights = next((shape.weights for shape in shapes if shape is not None and shape.weights), (1.0,) * HOURS)
    return np.tile(np.array(weights, np.float64), (len(cells), 1))
