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
Bools = NDArray[np.bool_]
ROUNDS = 80
EXACT, NEAR = 1e-14, 1e-10
"""Of the complementarity, and of the residuals, in the unit of u and of the cost's slope."""
_CLOSE, _CENTRE = 1e-3, 1e-2
"""Slack that the start keeps from every bound, and slack times price there."""
_SLOW, _PLAIN = 0.5, 0.1
"""Where a round left more than this of the gap, the next goes without a corrector, to this share of it: the corrector
alone can run in a circle."""
_STIFF = 1e14
"""Largest weight of a bound: beyond it floats have no more to say."""
_BLOCK = 256
"""Cells at a time: what a round touches stays in the processor's cache."""
_POINT = 1e-9
"""Width up to which an interval is one point."""


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
        pinned = high - low <= _POINT
        most = np.minimum(np.maximum(slew, _POINT), 1e6)
        bound = np.concatenate([high + pinned, pinned - low, most, most], axis=1)
        middle, free = (low + high) / 2, ~pinned
        blocks = [slice(at, at + _BLOCK) for at in range(0, len(slope), _BLOCK)]
        solved = [_interior(self.hessian, rows, slope[at], bound[at], middle[at], free[at]) for at in blocks]
        found = np.concatenate(solved) if solved else slope
        return np.asarray(np.clip(found, low, high))

    def _check(self, slope: Array, low: Array, high: Array) -> None:
        for name, values in (("slope", slope), ("low", low), ("high", high)):
            if not np.isfinite(values).all():
                raise ValueError(f"{name}: got {values}, allowed are finite numbers")
        if (low > high).any():
            raise ValueError(f"low, high: got {low} above {high}")


def _interior(hessian: Array, rows: Array, slope: Array, bound: Array, start: Array, free: Bools) -> Array:
    """u with rows u <= bound, shape (cells, n); what is not free stays where it starts."""
    found, who, outer = start.copy(), np.arange(len(slope)), rows[:, :, None] * rows[:, None, :]
    slack = np.maximum(bound - _across(start, rows), _CLOSE)
    at, before = (start, slack, _CENTRE / slack), np.full(len(slope), np.inf)
    for _ in range(ROUNDS):
        (u, slack, price) = at
        dual = np.where(free, _across(u, hessian) + slope + _along(price, rows), 0.0)
        primal = _across(u, rows) + slack - bound
        gap = _total(slack * price) / len(rows)
        worst = np.maximum(np.abs(dual).max(axis=1), np.abs(primal).max(axis=1))
        found[who] = u
        on = (gap > EXACT) | (worst > NEAR)  # the others are done, and no more is made of them
        if not on.any():
            break
        who, slope, bound, free = who[on], slope[on], bound[on], free[on]
        missing = (dual[on], primal[on], gap[on])
        at = _round(
            hessian, rows, outer, (u[on], slack[on], price[on]), missing, free, (gap > _SLOW * before)[on]
        )
        before = gap[on]
    return found


def _round(
    hessian: Array, rows: Array, outer: Array, at: tuple[Array, Array, Array],
    missing: tuple[Array, Array, Array], free: Bools, plain: Bools,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """One step of predictor and corrector, of a cell without a number none."""
    (u, slack, price), (dual, primal, gap) = at, missing
    ratio = np.minimum(price / slack, _STIFF)
    matrix = np.broadcast_to(hessian, (len(u), *hessian.shape)).copy()
    for n in range(len(rows)):
        matrix += ratio[:, n, None, None] * outer[n]
    matrix *= free[:, :, None] & free[:, None, :]
    matrix += np.eye(u.shape[1]) * ~free[:, :, None]

    def towards(complementary: Array) -> tuple[Array, Array, Array]:
        right = np.where(free, -dual + _along((complementary - price * primal) / slack, rows), 0.0)
        du: Array = np.asarray(np.linalg.solve(matrix, right[..., None])[..., 0], np.float64)
        ds = -primal - _across(du, rows)
        return du, ds, (-complementary - price * ds) / slack

    _, ds, dz = towards(slack * price)
    reach = np.minimum(_room(slack, ds), _room(price, dz))[:, None]
    after = _total((slack + reach * ds) * (price + reach * dz)) / len(rows)
    centre = np.divide(after, gap, out=np.zeros_like(gap), where=gap > 0) ** 3
    centre = np.where(plain, _PLAIN, centre)
    corrected = np.where(plain[:, None], 0.0, ds * dz)
    du, ds, dz = towards(slack * price + corrected - (centre * gap)[:, None])
    size = 0.995 * np.minimum(_room(slack, ds), _room(price, dz))
    known = np.asarray(np.isfinite(np.concatenate([du, ds, dz], axis=1)).all(axis=1), np.bool_)
    size = np.where(known, np.minimum(size, 1.0), 0.0)[:, None]
    steps = (np.where(known[:, None], step, 0.0) for step in (du, ds, dz))
    after_u, after_slack, after_price = (
        value + size * step for value, step in zip((u, slack, price), steps, strict=True)
    )
    return after_u, after_slack, after_price


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
