"""Switch doubly robust: weights above a threshold are not used; there the model stands alone.

    V = mean of [ sum over arms of target probability x q(arm) + w 1{w <= threshold} (r - q(arm chosen)) ]

Threshold 0 is the direct method on the same predictions, infinity the doubly robust estimate. The threshold is tuned
as lambda is in dros, and the estimated bias widens the interval.
"""

import numpy as np

from models.draws import Draws
from sim.ope._base import Estimator, Rewards, Told
from sim.ope._log import Floats
from sim.ope._question import Question
from sim.ope._shrinking import parts, told, tuned

SHARES = (0.999, 0.99, 0.98, 0.95, 0.9, 0.8, 0.6, 0.4)
"""Thresholds that are tried, as shares of the rows that stay under them; and infinity and 0."""


def switched(weight: Floats, threshold: float) -> Floats:
    """Weights, 0 where above the threshold or where that is 0; shape kept.

    >>> switched(np.array([0.5, 2.0, 9.0]), 2.0)
    array([0.5, 2. , 0. ])
    """
    return np.where(weight <= threshold, weight, 0.0)


def at(question: Question, rewards: Rewards, threshold: float) -> Told:
    """The estimate at one threshold, 0 or more, without tuning."""
    expected, residual = parts(question, rewards)
    return told(expected, switched(question.weight, threshold), residual, threshold=threshold)


def tell(question: Question, rewards: Rewards | None, _draws: Draws) -> Told:
    """The estimate at the threshold chosen."""
    assert rewards is not None
    grid = np.array([np.inf, *np.quantile(question.weight, SHARES), 0.0])
    return tuned(question, rewards, switched, "threshold", grid)


ESTIMATOR = Estimator(
    about="doubly robust, with weights above a threshold left to the model alone",
    assumes="as doubly robust, but for a bias that is estimated and added to the interval",
    source="Wang, Agarwal & Dudík, ICML 2017, equation 5",
    modelled=True,
    tell=tell,
)
