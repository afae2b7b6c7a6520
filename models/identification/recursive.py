"""Recursive least squares with forgetting, over cells: parameters that drift are followed, sample by sample.

    k = P h / (lambda + h P h)     theta += k (y - h theta)     P = (P - k h P) / lambda

(Astrom & Wittenmark, Adaptive Control, 1995, eq. 2.21). Without excitation P grows without bound ("wind-up"), so
forgetting stops in a cell while the sample says nothing new, and P is kept below its start. Called by health; pure.
"""

from dataclasses import dataclass

import numpy as np

from models.pid.law import Array


@dataclass(frozen=True, slots=True, eq=False)
class Recursive:
    """Parameters (cells, n) and their covariance (cells, n, n); never changed, only replaced.

    >>> one = Recursive.begin(1, 2, forgets=0.99)
    >>> for t in range(200): one = one.told(np.array([[1.0, np.sin(t)]]), np.array([2.0 + 3.0 * np.sin(t)]))
    >>> one.theta.round(3)
    array([[2., 3.]])
    """

    theta: Array
    cov: Array
    forgets: float
    most: float
    """Largest trace of a cell's covariance."""

    @classmethod
    def begin(cls, cells: int, n: int, *, forgets: float = 0.995, variance: float = 100.0) -> "Recursive":
        """All parameters zero, known to `variance`; ValueError unless 0 < forgets <= 1."""
        if not 0 < forgets <= 1 or not variance > 0:
            raise ValueError(
                f"forgets, variance: got {forgets}, {variance}; allowed: 0 < forgets <= 1, variance above 0"
            )
        cov = np.broadcast_to(variance * np.eye(n), (cells, n, n)).copy()
        return cls(np.zeros((cells, n)), cov, forgets, n * variance)

    def told(self, h: Array, y: Array) -> "Recursive":
        """After a sample y (cells,) with regressors h (cells, n); a cell with NaN in either learns nothing."""
        seen = np.isfinite(y) & np.isfinite(h).all(axis=1)
        h, y = np.where(seen[:, None], h, 0.0), np.where(seen, y, 0.0)
        cross = np.einsum("cij,cj->ci", self.cov, h)
        spread = self.forgets + np.einsum("ci,ci->c", h, cross)
        share = cross / spread[:, None]
        theta = self.theta + share * (y - np.einsum("ci,ci->c", h, self.theta))[:, None]
        cov = self.cov - share[:, :, None] * cross[:, None, :]
        grown = cov / self.forgets
        fits = seen & (np.trace(grown, axis1=1, axis2=2) <= self.most)
        cov = np.where(fits[:, None, None], grown, cov)
        return Recursive(theta, (cov + cov.transpose(0, 2, 1)) / 2, self.forgets, self.most)
