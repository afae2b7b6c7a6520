"""The mean of bounded outcomes with an interval that is valid at every look: betting.

Against each candidate mean m two gamblers bet, one that outcomes lie above it, one that they lie below:

    K+ = prod 1 + min(bet, c / m) (x - m)            K- = prod 1 - min(bet, c / (1 - m)) (x - m)

Under the true mean neither fortune has a drift, and one of them passes 2 / alpha with probability alpha or less, ever
(Ville's inequality). What is left is the interval (Waudby-Smith & Ramdas, JRSS B 86 (2024), theorem 3, hedged capital
with theta = 1/2). K+ falls and K- rises in m, so the ends are the innermost candidates that are refuted: rounding to
the grid of candidates makes the interval wider, never narrower. Narrower than `bernstein` with few samples or means
near a bound; costs a pass a candidate.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from models.inference.checks import Array, Bools, Interval, from_unit, level, span, taken_as, to_unit
from models.inference.running import Running, walk

LARGEST = 0.5
"""c: largest share of the fortune that one outcome can cost."""
CANDIDATES = 201
"""About a mean m they lie 3.1 sqrt(m (1 - m)) / candidates apart; with 10,000 samples and more take 801."""
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
        count, total, squares, low = (np.zeros(shape) for _ in range(4))
        above, below = np.zeros((2, *shape, candidates(on_trial).size))
        return cls(count, total, squares, above, below, low, np.ones(shape), _level(level), *span(between))

    def seen(self, values: ArrayLike, taken: ArrayLike | None = None) -> "Betting":
        """With more samples, shape (streams, samples), then looked at; `taken`, bool: where False, none.

        Raises
        ------
        ValueError: a value that is missing, infinite or out of bounds; `taken` of another shape.
        """
        x = to_unit(values, self.lowest, self.highest)
        seen, state = taken_as(x, taken), self
        for start in range(0, x.shape[-1], _AT_ONCE):
            at = slice(start, start + _AT_ONCE)
            state = _folded(state, x[..., at], seen[..., at])
        return _looked(state)

    def interval(self) -> Interval:
        """As it stands, shape (streams,), in the outcomes' unit; the whole span where nothing was seen."""
        mean = (0.5 + self.total) / (self.count + 1.0)
        return from_unit((mean, self.low, self.high), self.lowest, self.highest)


def _folded(one: Betting, x: Array, seen: Bools) -> Betting:
    before, running = walk(Running(one.count, one.total, one.squares), x, seen, 1.0 - one.level)
    m = candidates(one.above.shape[-1])
    away, bet = x[..., None] - m, np.where(seen, before.bet, 0.0)[..., None]
    with np.errstate(divide="ignore"):
        up, down = LARGEST / m, LARGEST / (1.0 - m)
    return replace(
        one,
        count=np.array(running.samples[..., -1]),
        total=np.array(running.total[..., -1]),
        squares=np.array(running.squares[..., -1]),
        above=one.above + np.log1p(np.minimum(bet, up) * away).sum(axis=-2),
        below=one.below + np.log1p(-np.minimum(bet, down) * away).sum(axis=-2),
    )


def _looked(one: Betting) -> Betting:
    m, limit = candidates(one.above.shape[-1]), np.log(2.0 / (1.0 - one.level))
    low = np.where(one.above >= limit, m, 0.0).max(axis=-1)
    high = np.where(one.below >= limit, m, 1.0).min(axis=-1)
    return replace(one, low=np.maximum(one.low, low), high=np.minimum(one.high, high))


_level = level
