"""A forecast over hours to come: the level, the week, what is known of the days ahead, and the mood of the moment.

    forecast_n = level x weight[hour n] x effect_n x (1 + (mood - 1) PERSISTS^n)

`mood` is how the last hours lay beside their own forecasts; it fades, since a busy day says little of the next week. A
forecast is as good as the level behind it: intervals.py measures how good that was. Pure.
"""

from dataclasses import dataclass

import numpy as np

from models.forecast.hours import Array
from models.forecast.week import Week

FORGETS = np.exp(-1.0 / 12.0)
"""What an hour counts for an hour later in the mood."""
PERSISTS = 0.95
"""Of a mood, from one hour to the next."""
CAUTION = 12.0
"""Hours of usual demand that the mood is drawn towards one by."""


@dataclass(frozen=True, slots=True, eq=False)
class Mood:
    """Discounted sums of what was measured and of what the level and the week said, shape (cells,)."""

    measured: Array
    expected: Array

    @classmethod
    def fresh(cls, cells: int) -> "Mood":
        """Nothing seen."""
        return cls(np.zeros(cells), np.zeros(cells))

    def seen(self, measured: Array, expected: Array) -> "Mood":
        """An hour later; NaN in either counts for nothing."""
        known = np.isfinite(measured) & np.isfinite(expected)
        sums = zip((self.measured, self.expected), (measured, expected), strict=True)
        return Mood(*(FORGETS * before + np.where(known, now, 0.0) for before, now in sums))

    def factor(self, level: Array) -> Array:
        """How the last hours lay beside what was usual, drawn towards one; shape (cells,).

        >>> Mood(np.array([36.0]), np.array([12.0])).factor(np.array([1.0]))
        array([2.])
        """
        usual = CAUTION * np.where(np.isfinite(level), level, 0.0)
        below = self.expected + usual
        return np.divide(self.measured + usual, below, out=np.ones_like(below), where=below > 0)


def forecast(week: Week, hours: Array, mood: Array | float = 1.0, effect: Array | float = 1.0) -> Array:
    """What whole hours to come will bring, shape (hours, cells), in the unit of the level; NaN where there is none.

    Parameters
    ----------
    week: what has been learnt.
    hours: hour of the week of each hour to come, the next one first, shape (hours, cells), whole numbers.
    mood: `Mood.factor`, shape (cells,).
    effect: factors known beforehand, shape (hours, cells): holidays, promotions.

    >>> week = Week.fresh(np.ones((1, 168)))
    >>> known = Week(week.shape, week.total, week.count, np.array([10.0]), week.weight)
    >>> forecast(known, np.arange(3)[:, None], mood=np.array([1.2])).round(2).ravel()
    array([12. , 11.9, 11.8])
    """
    usual = week.level * np.take_along_axis(week.shape, np.asarray(hours, np.int64).T, axis=1).T
    lasts = PERSISTS ** np.arange(len(usual))[:, None]
    return np.asarray(usual * effect * (1 + (mood - 1) * lasts))
