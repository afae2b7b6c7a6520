"""One block of cells in hand: what goes in, what comes out, and room for the numbers in between.

Made by step.py, filled by terms.py and windup.py; keeps nothing from one execution to the next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array, Law, Number
from models.pid.state import Move, Sample, State

BLOCK = 4096
"""Cells a block; the twenty or so arrays of a block take two thirds of a megabyte, about a core's cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Scratch:
    """Room for a block's intermediate numbers; made once and used again."""

    error: Array
    change: Array
    spare: Array
    other: Array
    mask: NDArray[np.bool_]

    @classmethod
    def room(cls, cells: int) -> "Scratch":
        """For arrays of `cells` cells, taken block by block."""
        size = min(cells, BLOCK)
        return cls(np.empty(size), np.empty(size), np.empty(size), np.empty(size), np.empty(size, np.bool_))

    def first(self, cells: int) -> "Scratch":
        """The part that a smaller block needs."""
        if cells == len(self.error):
            return self
        cut = slice(cells)
        return Scratch(self.error[cut], self.change[cut], self.spare[cut], self.other[cut], self.mask[cut])


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A block's inputs (law, before, sample), outputs (after, move) and room; `after` may be `before` itself."""

    law: Law
    before: State
    sample: Sample
    after: State
    move: Move
    room: Scratch

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.sample.measured)

    def block(self, where: slice) -> "Frame":
        """Views of some cells."""
        sample = self.sample.block(where)
        room = self.room.first(len(sample.measured))
        before, after = self.before.block(where), self.after.block(where)
        return Frame(self.law.block(where), before, sample, after, self.move.block(where), room)

    def limit(self, values: Array, low: Number, high: Number) -> None:
        """Cut to [low, high] in place; a value that is neither above nor below keeps its bits."""
        mask = self.room.mask
        np.greater(values, high, out=mask)
        np.copyto(values, high, where=mask)
        np.less(values, low, out=mask)
        np.copyto(values, low, where=mask)

    def zero_where_nan(self, values: Array) -> None:
        """Nothing known is no change."""
        np.isnan(values, out=self.room.mask)
        np.copyto(values, 0.0, where=self.room.mask)
