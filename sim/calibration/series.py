"""A series on the civil grid: so many slots a day (24, or 1), unknown where nobody knows, with what was done to it.

Made by the readers of this folder; taken by the fit and by the hold-out. Pure data; knows no file and no market.
"""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from controller.cells import Array, Bools, Ints

WEEK = 7


@dataclass(frozen=True, slots=True)
class Treatment:
    """Something that was done to the data, or is to be known about it; every report prints it."""

    what: str
    """One word, for programs."""
    count: int
    """How many rows, hours or days."""
    text: str
    """For people."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """What was counted in each slot of each civil day.

    Parameters
    ----------
    values: counts, shape (days, slots), 24 or 1 slots a day; NaN where unknown.
    closed: days on which nothing could be sold, shape (days,).
    first: ordinal of the first day (`date.toordinal`).
    unit: of the counts.
    zone: IANA zone whose civil hours these are; empty: local hours whose zone nobody said.
    source, digest, rows: file, its sha256, and its rows.
    treated: what was done on the way here.

    >>> made = Series(values=np.ones((9, 24)), closed=np.zeros(9, bool), first=date(2017, 1, 1).toordinal())
    >>> made.weekday[:2], made.week[:3], made.days
    (array([6, 0]), array([0, 1, 1]), 9)
    """

    values: Array
    closed: Bools
    first: int
    unit: str = "units"
    zone: str = ""
    source: str = ""
    digest: str = ""
    rows: int = 0
    treated: tuple[Treatment, ...] = ()

    @property
    def days(self) -> int:
        """Civil days from the first to the last."""
        return int(self.values.shape[0])

    @property
    def slots(self) -> int:
        """Slots a day."""
        return int(self.values.shape[1])

    @property
    def known(self) -> Bools:
        """Where a count stands on a day that was not closed, shape (days, slots)."""
        return np.isfinite(self.values) & ~self.closed[:, None]

    @property
    def counted(self) -> Bools:
        """Days of which at least half as many slots are known as of the usual day, shape (days,)."""
        slots = self.known.sum(axis=1)
        usual = float(np.median(slots[slots > 0])) if slots.any() else 0.0
        return np.asarray((slots > 0) & (slots >= usual / 2.0))

    @property
    def weekday(self) -> Ints:
        """0 for Monday, shape (days,)."""
        return (self.first - 1 + np.arange(self.days)) % WEEK

    @property
    def week(self) -> Ints:
        """Number of the week, counted from that of the first day, shape (days,)."""
        return (self.first - 1 + np.arange(self.days)) // WEEK - (self.first - 1) // WEEK

    @property
    def monday(self) -> int:
        """Ordinal of the Monday of week 0."""
        return self.first - (self.first - 1) % WEEK

    @property
    def span(self) -> tuple[date, date]:
        """First and last day."""
        return date.fromordinal(self.first), date.fromordinal(self.first + self.days - 1)

    def between(self, start: int, stop: int) -> "Series":
        """The days start..stop-1, counted from the first."""
        return replace(
            self, values=self.values[start:stop], closed=self.closed[start:stop], first=self.first + start
        )

    def by_week(self, values: Array) -> Array:
        """Days laid out by week, shape (weeks, 7, ...); NaN where the series has no day."""
        weeks = int(self.week[-1]) + 1
        laid = np.full((weeks, WEEK, *values.shape[1:]), np.nan)
        laid[self.week, self.weekday] = values
        return laid
