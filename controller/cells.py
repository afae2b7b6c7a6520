"""Cells: the flat axis that every array of the loop runs along.

A cell is a store, a stage, a product, or the one population of a simple campaign. `pool` says which cells share money
and a population: one pool live, one a replica in a sweep. Every operation across cells is a segmented reduction over
`pool`, so that replicas in one array equal as many separate runs, bit for bit. Called by everything that holds arrays;
calls models.draws for the stable keys.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.draws import Uint64, keys_of

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Codes = NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """Names, pools and zones of the cells; all of shape (cells,).

    Parameters
    ----------
    names: one stable name a cell, all different; the key of draws and of saved state.
    pool: index of the pool of each cell, 0..pools-1, without gaps, not decreasing; None: one pool for all.
    zones: IANA zone of each cell; None: UTC.
    labels: the plan's name of each cell, which replicas of one campaign share; None: `names`.
    by: what a cell is (store, product, stage): the label or column that tells cells apart in a source.

    >>> cells = Cells(("a", "b", "c"), pool=np.array([0, 0, 1]))
    >>> cells.total(np.array([1.0, 2.0, 5.0]))
    array([3., 5.])
    >>> cells.spread(np.array([10.0, 20.0]))
    array([10., 10., 20.])
    """

    names: tuple[str, ...]
    pool: Ints | None = None
    zones: tuple[str, ...] | None = None
    labels: tuple[str, ...] | None = None
    by: str = "cell"
    key: Uint64 = field(init=False)

    def __post_init__(self) -> None:
        if len(set(self.names)) != len(self.names) or not self.names:
            raise ValueError(f"cells need one name each, all different, received {self.names!r}")
        pool = np.zeros(len(self.names), np.int64) if self.pool is None else np.asarray(self.pool, np.int64)
        steps = np.diff(pool, prepend=0)
        if pool.shape != (len(self.names),) or pool[0] != 0 or not np.isin(steps, (0, 1)).all():
            raise ValueError(
                f"pool must hold {len(self.names)} indices rising from 0 without gaps, received {pool}"
            )
        object.__setattr__(self, "pool", pool)
        object.__setattr__(self, "zones", self.zones or ("UTC",) * len(self.names))
        object.__setattr__(self, "labels", self.labels or self.names)
        object.__setattr__(self, "key", keys_of(self.names))

    def __len__(self) -> int:
        return len(self.names)

    @property
    def pool_of(self) -> Ints:
        """Pool index of each cell, shape (cells,)."""
        assert self.pool is not None
        return self.pool

    @property
    def zone_of(self) -> tuple[str, ...]:
        """IANA zone of each cell."""
        assert self.zones is not None
        return self.zones

    @property
    def label_of(self) -> tuple[str, ...]:
        """The plan's name of each cell."""
        assert self.labels is not None
        return self.labels

    @property
    def pools(self) -> int:
        """Number of pools."""
        return int(self.pool_of[-1]) + 1

    def total(self, values: Array) -> Array:
        """Sum over the cells of each pool, shape (pools,); order of summation fixed by the cells of the pool alone."""
        return np.bincount(self.pool_of, weights=values, minlength=self.pools).astype(np.float64)

    def spread(self, values: Array) -> Array:
        """A value a pool, given to each of its cells: (pools,) -> (cells,)."""
        return values[self.pool_of]

    def replicated(self, count: int, first: int = 0) -> "Cells":
        """These cells `count` times, one pool set a replica; replica n has the same names in any chunking.

        >>> Cells(("a", "b")).replicated(2, first=3).names
        ('r3/a', 'r3/b', 'r4/a', 'r4/b')
        """
        names = tuple(f"r{first + n}/{name}" for n in range(count) for name in self.names)
        pool = np.concatenate([self.pool_of + n * self.pools for n in range(count)])
        return Cells(names, pool, self.zone_of * count, self.label_of * count, self.by)

    def full(self, value: float) -> Array:
        """An array of one value, shape (cells,)."""
        return np.full(len(self.names), value, np.float64)
