"""Units of one trip to the shop, so that units sold have the variance over mean that is asked for.

    U = 1 + NB(mean m - 1, dispersion d)      with d such that E[U^2] / E[U] = D

Trips come at random (Poisson), so units sold in any cut of time have variance D x mean; the sum over T trips is
T + NB(T (m - 1), d), the same law again: counts and single trips agree exactly. And what people have at home, a shot
noise of such baskets, lowers their wish to buy by a factor whose mean is known (Campbell's theorem):

    E[exp(-kappa I)] = exp(-kappa' E[I])      kappa' = 1 / m  integral over s from 0 to kappa of (1 - E[exp(-s U)]) / s

Called by both fidelities; calls models.counts; its uniforms are handed in.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.counts import MOST_DISPERSED, negative_binomial, negative_binomial_table

Floats = NDArray[np.float64]

_NODES, _WEIGHTS = (each / 2.0 for each in np.polynomial.legendre.leggauss(8))
_NODES = _NODES + 0.5
"""Gauss and Legendre's, between 0 and 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """Units of a trip.

    Parameters
    ----------
    units: mean, one or more.
    dispersion: variance / mean of the units sold in a step; one number or one a cell, shape (cells,).

    >>> Basket(units=2.2, dispersion=3.0).excess
    array(1.46666667)
    """

    units: float = 1.0 / 0.45
    dispersion: Floats | float = 3.0

    def __post_init__(self) -> None:
        if not (self.units >= 1 and np.isfinite(self.units)):
            raise ValueError(f"a trip buys one unit or more, received a mean of {self.units}")
        if not ((self.excess >= 1) & (self.excess <= MOST_DISPERSED)).all():
            other = 1.0 - 1.0 / self.units
            least, most = self.units + other, self.units + MOST_DISPERSED * other
            raise ValueError(
                f"trips of {self.units:.3g} units sell units with a variance / mean of {least:.3g} to {most:.3g}, "
                f"received {self.dispersion}: another dispersion, or more baskets a unit"
            )

    @property
    def excess(self) -> Floats:
        """Variance / mean of the units beyond the first, shape () or (cells,)."""
        m, d = self.units, np.asarray(self.dispersion, np.float64)
        return np.ones(d.shape) if m == 1 else np.asarray((d * m - m * m) / (m - 1.0))

    def excess_of(self, dispersion: Floats) -> Floats:
        """The same in a step with another dispersion, as far as trips of so many units can have it; shape kept."""
        m = self.units
        return np.clip((dispersion * m - m * m) / max(m - 1.0, 1e-12), 1.0, MOST_DISPERSED)

    @property
    def squared(self) -> Floats:
        """E[U^2], shape () or (cells,)."""
        return (
            np.asarray(self.dispersion) * self.units if self.units > 1 else np.ones(np.shape(self.dispersion))
        )

    def of(self, trips: Floats, u: Floats, dispersion: Floats | None = None) -> Floats:
        """Units of so many trips together, from one uniform each; shapes alike, last axis cells.

        dispersion: of units sold in this step, shape (cells,); None: the basket's own.

        >>> Basket(units=2.0, dispersion=3.0).of(np.array([0.0, 1.0, 10.0]), np.full(3, 0.5))
        array([ 0.,  1., 19.])
        """
        if self.units == 1:
            return trips
        excess = self.excess if dispersion is None else self.excess_of(dispersion)
        return trips + negative_binomial(u, trips * (self.units - 1.0), excess)

    def each(self, u: Floats, cell: NDArray[np.int64], dispersion: Floats | None = None) -> Floats:
        """Units of single trips, each in the cell that is said; shape of `u`. The law of `of`.

        >>> Basket(units=2.0, dispersion=3.0).each(np.array([0.5, 0.99]), np.array([0, 0]))
        array([1., 7.])
        """
        if self.units == 1:
            return np.ones(u.shape)
        mean = self.units - 1.0
        if dispersion is not None:
            return 1.0 + negative_binomial(u, np.full(u.shape, mean), self.excess_of(dispersion)[cell])
        if not self.excess.ndim:
            return _single(u, mean, float(self.excess))
        units, own = np.empty(u.shape), self.excess[cell]
        for excess in np.unique(own):
            at = own == excess
            units[at] = _single(u[at], mean, float(excess))
        return units

    def damping(self, kappa: Floats, keep: float) -> Floats:
        """kappa' where a share `keep` of what is at home is left after each step; shape of `kappa`, (cells,).

        The sum over steps, as the integral and the first correction of Euler and Maclaurin.

        >>> Basket(units=2.2, dispersion=3.0).damping(np.array([0.0, 0.1]), 0.995).round(4)
        array([0.    , 0.0931])
        """
        nodes, weights = (each.reshape(-1, *[1] * kappa.ndim) for each in (_NODES, _WEIGHTS))
        s = kappa * nodes
        whole = (kappa * weights * self._missing(s) / np.where(s > 0, s, 1.0)).sum(axis=0)
        steps = whole / -np.log(keep) - self._missing(kappa) / 2.0
        return np.asarray(steps * (1.0 - keep) / (keep * self.units))

    def _missing(self, s: Floats) -> Floats:
        """1 - E[exp(-s U)]."""
        z, more, d = np.exp(-s), self.units - 1.0, self.excess
        poisson = np.exp(more * (z - 1.0))
        size = more / np.maximum(d - 1.0, 1e-9)
        other = np.exp(-size * np.log(d - (d - 1.0) * z))
        return np.asarray(1.0 - z * np.where(d < 1.0 + 1e-6, poisson, other))


def _single(u: Floats, mean: float, excess: float) -> Floats:
    """One unit and the others, of many trips under one law."""
    table = negative_binomial_table(mean, excess)
    if table is None:
        return 1.0 + negative_binomial(u, np.full(u.shape, mean), excess)
    units = 1.0 + np.searchsorted(table, u).astype(np.float64)
    last = u > table[-1]
    if last.any():
        units[last] = 1.0 + negative_binomial(u[last], np.full(int(last.sum()), mean), excess)
    return units
