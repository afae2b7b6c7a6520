"""A lottery as people weigh it: small chances count for more than they are. One of three mechanisms, see mechanisms.py.

    w(p) = p^gamma / (p^gamma + (1 - p)^gamma)^(1 / gamma)      v(x) = x^0.88, for losses -2.25 |x|^0.88
    appeal = the sure sum of the same value = prize w(chance)^(1 / 0.88)

Cumulative prospect theory (Tversky & Kahneman, J. Risk and Uncertainty 5, 1992: gamma 0.61 for gains, 0.69 for losses).
Prelec's one-parameter weight (Econometrica 66:3, 1998), w = exp(-(-ln p)^alpha), crosses at p = 1/e for every alpha.
That chances of free goods beat sure discounts is found (Mazar et al. 2016; Lee et al. 2019) and disputed (eight
studies, 13,576 people), so no conclusion may rest on this mechanism alone. Called by mechanisms; calls nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

GAMMA = Parameter(
    0.61,
    0.5,
    1.0,
    "1",
    "gains (Tversky & Kahneman 1992); one is no overweighting; the range is a proposal",
    True,
)
GAMMA_LOSS = Parameter(0.69, 0.5, 1.0, "1", "losses (Tversky & Kahneman 1992); the range is a proposal", True)
EXPONENT = Parameter(0.88, 0.5, 1.0, "1", "Tversky & Kahneman 1992; the range is a proposal", True)
LOSS = Parameter(2.25, 1.0, 3.0, "1", "Tversky & Kahneman 1992; the range is a proposal", True)
PRELEC = Parameter(0.65, 0.4, 1.0, "1", "Prelec 1998, recalled; the range is a proposal", True)

_FLAT = 0.28
"""Below this gamma, Tversky and Kahneman's weight falls over part of its way (Ingersoll 2008: 0.279)."""


def weight(chance: Floats, gamma: Value = GAMMA.value) -> Floats:
    """Decision weight of a chance, in [0, 1], shapes broadcast; rising, none for none and one for certain.

    >>> weight(np.array([0.0, 0.001, 0.01, 0.05, 0.1, 0.3, 1.0])).round(4)
    array([0.    , 0.0145, 0.0553, 0.1316, 0.1863, 0.3184, 1.    ])
    """
    if not (np.greater_equal(gamma, _FLAT) & np.less_equal(gamma, 1)).all():
        raise ValueError(
            f"gamma must lie in [{_FLAT}, 1], where the weight rises throughout, received {gamma}"
        )
    _chance(chance)
    up = chance**gamma
    return np.asarray(up / (up + (1.0 - chance) ** gamma) ** (1.0 / np.asarray(gamma)))


def prelec(chance: Floats, alpha: Value = PRELEC.value) -> Floats:
    """Prelec's decision weight of a chance, in [0, 1], shapes broadcast; rising, and 1/e at 1/e.

    >>> prelec(np.array([0.0, np.exp(-1.0), 1.0])).round(4)
    array([0.    , 0.3679, 1.    ])
    """
    if not (np.greater(alpha, 0) & np.less_equal(alpha, 1)).all():
        raise ValueError(f"alpha must lie above zero and at one or below, received {alpha}")
    _chance(chance)
    none = np.equal(chance, 0)
    return np.asarray(np.where(none, 0.0, np.exp(-((-np.log(np.where(none, 1.0, chance))) ** alpha))))


def value(money: Floats, exponent: Value = EXPONENT.value, loss: Value = LOSS.value) -> Floats:
    """What a gain or a loss feels like, shapes broadcast; rising, steeper for losses, zero at zero.

    >>> value(np.array([100.0, 0.0, -100.0])).round(1)
    array([  57.5,    0. , -129.5])
    """
    size = np.abs(money) ** exponent
    return np.asarray(np.where(money < 0, -np.asarray(loss) * size, size))


def appeal(
    chance: Floats,
    prize: Value,
    price: Value,  # noqa: ARG001 (one contract for all mechanisms)
    gamma: Value = GAMMA.value,
    exponent: Value = EXPONENT.value,
) -> Floats:
    """The sure sum that is worth as much as the chance, in money a unit bought, shapes broadcast.

    Parameters
    ----------
    chance: that one unit wins, in [0, 1]; NaN stays NaN.
    prize: in money, zero or more.
    price: of a unit; plays no part here.
    gamma: of the weight, 0.28 to 1.
    exponent: of the value, above zero.

    >>> appeal(np.array([0.0, 0.03, 0.3, 1.0]), 2.0, 4.0).round(4)
    array([0.    , 0.1475, 0.5447, 2.    ])
    """
    if not np.greater(exponent, 0).all() or np.less(prize, 0).any():
        raise ValueError(
            f"an exponent must be above zero and a prize zero or more, received {exponent} and {prize}"
        )
    return np.asarray(prize * weight(chance, gamma) ** (1.0 / np.asarray(exponent)))


def _chance(chance: Floats) -> None:
    if (np.less(chance, 0) | np.greater(chance, 1)).any():
        raise ValueError(f"a chance must lie in [0, 1], received {chance}")
