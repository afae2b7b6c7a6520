"""Many small quadratic programmes at once, one a cell, all with the same matrices.

    minimise   1/2 u'Hu + g'u      subject to   low <= u <= high,  -slew <= D u <= slew

by a primal-dual interior point with predictor and corrector (Mehrotra, SIAM J. Optimization 2 (1992) 575-601; Nocedal &
Wright, Numerical Optimization, 2006, algorithm 16.4). H, D are the same in every cell; g, low, high and slew are its
own. Each cell goes its own way and stops by itself, so that none depends on which others lie beside it: sums run one
after the other, and systems are solved one by one. Called by the policy; pure arrays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
ROUNDS = 60
EXACT = 1e-11
"""Of the complementarity and the residuals, in the unit of u and of the cost's slope."""
_LEAST = 1e-10
"""Width that an interval is given where both of its ends are one."""


@dataclass(frozen=True, slots=True, eq=False)
class Programme:
    """What all cells share.

    >>> one = Programme(np.eye(2), np.array([[-1.0, 1.0]]))
    >>> wide, narrow = np.full((1, 2), 5.0), np.full((1, 1), 0.5)
    >>> one.solved(np.array([[-1.0, -3.0]]), -wide, wide, narrow).round(6)
    array([[1.75, 2.25]])
    """

    hessian: Array
    """H, positive definite, shape (n, n)."""
    steps: Array
    """D, shape (k, n)."""

    def solved(self, slope: Array, low: Array, high: Array, slew: Array) -> Array:
        """The best u of each cell, shape (cells, n).

        Parameters
        ----------
        slope: g, shape (cells, n).
        low, high: shape (cells, n), low <= high; ends may be one.
        slew: shape (cells, k), 0 or more; inf where it does not bind. The steps must fit between low and high.

        Raises ValueError where numbers are not finite or low lies above high.
        """
        self._check(slope, low, high)
        rows = np.concatenate(
            [np.eye(len(self.hessian)), -np.eye(len(self.hessian)), self.steps, -self.steps]
        )
        wide = np.maximum(high, low + _LEAST)
        most = np.minimum(np.maximum(slew, _LEAST), 1e6)
        bound = np.concatenate([wide, -low, most, most], axis=1)
        found = _interior(self.hessian, rows, slope, bound)
        return np.asarray(np.clip(found, low, high))

    def _check(self, slope: Array, low: Array, high: Array) -> None:
        for name, values in (("slope", slope), ("low", low), ("high", high)):
            if not np.isfinite(values).all():
                raise ValueError(f"{name}: got {values}, allowed are finite numbers")
        if (low > high).any():
            raise ValueError(f"low, high: got {low} above {high}")


def _interior(hessian: Array, rows: Array, slope: Array, bound: Array) -> Array:
    """u with rows u <= bound, shape (cells, n)."""
    cells, count = len(slope), len(rows)
    u = np.zeros_like(slope)
    slack = np.maximum(bound - _across(u, rows), 1.0)
    price = np.ones((cells, count))
    outer = rows[:, :, None] * rows[:, None, :]
    going = np.ones(cells, np.bool_)
    for _ in range(ROUNDS):
        dual = _across(u, hessian) + slope + _along(price, rows)
        primal = _across(u, rows) + slack - bound
        gap = _total(slack * price) / count
        worst = np.maximum(np.abs(dual).max(axis=1), np.abs(primal).max(axis=1))
        going = going & ((gap > EXACT) | (worst > EXACT))
        if not going.any():
            break
        u, slack, price = _round(hessian, rows, outer, (u, slack, price), (dual, primal, gap), going)
    return u


def _round(
    hessian: Array, rows: Array, outer: Array, at: tuple[Array, Array, Array],
    missing: tuple[Array, Array, Array], going: NDArray[np.bool_],
) -> tuple[Array, Array, Array]:  # fmt: skip
    """One step of predictor and corrector; cells that are done stay where they are."""
    (u, slack, price), (dual, primal, gap) = at, missing
    ratio = price / slack
    matrix = np.broadcast_to(hessian, (len(u), *hessian.shape)).copy()
    for n in range(len(rows)):
        matrix += ratio[:, n, None, None] * outer[n]

    def towards(complementary: Array) -> tuple[Array, Array, Array]:
        right = -dual + _along((complementary - price * primal) / slack, rows)
        du: Array = np.asarray(np.linalg.solve(matrix, right[..., None])[..., 0], np.float64)
        ds = -primal - _across(du, rows)
        return du, ds, (-complementary - price * ds) / slack

    _, ds, dz = towards(slack * price)
    reach = np.minimum(_room(slack, ds), _room(price, dz))[:, None]
    after = _total((slack + reach * ds) * (price + reach * dz)) / len(rows)
    centre = np.divide(after, gap, out=np.zeros_like(gap), where=gap > 0) ** 3
    du, ds, dz = towards(slack * price + ds * dz - (centre * gap)[:, None])
    size = 0.995 * np.minimum(_room(slack, ds), _room(price, dz))
    size = np.where(going, np.minimum(size, 1.0), 0.0)[:, None]
    return u + size * du, slack + size * ds, price + size * dz


def _room(value: Array, step: Array) -> Array:
    """How far a step may go before something positive is not, at most 1, shape (cells,)."""
    most = np.divide(-value, step, out=np.full_like(value, 1 / 0.995), where=step < 0)
    return np.asarray(np.minimum(most.min(axis=1), 1 / 0.995))


def _across(u: Array, matrix: Array) -> Array:
    """matrix u of every cell, shape (cells, rows)."""
    total = u[:, 0, None] * matrix[:, 0]
    for n in range(1, u.shape[1]):
        total = total + u[:, n, None] * matrix[:, n]
    return total


def _along(values: Array, rows: Array) -> Array:
    """rows' values of every cell, shape (cells, n)."""
    return _across(values, rows.T)


def _total(values: Array) -> Array:
    total = values[:, 0]
    for n in range(1, values.shape[1]):
        total = total + values[:, n]
    return total
