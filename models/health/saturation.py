"""Share of the time that an output stands at a limit: from a record, or as it goes.

A loop at its limit has no control left (ISA-TR5.9; the share of time at a limit is the plainest figure of loop
monitoring). Limits may differ from sample to sample. Where the range is empty (low = high) the output counts as at
neither: it could not move. As it goes, old time fades with a time constant.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]

WITHIN = 1e-6
"""Share of the range by which a value may miss a limit and still stand at it."""


def at_limits(
    values: Array, low: Array | float, high: Array | float, grain: float = 0.0
) -> tuple[Bools, Bools]:
    """Where values stand at their low and at their high limit, shape of `values`; grain: their resolution.

    >>> low, high = at_limits(np.array([0.0, 0.5, 1.0]), 0.0, 1.0)
    >>> low.tolist(), high.tolist()
    ([True, False, False], [False, False, True])
    """
    span = np.asarray(high, np.float64) - np.asarray(low, np.float64)
    near = WITHIN * span + grain / 2
    open_ = span > grain
    return np.asarray(open_ & (values <= low + near)), np.asarray(open_ & (values >= high - near))


def shares(values: Array, low: Array | float, high: Array | float, grain: float = 0.0) -> tuple[Array, Array]:
    """Share of the samples at the low and at the high limit, shape (cells,); values have shape (samples, cells).

    >>> [float(share[0]) for share in shares(np.array([[0.0], [0.5], [1.0], [1.0]]), 0.0, 1.0)]
    [0.25, 0.5]
    """
    at_low, at_high = at_limits(values, low, high, grain)
    return at_low.mean(axis=0), at_high.mean(axis=0)


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Shares as it goes; arrays of shape (cells,), never changed, only replaced."""

    low: Array
    high: Array

    @classmethod
    def none(cls, cells: int) -> "Standing":
        """Before the first sample."""
        return cls(*np.zeros((2, cells)))

    def seen(self, at_low: Bools, at_high: Bools, elapsed: Array | float, memory: float) -> "Standing":
        """With one more sample that stood for `elapsed`; `memory`: time constant of forgetting, same unit.

        >>> state = Standing.none(1)
        >>> for _ in range(100):
        ...     state = state.seen(np.array([False]), np.array([True]), 1.0, 10.0)
        >>> float(state.high[0].round(3)), float(state.low[0])
        (1.0, 0.0)
        """
        kept = np.exp(-np.asarray(elapsed) / memory)
        return replace(
            self, low=kept * self.low + (1 - kept) * at_low, high=kept * self.high + (1 - kept) * at_high
        )
