"""A target that is approached instead of jumped to: a ramp, then a filter, from where the measured value is.

Called by the loop once a turn and loop whose target asks for it. Begins at the measured value, so neither a start nor
a new target is a jump; begins there anew where the loop has not steered: a person's value, a lost sensor, mode manual.
A week's shape is left alone: what moves is the level that the shape multiplies.

    ramp      r += clip(level - r, -rate dt, rate dt)
    filter    f += (1 - exp(-dt / T)) (r - f)             the setpoint; exact for any dt
"""

from collections.abc import Mapping

import numpy as np

from controller.cells import Array, Bools, Cells
from models.pid.condition import ramped, smoothed


class Approach:
    """The way to one loop's target.

    Parameters
    ----------
    rate: units of the level a second, shape (cells,), or None for no ramp.
    time: of the filter, seconds; 0: no filter.

    >>> way = Approach(np.array([2.0]), 0.0, Cells(("all",)))
    >>> anew, level = np.array([False]), np.array([10.0])
    >>> [float(way.towards(level, np.array([3.0]), anew, dt)[0]) for dt in (1.0, 1.0, 9.0)]
    [3.0, 5.0, 10.0]
    """

    def __init__(self, rate: Array | None, time: float, cells: Cells) -> None:
        self.rate, self.time = rate, time
        self.ramped, self.filtered = cells.full(np.nan), cells.full(np.nan)
        """NaN: not begun."""

    def towards(self, level: Array, measured: Array, anew: Bools, elapsed: float) -> Array:
        """The level to keep now, shape (cells,), and on the way from now on.

        `measured`: the measured value in terms of the level, NaN where unknown: there the level itself is kept, and
        nothing is begun; `anew`: where to begin again.
        """
        known = np.isfinite(measured)
        begin = known & (anew | ~np.isfinite(self.ramped))
        way = level.copy() if self.rate is None else ramped(self.ramped, level, self.rate * elapsed)
        soft = smoothed(self.filtered, way, elapsed, self.time) if self.time else way
        unbegun = np.isnan(self.ramped) & ~begin
        if begin.any() or unbegun.any():
            way = np.where(begin, measured, np.where(unbegun, np.nan, way))
            soft = np.where(begin, measured, np.where(unbegun, np.nan, soft))
        self.ramped, self.filtered = way, soft
        return np.where(unbegun, level, soft) if unbegun.any() else soft

    def state(self) -> dict[str, Array]:
        """Arrays to be saved; the first axis is cells."""
        return {"ramped": self.ramped.copy(), "filtered": self.filtered.copy()}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take saved arrays back."""
        self.ramped, self.filtered = state["ramped"].copy(), state["filtered"].copy()
