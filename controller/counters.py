"""Counters made into totals and into increases over a window.

A counter only rises, except that its source may restart from zero. `CounterTotal` undoes the restarts; `WindowIncrease`
keeps enough past to say how much a counter rose over the last window. Called by validation; pure of I/O and clocks.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools


class CounterTotal:
    """A counter with its resets undone, shape (cells,).

    >>> total = CounterTotal(1)
    >>> [float(total.take(np.array([raw]), np.array([True]))[0]) for raw in (5.0, 7.0, 1.0)]
    [5.0, 7.0, 8.0]
    """

    def __init__(self, cells: int) -> None:
        self.base = np.zeros(cells)
        self.raw = np.full(cells, np.nan)
        self.was_reset = np.zeros(cells, np.bool_)

    def take(self, raw: Array, good: Bools) -> Array:
        """Totals after one sample; `good` says which cells have one."""
        known = np.isfinite(self.raw)
        self.was_reset = good & known & (raw < self.raw)
        self.base = np.where(self.was_reset, self.base + self.raw, self.base)
        self.raw = np.where(good, raw, self.raw)
        total: Array = self.base + self.raw
        return total

    def state(self) -> Mapping[str, NDArray[Any]]:
        """Arrays to be saved."""
        return {"counter_base": self.base, "counter_raw": self.raw}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take saved arrays back."""
        self.base, self.raw = state["counter_base"].copy(), state["counter_raw"].copy()


class WindowIncrease:
    """How much a total rose over the last `window` seconds, from samples that come when they come.

    Keeps `slots` + 1 marks a cell, one each `window / slots` seconds, and reads the past off them by linear
    interpolation, so that its memory does not grow with the rate of samples.

    >>> rise = WindowIncrease(1, window=60.0, slots=6)
    >>> out = [rise.take(np.array([t * 2.0]), np.array([float(t)]), np.array([True])) for t in range(0, 130, 10)]
    >>> float(out[3][0]), float(out[-1][0])
    (nan, 120.0)
    """

    def __init__(self, cells: int, window: float, slots: int = 60) -> None:
        self.window, self.slots = window, slots
        self.times = np.full((cells, slots + 2), -np.inf)
        self.totals = np.full((cells, slots + 2), np.nan)

    def take(self, total: Array, at: Array, good: Bools) -> Array:
        """Increase over the window that ends at `at` (UTC seconds); NaN until a whole window has been seen."""
        due = good & (at - self.times[:, -1] >= self.window / self.slots)
        if due.any():
            self.times[due] = np.column_stack((self.times[due, 1:], at[due]))
            self.totals[due] = np.column_stack((self.totals[due, 1:], total[due]))
        return np.where(good, total - self._total_at(at - self.window), np.nan)

    def _total_at(self, when: Array) -> Array:
        """The total at a past moment, interpolated between marks; NaN before the first mark."""
        after = (self.times <= when[:, None]).sum(axis=1)
        rows = np.arange(len(when))
        left, right = np.clip(after - 1, 0, None), np.clip(after, None, self.times.shape[1] - 1)
        t0, t1 = self.times[rows, left], self.times[rows, right]
        y0, y1 = self.totals[rows, left], self.totals[rows, right]
        gap = np.where(t1 > t0, t1 - t0, 1.0)
        share = np.where(
            np.isfinite(t0), np.clip((when - np.where(np.isfinite(t0), t0, when)) / gap, 0.0, 1.0), 0.0
        )
        return np.where((after == 0) | ~np.isfinite(t0), np.nan, y0 + share * (y1 - y0))

    def state(self) -> Mapping[str, NDArray[Any]]:
        """Arrays to be saved; the first axis is cells."""
        return {"window_times": self.times, "window_totals": self.totals}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take saved arrays back."""
        self.times, self.totals = state["window_times"].copy(), state["window_totals"].copy()
