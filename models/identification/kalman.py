"""A Kalman filter of a few states, side by side for any number of hypotheses and series.

States keep or fade by themselves (a diagonal transition), one number is measured:

    x' = d x + w,  w ~ N(0, q)        y = h . x + v,  v ~ N(0, r)

(Kalman, J. Basic Engineering 82 (1960) 35-45). Shapes: states first, then whatever lies side by side. Called by
closed_loop; pure.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """What is believed of the states."""

    mean: Array
    """Shape (states, ...)."""
    cov: Array
    """Shape (states, states, ...)."""

    @classmethod
    def begin(cls, mean: Array, variance: Array) -> "Filter":
        """Independent states: mean and variance of shape (states, ...)."""
        mean, variance = np.asarray(mean, np.float64), np.asarray(variance, np.float64)
        if mean.shape != variance.shape or (variance < 0).any():
            raise ValueError(
                f"variance: got {variance.shape} for means of {mean.shape}, allowed is the same, 0 or more"
            )
        cov = np.zeros((len(mean), *variance.shape))
        for n, row in enumerate(variance):
            cov[n, n] = row
        return cls(mean, cov)

    def passed(self, keeps: Array, added: Array) -> "Filter":
        """A step of time: `keeps` d and `added` q, shape (states, ...)."""
        cov = keeps[:, None] * keeps[None] * self.cov
        for n, row in enumerate(np.broadcast_to(added, self.mean.shape)):
            cov[n, n] = cov[n, n] + row
        return Filter(keeps * self.mean, cov)

    def told(
        self, h: Array, y: Array, r: Array | float, known: NDArray[np.bool_]
    ) -> tuple["Filter", Array, Array]:
        """After a sample y, of shape (...): the filter, the miss of what was foretold, and its variance.

        `h` of shape (states, ...). Where y is not `known` nothing is learnt and the miss is 0.

        >>> one = Filter.begin(np.zeros((1, 1)), np.ones((1, 1)))
        >>> after, miss, spread = one.told(np.ones((1, 1)), np.array([2.0]), 1.0, np.array([True]))
        >>> float(after.mean[0, 0]), float(after.cov[0, 0, 0]), float(spread[0])
        (1.0, 0.5, 2.0)
        """
        cross = np.sum(self.cov * h[None], axis=1)
        spread = np.sum(h * cross, axis=0) + r
        miss = np.where(known, y, 0.0) - np.sum(h * self.mean, axis=0)
        miss = np.where(known, miss, 0.0)
        share = np.where(known, cross / spread, 0.0)
        return Filter(self.mean + share * miss, self.cov - share[:, None] * cross[None]), miss, spread
