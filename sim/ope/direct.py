"""Direct method: what a model of rewards expects of the target; propensities are not used.

    V = mean over rows of sum over arms of target probability x expected reward

As good as the model: it has the least spread and all of the model's bias. Its interval counts the luck in the rows and
in the model's fit (a ridge is linear in the rewards, so the part of each row is exact), and can't count what the model
can't express.
"""

import numpy as np

from models.draws import Draws
from sim.ope._base import Estimator, Rewards, Told
from sim.ope._question import Question


def tell(question: Question, rewards: Rewards | None, _draws: Draws) -> Told:
    """Mean expected reward under the target, by a fit to all rows."""
    assert rewards is not None
    log = question.log
    each = np.einsum("ij,ij->i", question.probability, rewards.whole)
    value = float(each.mean())
    residual = log.reward - rewards.whole[np.arange(len(log)), log.action]
    return Told(value=value, influence=each - value + rewards.pull(question) * residual)


ESTIMATOR = Estimator(
    about="mean reward that a model of rewards expects under the target",
    assumes="the model of rewards is right",
    source="Dudík et al., Statistical Science 29, 2014, equation 1",
    modelled=True,
    tell=tell,
)
