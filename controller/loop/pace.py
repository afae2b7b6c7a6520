"""The setpoint of a loop that reaches a total or spends a budget: what is left, over the expected demand that is left.

Called by the loop once a turn in the place of a level; built by assembly. Once for each pool of cells, from the moment
that the total is known for (not from now: what a late sensor has not told is not guessed):

    level = per_hour x left / D(known, end),   at most `most`          D: hours of mean demand, models.pacing.plan
    setpoint of the measured window = level x mean weight of that window

So whatever was missed is caught up evenly over all that remains, and by the cap never faster than `catch_up` above the
plan's own level; guardrails bound the output besides. Demand follows the learned week of the sensor (the fact
`week.SENSOR`) where there is one, else the target's shape, else it is even; a budget whose plan is `even` or `none` is
spent by the target's shape alone. A pool's setpoint is shared out among its cells by what they have reached or spent.
After the end there is no setpoint: outputs are held. Hours are counted as if no clock were put forward or back.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from controller import paces
from controller.cells import Array, Cells
from controller.plan import Campaign
from controller.signals import Signal, Tick
from models.pacing.plan import Demand, Weeks, catch_up_level

CATCH_UP = 0.5
"""Where the target sets none."""
SETTLES = 24.0
"""Hours of the measured rate that count beside what a cell has reached, so that its part is known from the start."""


@dataclass(frozen=True, slots=True, eq=False)
class Pace:
    """One loop's total: reached by counting (`reached.LOOP`), or spent (`spent.BUDGET` and what is owed)."""

    loop: str
    sensor: str
    total: float
    per_hour: float
    """What one an hour is in the sensor's unit."""
    starts_at: float
    ends_at: float
    window: float
    """Seconds that a measured value covers; 0: none."""
    most: float
    """Highest level of a pool, sensor's unit."""
    weeks: Weeks
    """The demand of the target's shape, or of a learned week."""
    learned: bool = True
    """Whether the learned week of the sensor goes before the target's shape."""
    budget: str | None = None
    owed: str | None = None
    from_first: bool = False
    """True where the budget's first good reading is what others spent before."""

    def at(
        self, tick: Tick, signals: Mapping[str, Signal], facts: Mapping[str, Array], cells: Cells
    ) -> Array:
        """Setpoint of the newest measured window, in the sensor's unit, shape (cells,)."""
        signal = signals[self.sensor]
        done, known = self._done(signals, facts)
        known = np.clip(np.nan_to_num(known, nan=self.starts_at), self.starts_at, self.ends_at)
        week = self.weeks.of(facts.get(f"week.{self.sensor}") if self.learned else None)
        hour = _hour_of_week(tick)
        rest = week.between(hour - (tick.time - known) / 3600.0, (self.ends_at - known) / 3600.0)
        demand = cells.total(rest) / cells.total(cells.full(1.0))
        left = self.total - cells.total(np.nan_to_num(done))
        pool = catch_up_level(left * self.per_hour, demand, np.full_like(demand, self.most))
        parts = _parts(done, signal.value / self.per_hour, cells)
        level = cells.spread(pool) * parts * self._weight(tick, signal, week, hour)
        return level if tick.time < self.ends_at else np.full_like(level, np.nan)

    def _done(self, signals: Mapping[str, Signal], facts: Mapping[str, Array]) -> tuple[Array, Array]:
        """Reached or spent in each cell, and until when that is known, shape (cells,)."""
        if self.budget is None:
            return facts[f"reached.{self.loop}"], facts[f"reached_at.{self.loop}"]
        spent, known = facts[f"spent.{self.budget}"], facts[f"spent_at.{self.budget}"]
        if self.from_first:
            spent = spent - facts[f"first_spent.{self.budget}"]
        if self.owed is not None:
            owed = signals[self.owed]
            spent, known = spent + np.maximum(np.nan_to_num(owed.value), 0.0), np.minimum(known, owed.good_at)
        return spent, known

    def _weight(self, tick: Tick, signal: Signal, week: Demand, hour: Array) -> Array | float:
        """Mean weight of the measured window of each cell."""
        if week.weights is None:
            return 1.0
        end = np.where(np.isfinite(signal.good_at), signal.good_at, tick.time)
        length = self.window / 3600.0 or 1e-3
        start = hour - (tick.time - end) / 3600.0 - length
        return week.between(start, np.full_like(start, length)) / length


def paces_of(campaign: Campaign) -> dict[str, Pace]:
    """The totals that loops are to reach and the budgets that they are to spend."""
    found = {}
    for name, loop in campaign.loops.items():
        target = loop.target
        if target.verb not in paces.VERBS:
            continue
        numbers, budget = campaign.pace(name), campaign.budgets.get(target.spend or "")
        found[name] = Pace(
            loop=name,
            sensor=loop.sensor,
            total=numbers.total,
            per_hour=numbers.per_hour,
            starts_at=numbers.starts_at,
            ends_at=numbers.ends_at,
            window=campaign.sensors[loop.sensor].window or 0.0,
            most=(1.0 + (CATCH_UP if target.catch_up is None else target.catch_up)) * numbers.level,
            weeks=Weeks(np.array(numbers.week) if numbers.week else None),
            learned=budget is None or budget.plan == "forecast",
            budget=target.spend,
            owed=None if budget is None else budget.owed,
            from_first=target.spend is not None and _from_first(campaign, target.spend),
        )
    return found


def _from_first(campaign: Campaign, budget: str) -> bool:
    """True where a guardrail says of a budget that its first good reading is what others spent before."""
    rails = (rail.settings for rail in campaign.guardrails.values() if rail.kind == "budget")
    named = (settings for settings in rails if settings is not None and settings.budget in (None, budget))
    return any(settings.count_from == "first_reading" for settings in named)


def _hour_of_week(tick: Tick) -> Array:
    """Hours since Monday 00:00, with their fraction, shape (cells,)."""
    civil = tick.civil
    return np.asarray(civil.hour_of_week + (civil.seconds_of_day % 3600.0) / 3600.0, np.float64)


def _parts(done: Array, rate: Array, cells: Cells) -> Array:
    """Each cell's part of its pool, shape (cells,), by what it has done and what it does; equal where nothing is known.

    `done`: reached or spent so far; `rate`: measured now, so many an hour, which counts as SETTLES hours of it.
    """
    size = np.maximum(np.nan_to_num(done), 0.0) + SETTLES * np.maximum(np.nan_to_num(rate), 0.0)
    total, count = cells.spread(cells.total(size)), cells.spread(cells.total(cells.full(1.0)))
    return np.divide(size, total, out=1.0 / count, where=total > 0)
