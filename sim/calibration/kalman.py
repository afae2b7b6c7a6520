"""A level that wanders and a mood that forgets, told apart from counting noise: the filter, for many settings at once.

    y[d] = l[d] + x[d] + e[d]      l[d] = l[d-1] + N(0, walk^2 / 7)      x[d] = f x[d-1] + N(0, (1 - f^2) v)

y is the log of a day's count over its expectation, e counting noise of known variance. Every array runs over settings
(f, v, walk), shape (settings,), so that a whole grid is filtered in one pass over the days. Days without a count are
passed over. Called by mood.py; calls numpy; its normals are handed in. Kalman, J. Basic Eng. 82 (1960); the backward
draws are those of Carter & Kohn, Biometrika 81 (1994).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from controller.cells import Array

_WIDE = 25.0
"""Variance of the level before the first day: it may be anything."""


@dataclass(frozen=True, slots=True, eq=False)
class Settings:
    """Of the process, each of shape (settings,)."""

    forget: Array
    """f: what a day keeps of the mood of the day before."""
    variance: Array
    """v: of a day's mood."""
    walk: Array
    """Standard deviation of the level's wander in a week."""


@dataclass(frozen=True, slots=True, eq=False)
class Filtered:
    """The filter's estimate at the end of each day."""

    likelihood: Array
    """Log likelihood, shape (settings,)."""
    mean: Array
    """Of (level, mood), shape (days, settings, 2); without days unless asked for."""
    spread: Array
    """Covariance, shape (days, settings, 2, 2)."""


def filtered(y: Array, noise: Array, given: Settings, keep: bool = False) -> Filtered:
    """Filter days forward.

    Parameters
    ----------
    y: log ratios, shape (days, settings) or (days, 1); NaN where unknown, for all settings alike.
    noise: variance of counting, of the same shape.
    keep: whether the estimates of all days are wanted.

    >>> one = Settings(np.array([0.5]), np.array([0.04]), np.array([0.01]))
    >>> filtered(np.array([[0.1], [np.nan], [-0.1], [0.0]]), np.full((4, 1), 0.01), one).likelihood.round(2)
    array([2.48])
    """
    count, kick = len(given.forget), (1.0 - given.forget**2) * given.variance
    level, mood = np.zeros(count), np.zeros(count)
    ll, lx, xx = np.full(count, _WIDE), np.zeros(count), given.variance.copy()
    likelihood, seen = np.zeros(count), False
    means, spreads = [], []
    for day, value in enumerate(y):
        if day:
            ll, lx = ll + given.walk**2 / 7.0, lx * given.forget
            mood, xx = mood * given.forget, xx * given.forget**2 + kick
        if np.isfinite(value[0]):
            to_level, to_mood = ll + lx, lx + xx
            total, miss = to_level + to_mood + noise[day], value - level - mood
            if seen:
                likelihood -= 0.5 * (np.log(total) + miss * miss / total)
            gain_l, gain_x, seen = to_level / total, to_mood / total, True
            level, mood = level + gain_l * miss, mood + gain_x * miss
            ll, lx, xx = ll - gain_l * to_level, lx - gain_l * to_mood, xx - gain_x * to_mood
        if keep:
            means.append(np.stack([level, mood], axis=-1))
            spreads.append(np.stack([np.stack([ll, lx], -1), np.stack([lx, xx], -1)], axis=-2))
    return Filtered(likelihood, np.array(means), np.array(spreads))


def sampled(y: Array, noise: Array, given: Settings, normals: Callable[[int], Array]) -> Array:
    """One path of (level, mood) for each setting, from its law given all days; shape (days, settings, 2).

    `normals(n)` is the n-th array of standard normals, shape (settings,).
    """
    past = filtered(y, noise, given, keep=True)
    path = np.empty_like(past.mean)
    turn = np.zeros((len(given.forget), 2, 2))
    turn[:, 0, 0], turn[:, 1, 1] = 1.0, given.forget
    fresh = np.zeros_like(turn)
    fresh[:, 0, 0] = given.walk**2 / 7.0
    fresh[:, 1, 1] = (1.0 - given.forget**2) * given.variance
    for day in range(len(y) - 1, -1, -1):
        mean, spread = past.mean[day], past.spread[day]
        if day + 1 < len(y):
            ahead = turn @ spread @ turn + fresh
            back = spread @ turn @ np.linalg.inv(ahead)
            mean = mean + (back @ (path[day + 1] - (turn @ mean[..., None])[..., 0])[..., None])[..., 0]
            spread = spread - back @ ahead @ back.swapaxes(1, 2)
        path[day] = mean + _correlated(spread, normals(2 * day), normals(2 * day + 1))
    return path


def _correlated(spread: Array, first: Array, second: Array) -> Array:
    """Normals of covariance `spread`, shape (settings, 2), from two independent ones."""
    a = np.sqrt(np.maximum(spread[:, 0, 0], 0.0))
    b = np.divide(spread[:, 0, 1], a, out=np.zeros_like(a), where=a > 0)
    c = np.sqrt(np.maximum(spread[:, 1, 1] - b * b, 0.0))
    return np.stack([a * first, b * first + c * second], axis=-1)
