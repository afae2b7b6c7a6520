"""Which inputs carry a target in the long run at the least cost.

    minimise cost'u    subject to    gain'u = wanted,  0 <= u <= 1

Every input has a price for each unit of what it does, so the cheapest is used up first, as water fills a vessel: exact
for one row (a fractional knapsack; Dantzig, Operations Research 5 (1957) 266-277). What can't be reached is left at the
nearest end. Called by problem; pure arrays.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def cheapest(gain: Array, cost: Array, wanted: Array) -> Array:
    """Inputs of every cell, shape (cells, inputs), shares of their ranges.

    Parameters
    ----------
    gain: what the whole range of each input does, shape (inputs,), other than 0.
    cost: of the whole range of each, shape (inputs,); among equals the first in order is used first.
    wanted: what they are to do together, shape (cells,).

    >>> cheapest(np.array([0.5, 0.5, -0.5]), np.array([2.0, 1.0, 0.0]), np.array([0.2, 0.7, 5.0, -1.0]))
    array([[0. , 0.4, 0. ],
           [0.4, 1. , 0. ],
           [1. , 1. , 0. ],
           [0. , 0. , 1. ]])
    """
    size = np.abs(gain)
    # An input that lowers is at its effortless end when it is all the way up: its cost falls as it does more.
    effort = np.where(gain > 0, cost, -cost) / size
    lowest = float(np.minimum(gain, 0.0).sum())
    rest, found = wanted - lowest, np.empty((len(wanted), len(gain)))
    for n in np.argsort(effort, kind="stable"):
        share = np.clip(rest / size[n], 0.0, 1.0)
        rest = rest - share * size[n]
        found[:, n] = share if gain[n] > 0 else 1.0 - share
    return found
