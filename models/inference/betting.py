"""The mean of bounded outcomes with an interval that is valid at every look: betting.

Against each candidate mean m two gamblers bet, one that outcomes lie above it, one that they lie below:

    K+ = prod 1 + min(bet, c / m) (x - m)            K- = prod 1 - min(bet, c / (1 - m)) (x - m)

Under the true mean neither fortune has a drift, and one of them passes 2 / alpha with probability alpha or less, ever
(Ville's inequality). What is left is the interval (Waudby-Smith & Ramdas, JRSS B 86 (2024), theorem 3, hedged capital
with theta = 1/2). K+ falls and K- rises in m, so the ends are the outermost candidates that are refuted: rounding to the
grid of candidates makes the interval wider, never narrower. Narrower than `bernstein` with few samples or means near a
bound; costs a pass a candidate.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from models.inference.checks import Array, Bools, Interval, between, level, span, taken_as
from models.inference.running import Running, walk

LARGEST = 0.5
"""c: largest share of the fortune that one outcome can cost."""
CANDIDATES = 201
_AT_ONCE = 64
"""Samples folded at once: what is held in memory is streams x this x candidates."""


def candidates(count: int) -> Array:
    """Means on trial, in 0..1, denser at both ends: (1 - cos(pi k / (count - 1))) / 2.

    >>> candidates(5).round(3)
    array([0.   , 0.146, 0.5  , 0.854, 1.   ])
    """
    if count < 3:
        raise ValueError(f"candidates: received {count}, allowed are 3 or more")
    return np.asarray((1.0 - np.cos(np.pi * np.arange(count) / (count - 1))) / 2.0)


@dataclass(frozen=True, slots=True, eq=False)
class Betting:
    """Sums of streams, shape (streams,), and logs of fortunes, (streams, candidates); never changed, only replaced.

    >>> one = Betting.none((1,), level=0.95).seen([[0.0, 1.0] * 500])
    >>> [round(float(end[0]), 3) for end in one.interval()]
    [0.5, 0.43, 0.57]
    """

    count: Array
    total: Array
    squares: Array
    above: Array
    """log K+."""
    below: Array
    """log K-."""
    low: Array
    high: Array
    level: float
    lowest: float
    highest: float

    @classmethod
    def none(
        cls,
        shape: tuple[int, ...],
        *,
        level: float = 0.95,
        between: tuple[float, float] = (0.0, 1.0),
        on_trial: int = CANDIDATES,
    ) -> "Betting":
        """Nothing seen yet; `between`: bounds that no outcome can leave; `on_trial`: how many candidates."""
        sums, size = [np.zeros(shape) for _ in range(3)], candidates(on_trial).size
        fortunes = np.zeros((*shape, size)), np.zeros((*shape, size))
        return cls(*sums, *fortunes, np.zeros(shape), np.ones(shape), _level(level), *span(between))

    def seen(self, values: ArrayLike, taken: ArrayLike | None = None) -> "Betting":
        """With more samples, shape (streams, samples), then looked at; `taken`, bool: where False, none.

        Raises
        ------
        ValueError: a value that is missing, infinite or out of bounds; `taken` of another shape.
        """
        x = (between("outcomes", values, self.lowest, self.highest) - self.lowest) / (
            self.highest - self.lowest
        )
        seen, state = taken_as(x, taken), self
        for start in range(0, x.shape[-1], _AT_ONCE):
            at = slice(start, start + _AT_ONCE)
            state = state._some(x[..., at], seen[..., at])
        return state._looked()

    def interval(self) -> Interval:
        """As it stands, shape (streams,), in the outcomes' unit; the whole span where nothing was seen."""
        mean = (0.5 + self.total) / (self.count + 1.0)
        return Interval(
            *(self.lowest + (self.highest - self.lowest) * end for end in (mean, self.low, self.high))
        )

    def _some(self, x: Array, seen: Bools) -> "Betting":
        before, running = walk(Running(self.count, self.total, self.squares), x, seen, 1.0 - self.level)
        m = candidates(self.above.shape[-1])
        away, bet = x[..., None] - m, np.where(seen, before.bet, 0.0)[..., None]
        with np.errstate(divide="ignore"):
            up, down = LARGEST / m, LARGEST / (1.0 - m)
        above = self.above + np.log1p(np.minimum(bet, up) * away).sum(axis=-2)
        below = self.below + np.log1p(-np.minimum(bet, down) * away).sum(axis=-2)
        sums = {name: np.array(look[..., -1]) for name, look in running._asdict().items()}
        return replace(self, **sums, above=above, below=below)

    def _looked(self) -> "Betting":
        m, limit = candidates(self.above.shape[-1]), np.log(2.0 / (1.0 - self.level))
        low = np.where(self.above >= limit, m, 0.0).max(axis=-1)
        high = np.where(self.below >= limit, m, 1.0).min(axis=-1)
        return replace(self, low=np.maximum(self.low, low), high=np.minimum(self.high, high))


_level = level
