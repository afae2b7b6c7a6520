"""Variance over mean of the counts, and how it grows when people buy more.

    E[R | N] = N (1 - sum p^2) (1 + (D[day] - 1) N / e)       D[day] = D mood^growth

R is the sum of squares of a day's hours around N p, N the day's count, p the share of each hour, e what was to be
expected at the day's level and mood: the Dirichlet-multinomial law of counts whose variance is D times their mean,
given their sum. What the mood does within a day is taken off. In a promotion people take home more units a purchase, so
the counts grow coarser as they grow: without `growth` a quiet autumn would come out too rough. Called by the fit; calls
nothing; draws nothing.
"""

import numpy as np

from controller.cells import Array, Bools
from models.counts import MOST_DISPERSED

_GROWTHS = np.linspace(0.0, 2.0, 41)
_LEAST_COUNT = 5.0
"""A day with fewer counts says nothing about how they are spread."""


def first_guess(values: Array, known: Bools, share: Array) -> float:
    """Pearson's variance over mean around the level of each day; shape of all three (days, slots)."""
    total, seen = _sums(values, known, share)
    expected = np.where(known, share / np.where(seen > 0, seen, 1.0)[:, None] * total[:, None], 0.0)
    squares = np.where(known, (np.nan_to_num(values) - expected) ** 2, 0.0).sum()
    slots = np.where(expected > 0, 1.0, 0.0).sum(axis=1)
    free = 1.0 - float((slots > 0).sum()) / max(float(slots.sum()), 2.0)
    return float(squares / max(expected.sum(), 1e-300) / max(free, 0.1))


def dispersions(
    values: Array,
    known: Bools,
    share: Array,
    expected: Array,
    factor: Array,
    level: Array,
    within: tuple[Array, Array],
    taken: Array,
) -> tuple[Array, Array]:
    """(D, growth) of each draw, shape (draws,); D is held between one and what counts can have.

    Parameters
    ----------
    values, known, share: counts, where they are known, share of each slot in its day; shape (days, slots).
    expected: count of each day's known slots by the profile, shape (days,).
    factor: of level and mood on it, shape (days,).
    level: log of the level's part in that, for each draw, shape (draws, days).
    within: variance of the mood and what of it one hour keeps, for each draw, both of shape (draws,).
    taken: how often each day is in the sample of each draw, shape (draws, days).
    """
    total, seen = _sums(values, known, share)
    part = np.where(known, share / np.where(seen > 0, seen, 1.0)[:, None], 0.0)
    squares = np.where(known, (np.nan_to_num(values) - part * total[:, None]) ** 2, 0.0).sum(axis=1)
    multinomial = total * (1.0 - (part**2).sum(axis=1))
    use = (total >= _LEAST_COUNT) & (multinomial > 0) & (factor > 0) & (expected > 0)
    total, multinomial, factor = (np.where(use, each, 1.0) for each in (total, multinomial, factor))
    own = np.stack(
        [_within(part, *each) for each in zip(*within, strict=True)]
    )  # what the mood does within a day
    ratio = (squares * _free(len(total)) - total**2 * own) / multinomial
    each = np.where(use, 1.0 + (ratio - 1.0) * (expected * factor / total), 1.0)
    return _fitted(each, np.where(use, np.log(factor) - level, 0.0), taken * np.where(use, multinomial, 0.0))


def _free(days: int) -> float:
    """By how much squares around shares that were fitted to the same weeks are too small."""
    weeks = days / 7.0
    return weeks / max(weeks - 1.0, 1.0)


def _sums(values: Array, known: Bools, share: Array) -> tuple[Array, Array]:
    """Count of each day and the share of its slots that are known."""
    total = np.where(known, np.nan_to_num(values), 0.0).sum(axis=1)
    return total, np.where(known, share, 0.0).sum(axis=1)


def _within(part: Array, variance: float, keep: float) -> Array:
    """Variance that a mood makes between a day's shares, summed over its slots, shape (days,)."""
    hours = np.arange(part.shape[1])
    alike = keep ** np.abs(hours[:, None] - hours[None, :])
    mean = part @ alike  # correlation of each hour with the day's mean
    whole = (mean * part).sum(axis=1, keepdims=True)
    return np.asarray(variance * (part**2 * (1.0 - 2.0 * mean + whole)).sum(axis=1))


def _fitted(each: Array, log_mood: Array, weight: Array) -> tuple[Array, Array]:
    """D and growth of each ~ D mood^growth by gamma's quasi-likelihood, over a grid of growths.

    Given the growth, D is the weighted mean of each / mood^growth; the deviance is then its logarithm plus the weighted
    mean of growth x log mood.
    """
    weight = weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
    size = np.stack([(weight * np.exp(-growth * log_mood) * each).sum(axis=1) for growth in _GROWTHS])
    tilt = (weight * log_mood).sum(axis=1)
    deviance = np.log(np.maximum(size, 1e-9)) + _GROWTHS[:, None] * tilt
    best = deviance.argmin(axis=0)
    return np.clip(size[best, np.arange(len(weight))], 1.0, MOST_DISPERSED), _GROWTHS[best]
