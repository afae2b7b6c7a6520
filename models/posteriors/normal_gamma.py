"""Amounts: what is believed of the mean of outcomes whose spread is unknown too. Conjugate to normal outcomes.

With n outcomes of mean m and squares Q around it, and a prior of `weight` outcomes of mean `centre` and spread `scale`:

    k = weight + n,   nu = weight + n,   mu = (weight centre + n m) / k
    nu s^2 = weight scale^2 + Q + weight n / k (m - centre)^2
    the mean is Student's t with nu degrees of freedom, around mu, of width s / sqrt(k)

(Gelman et al., Bayesian Data Analysis, 3rd ed., eq. 3.5 and below, with nu_0 = kappa_0 = weight.)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, stdtr, stdtrit

from models.inference.saved import restored, saved
from models.posteriors import _sums
from models.posteriors._sums import Array


@dataclass(frozen=True, slots=True, eq=False)
class NormalGamma:
    """Student posteriors of means; sums of shape (cells, arms).

    >>> arms = NormalGamma.none(1, 2).seen([[4, 4]], [[8.0, 4.0]], [[17.0, 5.0]])
    >>> arms.mean.tolist()
    [[1.6, 0.8]]
    """

    count: Array
    total: Array
    squares: Array
    """Number, sum and sum of squares of the outcomes."""
    centre: float = 0.0
    weight: float = 1.0
    scale: float = 1.0

    @classmethod
    def none(
        cls, cells: int, arms: int, centre: float = 0.0, weight: float = 1.0, scale: float = 1.0
    ) -> "NormalGamma":
        """Before anything was seen; raises ValueError for a prior that is none."""
        _sums.positive(weight=weight, scale=scale)
        count, total, squares = np.zeros((3, cells, arms))
        return cls(count, total, squares, centre, weight, scale)

    def seen(
        self, count: ArrayLike, total: ArrayLike, squares: ArrayLike, keep: float = 1.0
    ) -> "NormalGamma":
        """With one more epoch: number, sum and sum of squares of its outcomes, shape (cells, arms).

        Raises ValueError for squares that no outcomes with that number and sum have.
        """
        shape = self.count.shape
        n, square = _sums.amounts("count", count, shape), _sums.amounts("squares", squares, shape)
        summed = _sums.amounts("total", total, shape, -np.inf)
        if (summed**2 > n * square * (1 + 1e-9)).any():
            cell, arm = np.argwhere(summed**2 > n * square * (1 + 1e-9))[0]
            raise ValueError(
                f"cell {cell}, arm {arm}: {n[cell, arm]:g} outcomes with sum {summed[cell, arm]:g} have squares of "
                f"{square[cell, arm]:g}, allowed: at least sum^2 / number"
            )
        kept = _sums.share(keep)
        return replace(
            self,
            count=kept * self.count + n,
            total=kept * self.total + summed,
            squares=kept * self.squares + square,
        )

    @property
    def mean(self) -> Array:
        return (self.weight * self.centre + self.total) / self.freedom

    @property
    def freedom(self) -> Array:
        """Degrees of freedom."""
        return self.weight + self.count

    @property
    def width(self) -> Array:
        """Of the t distribution of the mean."""
        n = np.maximum(self.count, 1e-300)
        m = self.total / n
        left = np.maximum(self.squares - self.total * m, 0.0)
        pull = self.weight * self.count / self.freedom * (m - self.centre) ** 2
        return np.sqrt((self.weight * self.scale**2 + left + pull) / self.freedom**2)

    def density(self, x: Array) -> Array:
        """Of x, whose shape broadcasts with (cells, arms)."""
        nu, z = self.freedom, (x - self.mean) / self.width
        log = gammaln((nu + 1) / 2) - gammaln(nu / 2) - (nu + 1) / 2 * np.log1p(z**2 / nu)
        return np.asarray(np.exp(log) / np.sqrt(nu * np.pi) / self.width)

    def below(self, x: Array) -> Array:
        """Chance of at most x."""
        return np.asarray(stdtr(self.freedom, (x - self.mean) / self.width))

    def quantile(self, p: float) -> Array:
        """Value that is not exceeded with chance p."""
        return np.asarray(self.mean + self.width * np.asarray(stdtrit(self.freedom, p), np.float64))

    def cells(self, chosen: Any) -> "NormalGamma":
        """Some of the cells only."""
        return replace(self, count=self.count[chosen], total=self.total[chosen], squares=self.squares[chosen])

    def saved(self) -> dict[str, Any]:
        """Versioned JSON."""
        return saved(self)

    @classmethod
    def restored(cls, data: Mapping[str, Any]) -> "NormalGamma":
        """What was saved, bit for bit; raises ValueError for another version."""
        return restored(cls, data)
