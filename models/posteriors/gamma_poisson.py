"""Rates: what is believed of the mean count an exposure brings. Conjugate to Poisson counts.

shape = a + events,   rate = b + exposures        (Gelman et al., Bayesian Data Analysis, 3rd ed., 2.6)
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammainc, gammaincinv, gammaln, xlogy

from models.inference.saved import restored, saved
from models.posteriors import _sums
from models.posteriors._sums import Array


@dataclass(frozen=True, slots=True, eq=False)
class GammaPoisson:
    """Gamma posteriors; sums of shape (cells, arms).

    >>> arms = GammaPoisson.none(1, 2).seen([[30, 10]], [[99, 99]])
    >>> arms.mean.round(2).tolist()
    [[0.31, 0.11]]
    """

    events: Array
    exposures: Array
    a: float = 1.0
    b: float = 1.0
    """The prior: `a` events in `b` exposures."""

    @classmethod
    def none(cls, cells: int, arms: int, a: float = 1.0, b: float = 1.0) -> "GammaPoisson":
        """Before anything was seen; raises ValueError for a prior that is none."""
        _sums.positive(a=a, b=b)
        return cls(np.zeros((cells, arms)), np.zeros((cells, arms)), a, b)

    def seen(self, events: ArrayLike, exposures: ArrayLike, keep: float = 1.0) -> "GammaPoisson":
        """With one more epoch, shape (cells, arms); raises ValueError for events without exposure."""
        shape = self.events.shape
        found, shown = (_sums.amounts(n, v, shape) for n, v in (("events", events), ("exposures", exposures)))
        if ((found > 0) & (shown == 0)).any():
            cell, arm = np.argwhere((found > 0) & (shown == 0))[0]
            raise ValueError(
                f"cell {cell}, arm {arm}: {found[cell, arm]:g} events in 0 exposures, allowed: none"
            )
        kept = _sums.share(keep)
        return replace(self, events=kept * self.events + found, exposures=kept * self.exposures + shown)

    @property
    def shape(self) -> Array:
        return self.a + self.events

    @property
    def rate(self) -> Array:
        return self.b + self.exposures

    @property
    def mean(self) -> Array:
        return self.shape / self.rate

    def density(self, x: Array) -> Array:
        """Of x, whose shape broadcasts with (cells, arms)."""
        log = xlogy(self.shape, self.rate) + xlogy(self.shape - 1, x) - self.rate * x - gammaln(self.shape)
        return np.asarray(np.exp(log))

    def below(self, x: Array) -> Array:
        """Chance of at most x."""
        return np.asarray(gammainc(self.shape, self.rate * np.maximum(x, 0.0)))

    def quantile(self, p: float) -> Array:
        """Value that is not exceeded with chance p."""
        return np.asarray(gammaincinv(self.shape, p) / self.rate)

    def cells(self, chosen: Any) -> "GammaPoisson":
        """Some of the cells only."""
        return replace(self, events=self.events[chosen], exposures=self.exposures[chosen])

    def saved(self) -> dict[str, Any]:
        """Versioned JSON."""
        return saved(self)

    @classmethod
    def restored(cls, data: Mapping[str, Any]) -> "GammaPoisson":
        """What was saved, bit for bit; raises ValueError for another version."""
        return restored(cls, data)
