"""What the best spending would have brought, had everything been known: the bound that pacing is measured against.

With one budget the linear program

    maximise sum_t value_t x_t    subject to    sum_t cost_t x_t <= budget,   0 <= x_t <= 1

is solved by taking periods in the order of value for money until the budget is gone, the last one in part (Dantzig
1957, Operations Research 5(2), the fractional knapsack). Its dual price is value for money at the margin: what a
multiplier has to find out without knowing the future. Called by benchmarks; pure arrays.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Hindsight(NamedTuple):
    """The optimum of each replica."""

    value: Array
    """Shape (replicas,)."""
    price: Array
    """Value for one more unit of money, shape (replicas,); 0 where the budget does not bind."""
    used: Array
    """Share of each period that is taken, shape (replicas, periods)."""


def best_spending(value: Array, cost: Array, budget: Array) -> Hindsight:
    """The linear program's optimum, in closed form.

    Parameters
    ----------
    value, cost: of each period, shape (replicas, periods), not negative; periods that cost nothing are taken whole.
    budget: shape (replicas,).

    >>> found = best_spending(np.array([[3.0, 10.0, 4.0]]), np.array([[1.0, 5.0, 4.0]]), np.array([4.0]))
    >>> found.value, found.price, found.used
    (array([9.]), array([2.]), array([[1. , 0.6, 0. ]]))
    """
    worth = np.divide(value, cost, out=np.full_like(value, np.inf), where=cost > 0)
    order = np.argsort(-worth, axis=1, kind="stable")
    costs = np.take_along_axis(cost, order, axis=1)
    before = np.cumsum(costs, axis=1) - costs
    room = np.maximum(budget[:, None] - before, 0.0)
    taken = np.clip(np.divide(room, costs, out=np.ones_like(costs), where=costs > 0), 0.0, 1.0)
    used = np.empty_like(taken)
    np.put_along_axis(used, order, taken, axis=1)
    binds = cost.sum(axis=1) > budget
    last = np.minimum((taken >= 1.0).sum(axis=1), cost.shape[1] - 1)
    at_margin = np.take_along_axis(np.take_along_axis(worth, order, axis=1), last[:, None], axis=1)[:, 0]
    return Hindsight((value * used).sum(axis=1), np.where(binds, at_margin, 0.0), used)
