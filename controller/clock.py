"""The only reader of time: clocks, the grid of ticks, and civil fields.

Periods under a day lie on the UTC grid, a day or more on the civil grid of a zone. A clock that steps back or forth
skips ticks and never gives two ticks one index, so `elapsed` is always above zero. Called by the daemon, the simulator
and the assembly; nothing else in controller/ may ask for the time.
"""

import math
import time
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from controller.cells import Cells
from controller.signals import Civil, Tick

DAY = 86_400.0


class SystemClock:
    """The machine's clocks: wall time for records, monotonic time for waiting."""

    def now(self) -> float:
        """UTC, seconds since 1970."""
        return time.time()

    def monotonic(self) -> float:
        """Seconds that never step back."""
        return time.monotonic()


@dataclass(slots=True)
class ManualClock:
    """A clock that moves when told: tests and simulations.

    >>> clock = ManualClock(100.0)
    >>> clock.advance(5.0)
    >>> clock.now(), clock.monotonic()
    (105.0, 5.0)
    """

    time: float
    _ran: float = field(default=0.0, init=False)

    def now(self) -> float:
        """UTC, seconds since 1970, as last set."""
        return self.time

    def monotonic(self) -> float:
        """Seconds advanced so far; a step of the wall time does not count."""
        return self._ran

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        if seconds < 0:
            raise ValueError(
                f"time can pass forwards only, received {seconds} seconds; use step() for a clock change"
            )
        self.time += seconds
        self._ran += seconds

    def step(self, seconds: float) -> None:
        """Change the wall clock, as an operator or NTP would; no time passes."""
        self.time += seconds


@dataclass(slots=True)
class TickMaker:
    """Makes ticks on the UTC grid of one scan period; remembers the last so that time never runs backwards.

    >>> maker = TickMaker(Cells(("all",)), scan=60.0)
    >>> first = maker.at(120.0)
    >>> maker.at(119.0) is None, maker.at(300.0).elapsed
    (True, 180.0)
    """

    cells: Cells
    scan: float
    holidays: Container[date] = frozenset()
    last: Tick | None = None
    skipped: int = 0
    """Grid points passed over so far: stalls and forward steps of the clock."""

    def at(self, now: float) -> Tick | None:
        """The tick of the grid point at or before `now`; None when it is not after the last one."""
        index = math.floor(now / self.scan + 1e-9)
        if self.last is not None and index <= self.last.index:
            return None
        moment = index * self.scan
        elapsed = self.scan if self.last is None else moment - self.last.time
        self.skipped += 0 if self.last is None else index - self.last.index - 1
        self.last = Tick(index, moment, elapsed, civil_at(moment, self.cells, self.holidays))
        return self.last

    def wake(self, now: float) -> Tick | None:
        """A turn between two grid points, for an operator's command; None when no time has passed since the last.

        Its index is the last one's: no loop is due at it, and no draw is made.
        """
        if self.last is None:
            return self.at(now)
        if now <= self.last.time:
            return None
        self.last = Tick(self.last.index, now, now - self.last.time, civil_at(now, self.cells, self.holidays))
        return self.last

    def resume(self, index: int, moment: float) -> None:
        """Continue after the tick `index` of an earlier life, which was at `moment` (UTC seconds)."""
        self.last = Tick(index, moment, self.scan, civil_at(moment, self.cells, self.holidays))

    def next_after(self, now: float) -> float:
        """UTC seconds of the first grid point after `now`."""
        return (math.floor(now / self.scan + 1e-9) + 1) * self.scan


def civil_at(moment: float, cells: Cells, holidays: Container[date] = frozenset()) -> Civil:
    """Civil fields of a UTC moment for every cell, each in its own zone."""
    zones = sorted(set(cells.zone_of))
    rows = [_civil_of(moment, zone) for zone in zones]
    if len(zones) == 1:
        hour, day, seconds = rows[0]
        count = len(cells)
        return Civil(
            np.full(count, hour, np.int64),
            np.full(count, day, np.int64),
            np.full(count, seconds),
            np.full(count, date.fromordinal(day) in holidays, np.bool_),
        )
    row = np.array([zones.index(zone) for zone in cells.zone_of])
    hours, days, seconds_of = (np.array(column) for column in zip(*rows, strict=True))
    free = np.array([date.fromordinal(int(day)) in holidays for day in days], np.bool_)
    return Civil(
        hours[row].astype(np.int64), days[row].astype(np.int64), seconds_of[row].astype(np.float64), free[row]
    )


@lru_cache(maxsize=4096)
def _civil_of(moment: float, zone: str) -> tuple[int, int, float]:
    local = datetime.fromtimestamp(moment, ZoneInfo(zone))
    seconds = local.hour * 3600.0 + local.minute * 60.0 + local.second + local.microsecond / 1e6
    return local.weekday() * 24 + local.hour, local.toordinal(), seconds


def period_of(moment: float, every: float, zone: str = "UTC") -> int:
    """Number of the period of length `every` that holds a moment: UTC grid under a day, civil grid from a day on.

    Seven days or more begin on a Monday. A civil day of 23 or 25 hours is still one period.

    >>> period_of(3599.0, 3600.0), period_of(3600.0, 3600.0)
    (0, 1)
    >>> spring = datetime(2026, 3, 29, 22, 30, tzinfo=UTC).timestamp()  # 00:30 on the 30th in Berlin
    >>> period_of(spring, DAY, "Europe/Berlin") - period_of(spring - 3600, DAY, "Europe/Berlin")
    1
    """
    if every < DAY:
        return math.floor(moment / every + 1e-9)
    days = round(every / DAY)
    ordinal = _civil_of(moment, zone)[1]
    return (ordinal - 1) // days  # ordinal 1 is a Monday


def day_start(ordinal: int, zone: str) -> float:
    """UTC seconds at which a civil day begins in a zone."""
    day = date.fromordinal(ordinal)
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()


def local_span(first: date, last: date, zone: str) -> tuple[float, float]:
    """UTC seconds from the start of the first civil day to the end of the last one."""
    return day_start(first.toordinal(), zone), day_start((last + timedelta(days=1)).toordinal(), zone)


def iso(moment: float) -> str:
    """A UTC moment as text.

    >>> iso(0.0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
