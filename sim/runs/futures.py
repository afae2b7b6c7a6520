"""Futures: what may come of a campaign's market, one a posterior draw, a contested mechanism and a seed of luck.

Future n of a run is draw-major: draws, then mechanisms, then seeds. All futures lie side by side in one array of cells;
those of one seed meet the same luck whatever their market, and every policy meets the same futures. Called by
sim.evidence.play; calls the calibrated market where there is one; draws nothing.
"""

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from controller.cells import Array, Cells, Ints
from models.draws import Uint64, keys_of
from models.response.mechanisms import MECHANISMS
from sim.market.world import BaseDemand, World

if TYPE_CHECKING:
    from sim.calibration import Calibrated

ASSUMED = (0.5, 1.0, 1.5)
"""Effects that stand for posterior draws where the market is not calibrated: half, all and half as much again of what
the plant says. A judgement, stated in every report."""
TUNED_ON = 1000
"""Number of the first seed that tuning uses; those of the table are 0, 1, ..."""


@dataclass(frozen=True, slots=True, eq=False)
class Futures:
    """The futures of one run.

    Parameters
    ----------
    draws: numbers of the posterior draws; without calibration, of ASSUMED.
    mechanisms: names of models.response.mechanisms; empty: the plant's own way alone.
    seeds: numbers of the seeds.

    >>> some = Futures((0, 1), ("expected_value", "prospect"), (0, 1, 2))
    >>> some.count, some.seed_of()[:4], some.draw_of()[[0, 5, 6]]
    (12, array([0, 1, 2, 0]), array([0, 0, 1]))
    """

    draws: tuple[int, ...]
    mechanisms: tuple[str, ...]
    seeds: tuple[int, ...]

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.draws) * max(len(self.mechanisms), 1) * len(self.seeds)

    def draw_of(self) -> Ints:
        """Posterior draw of each future, shape (futures,)."""
        return np.repeat(np.array(self.draws, np.int64), self.count // len(self.draws))

    def mechanism_of(self) -> Ints | None:
        """Index into MECHANISMS of each future; None: the plant's own."""
        if not self.mechanisms:
            return None
        codes = np.array([MECHANISMS.index(name) for name in self.mechanisms], np.int64)
        return np.tile(np.repeat(codes, len(self.seeds)), len(self.draws))

    def seed_of(self) -> Ints:
        """Seed of each future, shape (futures,)."""
        return np.tile(np.array(self.seeds, np.int64), self.count // len(self.seeds))

    def cells(self, own: Cells) -> Cells:
        """The campaign's cells, once a future; each future its own pools."""
        return own.replicated(self.count)

    def keys(self, own: Cells) -> Uint64:
        """Whose luck each cell has: that of its seed."""
        return keys_of(tuple(f"r{seed}/{name}" for seed in self.seed_of() for name in own.names))

    def world(self, own: Cells, calibrated: "Calibrated | None") -> World:
        """The world that each cell lives in."""
        size = len(own)
        codes = self.mechanism_of()
        mechanism = None if codes is None else np.repeat(codes, size)
        index = np.repeat(self.draw_of(), size)
        if calibrated is None:
            return World(effect=assumed(index), mechanism=mechanism)
        return World(
            demand=partial(_demand, calibrated, index),
            effect=calibrated.effect(index),
            noise={**calibrated.plant_noise(index), **_people(calibrated, index)},
            mechanism=mechanism,
        )


def _people(calibrated: "Calibrated", index: Ints) -> dict[str, Array]:
    """How much people differ, where a table of trips said so: the mean of all draws, the same for every cell."""
    shape = calibrated.heterogeneity(np.arange(calibrated.draws))
    return {"heterogeneity": np.full(len(index), shape.mean())} if np.isfinite(shape).all() else {}


def assumed(index: Ints) -> Array:
    """Effects of draws of a market that is not calibrated, shape of `index`."""
    return np.array(ASSUMED)[index % len(ASSUMED)]


def _demand(calibrated: "Calibrated", index: Ints, cells: Cells, volume: float, spread: float) -> BaseDemand:
    """Base demand of the draws, repeated where a run has the futures several times side by side."""
    from sim.calibration.demand import CalibratedDemand

    times = len(cells) // len(index)
    return CalibratedDemand(cells, calibrated, np.tile(index, times), volume, spread)


def thinned(count: int, of: int) -> tuple[int, ...]:
    """Numbers of `count` of `of` posterior draws, evenly spread; of one, that in the middle.

    >>> thinned(3, 32), thinned(40, 3), thinned(1, 3)
    ((0, 15, 31), (0, 1, 2), (1,))
    """
    if count == 1:
        return (of // 2,)
    return tuple(dict.fromkeys(int(n) for n in np.linspace(0, of - 1, min(count, of))))
