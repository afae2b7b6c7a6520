"""Shares: what is believed of the chance that an exposure converts. Conjugate to binomial counts.

alpha = a + successes,   beta = b + trials - successes        (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.4)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betainc, betaincinv, betaln, xlog1py, xlogy

from models.inference.saved import restored, saved
from models.posteriors import _sums
from models.posteriors._sums import Array


@dataclass(frozen=True, slots=True, eq=False)
class BetaBinomial:
    """Beta posteriors; sums of shape (cells, arms).

    >>> arms = BetaBinomial.none(1, 2).seen([[3, 0]], [[4, 1]])
    >>> arms.mean.round(3).tolist()
    [[0.667, 0.333]]
    """

    successes: Array
    failures: Array
    a: float = 1.0
    b: float = 1.0
    """The prior: Beta(a, b)."""

    @classmethod
    def none(cls, cells: int, arms: int, a: float = 1.0, b: float = 1.0) -> "BetaBinomial":
        """Before anything was seen; raises ValueError for a prior that is none."""
        _sums.positive(a=a, b=b)
        return cls(np.zeros((cells, arms)), np.zeros((cells, arms)), a, b)

    def seen(self, successes: ArrayLike, trials: ArrayLike, keep: float = 1.0) -> "BetaBinomial":
        """With one more epoch; counts of shape (cells, arms). Raises ValueError for more successes than trials."""
        shape = self.successes.shape
        won, tried = (_sums.amounts(n, v, shape) for n, v in (("successes", successes), ("trials", trials)))
        if (won > tried).any():
            cell, arm = np.argwhere(won > tried)[0]
            raise ValueError(
                f"cell {cell}, arm {arm}: {won[cell, arm]:g} successes in {tried[cell, arm]:g} trials, allowed: no more"
            )
        kept = _sums.share(keep)
        return replace(
            self, successes=kept * self.successes + won, failures=kept * self.failures + tried - won
        )

    @property
    def alpha(self) -> Array:
        return self.a + self.successes

    @property
    def beta(self) -> Array:
        return self.b + self.failures

    @property
    def mean(self) -> Array:
        return self.alpha / (self.alpha + self.beta)

    def density(self, x: Array) -> Array:
        """Of x, whose shape broadcasts with (cells, arms)."""
        log = xlogy(self.alpha - 1, x) + xlog1py(self.beta - 1, -x) - betaln(self.alpha, self.beta)
        return np.asarray(np.exp(log))

    def below(self, x: Array) -> Array:
        """Chance of at most x."""
        return np.asarray(betainc(self.alpha, self.beta, np.clip(x, 0.0, 1.0)))

    def quantile(self, p: float) -> Array:
        """Value that is not exceeded with chance p."""
        return np.asarray(betaincinv(self.alpha, self.beta, p), np.float64)

    def cells(self, chosen: Any) -> "BetaBinomial":
        """Some of the cells only."""
        return replace(self, successes=self.successes[chosen], failures=self.failures[chosen])

    def saved(self) -> dict[str, Any]:
        """Versioned JSON."""
        return saved(self)

    @classmethod
    def restored(cls, data: Mapping[str, Any]) -> "BetaBinomial":
        """What was saved, bit for bit; raises ValueError for another version."""
        return restored(cls, data)
