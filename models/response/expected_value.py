"""A lottery is worth what it pays on average: chance times prize. One of three mechanisms, see mechanisms.py.

    appeal = chance x prize

The plainest reading, and the only one under which doubling the chance or the prize does the same. Called by mechanisms;
calls nothing; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Value = float | Floats


def appeal(chance: Floats, prize: Value, price: Value) -> Floats:  # noqa: ARG001 (one contract for all mechanisms)
    """What a chance to win is worth, in money a unit bought, shapes broadcast.

    Parameters
    ----------
    chance: that one unit wins, in [0, 1]; NaN stays NaN.
    prize: in money, zero or more.
    price: of a unit; plays no part here.

    >>> appeal(np.array([0.0, 0.03]), 2.0, 4.0)
    array([0.  , 0.06])
    """
    if (np.less(chance, 0) | np.greater(chance, 1)).any() or np.less(prize, 0).any():
        raise ValueError(
            f"a chance must lie in [0, 1] and a prize be zero or more, received {chance} and {prize}"
        )
    return np.asarray(chance * prize)
