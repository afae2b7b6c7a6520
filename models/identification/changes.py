"""Has the level of a series changed? Two tests that look at every sample, over cells.

Cusum, two-sided, tabular (Page, Biometrika 41 (1954) 100-115; Montgomery, Introduction to Statistical Quality Control,
ch. 9), of samples in standard deviations about their mean:

    C+ = max(0, C+ + z - k)      C- = max(0, C- - z - k)      alarm where either passes h

With k = 0.5 and h = 5 a false alarm comes every 465 samples in the mean, a shift of one standard deviation is seen in
10.4 (Lucas & Crosier, Technometrics 24 (1982) 199-205, table 1). Page-Hinkley needs no mean beforehand: it adds up what
lies above the mean so far (Hinkley, Biometrika 58 (1971) 509-523).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Cusum:
    """Sums of shape (cells,), in standard deviations; never changed, only replaced.

    >>> one = Cusum.begin(1)
    >>> for _ in range(11): one = one.told(np.array([1.0]))
    >>> bool(one.alarm[0]), float(one.up[0])
    (True, 5.5)
    """

    up: Array
    down: Array
    slack: float = 0.5
    """k: half of the shift that is looked for."""
    limit: float = 5.0
    """h."""

    @classmethod
    def begin(cls, cells: int, slack: float = 0.5, limit: float = 5.0) -> "Cusum":
        """Nothing seen yet; ValueError for a slack or limit that is not above 0."""
        if not (slack > 0 and limit > 0):
            raise ValueError(f"slack, limit: got {slack}, {limit}; allowed are numbers above 0")
        return cls(np.zeros(cells), np.zeros(cells), slack, limit)

    def told(self, z: Array) -> "Cusum":
        """After one sample a cell, (value - mean) / standard deviation; NaN is no sample."""
        return Cusum(*page(self.up, self.down, np.asarray(z, np.float64), self.slack), self.slack, self.limit)

    @property
    def alarm(self) -> Bools:
        """Where the level has changed, shape (cells,)."""
        return np.asarray((self.up > self.limit) | (self.down > self.limit), np.bool_)

    def cleared(self, where: Bools) -> "Cusum":
        """Started anew in some cells, as after an alarm was dealt with."""
        return Cusum(np.where(where, 0.0, self.up), np.where(where, 0.0, self.down), self.slack, self.limit)


def page(up: Array, down: Array, z: Array, slack: float) -> tuple[Array, Array]:
    """Both sums after one sample; where it is not finite they stay."""
    seen = np.isfinite(z)
    known = np.where(seen, z, 0.0)
    more, less = (np.maximum(0.0, each + way - slack) for each, way in ((up, known), (down, -known)))
    return np.where(seen, more, up), np.where(seen, less, down)


@dataclass(frozen=True, slots=True, eq=False)
class PageHinkley:
    """Sums of shape (cells,) in the unit of the samples; never changed, only replaced.

    >>> one = PageHinkley.begin(1, tolerance=0.1, limit=3.0)
    >>> for value in [0.0] * 20 + [1.0] * 5: one = one.told(np.array([value]))
    >>> bool(one.alarm[0])
    True
    """

    mean: Array
    count: Array
    above: Array
    """Sum of what lies above the mean, less the tolerance, and its least value so far."""
    least: Array
    below: Array
    most: Array
    tolerance: float
    limit: float

    @classmethod
    def begin(cls, cells: int, tolerance: float, limit: float) -> "PageHinkley":
        """Nothing seen yet; `tolerance` and `limit` in the unit of the samples, ValueError unless above 0."""
        if not (tolerance > 0 and limit > 0):
            raise ValueError(f"tolerance, limit: got {tolerance}, {limit}; allowed are numbers above 0")
        mean, count, above, least, below, most = np.zeros((6, cells))
        return cls(mean, count, above, least, below, most, tolerance, limit)

    def told(self, value: Array) -> "PageHinkley":
        """After one sample a cell; NaN is no sample."""
        value = np.asarray(value, np.float64)
        seen = np.isfinite(value)
        count = self.count + seen
        mean = np.where(
            seen, self.mean + (np.where(seen, value, 0.0) - self.mean) / np.maximum(count, 1), self.mean
        )
        apart = np.where(seen, np.where(seen, value, 0.0) - mean, 0.0)
        above = self.above + np.where(seen, apart - self.tolerance, 0.0)
        below = self.below + np.where(seen, apart + self.tolerance, 0.0)
        least, most = np.minimum(self.least, above), np.maximum(self.most, below)
        return PageHinkley(mean, count, above, least, below, most, self.tolerance, self.limit)

    @property
    def alarm(self) -> Bools:
        """Where the level has risen or fallen, shape (cells,)."""
        return np.asarray(
            (self.above - self.least > self.limit) | (self.most - self.below > self.limit), np.bool_
        )
