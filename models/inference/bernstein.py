"""The mean of bounded outcomes with an interval that is valid at every look: empirical Bernstein.

    sum lambda x / sum lambda  +-  (log(2 / alpha) + sum v psi(lambda)) / sum lambda
    v = 4 (x_t - mean_{t-1})^2      psi(l) = (-log(1 - l) - l) / 4      lambda = min(bet_t, 1/2)

(Waudby-Smith & Ramdas, JRSS B 86 (2024), theorem 2.) With probability `level` the true mean lies inside at ALL looks
together, so one may look after each sample and stop when one likes. Nothing is assumed but the bounds and that each
outcome has the same mean given what came before: arms chosen by a bandit are fine. Ends only ever move inwards.
`betting` is narrower with few samples; this one is closed form and costs a pass.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from models.inference.checks import Array, Interval, from_unit, level, span, taken_as, to_unit
from models.inference.running import Running, walk

LARGEST = 0.5
"""c: largest bet; Waudby-Smith & Ramdas use 1/2."""


@dataclass(frozen=True, slots=True, eq=False)
class Bernstein:
    """Sums of streams, shape (streams,), in units of the bounds' span; never changed, only replaced.

    >>> one = Bernstein.none((1,), level=0.95).seen([[0.0, 1.0] * 500])
    >>> [round(float(end[0]), 3) for end in one.interval()]
    [0.499, 0.436, 0.562]
    """

    count: Array
    total: Array
    squares: Array
    weight: Array
    """Sum of lambda."""
    weighted: Array
    """Sum of lambda x."""
    spent: Array
    """Sum of v psi(lambda)."""
    low: Array
    high: Array
    level: float
    lowest: float
    highest: float

    @classmethod
    def none(
        cls, shape: tuple[int, ...], *, level: float = 0.95, between: tuple[float, float] = (0.0, 1.0)
    ) -> "Bernstein":
        """Nothing seen yet; `between`: bounds that no outcome can leave. ValueError: bounds or level out of order."""
        count, total, squares, weight, weighted, spent, low = (np.zeros(shape) for _ in range(7))
        sums = (count, total, squares, weight, weighted, spent)
        return cls(*sums, low, np.ones(shape), _level(level), *span(between))

    def seen(self, values: ArrayLike, taken: ArrayLike | None = None) -> "Bernstein":
        """With more samples, shape (streams, samples); `taken`, bool of that shape: where False, none.

        Raises
        ------
        ValueError: a value that is missing, infinite or out of bounds; `taken` of another shape.
        """
        return self._walked(values, taken)[0]

    def sequence(self, values: ArrayLike, taken: ArrayLike | None = None) -> Interval:
        """The interval after each of these samples, shape (streams, samples); same errors as `seen`."""
        return self._walked(values, taken)[1]

    def interval(self) -> Interval:
        """As it stands, shape (streams,), in the outcomes' unit; the whole span where nothing was seen."""
        return self._interval(self.weight, self.weighted, self.low, self.high)

    def _walked(self, values: ArrayLike, taken: ArrayLike | None) -> tuple["Bernstein", Interval]:
        x = to_unit(values, self.lowest, self.highest)
        seen = taken_as(x, taken)
        if x.shape[-1] == 0:
            return self, Interval(x, x, x)
        before, running = walk(Running(self.count, self.total, self.squares), x, seen, 1.0 - self.level)
        bet = np.where(seen, np.minimum(before.bet, LARGEST), 0.0)
        cost = (x - before.mean) ** 2 * (-np.log1p(-bet) - bet)
        sums = (self.weight, bet), (self.weighted, bet * x), (self.spent, cost)
        weight, weighted, spent = (start[..., None] + np.cumsum(each, axis=-1) for start, each in sums)
        low, high = self._ends(weight, weighted, spent)
        after = replace(
            self,
            count=_last(running.samples),
            total=_last(running.total),
            squares=_last(running.squares),
            weight=_last(weight),
            weighted=_last(weighted),
            spent=_last(spent),
            low=_last(low),
            high=_last(high),
        )
        return after, self._interval(weight, weighted, low, high)

    def _ends(self, weight: Array, weighted: Array, spent: Array) -> tuple[Array, Array]:
        centre, radius = np.full_like(weight, 0.5), np.full_like(weight, np.inf)
        np.divide(weighted, weight, out=centre, where=weight > 0)
        np.divide(np.log(2.0 / (1.0 - self.level)) + spent, weight, out=radius, where=weight > 0)
        low = np.maximum.accumulate(centre - radius, axis=-1)
        high = np.minimum.accumulate(centre + radius, axis=-1)
        return np.maximum(self.low[..., None], low), np.minimum(self.high[..., None], high)

    def _interval(self, weight: Array, weighted: Array, low: Array, high: Array) -> Interval:
        centre = np.full_like(weight, 0.5)
        np.divide(weighted, weight, out=centre, where=weight > 0)
        return from_unit((centre, low, high), self.lowest, self.highest)


def _last(looks: Array) -> Array:
    return np.array(looks[..., -1])


_level = level
