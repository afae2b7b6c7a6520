"""Gains that change with the operating point: straight lines between points, level beyond the ends.

Called by the pid policy and by benchmarks; calls numpy only. Lines and not steps, since a step needs hysteresis to
keep from being crossed back and forth, and since a response that bends has no step in it either. A change of gains
moves no output: the law keeps its terms in output units (law.py). Gain scheduling: Astrom & Hagglund, Advanced PID
Control (ISA, 2006), sec. 9.3.
"""

from dataclasses import dataclass

import numpy as np

from models.pid.law import Array


@dataclass(frozen=True, slots=True, eq=False)
class Schedule:
    """Gains at points of the scheduling variable.

    Parameters
    ----------
    at: the points, ascending, at least two; shape (points,). ValueError else.
    gain: at each point.
    integral_time: at each point, seconds; None: no integral.

    >>> two = Schedule(np.array([0.0, 1.0]), np.array([2.0, 1.0]), np.array([100.0, 300.0]))
    >>> two.of(np.array([-1.0, 0.25, 7.0]))
    (array([2.  , 1.75, 1.  ]), array([100., 150., 300.]))
    """

    at: Array
    gain: Array
    integral_time: Array | None = None

    def __post_init__(self) -> None:
        if len(self.at) < 2 or not (np.diff(self.at) > 0).all():
            raise ValueError(f"points must rise, two at least, received {self.at.tolist()}")

    def of(self, where: Array) -> tuple[Array, Array | None]:
        """Gain and integral time a cell, shape of `where`; where that is not a number, those of the first point."""
        known = np.where(np.isfinite(where), where, self.at[0])
        times = None if self.integral_time is None else np.interp(known, self.at, self.integral_time)
        return np.interp(known, self.at, self.gain), times
