"""The values an actuator can take: steps of its resolution from its low limit, or its list of levels.

Called by limits (to shrink an interval to the grid) and by the loop's decision (to quantise a wish and carry what is
still owed); calls nothing. Grid points are counted with whole numbers and divided once, so that 0.01 points a step
gives exactly the float that people write, 0.0301 and not 0.030100000000000002. Never clamps a NaN into a value.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import lcm

import numpy as np

from controller.cells import Array, Ints
from controller.signals import Channel

SLACK = 1e-9
"""A value this near to a grid point, in steps, counts as being on it; a little more where floats are coarser."""


@dataclass(frozen=True, slots=True)
class Grid:
    """The grid of one channel: points (origin + k step) / scale for whole k; or levels; or none at all.

    >>> grid = Grid.of(Channel("win_rate", "share", 0.03, 0.12, 0.03, 0.03, resolution=0.0001))
    >>> grid.down(np.array([0.03019, 0.1 + 0.2])), grid.up(np.array([0.03011]))
    (array([0.0301, 0.3   ]), array([0.0302]))
    """

    origin: int = 0
    step: int = 0
    scale: int = 1
    levels: tuple[float, ...] = ()

    @classmethod
    @lru_cache(maxsize=1024)
    def of(cls, channel: Channel) -> "Grid":
        """The grid that a channel declares; worked out once a channel."""
        if channel.levels is not None:
            return cls(levels=_checked(channel))
        if channel.resolution is None:
            return cls()
        if not (np.isfinite(channel.resolution) and channel.resolution > 0):
            raise ValueError(
                f"{channel.name}: resolution must be above zero, received {channel.resolution!r}"
            )
        low, step = Fraction(repr(float(channel.low))), Fraction(repr(float(channel.resolution)))
        scale = lcm(low.denominator, step.denominator)
        return cls(int(low * scale), int(step * scale), scale)

    @property
    def continuous(self) -> bool:
        """True where every value can be taken."""
        return not self.step and not self.levels

    def down(self, value: Array) -> Array:
        """The grid point at or below each value, -inf where levels have none; infinities and NaN pass."""
        if self.levels:
            return self._level(
                np.searchsorted(np.array(self.levels), value + self.slack, side="right"), value
            )
        steps = self._steps(value)
        return value if self.continuous else self._point(np.floor(steps + _near(steps)))

    def up(self, value: Array) -> Array:
        """The grid point at or above each value, inf where levels have none; infinities and NaN pass."""
        if self.levels:
            return self._level(
                np.searchsorted(np.array(self.levels), value - self.slack, side="left") + 1, value
            )
        steps = self._steps(value)
        return value if self.continuous else self._point(np.ceil(steps - _near(steps)))

    def nearest(self, value: Array) -> Array:
        """The grid point nearest to each value; a tie goes to the even step, or to the lower level."""
        if self.levels:
            below, above = self.down(value), self.up(value)
            return np.where(value - below <= above - value, below, above)
        return value if self.continuous else self._point(np.rint(self._steps(value)))

    @property
    def slack(self) -> float:
        """What counts as no distance at all, in the channel's unit."""
        gaps = np.diff(self.levels)
        return SLACK * (float(gaps.min()) if gaps.size else self.step / self.scale)

    def _steps(self, value: Array) -> Array:
        return (value * self.scale - self.origin) / (self.step or 1)

    def _point(self, steps: Array) -> Array:
        return (steps * self.step + self.origin) / self.scale

    def _level(self, above: Ints, value: Array) -> Array:
        table = np.array((-np.inf, *self.levels, np.inf))
        chosen: Array = np.where(np.isfinite(value), table[above], value)
        return chosen


def quantise(value: Array, residual: Array, low: Array, high: Array, channel: Channel) -> tuple[Array, Array]:
    """The wish on the actuator's grid inside [low, high], and what is still owed; shape (cells,) throughout.

    Parameters
    ----------
    value: the wish; finite, else ValueError.
    residual: what earlier decisions still owe, as returned by the last call; zero at first.
    low, high: the interval of `Limits`, already on the grid.
    channel: whose grid.

    First-order error feedback: the mean of many decisions approaches the wish although each lies on the grid. What the
    limits cut off is not owed, so the residual stays within half a step and never winds up.

    >>> lever = Channel("coupon", "CNY", 0.0, 5.0, 1.0, 0.0, resolution=1.0)
    >>> owed, taken = np.zeros(1), []
    >>> for _ in range(4):
    ...     step, owed = quantise(np.array([2.25]), owed, np.zeros(1), np.full(1, 5.0), lever)
    ...     taken.append(float(step[0]))
    >>> taken
    [2.0, 2.0, 3.0, 2.0]
    """
    if not np.isfinite(value).all() or not np.isfinite(residual).all():
        raise ValueError(f"{channel.name}: a wish must be finite, received {value} with residual {residual}")
    grid = Grid.of(channel)
    wanted = np.clip(value, low, high) + residual
    taken = np.clip(grid.nearest(wanted), low, high)
    owed = wanted - taken
    return taken, np.where(np.abs(owed) <= grid.slack, 0.0, owed)


def _near(steps: Array) -> Array:
    return SLACK + np.minimum(np.abs(steps), 2.0**53) * 1e-15


def _checked(channel: Channel) -> tuple[float, ...]:
    levels = tuple(float(level) for level in channel.levels or ())
    if not levels or not np.isfinite(levels).all() or list(levels) != sorted(set(levels)):
        raise ValueError(
            f"{channel.name}: levels must rise, one at least, all finite, received {channel.levels!r}"
        )
    return levels
