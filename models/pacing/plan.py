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


class Demand:
    """A week's shape, made ready to be asked for the demand of spans.

    Parameters
    ----------
    weights: shape (168,) for all cells or (cells, 168), mean 1; None: even.

    >>> night_and_day = Demand(np.tile(np.r_[np.zeros(12), np.full(12, 2.0)], 7))
    >>> night_and_day.between(np.array([6.0, 13.5, 0.0]), np.array([12.0, 0.25, 336.0]))
    array([ 12. ,   0.5, 336. ])
    >>> night_and_day.share(np.zeros(3), np.array([12.0, 18.0, 99.0]), np.full(3, 24.0))
    array([0. , 0.5, 1. ])
    >>> Demand(None).between(np.array([5.0]), np.array([-3.0]))
    array([0.])
    """

    def __init__(self, weights: Array | None) -> None:
        self.weights = weights
        self._sums = None if weights is None else np.cumsum(weights, axis=-1)

    def between(self, start: Array, length: Array) -> Array:
        """Expected demand of a span, in hours of mean demand, shape (cells,).

        `start`: hour of the week at which it begins, any real number, weeks go round; `length`: hours, negative ones
        count as none.
        """
        span = np.maximum(length, 0.0)
        if self._sums is None:
            return np.asarray(span, np.float64)
        return np.maximum(self._area(start + span) - self._area(start), 0.0)

    def share(self, start: Array, gone: Array, length: Array) -> Array:
        """Planned share of a span by `gone` hours after its start, 0..1, shape (cells,); 1 where it has no demand."""
        whole = self.between(start, length)
        part = self.between(start, np.minimum(gone, length))
        return np.divide(part, whole, out=np.ones_like(whole), where=whole > 0)

    def _area(self, hour: Array) -> Array:
        """Weight added up from the start of a week to an hour, after it or before it; shape of `hour`."""
        weights, sums = self.weights, self._sums
        assert weights is not None
        assert sums is not None
        weeks, rest = np.divmod(hour, HOURS)
        full = np.minimum(rest.astype(np.int64), HOURS - 1)
        at = full if weights.ndim == 1 else (np.arange(len(weights)), full)
        return np.asarray(weeks * sums[..., -1] + sums[at] - weights[at] * (1.0 - (rest - full)), np.float64)


class Weeks:
    """The demand of a learned week where every cell has one, else of a written one; a week is made ready once.

    >>> weeks, flat = Weeks(np.tile([0.5, 1.5], 84)), np.ones((1, 168))
    >>> [float(weeks.of(w).between(np.zeros(1), np.ones(1))[0]) for w in (None, flat, np.nan * flat)]
    [0.5, 1.0, 0.5]
    """

    def __init__(self, written: Array | None) -> None:
        self.written = Demand(written)
        self._learned: Array | None = None
        self._made = self.written

    def of(self, learned: Array | None) -> Demand:
        """The demand to go by; `learned`: (cells, 168), an array that nobody changes in place, or None."""
        if learned is None:
            return self.written
        if learned is not self._learned:
            self._learned = learned
            self._made = Demand(learned) if np.isfinite(learned).all() else self.written
        return self._made


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
