"""Doubly robust estimates whose weights are made smaller, and the choice of by how much.

For each parameter: the value; its variance, with that of the model, which counts where the residuals no longer correct
it; and an estimate of the bias that shrinking brings, mean of (w - w_shrunk)(r - q). The parameter with the least
variance + bias^2 is taken (Su et al., ICML 2020, section 5). Shared by dros and switch_dr; pure.
"""

from collections.abc import Callable

import numpy as np

from sim.ope._base import Rewards, Told
from sim.ope._log import Floats
from sim.ope._question import Question

Shrink = Callable[[Floats, float], Floats]


def parts(question: Question, rewards: Rewards) -> tuple[Floats, Floats]:
    """Expected reward under the target, and the residual of the arm chosen; both shape (rows,)."""
    log, q = question.log, rewards.crossed
    expected = np.einsum("ij,ij->i", question.probability, q)
    return expected, log.reward - q[np.arange(len(log)), log.action]


def told(expected: Floats, weight: Floats, residual: Floats, **more: float) -> Told:
    """The estimate with these weights."""
    each = weight * residual
    each += expected
    value = float(each.mean())
    each -= value
    return Told(value=value, influence=each, bias=more.pop("bias", 0.0), details=more)


def tuned(question: Question, rewards: Rewards, shrink: Shrink, name: str, grid: Floats) -> Told:
    """The estimate at the parameter of the grid with the least estimated squared error."""
    expected, residual = parts(question, rewards)
    weight, rows = question.weight, len(question.log)
    found, least = None, np.inf
    for parameter in map(float, grid):
        small = shrink(weight, parameter)
        bias = float(np.einsum("i,i->", weight - small, residual)) / rows
        now = told(expected, small, residual, bias=abs(bias), **{name: parameter})
        now.influence[:] += rewards.pull(question, small) * residual
        error = float(np.einsum("i,i->", now.influence, now.influence)) / rows**2 + bias * bias
        if found is None or error < least:
            found, least = now, error
    assert found is not None
    return found
