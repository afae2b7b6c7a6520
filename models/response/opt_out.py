"""Opt-out: the hazard with which a person switches messages off, growing with fatigue.

    chance over a step = 1 - exp(-h0 exp(kappa f) n)     n: messages in the step a person

Users told more messages uninstall more (Wohllebe et al. 2021); stated intent (Localytics 2017: 10 % would switch off at
one a week, 37 % at two to five) bounds it from above. Called by the push part of the plants; calls nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

HAZARD = Parameter(
    0.0005, 0.0, 0.01, "1 per message", "proposal; below the stated intent of Localytics 2017", True
)
KAPPA = Parameter(
    0.12, 0.0, 0.4, "1 per remembered message", "proposal; no portable value is published", True
)


def opt_out_chance(
    stock: NDArray[np.float64],
    messages: NDArray[np.float64],
    hazard: float = HAZARD.value,
    kappa: float = KAPPA.value,
) -> NDArray[np.float64]:
    """Chance that a person opts out in a step, in [0, 1], shape of `stock`; zero where no message comes.

    Parameters
    ----------
    stock: messages remembered a person (see fatigue).
    messages: messages a person in the step.

    >>> opt_out_chance(np.array([0.0, 5.0]), np.array([0.0, 1.0])).round(5)
    array([0.     , 0.00091])
    """
    return -np.expm1(-hazard * np.exp(kappa * stock) * messages)
