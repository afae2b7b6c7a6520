"""Self-normalised inverse propensity scores: a weighted mean of the rewards.

    V = sum of w r / sum of w

A little biased (by about 1 / rows), steadier than ips, and always within the range of the rewards. Its interval is that
of a ratio (Hájek): the influence of a row is w (r - V) / mean w, and not w r / mean w, whose spread is that of ips.
"""

import numpy as np

from models.draws import Draws
from sim.ope._base import Estimator, Rewards, Told
from sim.ope._question import Question


def tell(question: Question, _rewards: Rewards | None, _draws: Draws) -> Told:
    """The weighted mean; the question's support makes sure that there is a weight."""
    weight, reward = question.weight, question.log.reward
    total = float(weight.sum())
    value = float(np.einsum("i,i->", weight, reward)) / total
    influence = (reward - value) * weight
    influence *= len(reward) / total
    return Told(value=value, influence=influence)


ESTIMATOR = Estimator(
    about="weighted mean of the rewards, with weights that sum to 1",
    assumes="propensities are those of decision time, up to a common factor",
    source="Hájek, comment in Foundations of Statistical Inference, 1971; Swaminathan & Joachims, NeurIPS 2015",
    modelled=False,
    tell=tell,
)
