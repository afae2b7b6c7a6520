"""Where the consumers of many cells lie in one array, and how fast each of them buys.

Cells lie behind one another; within a cell persons are sorted by rate, slowest first, as the means of equally likely
bins of the gamma law: the population is the law itself, the same in every replica, and neighbours are alike. So a
`GRAIN` of neighbours has a narrow bound on its rate, and most of them are passed over without a look. Beyond `BINS`
persons neighbours share a bin. Called by the agents; calls scipy.special; draws nothing.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

GRAIN = 1024
"""Neighbours who share a bound."""
BINS = 1 << 16
"""Different rates in a cell, at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """Consumers of each cell, in one array.

    >>> place = Layout.of(np.array([3.0, 5000.0]), shape=1.0)
    >>> place.first, place.grain, place.cell_of_grain
    (array([   0,    3, 5003]), array([0, 1, 6]), array([0, 1, 1, 1, 1, 1]))
    """

    count: Ints
    """Persons of each cell, shape (cells,)."""
    first: Ints
    """Row of each cell's first person, and the number of rows, shape (cells + 1,)."""
    grain: Ints
    """First grain of each cell, and the number of grains, shape (cells + 1,)."""
    cell_of_grain: Ints
    shift: Ints
    """2^shift persons of each cell share a bin, shape (cells,)."""
    bin: Ints
    """Each cell's first place in `rates`, shape (cells,)."""
    rates: Floats
    """The rates of all cells of different size."""
    top: Floats
    """The highest rate of each grain, shape (grains,)."""

    @staticmethod
    def of(people: Floats, shape: float) -> "Layout":
        """The layout of so many persons in each cell, shape (cells,), rounded to whole ones, one at least."""
        return _layout(tuple(int(n) for n in np.maximum(np.rint(people), 1.0)), shape)

    def rate(self, cell: Ints, person: Ints) -> Floats:
        """Relative rates of persons, mean one over each cell; shapes alike."""
        return self.rates[self.bin[cell] + (person >> self.shift[cell])]


@lru_cache(maxsize=64)
def _layout(count: tuple[int, ...], shape: float) -> Layout:
    n = np.array(count, np.int64)
    grains = -(-n // GRAIN)
    shift = np.array([max((each - 1) // BINS, 0).bit_length() for each in count], np.int64)
    kinds, kind = np.unique(n, return_inverse=True)
    rates = [_rates(int(each), shape) for each in kinds]
    starts = np.cumsum([0, *(len(each) for each in rates)])[:-1]
    grain = np.concatenate([[0], np.cumsum(grains)])
    cell = np.repeat(np.arange(n.size), grains)
    first = np.concatenate([[0], np.cumsum(n)])
    place = Layout(n, first, grain, cell, shift, starts[kind], np.concatenate(rates), np.empty(0))
    last = np.minimum((np.arange(cell.size) - grain[cell] + 1) * GRAIN, n[cell]) - 1
    return replace(place, top=place.rate(cell, last))


@lru_cache(maxsize=64)
def _rates(count: int, shape: float) -> Floats:
    """Mean rate of each bin of `count` persons under a gamma law of mean one, slowest first; shape (bins,)."""
    from scipy.special import gammainc, gammaincinv

    size = 1 << max((count - 1) // BINS, 0).bit_length()
    edges = np.minimum(np.arange(0, count + size, size), count) / count
    below = np.concatenate([[0.0], gammainc(shape + 1.0, gammaincinv(shape, edges[1:-1])), [1.0]])
    return np.asarray(np.diff(below) / np.diff(edges))
