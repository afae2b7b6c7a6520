"""Doubly robust with optimistic shrinkage: large weights are drawn towards 0, smoothly.

    w_lambda = lambda w / (w^2 + lambda)

lambda = 0 is the direct method on the same predictions, lambda = infinity the doubly robust estimate. Of a grid between
the two, lambda is the one with the least estimated variance + bias^2; the bias estimate widens the interval on both
sides. The luck in the choice of lambda itself is not counted.
"""

import numpy as np

from models.draws import Draws
from sim.ope._base import Estimator, Rewards, Told
from sim.ope._log import Floats
from sim.ope._question import Question
from sim.ope._shrinking import parts, told, tuned

STEPS = 16
"""Values of lambda between those that shrink the smallest and the largest weight by half."""


def shrunk(weight: Floats, lam: float) -> Floats:
    """Weights made smaller, shape kept (Su et al., 2020, section 4.1).

    >>> weight = np.array([0.0, 1.0, 10.0])
    >>> shrunk(weight, 100.0).round(3), shrunk(weight, 0.0), shrunk(weight, np.inf)
    (array([0.  , 0.99, 5.  ]), array([0., 0., 0.]), array([ 0.,  1., 10.]))
    """
    if np.isinf(lam):
        return weight
    if lam == 0.0:
        return np.zeros_like(weight)
    return lam * weight / (weight * weight + lam)


def at(question: Question, rewards: Rewards, lam: float) -> Told:
    """The estimate at one lambda, 0 or more, without tuning."""
    expected, residual = parts(question, rewards)
    return told(expected, shrunk(question.weight, lam), residual, **{"lambda": lam})


def grid(weight: Floats) -> Floats:
    """Values of lambda that are tried, the largest first: infinity, then down to 0."""
    top, some = float(weight.max()), weight[weight > 0.0]
    low = float(some.min()) if some.size else 1.0
    return np.array([np.inf, *np.geomspace(max(top, 1e-9) ** 2 * 100.0, max(low, 1e-9) ** 2, STEPS), 0.0])


def tell(question: Question, rewards: Rewards | None, _draws: Draws) -> Told:
    """The estimate at the lambda chosen."""
    assert rewards is not None
    return tuned(question, rewards, shrunk, "lambda", grid(question.weight))


ESTIMATOR = Estimator(
    about="doubly robust, with large weights drawn smoothly towards 0 as far as that pays",
    assumes="as doubly robust, but for a bias that is estimated and added to the interval",
    source="Su, Dimakopoulou, Krishnamurthy & Dudík, ICML 2020, sections 4.1 and 5",
    modelled=True,
    tell=tell,
)
