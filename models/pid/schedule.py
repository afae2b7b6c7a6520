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
        """Gain and integral time a cell, shape of `where`; where that is NaN, those of the first point."""
        gain = np.empty_like(where)
        time = None if self.integral_time is None else np.empty_like(where)
        self.into(where, gain, time, np.empty_like(where), np.empty_like(where))
        return gain, time

    def into(self, where: Array, gain: Array, time: Array | None, share: Array, part: Array) -> None:
        """The same, into arrays that are there; `share` and `part` are room. Line by line, since that beats a search.

        g = g_0 + sum over lines of clip((x - x_k) / w_k, 0, 1) (g_k+1 - g_k)
        """
        for line, (start, width) in enumerate(zip(self.at[:-1], np.diff(self.at), strict=True)):
            np.subtract(where, start, out=share)
            np.multiply(share, 1.0 / width, out=share)
            np.fmax(share, 0.0, out=share)
            np.minimum(share, 1.0, out=share)
            _add_line(self.gain, line, share, gain, part)
            if time is not None and self.integral_time is not None:
                _add_line(self.integral_time, line, share, time, part)


def _add_line(values: Array, line: int, share: Array, total: Array, part: Array) -> None:
    """What one line adds at `share` of its width; the first begins the sum."""
    into = part if line else total
    np.multiply(share, values[line + 1] - values[line], out=into)
    np.add(total, part if line else values[0], out=total)
