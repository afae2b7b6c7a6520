"""Inverse propensity scores: rewards weighted by how much likelier the target makes them.

    V = mean of w r,  w = target probability / logged probability of the arm chosen

Unbiased where propensities are those of decision time and every arm wanted could be chosen. Its spread grows with the
weights: n Var = E[w^2 r^2] - V^2. No model. It is not shifted with the rewards: with 1 added to every reward, the
mean weight is added to the value.
"""

from models.draws import Draws
from sim.ope._base import Estimator, Rewards, Told
from sim.ope._question import Question


def tell(question: Question, _rewards: Rewards | None, _draws: Draws) -> Told:
    """Mean of weighted rewards."""
    each = question.weight * question.log.reward
    value = float(each.mean())
    each -= value
    return Told(value=value, influence=each)


ESTIMATOR = Estimator(
    about="mean of the rewards, each weighted by target over logged probability",
    assumes="propensities are those of decision time",
    source="Horvitz & Thompson, JASA 47, 1952; Dudík et al., Statistical Science 29, 2014, equation 2",
    modelled=False,
    tell=tell,
)
