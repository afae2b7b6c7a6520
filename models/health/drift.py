"""Has the plant moved away from its model: prediction errors summed up, and which of two things has changed.

A model that is right leaves errors without memory. With z the error over its standard deviation, Page's two sums

    up = max(0, up + z - K)        down = max(0, down - z - K)        drift where one of them is above H

(Page, Biometrika 41 (1954) 100-115) answer a lasting shift of the level: demand that has changed. The same sums over
z x, with x what the model says that the moves have made over its own standard deviation, answer a change of the
plant's gain: where the lever does less than the model thinks, errors are of the other sign than what was predicted.
With K = 1/2 and H = 5 a false alarm comes after 465 samples in the mean, and a shift of one deviation is seen after
10.4 (Montgomery, Introduction to Statistical Quality Control, table of the tabular cusum); `run_length` gives these by
Siegmund's approximation. z and x are cut at 4: one wild sample is no drift. Arrays of shape (cells,).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.identification.changes import page

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

SLACK = 0.5
"""K: half the shift that is looked for, in standard deviations."""
LIMIT = 5.0
"""H: sum above which there is drift."""
CUT = 4.0
"""Largest z that is believed."""


@dataclass(frozen=True, slots=True, eq=False)
class Sums:
    """Page's two sums of one figure; never changed, only replaced."""

    up: Array
    down: Array

    @classmethod
    def none(cls, cells: int) -> "Sums":
        """Before the first sample."""
        return cls(*np.zeros((2, cells)))

    def seen(self, z: Array, slack: float = SLACK) -> "Sums":
        """With one more sample; where it is not finite, nothing is seen.

        >>> state = Sums.none(1)
        >>> for _ in range(20):
        ...     state = state.seen(np.array([1.0]))
        >>> float(state.up[0]), float(state.down[0])
        (10.0, 0.0)
        """
        return Sums(*page(self.up, self.down, np.clip(z, -CUT, CUT), slack))

    def direction(self, limit: float = LIMIT) -> Array:
        """+1 where the figure has moved up, -1 down, 0 where neither is above the limit."""
        most = np.maximum(self.up, self.down)
        return np.where(most > limit, np.where(self.up >= self.down, 1.0, -1.0), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Drift:
    """A model's errors, summed up."""

    level: Sums
    """Of the error: something that no move made."""
    gain: Sums
    """Of the error times what was predicted: the answer to the moves."""

    @classmethod
    def none(cls, cells: int) -> "Drift":
        """Before the first sample."""
        return cls(Sums.none(cells), Sums.none(cells))

    def seen(self, error: Array, predicted: Array, deviation: Array, usual: Array) -> "Drift":
        """With one more sample.

        Parameters
        ----------
        error: measured minus predicted; predicted: what the model says that moves have made; same unit.
        deviation: standard deviation of a right model's errors; usual: that of what moves make. Zero or less: unknown.
        """
        z = np.divide(error, deviation, out=np.full_like(error, np.nan), where=deviation > 0)
        x = np.divide(predicted, usual, out=np.full_like(error, np.nan), where=usual > 0)
        cut = np.clip(z, -CUT, CUT) * np.clip(x, -CUT, CUT)
        return Drift(self.level.seen(z), self.gain.seen(cut))


def run_length(shift: float, slack: float = SLACK, limit: float = LIMIT) -> float:
    """Samples until the sums are above the limit, in the mean, under a shift in standard deviations.

    Siegmund's approximation (Sequential Analysis, 1985): (exp(-2 D b) + 2 D b - 1) / (2 D^2) a side, with D = shift -
    slack and b = limit + 1.166; two sides run at once.

    >>> round(run_length(0.0)), round(run_length(1.0), 1)
    (469, 10.3)
    """
    sides = [_one_side(way * shift - slack, limit + 1.166) for way in (1.0, -1.0)]
    return float(1.0 / sum(1.0 / side for side in sides))


def _one_side(drift: float, b: float) -> float:
    if abs(drift) < 1e-9:
        return b * b
    return float((np.exp(-2 * drift * b) + 2 * drift * b - 1) / (2 * drift * drift))
