"""The chance of each arm under Thompson sampling, exactly: by quadrature, not by counting draws.

Thompson sampling takes the arm with the highest draw of its posterior (Thompson 1933), so that arm i is taken with

    p_i = integral f_i(x) prod_{j != i} F_j(x) dx

over independent posteriors with densities f and distributions F. The highest of the arms' values at one chance makes an
edge; between the edges of `LEVELS` lie Gauss-Legendre nodes, so that they are dense where the highest draw is likely
and reach far where tails are long. Their number doubles for the cells whose
chances do not sum to one, or that still move.
"""

from functools import lru_cache
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LEVELS = (1e-14, 1e-9, 1e-4, 0.02, 0.2, 0.5, 0.8, 0.98, 1 - 1e-4, 1 - 1e-7, 1 - 1e-10, 1 - 1e-13)
"""Chances between whose values the nodes are laid."""
FIRST, MOST = 8, 256
"""Nodes in each stretch to begin with, and at most."""
CLOSE = 2e-10
"""Error that is left at most: of the sum, and of each chance between two numbers of nodes."""


class Posterior(Protocol):
    """Independent beliefs of arms, shape (cells, arms)."""

    @property
    def mean(self) -> Array: ...

    def density(self, x: Array) -> Array: ...

    def below(self, x: Array) -> Array: ...

    def quantile(self, p: float) -> Array: ...

    def cells(self, chosen: NDArray[np.intp]) -> Self: ...


class NotExact(ValueError):
    """Chances that the most nodes do not settle."""


def propensities(posterior: Posterior) -> Array:
    """Chance that each arm is the best, shape (cells, arms); each row sums to one.

    Raises NotExact where that many nodes are not enough for an error under 1e-9.

    >>> from models.posteriors.beta_binomial import BetaBinomial
    >>> propensities(BetaBinomial.none(1, 2).seen([[1, 0]], [[1, 0]])).round(9).tolist()
    [[0.666666667, 0.333333333]]
    """
    found = np.empty_like(posterior.mean)
    if found.shape[1] == 1:
        return np.ones_like(found)
    left, before, nodes = np.arange(len(found)), None, FIRST
    while len(left):
        mine = posterior.cells(left)
        chances = _chances(mine, nodes)
        settled = np.abs(chances.sum(axis=1) - 1.0) < CLOSE
        settled &= _steady(chances, mine, nodes) if before is None else _near(chances, before)
        found[left[settled]] = chances[settled]
        left, before, nodes = left[~settled], chances[~settled], 2 * nodes
        if len(left) and nodes > MOST:
            raise NotExact(
                f"{len(left)} cells (first: {left[0]}) are not settled by {MOST} nodes, allowed: 1e-9"
            )
    return np.asarray(found / found.sum(axis=1, keepdims=True))


def _near(chances: Array, before: Array) -> NDArray[np.bool_]:
    return np.asarray(np.abs(chances - before).max(axis=1) < CLOSE)


def _steady(chances: Array, posterior: Posterior, nodes: int) -> NDArray[np.bool_]:
    """Whether three quarters of the nodes say the same."""
    return _near(chances, _chances(posterior, 3 * nodes // 4))


def _chances(posterior: Posterior, nodes: int) -> Array:
    edges = np.array([posterior.quantile(level).max(axis=1) for level in LEVELS])
    place, slope = _nodes(nodes)
    width = np.diff(edges, axis=0)
    x = (edges[:-1] + width * place[:, None, None]).reshape(-1, edges.shape[1])
    weight = (slope[:, None, None] * width).reshape(x.shape)
    density, below = posterior.density(x[:, :, None]), posterior.below(x[:, :, None])
    others = _product_of_others(below)
    return np.asarray(np.einsum("nc,nca,nca->ca", weight, density, others))


@lru_cache(maxsize=32)
def _nodes(count: int) -> tuple[Array, Array]:
    """Places in 0..1 and their weights."""
    node, weight = np.polynomial.legendre.leggauss(count)
    u = (node + 1.0) / 2.0
    return u, weight / 2.0


def _product_of_others(below: Array) -> Array:
    """Product over all arms but each, without dividing by what may be zero."""
    ahead = np.cumprod(below, axis=2)
    behind = np.cumprod(below[:, :, ::-1], axis=2)[:, :, ::-1]
    others = np.ones_like(below)
    others[:, :, 1:] *= ahead[:, :, :-1]
    others[:, :, :-1] *= behind[:, :, 1:]
    return others
