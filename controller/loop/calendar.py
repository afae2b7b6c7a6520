"""What is known in advance: price promotions, stock-outs, holidays, as changes of what one loop measures.

Built by assembly from the plan's `events:`; asked by the loop at each execution, and read by policies that can use it:
one that foretells reckons with a change before it comes, one that learns leaves it out. A change counts for a window by
the part of it that lies in the event; those of events that overlap are added. An event of unknown size is only left
out of learning. Pure; times are UTC seconds.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools
from controller.signals import Coming

AHEAD = 96
"""Executions ahead that a policy is told of."""


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """The events of one loop; arrays of shape (events, cells).

    >>> promotion = Calendar(np.array([[3600.0]]), np.array([[7200.0]]), np.array([[0.25]]), 3600.0, 1800.0)
    >>> told = promotion.coming(np.array([3600.0]))
    >>> told.change[0, :6], bool(told.odd[0])
    (array([0.   , 0.125, 0.25 , 0.125, 0.   , 0.   ]), False)
    """

    starts: Array
    ends: Array
    """-inf and -inf where an event does not concern a cell."""
    change: Array
    """Share of the target; NaN: not known."""
    window: float
    """Seconds that a measured value covers; 0: a moment."""
    every: float
    """Seconds between executions."""

    def coming(self, good_at: Array) -> Coming:
        """What is expected of the newest window, which ended at `good_at`, and of those ahead, shape (cells,)."""
        known, heard = np.where(np.isfinite(good_at), good_at, 0.0), np.isfinite(good_at)
        ends = known[:, None] + self.every * np.arange(AHEAD + 1.0)
        told = [
            np.where(heard[:, None], total, 0.0)
            for total in (self._total(ends, self.window), self._total(ends + self.every, self.every))
        ]
        return Coming(told[0], self._odd(known) & heard, told[1])

    def _total(self, ends: Array, window: float) -> Array:
        """What all events change in windows that end at `ends`, shape (cells, windows)."""
        total = np.zeros_like(ends)
        for start, end, change in zip(self.starts, self.ends, self.change, strict=True):
            size = np.where(np.isfinite(change), change, 0.0)[:, None]
            total = total + size * _share(start, end, ends, window)
        return total

    def _odd(self, good_at: Array) -> Bools:
        """True where the newest window lies in an event of unknown size, in part at least."""
        touched = np.zeros(len(good_at), np.bool_)
        for start, end, change in zip(self.starts, self.ends, self.change, strict=True):
            touched |= np.isnan(change) & (_share(start, end, good_at[:, None], self.window)[:, 0] > 0)
        return touched


def _share(start: Array, end: Array, until: Array, window: float) -> Array:
    """Part of each window that lies in an event, shape (cells, windows)."""
    if not window:
        return ((start[:, None] <= until) & (until < end[:, None])).astype(np.float64)
    first: Array = np.maximum(until - window, start[:, None])
    return np.asarray(np.maximum(np.minimum(until, end[:, None]) - first, 0.0) / window)
