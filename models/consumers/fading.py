"""A stock that fades, kept in one number: the hour at which it will have faded to one.

    level(t) = exp((T - t) / tau)       T' = t + tau ln(level + added)

So a stock and its age take 4 bytes, and a person to whom nothing happens is not touched. In float32 hours a level is
right to 1 part in 10,000 for five years (half-lives of two days or more). Called by the agents; draws nothing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Stock = NDArray[np.float32]
NOTHING = np.float32(-np.inf)
"""A stock of zero."""


def hours_of(seconds: float) -> float:
    """Seconds as hours."""
    return seconds / 3600.0


@dataclass(frozen=True, slots=True)
class Fading:
    """Stocks of one half-life, seconds.

    >>> stock = np.full(2, NOTHING)
    >>> Fading(7200.0).add(stock, np.array([1]), np.array([4.0]), np.array([0.0]))
    >>> Fading(7200.0).level(stock, np.array([2.0, 2.0])).round(6)
    array([0., 2.])
    """

    half_life: float

    def level(self, stock: Stock, hours: Floats) -> Floats:
        """The stocks at a time, shape of `stock`."""
        return np.asarray(np.exp((stock - hours) / self._tau))

    def of(self, level: Floats, hours: Floats | float) -> Stock:
        """Stocks of these levels at a time; shape of `level`."""
        with np.errstate(divide="ignore"):
            return np.asarray(hours + self._tau * np.log(level), np.float32)

    def add(self, stock: Stock, row: NDArray[np.int64], added: Floats, hours: Floats) -> None:
        """Add something above zero to some rows, in place; no row twice."""
        stock[row] = self.of(self.level(stock[row], hours) + added, hours)

    @property
    def _tau(self) -> float:
        return hours_of(self.half_life) / float(np.log(2.0))
