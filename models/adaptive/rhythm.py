"""The day's rhythm of what is measured beside its target, learnt and taken out.

A target's shape may be that of another week, or readings may be stamped hours late: then the share measured / target
swings every day in the same way, and means nothing. By hour of the day h, over the last days:

    c_h = (sum of measured / sum of targets at h) / (the same over all hours)       share = measured / (target c_h)

c is drawn towards one as far as its spread may be chance (James & Stein, 4th Berkeley Symposium 1 (1961) 361-379), so a
target of the right shape is left alone. The day's total is what it was. Called by the policies; pure.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from models.adaptive.plants import Array, summed

HOURS = 24
_KEEPS = 0.85
"""Of the sums, at each sample of the same hour."""
_USUAL, _LEARNS = 0.15, 0.02
"""Standard deviation of a share at first; weight of a sample in what is learnt of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Rhythm:
    """Sums by hour of the day, shape (24, cells); never changed, only replaced."""

    measured: Array
    target: Array
    count: Array
    chance: Array
    """Variance of a share about the mean of its own hour, shape (cells,)."""

    @classmethod
    def fresh(cls, cells: int) -> "Rhythm":
        """Before the first sample."""
        measured, target, count = np.zeros((3, HOURS, cells))
        return cls(measured, target, count, np.full(cells, _USUAL**2))

    def factor(self, hour: NDArray[np.int64]) -> Array:
        """c of each cell's hour, shape (cells,).

        >>> two = np.zeros((24, 1))
        >>> two[[0, 12], 0] = 8.0
        >>> measured = np.where(np.arange(24)[:, None] == 0, 12.0, 4.0) * (two > 0)
        >>> Rhythm(measured, two, two, np.array([0.01])).factor(np.array([0])).round(2)
        array([1.5])
        """
        known = (self.count > 0) & (self.measured > 0) & (self.target > 0)
        total = [summed(np.where(known, each, 0.0)) for each in (self.measured, self.target)]
        whole = np.where(total[0] > 0, total[0], 1.0) / np.where(total[1] > 0, total[1], 1.0)
        own = np.where(known, self.measured, 1.0) / np.where(known, self.target, 1.0)
        log = np.where(known, np.log(own / whole), 0.0)
        hours = known.sum(axis=0)
        spread = summed(log * log) / np.maximum(hours, 1)
        luck = np.where(known, self.chance / np.maximum(self.count, 1e-9), 0.0)
        chance = summed(luck) / np.maximum(hours, 1)
        real = np.where(hours > 1, np.clip(1 - chance / np.maximum(spread, 1e-12), 0.0, 1.0), 0.0)
        return np.asarray(np.exp(real * log[hour, np.arange(len(hour))]))

    def told(
        self, hour: NDArray[np.int64], measured: Array, target: Array, known: NDArray[np.bool_]
    ) -> "Rhythm":
        """The rhythm after a sample at each cell's hour, where it is known."""
        cell = np.flatnonzero(known)
        at = (hour[cell], cell)
        chance = self.chance.copy()
        chance[cell] += _LEARNS * self._surprise(at, measured[cell] / target[cell])
        sums = [each.copy() for each in (self.measured, self.target, self.count)]
        for each, new in zip(sums, (measured, target, np.ones_like(target)), strict=True):
            each[at] = _KEEPS * each[at] + new[cell]
        measured_sum, target_sum, count = sums
        return Rhythm(measured_sum, target_sum, count, chance)

    def _surprise(self, at: tuple[NDArray[np.int64], NDArray[np.int64]], share: Array) -> Array:
        """What a sample adds to the variance, before it is weighed; zero at the first of its hour."""
        count = self.count[at]
        mean = np.where(count > 0, self.measured[at], share) / np.where(count > 0, self.target[at], 1.0)
        apart = np.where(mean > 0, share / np.where(mean > 0, mean, 1.0) - 1.0, 0.0)
        each = np.minimum(apart * apart, 1.0) * count / (count + 1.0)
        return np.where((count > 0) & (mean > 0), each - self.chance[at[1]], 0.0)

    def arrays(self) -> dict[str, Array]:
        """Its arrays with cells first, for saving."""
        return {field.name: np.moveaxis(getattr(self, field.name), -1, 0).copy() for field in fields(self)}

    @classmethod
    def of(cls, arrays: dict[str, Array]) -> "Rhythm":
        """The rhythm that `arrays` took apart."""
        return cls(
            *(
                np.ascontiguousarray(np.moveaxis(np.asarray(arrays[f.name], np.float64), 0, -1))
                for f in fields(cls)
            )
        )
