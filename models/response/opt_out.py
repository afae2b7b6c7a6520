"""Opt-out: the hazard with which a person switches messages off, growing with fatigue.

    chance over a step = 1 - exp(-h0 exp(kappa f) n)                                n: messages in the step a person
    with a cliff         1 - exp(-h0 exp(kappa f) factor^(1 / (1 + exp(-(f - threshold) / width))) n)

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
THRESHOLD = Parameter(
    6.0, 2.0, 15.0, "remembered messages", "proposal: six a week at a memory of five days", True
)
FACTOR = Parameter(10.0, 1.0, 30.0, "1", "proposal: a cliff in the hazard; one is none", True)
WIDTH = Parameter(
    0.3, 0.05, 2.0, "remembered messages", "proposal: nine tenths of the rise within six widths"
)

_UTMOST = 600.0
"""Log hazard ratios beyond which everybody leaves; the exponential stays in the range of numbers."""


def opt_out_chance(
    stock: NDArray[np.float64],
    messages: NDArray[np.float64],
    hazard: float | NDArray[np.float64] = HAZARD.value,
    kappa: float | NDArray[np.float64] = KAPPA.value,
) -> NDArray[np.float64]:
    """Chance that a person opts out in a step, in [0, 1], shape of `stock`; zero where no message comes.

    Parameters
    ----------
    stock: messages remembered a person (see fatigue).
    messages: messages a person in the step.
    hazard, kappa: one for all or one a cell.

    >>> opt_out_chance(np.array([0.0, 5.0]), np.array([0.0, 1.0])).round(5)
    array([0.     , 0.00091])
    """
    return -np.expm1(-hazard * np.exp(np.minimum(kappa * stock, _UTMOST)) * messages)


def cliff_chance(
    stock: NDArray[np.float64],
    messages: NDArray[np.float64],
    hazard: float | NDArray[np.float64] = HAZARD.value,
    kappa: float | NDArray[np.float64] = KAPPA.value,
    threshold: float | NDArray[np.float64] = THRESHOLD.value,
    factor: float | NDArray[np.float64] = FACTOR.value,
    width: float | NDArray[np.float64] = WIDTH.value,
) -> NDArray[np.float64]:
    """The same where the hazard jumps by `factor` as more than `threshold` messages are remembered, shapes broadcast.

    Parameters
    ----------
    stock, messages, hazard, kappa: as for `opt_out_chance`.
    threshold: messages remembered at which half of the jump, in the logarithm, is made.
    factor: one or more; at one there is no cliff.
    width: messages remembered over which it is made, above zero; the chance rises throughout.

    >>> one = np.ones(3)
    >>> cliff_chance(np.array([4.0, 6.0, 8.0]), one).round(5), opt_out_chance(np.array([8.0]), one[:1]).round(5)
    (array([0.00081, 0.00324, 0.01294]), array([0.0013]))
    """
    from scipy.special import expit

    if not (np.greater_equal(factor, 1).all() and np.greater(width, 0).all()):
        raise ValueError(f"factor must be one or more and width above zero, received {factor} and {width}")
    jump = np.log(factor) * expit((stock - threshold) / width)
    return -np.expm1(-hazard * np.exp(np.minimum(kappa * stock + jump, _UTMOST)) * messages)
