"""Push fatigue: a memory of recent messages that makes the next one less welcome.

    f' = rate - f ln 2 / half_life             f: messages still remembered a person
    open = 1 / (1 + exp(-(base - weight f)))   chance that one message is opened

More messages lower the open rate (Wohllebe et al. 2021, 17,500 users of a shop app, 7 weeks); no portable value of
the memory is published. Called by the push part of the plants; calls adstock; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.adstock import retained
from models.response.parameter import Parameter

MEMORY = Parameter(
    5 * 86_400.0,
    3 * 86_400.0,
    14 * 86_400.0,
    "s",
    "proposal: half-life of 3 to 14 days, to be calibrated",
    True,
)
BASE = Parameter(
    -2.2, -4.0, -1.0, "logit", "proposal: one message in ten is opened by a person not yet tired"
)
WEIGHT = Parameter(0.12, 0.0, 0.5, "logit per message", "proposal; sign after Wohllebe et al. 2021", True)

_UTMOST = 700.0
"""Logits beyond which the exponential would leave the range of numbers; the chance is nothing there (1e-304)."""


def remembered(
    stock: NDArray[np.float64], rate: NDArray[np.float64], half_life: float | NDArray[np.float64], dt: float
) -> NDArray[np.float64]:
    """Messages remembered a person after dt seconds at `rate` messages a second, shape kept.

    >>> day = 86_400.0
    >>> remembered(np.array([8.0]), np.array([0.0]), half_life=5 * day, dt=5 * day)
    array([4.])
    """
    keep = retained(half_life, dt)
    settled = rate * (half_life / np.log(2.0))
    return np.asarray(stock * keep + settled * (1.0 - keep))


def open_chance(
    stock: NDArray[np.float64],
    base: float | NDArray[np.float64] = BASE.value,
    weight: float | NDArray[np.float64] = WEIGHT.value,
) -> NDArray[np.float64]:
    """Chance that one message is opened, in (0, 1), shape of `stock`; falls with what is remembered.

    base, weight: one for all or one a cell.

    >>> open_chance(np.array([0.0, 10.0])).round(4)
    array([0.0998, 0.0323])
    """
    return 1.0 / (1.0 + np.exp(np.minimum(weight * stock - base, _UTMOST)))
