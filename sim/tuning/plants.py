"""How a loop's lever answers, as far as is known: several plants, each with its weight.

Made by market.py and journal.py; read by advice.py. Gains are normalised as `pid` has them, so that a gain of 0.8 means
the same for odds, coupons and pushes: % of the target per % of the output's range.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools
from models.tuning.process import FirstOrder

LEAST = 0.02
"""% of the target per % of the range below which a lever counts as not answering: over its whole range it would move
the measured value by 2 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Plants:
    """Possible first-order answers of one loop; arrays of shape (plants,).

    >>> some = Plants(np.array([0.5, 0.0]), np.full(2, 3600.0), np.full(2, 7200.0), np.array([0.75, 0.25]), "a guess")
    >>> some.silent, len(some.answering.gain)
    (0.25, 1)
    """

    gain: Array
    """% of the target per % of the output's range; its sign is that of the lever's effect."""
    lag: Array
    """Time constant, seconds."""
    dead_time: Array
    """Seconds from a change to the first sign of it in a settled reading, half a window and `settle` among them."""
    weight: Array
    """How likely each is; sums to one."""
    source: str
    """What they rest on, in one sentence."""

    @property
    def silent(self) -> float:
        """Weight of those that do not answer."""
        return float(self.weight[np.abs(self.gain) < LEAST].sum())

    def wrong(self, sign: float) -> float:
        """Weight of those that answer the other way than `sign` says."""
        return float(self.weight[self.gain * sign <= -LEAST].sum())

    @property
    def answering(self) -> "Plants":
        """Those that answer, weights made to sum to one again; ValueError where none does."""
        alive = np.abs(self.gain) >= LEAST
        if not alive.any():
            raise ValueError(
                f"no plant answers: every gain is below {LEAST:g} % of the target per % of the range"
            )
        return self._some(alive)

    def of(self, sign: float) -> "Plants":
        """Those whose effect has this sign, weights made to sum to one again."""
        return self._some(self.gain * sign > 0)

    def _some(self, where: Bools) -> "Plants":
        weight = self.weight[where] / self.weight[where].sum()
        return Plants(self.gain[where], self.lag[where], self.dead_time[where], weight, self.source)

    def model(self) -> FirstOrder:
        """The same for the tools of models.tuning."""
        return FirstOrder(self.gain, self.lag, self.dead_time)

    def interval(self, name: str, mass: float = 0.9) -> tuple[float, float]:
        """Ends between which `gain`, `lag` or `dead_time` lies with a probability of `mass`."""
        values = getattr(self, name)
        order = np.argsort(values, kind="stable")
        below = np.cumsum(self.weight[order]) - self.weight[order] / 2
        low, high = np.interp([(1 - mass) / 2, (1 + mass) / 2], below, values[order])
        return float(low), float(high)
