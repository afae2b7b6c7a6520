"""What a target to reach a total or to spend a budget comes to in numbers, and the level that its plan keeps.

Part of the plan (`Campaign.pace`); read by the loop's own part of it (controller/loop/pace.py), by the config's rules
and by scores. Reads no file and no clock.

    reach   the total is that of all cells together, from the campaign's start to the end of the day `by`
    spend   the total is the budget's, from the campaign's start to its end

The plan's level is the one that, kept all the time, gives the total: total / demand of the span, where demand is that
of the target's `shape`, even without one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Self
from zoneinfo import ZoneInfo

from controller.quantities import Unit
from controller.targets import Measured, Target

VERBS = ("reach", "spend")


@dataclass(frozen=True, slots=True)
class Paced:
    """One paced target, all cells together."""

    total: float
    """In the noun that is counted: units, users, CNY."""
    per_hour: float
    """What one of them an hour is in the sensor's unit and window."""
    starts_at: float
    """UTC seconds, as `ends_at`."""
    ends_at: float
    week: tuple[float, ...]
    """168 weights of mean 1; empty: even."""
    level: float
    """The plan's level: sensor's unit, all cells together, before the week's shape."""

    @classmethod
    def of(
        cls,
        target: Target,
        total: float,
        sensor: Measured,
        span: tuple[float | None, float | None],
        zone: str,
    ) -> Self:
        """The numbers of a target; `span` in UTC seconds. Raises ValueError where something is missing."""
        import numpy as np  # late: reading a plan needs no arrays

        from models.pacing.plan import Demand

        (starts, ends), per_hour = span, per_hour_of(sensor)
        if starts is None or ends is None or per_hour is None or ends <= starts:
            raise ValueError("a total needs a beginning, an end after it, and a measured rate")
        week = target.shape.weights if target.shape else ()
        local = datetime.fromtimestamp(starts, ZoneInfo(zone))
        start = np.array([local.weekday() * 24 + local.hour + local.minute / 60 + local.second / 3600])
        demand = Demand(np.array(week) if week else None).between(start, np.array([(ends - starts) / 3600.0]))
        return cls(total, per_hour, starts, ends, week, total * per_hour / max(float(demand[0]), 1e-9))


def per_hour_of(sensor: Measured) -> float | None:
    """What one an hour is in a sensor's unit; None where its values are no rate: a level, a share, a running total.

    >>> from controller.plan import Sensor
    >>> per_hour_of(Sensor(kind="csv_file", unit="units/day")), per_hour_of(Sensor(kind="csv_file", unit="units"))
    (24.0, None)
    >>> per_hour_of(Sensor(kind="csv_file", unit="CNY", window=7200.0))
    2.0
    """
    unit = Unit.parse(sensor.unit)
    return None if unit.is_share else Unit(unit.noun, "h").factor_to(unit, sensor.window)
