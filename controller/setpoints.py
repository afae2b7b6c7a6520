"""What a loop is to keep at this moment: a level, given the week's shape where the target has one.

Called by the loop; built by assembly from the plan's target. A shaped level is that of the window which was measured,
not of the moment it is looked at: a reading that settles five minutes late is held against the hour it counts.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Cells
from controller.clock import civil_at
from controller.signals import Signal, Tick

HOURS = 168


@dataclass(frozen=True, slots=True, eq=False)
class Setpoint:
    """The level of one loop, in its sensor's unit.

    >>> flat = Setpoint(np.array([5.0, 7.0]), None, 3600.0)
    >>> flat.level
    array([5., 7.])
    """

    level: Array
    """Shape (cells,)."""
    weights: Array | None
    """168 hour-of-week weights of mean 1 that multiply the level; None: flat."""
    window: float
    """Seconds a measured value covers."""
    band: Array | float = 0.0
    """Half-width in the sensor's unit around `level`, before shape."""

    def at(self, tick: Tick, signal: Signal, cells: Cells) -> Array:
        """Setpoint of the newest measured window, shape (cells,)."""
        if self.weights is None:
            return self.level
        known = np.isfinite(signal.good_at)
        end = float(signal.good_at[known].max()) if known.any() else tick.time
        hours = (
            civil_at(end - self.window / 2.0, cells).hour_of_week if self.window else tick.civil.hour_of_week
        )
        return self.level * self.weights[hours]


def rolled(weights: Array, window: float) -> Array:
    """Weights of windows that are longer than an hour: the mean over the hours that a window centred there covers.

    >>> day = rolled(np.tile(np.r_[np.zeros(12), np.full(12, 2.0)], 7), 86_400.0)
    >>> bool(np.allclose(day, 1.0))
    True
    """
    hours = max(round(window / 3600.0), 1)
    if hours == 1:
        return weights
    if hours % HOURS == 0:
        return np.ones(HOURS)
    offsets = np.arange(hours) - hours // 2
    index = (np.arange(HOURS)[:, None] + offsets[None, :]) % HOURS
    return np.asarray(weights[index].mean(axis=1), np.float64)
