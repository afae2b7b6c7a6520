"""Recorded demand: soft-drink units by the hour of one year, as a base that markets scale up.

Called by sim.market.demand; reads one file of the package with numpy alone. The file's hours are local civil hours; an
hour without a row is an hour without a sale, so it counts zero. What is measured of the table (profile, level of each
day, dispersion) is measured here, by functions, from the table itself.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files

import numpy as np

from controller.cells import Array, Ints
from models.response.seasonal import HOURS, weights

WEEKS = 52
FIRST_MONDAY = date(2017, 1, 2)
SOURCE = (
    "soft-drink units by the hour of 2,469 households in 2017 (Complete Journey: publisher-provided; its Python README "
    "calls it simulated), US Eastern hours taken as each cell's own local hours"
)


@dataclass(frozen=True, slots=True, eq=False)
class Recorded:
    """Fifty-two whole weeks from a Monday 00:00, shape (8736,), in units and baskets an hour."""

    units: Array
    baskets: Array

    def profile(self, weeks: int = WEEKS) -> Array:
        """168 weights of mean one, from the first `weeks` weeks."""
        return weights(self.units[: weeks * HOURS])

    def days(self) -> Array:
        """Units an hour expected from the weekly profile and the level of each day, counting noise taken out.

        The level of a day is its total over the profile's, drawn towards one by the share of its variance that
        counting alone explains (dispersion over the mean of a day). Shape (8736,).
        """
        week = self.units.reshape(WEEKS, 7, 24)
        profile = week.mean(axis=0)
        level = week.sum(axis=2) / profile.sum(axis=1)
        counting = self._within_days(level) / profile.sum(axis=1).mean()
        kept = max(1.0 - counting / float(((level - 1.0) ** 2).mean()), 0.0)
        calm = np.where(level > 0, 1.0 + kept * (level - 1.0), 0.0)
        return np.asarray((calm[:, :, None] * profile).reshape(-1))

    def dispersion(self) -> float:
        """Variance over mean of an hour's units, around the profile and the level of its day."""
        week = self.units.reshape(WEEKS, 7, 24)
        return self._within_days(week.sum(axis=2) / week.mean(axis=0).sum(axis=1))

    def baskets_a_unit(self) -> float:
        """Baskets over units."""
        return float(self.baskets.sum() / self.units.sum())

    def _within_days(self, level: Array) -> float:
        expected = level[:, :, None] * self.units.reshape(WEEKS, 7, 24).mean(axis=0)
        return dispersion(self.units, expected.reshape(-1), lost=1.0 / 24.0 + 1.0 / WEEKS)


def dispersion(counts: Array, expected: Array, lost: float = 0.0) -> float:
    """Pearson's variance over mean of counts around their expectation; any shape.

    lost: share of the degrees of freedom that fitting the expectation has used up.

    >>> round(dispersion(np.array([1.0, 3.0, 1.0, 3.0]), np.full(4, 2.0)), 3)
    0.5
    """
    squares = float(((counts - expected) ** 2).sum())
    return squares / float(expected.sum()) / (1.0 - lost)


@lru_cache(maxsize=1)
def soft_drinks() -> Recorded:
    """The table of the package; hours without a row are zero."""
    start = datetime.combine(FIRST_MONDAY, datetime.min.time())
    units, baskets = np.zeros(WEEKS * HOURS), np.zeros(WEEKS * HOURS)
    text = files("sim").joinpath("data/cj_softdrinks_hourly.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        hour = int((datetime.fromisoformat(row["hour"]) - start).total_seconds() // 3600)
        if 0 <= hour < units.size:
            units[hour], baskets[hour] = float(row["units"]), float(row["baskets"])
    for table in (units, baskets):
        table.setflags(write=False)
    return Recorded(units, baskets)


def hour_of_year(business_date: Ints, hour_of_week: Ints) -> Ints:
    """Index of the recorded hour for each cell's civil hour, shape (cells,): same weekday and hour, nearest week.

    A year's weeks are counted from its first Monday, as the table's are; what lies before is the table's last week.

    >>> monday = np.array([FIRST_MONDAY.toordinal()])
    >>> hour_of_year(monday, np.array([7])), hour_of_year(monday + 364 + 1, np.array([24]))
    (array([7]), array([24]))
    """
    ordinals, place = np.unique(business_date, return_inverse=True)
    week = np.array([_week(int(ordinal)) for ordinal in ordinals], np.int64)
    return np.asarray(week[place] * HOURS + hour_of_week)


@lru_cache(maxsize=1024)
def _week(ordinal: int) -> int:
    monday = date.fromordinal(ordinal - (ordinal - 1) % 7)
    january = date(monday.year, 1, 1).toordinal()
    first = january + (1 - january) % 7
    return ((monday.toordinal() - first) // 7) % WEEKS
