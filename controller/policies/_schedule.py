"""The `schedule` of the pid policy: gains at points of what is scheduled by, as they stand in a file, and in numbers.

Called by pid alone; calls models.pid.schedule.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from controller.quantities import Amount, Duration, QuantityError
from controller.signals import Channel
from models.pid.schedule import Schedule as Lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """Gains at one point of a schedule."""

    at: Amount
    """Where: a level of the output (6%, 2 CNY); a share of the target (80%); a plain number in the sensor's unit."""
    gain: float
    """There, as `gain`."""
    integral_time: Duration | None = None
    """There; None: the policy's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Gains by the operating point, with straight lines between the points."""

    points: tuple[Point, ...]
    """Two or more, rising."""
    by: Literal["output", "measured", "setpoint"] = "output"
    """By the output in force, by the measured value as a share of the target, or by the setpoint."""


def check(schedule: Schedule, gain: float | None, form: str, integral_time: float | None) -> None:
    """Raise QuantityError for a schedule that does not go with the policy's other settings or has no meaning."""
    if gain is not None or form != "standard":
        raise QuantityError(
            "a schedule says the gain itself, in the standard form", gain or form, "no gain, no form"
        )
    if len(schedule.points) < 2:
        raise QuantityError("a schedule is a line between points", len(schedule.points), "two points or more")
    if any(point.integral_time == 0 for point in schedule.points):
        raise QuantityError("an integral time of zero has no meaning", "0", "a duration, or no key")
    times = [point.integral_time or integral_time for point in schedule.points]
    if any(time is None for time in times) and any(times):
        raise QuantityError(
            "an integral time at one point and none at another", None, "one at every point, or at none"
        )
    bad = [point.gain for point in schedule.points if not 0 <= point.gain < np.inf]
    if bad:
        raise QuantityError("gain must be a number, not negative", bad[0], "`move` gives the direction")


def lines_of(schedule: Schedule, integral_time: float | None, channel: Channel) -> Lines:
    """The schedule in numbers; QuantityError where a point has no meaning."""
    at = np.array([_where(point.at, schedule.by, channel) for point in schedule.points])
    times = [point.integral_time or integral_time for point in schedule.points]
    if not (np.diff(at) > 0).all():
        raise QuantityError(
            "the points of a schedule rise", str(schedule.points[0].at), "from low to high, each once"
        )
    gains = np.array([point.gain for point in schedule.points])
    return Lines(at, gains, np.array(times) if times[0] else None)


def _where(at: Amount, by: str, channel: Channel) -> float:
    if by == "output":
        return at.level_in(channel.unit, bare=True)
    if by == "measured":
        return at.level_in("share")
    if not at.bare:
        raise QuantityError("a setpoint is a plain number here", str(at), "a number in the sensor's unit")
    return at.number
