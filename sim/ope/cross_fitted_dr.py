"""Cross-fitted doubly robust: the model's expectation, corrected by the weighted errors that it made.

    V = mean of [ sum over arms of target probability x q(arm) + w (r - q(arm chosen)) ]

Unbiased where the propensities are right, whatever the model; the better the model, the less the spread. q comes from a
fit that has not seen the row, so that the correction is honest. With q = 0 it is ips; with the true q,
n Var = Var(expected reward) + E[w^2 Var(r | arm)].
"""

from models.draws import Draws
from sim.ope._base import Estimator, Rewards, Told
from sim.ope._question import Question
from sim.ope._shrinking import parts, told


def tell(question: Question, rewards: Rewards | None, _draws: Draws) -> Told:
    """Expected reward plus weighted residuals."""
    assert rewards is not None
    expected, residual = parts(question, rewards)
    return told(expected, question.weight, residual)


ESTIMATOR = Estimator(
    about="a model's expectation, corrected by the weighted errors it makes on rows that it has not seen",
    assumes="propensities are those of decision time, or the model of rewards is right",
    source="Dudík et al., Statistical Science 29, 2014, equation 3; Chernozhukov et al., Econometrics J. 21, 2018",
    modelled=True,
    tell=tell,
)
