"""A lottery beats a sure discount only where that discount is small. One of three mechanisms, see mechanisms.py.

    d = chance x prize / price                       the equal sure discount
    appeal = chance x prize (1 + premium exp(-d / scale))

Eight studies with 13,576 people find that an uncertain promotion wins only while the sure discount is, or seems, small,
against both probability weighting and diminishing sensitivity. So the premium fades to the expected value. The form is
a proposal. It rises throughout for premiums up to e^2 = 7.39: the slope 1 + premium e^-y (1 - y), y = d / scale, is
least at y = 2. Called by mechanisms; calls nothing; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

HIGHEST = float(np.exp(2.0))
"""The largest premium under which a better chance is never worth less."""

PREMIUM = Parameter(
    2.0,
    0.0,
    7.0,
    "1",
    "proposal; a 1 % chance of free goods against 1 % off: +54 % spent (Lee et al. 2019)",
    True,
)
SCALE = Parameter(
    0.05,
    0.01,
    0.2,
    "share of the price",
    "proposal: at a sure discount of 5 % a third of the premium is left",
    True,
)


def appeal(
    chance: Floats, prize: Value, price: Value, premium: Value = PREMIUM.value, scale: Value = SCALE.value
) -> Floats:
    """What a chance to win is worth, in money a unit bought, shapes broadcast; never below chance times prize.

    Parameters
    ----------
    chance: that one unit wins, in [0, 1]; NaN stays NaN.
    prize, price: in money, the prize zero or more, the price above zero.
    premium: 0 to e^2; times the expected value added at the smallest discounts.
    scale: the equal sure discount, as a share of the price, at which 1/e of the premium is left.

    >>> appeal(np.array([0.0, 0.001, 0.1, 1.0]), 2.0, 4.0).round(5)
    array([0.     , 0.00596, 0.34715, 2.00018])
    """
    if not (np.greater_equal(premium, 0) & np.less_equal(premium, HIGHEST)).all():
        raise ValueError(
            f"a premium must lie in [0, e^2], since above {HIGHEST:.2f} a better chance could be worth less, "
            f"received {premium}"
        )
    if not (np.greater(price, 0).all() and np.greater(scale, 0).all()):
        raise ValueError(f"price and scale must be above zero, received {price} and {scale}")
    if (np.less(chance, 0) | np.greater(chance, 1)).any() or np.less(prize, 0).any():
        raise ValueError(
            f"a chance must lie in [0, 1] and a prize be zero or more, received {chance} and {prize}"
        )
    sure = chance * prize
    return np.asarray(sure * (1.0 + premium * np.exp(-sure / price / scale)))
