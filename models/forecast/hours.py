"""Windows of time against the 168 hours of a week: which hours a window lies in, and how much of each.

Called by week.py and ahead.py; pure arrays.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
HOURS = 168
LONGEST = 24.0
"""Hours of the longest window that tells enough of its own hours."""
_NEAR = 1e-9


def overlap(end: Array, length: float) -> tuple[NDArray[np.int64], Array]:
    """Hours of the week that windows lie in, and the part of each hour that is inside; shape (cells, hours) both.

    end: where each window ends, in hours of the week, shape (cells,), 0 is Monday 00:00.
    length: hours, above zero and at most 24.

    >>> slots, part = overlap(np.array([1.0, 0.5]), 1.0)
    >>> slots.tolist(), part.tolist()
    ([[0, 1], [167, 0]], [[1.0, 0.0], [0.5, 0.5]])
    """
    if not 0 < length <= LONGEST:
        raise ValueError(f"a window is above zero and at most {LONGEST:g} hours long, received {length:g}")
    start = end - length
    first = np.floor(start + _NEAR)
    hour = first[:, None] + np.arange(int(np.ceil(length)) + 1)
    part = np.minimum(end[:, None], hour + 1) - np.maximum(start[:, None], hour)
    return hour.astype(np.int64) % HOURS, np.clip(part, 0.0, 1.0)


def weight(week: Array, end: Array, length: float) -> Array:
    """Mean weight of a window, shape (cells,), from a profile of shape (cells, 168).

    >>> weight(np.tile(np.arange(168.0), (1, 1)), np.array([3.0]), 2.0)
    array([1.5])
    """
    slots, part = overlap(end, length)
    inside = week[np.arange(len(week))[:, None], slots]
    return np.asarray((inside * part).sum(axis=1) / length)
