"""What is compared in a hold-out: one measure of many histories at once, the recorded one among them.

Every statistic is measured in the same way of recorded and simulated counts, each around its own weekdays and its own
slow level. Called by holdout.py; pure arithmetic.
"""

import numpy as np

from controller.cells import Array, Bools, Ints

SLOW = 29
"""Days of the centred mean that takes the slow level out."""
HALF = 0.5
"""Share of a day's sales that must be known for the day to count."""
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def measured(values: Array, known: Bools, weekday: Ints, profile: Array) -> dict[str, Array]:
    """Statistics by name, each of shape (histories,).

    Parameters
    ----------
    values: counts, shape (histories, days, slots).
    known: which slots count, shape (days, slots); the same for all histories.
    weekday: of each day, 0 for Monday.
    profile: weights that the fit found, shape (7, slots).
    """
    values = np.where(known, values, 0.0)
    seen = seen_of(known, weekday, profile)
    open_ = seen > HALF
    total = values.sum(axis=2)[:, open_] / seen[open_]
    days = weekday[open_]
    there = np.unique(days)
    index = _by_weekday(total, days)[:, there]
    found = {"mean of a day": index.mean(axis=1)}
    index = index / index.mean(axis=1, keepdims=True)
    found |= {f"index of {DAYS[day]}": index[:, place] for place, day in enumerate(there)}
    left = residuals(total, days, np.flatnonzero(open_))
    found["residual sd of days"] = left.std(axis=1)
    found["lag-1 of residuals"] = _lag_1(left, np.flatnonzero(open_))
    if profile.shape[1] > 1:
        found["share of sales in other hours"] = _apart(values, known, weekday, profile)
        found["variance/mean of hours in their week"] = _in_cells(values, known, weekday)
        found["variance/mean of hours in their day"] = _in_days(values, known, weekday, profile)
    else:
        found["variance/mean of days"] = _in_cells(values, known, weekday)
    return found


def seen_of(known: Bools, weekday: Ints, profile: Array) -> Array:
    """Share of a day's sales, by the profile, that lies in known slots, shape (days,); zero where nothing is sold."""
    share = profile[weekday]
    whole = share.sum(axis=1)
    return np.asarray(np.where(known, share, 0.0).sum(axis=1) / np.where(whole > 0, whole, 1.0))


def residuals(total: Array, weekday: Ints, place: Ints) -> Array:
    """Log of each day's count without its weekday and its slow level, shape of `total` (histories, days)."""
    log = np.log(np.maximum(total, 0.5))
    log = log - _by_weekday(log, weekday)[:, weekday]
    reach = min(SLOW, int(place[-1] - place[0])) // 2
    low, high = np.searchsorted(place, place - reach), np.searchsorted(place, place + reach, side="right")
    sums = np.concatenate([np.zeros((len(log), 1)), np.cumsum(log, axis=1)], axis=1)
    return np.asarray(log - (sums[:, high] - sums[:, low]) / (high - low))


def _by_weekday(values: Array, weekday: Ints) -> Array:
    """Mean of each weekday, shape (histories, 7); zero for one that is not there."""
    sums = np.stack([values[:, weekday == day].sum(axis=1) for day in range(7)], axis=1)
    return np.asarray(sums / np.maximum(np.bincount(weekday, minlength=7), 1))


def _lag_1(left: Array, place: Ints) -> Array:
    """Correlation of days that follow each other."""
    pair = np.diff(place) == 1
    left = left - left.mean(axis=1, keepdims=True)
    before, after = left[:, :-1][:, pair], left[:, 1:][:, pair]
    return np.asarray((before * after).mean(axis=1) / np.maximum((left**2).mean(axis=1), 1e-300))


def _apart(values: Array, known: Bools, weekday: Ints, profile: Array) -> Array:
    """Share of sales that stand in other hours of the week than the profile says: half the sum of differences."""
    mean = _cells(values, known, weekday)
    own = mean / np.maximum(mean.sum(axis=(1, 2), keepdims=True), 1e-300)
    return np.asarray(0.5 * np.abs(own - profile / profile.sum()).sum(axis=(1, 2)))


def _cells(values: Array, known: Bools, weekday: Ints) -> Array:
    """Mean of each slot of the week, shape (histories, 7, slots)."""
    cells = []
    for day in range(7):
        here = weekday == day
        cells.append(values[:, here].sum(axis=1) / np.maximum(known[here].sum(axis=0), 1))
    return np.stack(cells, axis=1)


def _in_cells(values: Array, known: Bools, weekday: Ints) -> Array:
    """Variance over mean around the mean of each slot of the week."""
    mean = np.where(known, _cells(values, known, weekday)[:, weekday], 0.0)
    weeks = known.sum() / max(len(np.unique(weekday)) * known.shape[1], 1)
    squares = ((values - mean) ** 2).sum(axis=(1, 2))
    return np.asarray(squares / np.maximum(mean.sum(axis=(1, 2)), 1e-300) / (1.0 - 1.0 / max(weeks, 2.0)))


def _in_days(values: Array, known: Bools, weekday: Ints, profile: Array) -> Array:
    """Variance over mean around the profile at the level of each day."""
    share = np.where(known, profile[weekday], 0.0)
    share = share / np.maximum(share.sum(axis=1, keepdims=True), 1e-300)
    mean = values.sum(axis=2, keepdims=True) * share
    squares = ((values - mean) ** 2).sum(axis=(1, 2))
    return np.asarray(squares / np.maximum(mean.sum(axis=(1, 2)), 1e-300) / (1.0 - 1.0 / 24.0))
