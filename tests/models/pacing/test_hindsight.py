"""The closed form of the hindsight bound equals a linear program's solver, and no plan beats it."""

import numpy as np
import pytest
from scipy.optimize import linprog

from models.pacing.hindsight import best_spending


@pytest.mark.parametrize("seed", range(6))
def test_the_bound_is_the_linear_program_s(seed):
    rng = np.random.default_rng(seed)
    value, cost = rng.gamma(1.0, 1.0, (2, 30))
    cost[:3] = 0.0
    budget = float(cost.sum() * rng.uniform(0.05, 1.3))
    solved = linprog(-value, A_ub=cost[None], b_ub=[budget], bounds=(0, 1))
    found = best_spending(value[None], cost[None], np.array([budget]))
    assert found.value[0] == pytest.approx(-solved.fun, rel=1e-9)
    assert found.price[0] == pytest.approx(-solved.ineqlin.marginals[0], abs=1e-9)
    assert (cost * found.used[0]).sum() <= budget * (1 + 1e-12)


def test_replicas_are_solved_each_by_itself():
    rng = np.random.default_rng(7)
    value, cost, budget = rng.gamma(1.0, 1.0, (5, 12)), rng.gamma(1.0, 1.0, (5, 12)), rng.uniform(1, 5, 5)
    both = best_spending(value, cost, budget)
    alone = [best_spending(value[n : n + 1], cost[n : n + 1], budget[n : n + 1]).value[0] for n in range(5)]
    assert both.value.tolist() == alone
