"""Counters made into totals and into increases over a window.

A counter only rises, except that its source may restart from zero. `CounterTotal` undoes the restarts; `WindowIncrease`
keeps enough past to say how much a counter rose over the last window. Called by validation; pure of I/O and clocks.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools

PATIENCE = 900.0
"""Seconds without an accepted sample after which a counter may have risen by twice as much at once, and so on."""


class CounterTotal:
    """A counter with its restarts undone, shape (cells,); nothing is taken in before it is judged.

    A sample below the last one may be a restart or a slip: the next sample decides, and until then nothing counts. A
    sample that is many times the last one is not believed; the longer none has been, the more is believed.

    >>> total = CounterTotal(1)
    >>> feed = [5.0, 7.0, 1.0, 2.0, 900.0, 4.0]
    >>> [float(total.take(np.array([x]), np.array([60.0 * n]), np.array([True]))[0]) for n, x in enumerate(feed)]
    [5.0, 7.0, 7.0, 9.0, 9.0, 11.0]
    """

    def __init__(self, cells: int, jump: float | None = 20.0) -> None:
        self.jump = jump
        self.base = np.zeros(cells)
        self.raw, self.at = np.full(cells, np.nan), np.full(cells, -np.inf)
        self.suspect, self.suspect_at = np.full(cells, np.nan), np.full(cells, -np.inf)
        self.fell = np.zeros(cells, np.bool_)
        """True where the last sample was lower than the one before, and not yet understood."""
        self.leapt = np.zeros(cells, np.bool_)
        """True where the last sample was too high to be believed."""

    def take(self, raw: Array, at: Array, good: Bools) -> Array:
        """Totals after one sample stamped `at` (UTC seconds); `good` says which cells have one."""
        known = good & np.isfinite(self.raw)
        lower = known & (raw < self.raw)
        restarted = lower & (raw >= self.suspect) & (at > self.suspect_at)
        self.fell = lower & ~restarted
        self.leapt = self._leaps(raw, at, known & ~lower)
        taken = good & ~self.fell & ~self.leapt
        self.base = np.where(restarted, self.base + self.raw, self.base)
        new = self.fell & ~(np.isfinite(self.suspect) & (raw >= self.suspect))
        self.suspect = np.where(new, raw, np.where(taken, np.nan, self.suspect))
        self.suspect_at = np.where(new, at, self.suspect_at)
        self.raw, self.at = np.where(taken, raw, self.raw), np.where(taken, at, self.at)
        total: Array = self.base + self.raw
        return total

    def _leaps(self, raw: Array, at: Array, known: Bools) -> Bools:
        if self.jump is None:
            return np.zeros(len(raw), np.bool_)
        waited = np.where(np.isfinite(self.at), np.maximum((at - self.at) / PATIENCE, 1.0), 1.0)
        leaps: Bools = known & (self.raw > 0) & (raw > self.jump * waited * self.raw)
        return leaps

    _SAVED = ("base", "raw", "at", "suspect", "suspect_at")

    def state(self) -> Mapping[str, NDArray[Any]]:
        """Arrays to be saved."""
        return {f"counter_{name}": getattr(self, name).copy() for name in self._SAVED}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take saved arrays back."""
        for name in self._SAVED:
            setattr(self, name, state[f"counter_{name}"].copy())


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
