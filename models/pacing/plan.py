"""A plan along expected demand: how much of it lies between two moments, and how fast to go over what is left.

Demand is a week's shape: 168 hour-of-week weights w of mean 1, Monday 00:00 first. Its integral is piecewise linear, so
the demand between two moments is exact in closed form, for spans of any length:

    D(a, b) = integral from a to b of w(h mod 168) dh                  hours of mean demand
    planned share by t of a span (a, b) = D(a, t) / D(a, b)
    level from t on = left / D(t, b)                                   per hour of weight 1

A clock is not known here: hours are counted on from an hour of the week, as if no clock were ever put forward or back.
Called by controller.loop.pace and the budget guardrail.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HOURS = 168


def demand_between(weights: Array | None, start: Array, length: Array) -> Array:
    """Expected demand of a span, in hours of mean demand, shape (cells,).

    Parameters
    ----------
    weights: shape (168,) for all cells or (cells, 168), mean 1; None: even.
    start: hour of the week at which the span begins, shape (cells,); any real number, weeks go round.
    length: hours, shape (cells,); negative lengths count as none.

    >>> night_and_day = np.tile(np.r_[np.zeros(12), np.full(12, 2.0)], 7)
    >>> demand_between(night_and_day, np.array([6.0, 13.5, 0.0]), np.array([12.0, 0.25, 336.0]))
    array([ 12. ,   0.5, 336. ])
    >>> demand_between(None, np.array([5.0]), np.array([-3.0]))
    array([0.])
    """
    span = np.maximum(length, 0.0)
    if weights is None:
        return np.asarray(span, np.float64)
    return np.maximum(_area(weights, start + span) - _area(weights, start), 0.0)


def share_gone(weights: Array | None, start: Array, gone: Array, length: Array) -> Array:
    """Planned share of a span by `gone` hours after its start, 0..1, shape (cells,); 1 where it has no demand at all.

    >>> day_only = np.tile(np.r_[np.zeros(12), np.full(12, 2.0)], 7)
    >>> share_gone(day_only, np.zeros(3), np.array([12.0, 18.0, 99.0]), np.full(3, 24.0))
    array([0. , 0.5, 1. ])
    """
    whole = demand_between(weights, start, length)
    part = demand_between(weights, start, np.minimum(gone, length))
    return np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)


def catch_up_level(left: Array, demand: Array, most: Array) -> Array:
    """Level per hour of weight 1 that uses up what is left over the expected demand that is left, shape (cells,).

    What is missing is spread over all that is left of the span; the level never exceeds `most`, and is 0 where nothing
    is left. Where no demand is left but something is, it is `most`: there is no telling how much more to ask for.

    >>> catch_up_level(np.array([100.0, -5.0, 50.0, 10.0]), np.array([10.0, 10.0, 1.0, 0.0]), np.full(4, 20.0))
    array([10.,  0., 20., 20.])
    """
    some = np.maximum(left, 0.0)
    wanted = np.divide(some, demand, out=np.where(some > 0, np.inf, 0.0), where=demand > 0)
    return np.minimum(wanted, most)


def _area(weights: Array, hour: Array) -> Array:
    """Weight added up from the start of a week to an hour, after it or before it; shape of `hour`."""
    sums = np.cumsum(weights, axis=-1)
    weeks, rest = np.divmod(hour, HOURS)
    full = np.minimum(rest.astype(np.int64), HOURS - 1)
    if weights.ndim == 1:
        now, upto, week = weights[full], sums[full], sums[-1]
    else:
        row = np.arange(len(weights))
        now, upto, week = weights[row, full], sums[row, full], sums[:, -1]
    return np.asarray(weeks * week + upto - now * (1.0 - (rest - full)), np.float64)
