"""Intervals around a forecast, from the errors that the same forecast made before.

    s = sqrt(forecast + (SWINGS forecast)^2)        z = (y - forecast) / s
    low, high = forecast + q s, q of the last errors, low >= 0

Counts scatter by the root of their mean and days by a share of it, so errors of nights and of noons are comparable as
z; how wide an interval is in the mean is left to the errors. The quantiles are those of split conformal prediction
(Vovk, Gammerman & Shafer, Algorithmic Learning in a Random World, Springer 2005; Lei et al., JASA 113 (2018)
1094-1111): of n errors the ceil((n + 1) p)-th smallest, no bell curve assumed. Too few errors for an interval: it is
zero to infinity, and says so. Only the newest `KEPT` errors count, so that it follows a market that becomes more or
less steady. Errors of a lead (an hour, a day, a week ahead) are kept apart by the caller.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.forecast.hours import Array

SWINGS = 0.25
"""Of a day's level, from day to day, as a share; proposal: with it busy hours of recorded demand are covered as quiet
ones are."""
KEPT = 1344
"""Errors that count: eight weeks of hours."""


@dataclass(frozen=True, slots=True, eq=False)
class Errors:
    """The newest errors of one lead, shape (cells, KEPT), NaN where there is none; never changed, only replaced."""

    ring: Array
    taken: int = 0

    @classmethod
    def fresh(cls, cells: int, kept: int = KEPT) -> "Errors":
        """No error yet."""
        return cls(np.full((cells, kept), np.nan))

    def seen(self, value: Array, forecast: Array) -> "Errors":
        """With what was measured, shape (cells,), beside what had been forecast; NaN: no error in that cell."""
        ring = self.ring.copy()
        ring[:, self.taken % ring.shape[1]] = (value - forecast) / _scale(forecast)
        return replace(self, ring=ring, taken=self.taken + 1)

    def interval(self, forecast: Array, nominal: float) -> tuple[Array, Array]:
        """Low and high that hold the next value with probability `nominal` (0..1); (..., cells) as `forecast`.

        >>> errors = Errors.fresh(1)
        >>> for n in range(99):
        ...     errors = errors.seen(np.array([100.0 + n - 49.0]), np.array([100.0]))
        >>> errors.interval(np.array([100.0]), 0.8)
        (array([60.]), array([140.]))
        >>> Errors.fresh(1).interval(np.array([100.0]), 0.8)
        (array([0.]), array([inf]))
        """
        if not 0 < nominal < 1:
            raise ValueError(f"an interval's probability lies between 0 and 1, received {nominal:g}")
        known = np.isfinite(self.ring).sum(axis=1)
        ordered = np.sort(self.ring, axis=1)  # NaN comes last
        outside = (1 - nominal) / 2
        upper = np.ceil((known + 1) * (1 - outside) - 1e-9).astype(np.int64)
        lower = known + 1 - upper
        enough = lower >= 1
        low, high = (_at(ordered, np.where(enough, rank, 1)) for rank in (lower, upper))
        scale = _scale(forecast)
        return (
            np.where(enough, np.maximum(forecast + low * scale, 0.0), 0.0),
            np.where(enough, np.maximum(forecast + high * scale, 0.0), np.inf),
        )


def _scale(forecast: Array) -> Array:
    return np.sqrt(np.maximum(forecast, 1e-6) + (SWINGS * forecast) ** 2)


def _at(ordered: Array, rank: NDArray[np.int64]) -> Array:
    place = np.clip(rank - 1, 0, ordered.shape[1] - 1)[:, None]
    return np.asarray(np.take_along_axis(ordered, place, axis=1)[:, 0])
