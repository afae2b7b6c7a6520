"""The week: 168 weights of mean one and a level, learnt from readings one by one.

    y = level x mean weight of its window x luck

Every reading is divided by the local level, so a trend, a season or a lever that moved for days is no part of the week.
Sums by hour of the week are discounted (a sample counts half after eight weeks), and drawn towards what the hour of the
day and the day of the week say together, which are drawn towards the prior profile:

    day_d  = (sum of ratios on d + K prior) / (the same expected of the prior + K)        hour_h alike
    w_dh   = (sum of ratios at d,h + SHRINK x prior_dh day_d hour_h) / (count + SHRINK)

(empirical Bayes for ratios of counts: Clayton & Kaldor, Biometrics 43 (1987) 671-681, with the gamma's shape as a
constant; discounting: West & Harrison, Bayesian Forecasting and Dynamic Models, Springer 1997, ch. 6). A window longer
than an hour shares its value out as the profile known so far does (the E step of the EM algorithm for sums of counts,
Vardi, Shepp & Kaufman, JASA 80 (1985) 8-20). Until nine hours of the week in ten have been seen the profile is the
prior: before that there is no level that has seen nights and weekends.

What can't be told apart: a lever that moves with the week, every week alike, is learnt as the week; and a loop that
holds its own target tightly sees its own target's shape.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.forecast.hours import HOURS, Array, overlap

Bools = NDArray[np.bool_]
KEEP = 0.5 ** (1 / 8)
"""What a sample counts for after a week."""
SHRINK = 2.0
"""Samples for which the product of day and hour counts."""
MARGIN = 6.0
"""Hours of the prior in each factor of a day or an hour of the day."""
MEMORY = 168.0
"""Hours after which a sample counts 1/e in the level."""
ENOUGH = 0.9
"""Share of the week that must have been seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Week:
    """What has been learnt; never changed, only replaced. Shape (cells, 168) or (cells,)."""

    shape: Array
    """Weights of mean one, (cells, 168): the prior until enough was seen."""
    total: Array
    """Discounted sums of ratios to the level, (cells, 168); of values, before there is a level."""
    count: Array
    """Discounted samples behind them, (cells, 168)."""
    level: Array
    """Mean of the measured value over a week now, in its unit; NaN before there is one."""
    weight: Array
    """Discounted hours behind the level."""

    @classmethod
    def fresh(cls, prior: Array) -> "Week":
        """Nothing learnt yet; `prior`: (cells, 168), mean one."""
        cells = len(prior)
        return cls(
            prior.copy(), np.zeros((cells, HOURS)), np.zeros((cells, HOURS)),
            np.full(cells, np.nan), np.zeros(cells),
        )  # fmt: skip

    @property
    def learned(self) -> Bools:
        """Where enough was seen."""
        return np.isfinite(self.level)

    @property
    def seen(self) -> Array:
        """Share of the week's hours that have been seen at least once."""
        return np.asarray(np.minimum(self.count, 1.0).mean(axis=1))


def learnt(week: Week, prior: Array, end: Array, length: float, value: Array, new: Array) -> Week:
    """The week after one reading a cell.

    Parameters
    ----------
    prior: profile that is shrunk to, shape (cells, 168), mean one.
    end: hours of the week at which each window ends, shape (cells,).
    length: hours of the window, at most 24.
    value: what was measured, not negative, shape (cells,).
    new: share of the window that no earlier reading covered, 0..1; zero: the reading is left out.

    >>> true = np.tile(np.r_[np.full(12, 0.5), np.full(12, 1.5)], 7)[None]
    >>> flat = np.ones((1, 168))
    >>> week = Week.fresh(flat)
    >>> for hour in range(4 * 168):
    ...     week = learnt(week, flat, np.array([hour + 1.0]), 1.0, 20.0 * true[:, hour % 168], np.ones(1))
    >>> week.level.round(1), week.shape[0, [0, 12]].round(1)
    (array([20.3]), array([0.5, 1.5]))
    """
    new = np.where(np.isfinite(value), new, 0.0)
    if not (new > 0).any():
        return week
    value = np.where(new > 0, value, 0.0)
    slots, part = overlap(end, length)
    at = (np.arange(len(value))[:, None], slots)
    inside = week.shape[at]
    mean = (inside * part).sum(axis=1) / length
    known = mean > 0
    share = np.where(known[:, None], inside / np.where(known, mean, 1.0)[:, None], 1.0)
    level = _levelled(week, value, mean, length * new)
    scale = np.where(week.learned & (week.level > 0), week.level, 1.0)
    keep = KEEP ** (part * new[:, None])
    gain = (1 - keep) / (1 - KEEP)
    total, count = week.total.copy(), week.count.copy()
    total[at] = keep * total[at] + gain * share * (value / scale)[:, None]
    count[at] = keep * count[at] + gain
    return _published(replace(week, total=total, count=count, **level), prior)


def _levelled(week: Week, value: Array, mean: Array, hours: Array) -> dict[str, Array]:
    """The level after a reading, where there is one: a discounted ratio of sums."""
    keep = np.exp(-hours / MEMORY)
    own = np.where(week.learned, week.level, 0.0) * week.weight * keep + value * hours
    weight = week.weight * keep + mean * hours
    level = np.where(week.learned & (weight > 0), own / np.where(weight > 0, weight, 1.0), week.level)
    return {"level": level, "weight": np.where(week.learned, weight, week.weight)}


def _published(week: Week, prior: Array) -> Week:
    """The profile from the sums; where enough was seen for the first time, the level and the sums' unit too."""
    expected = (week.count * prior).sum(axis=1)
    first = ~week.learned & (week.seen >= ENOUGH) & (week.total.sum(axis=1) > 0) & (expected > 0)
    if first.any():
        found = np.where(first, week.total.sum(axis=1) / np.where(first, expected, 1.0), week.level)
        week = replace(
            week,
            level=found,
            weight=np.where(first, MEMORY, week.weight),
            total=np.where(first[:, None], week.total / np.where(first, found, 1.0)[:, None], week.total),
        )
    if not week.learned.any():
        return week
    drawn = (week.total + SHRINK * _product(week, prior)) / (week.count + SHRINK)
    mean = drawn.mean(axis=1, keepdims=True)
    fit = week.learned[:, None] & (mean > 0)
    return replace(week, shape=np.where(fit, drawn / np.where(mean > 0, mean, 1.0), week.shape))


def _product(week: Week, prior: Array) -> Array:
    """Prior x day of the week x hour of the day, shape (cells, 168)."""
    cells = len(prior)
    total, expected = (each.reshape(cells, 7, 24) for each in (week.total, week.count * prior))
    sums = [(total.sum(axis=axis), expected.sum(axis=axis)) for axis in (2, 1)]
    day, hour = ((own + MARGIN) / (usual + MARGIN) for own, usual in sums)
    factor = day[:, :, None] * hour[:, None, :]
    return np.asarray(prior * factor.reshape(cells, HOURS))
