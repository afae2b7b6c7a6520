"""Luck without luck: for those who look ahead or back at what a market does in the mean.

Used by the oracle of the evidence and by the estimate of today's state; a `models.plants.base.Luck`. Counts come out as
the means of their laws, the disturbance fades by itself.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from models.counts import MEAN
from models.draws import Draws, Uint64
from models.plants.base import State

CALM = "disturbance"
"""The channel whose uniform is no count's: half makes it neither rise nor fall."""


@dataclass(frozen=True, slots=True)
class EvenLuck:
    """Means in the place of counts.

    >>> luck = EvenLuck((2,), 0)
    >>> luck("units_scanned") is MEAN, luck("disturbance")
    (True, array([0.5, 0.5]))
    """

    shape: tuple[int, ...]
    step: int

    def __call__(self, channel: str) -> Array:
        return np.full(self.shape, 0.5) if channel == CALM else MEAN

    def words(self, channel: str) -> Uint64:
        """64-bit words, the same for every cell."""
        return Draws(0).words(np.zeros(self.shape, np.uint64), self.step, channel)


@dataclass(frozen=True, slots=True)
class EvenDraws(Draws):
    """Draws of even luck, for a market that is played without chance."""

    def uniform(self, keys: Uint64, tick: int, channel: str, ordinal: int = 0) -> Array:
        return EvenLuck(keys.shape, tick)(channel)


def by_cells(state: State, cells: int) -> bool:
    """Whether a plant's state is told by cells, so that it may be looked at beside others; not where people act singly.

    >>> by_cells({"log": np.zeros(2), "line": np.zeros((9, 2))}, 2), by_cells({"pantry": np.zeros(8)}, 2)
    (True, False)
    """
    return all(value.shape[-1] == cells for value in state.values())
