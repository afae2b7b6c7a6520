"""One block of cells in hand: what goes in, what comes out, and room for the numbers in between.

Made by step.py, filled by terms.py and windup.py; keeps nothing from one execution to the next.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.pid.law import Array, Law, Number
from models.pid.state import Move, Sample, State

BLOCK = 16384
"""Cells a block: its twenty or so arrays fit a processor's cache, and cutting it out costs next to nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Scratch:
    """Room for a block's intermediate numbers; made once and used again."""

    error: Array
    drop: Array
    """Last process value less this one: what a term on the measurement answers."""
    derivative: Array
    spare: Array
    other: Array
    mask: NDArray[np.bool_]

    @classmethod
    def room(cls, cells: int) -> "Scratch":
        """For arrays of `cells` cells, taken block by block."""
        size = min(cells, BLOCK)
        error, drop, derivative, spare, other = np.empty((5, size))
        return cls(error, drop, derivative, spare, other, np.empty(size, np.bool_))

    def first(self, cells: int) -> "Scratch":
        """The part that a smaller block needs."""
        if cells == len(self.error):
            return self
        cut = slice(cells)
        floats = (self.error[cut], self.drop[cut], self.derivative[cut], self.spare[cut], self.other[cut])
        return Scratch(*floats, self.mask[cut])


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A block's inputs (law, before, sample), outputs (after, move) and room; `after` may be `before` itself."""

    law: Law
    before: State
    sample: Sample
    after: State
    move: Move
    room: Scratch
    lean: bool = False
    """True: parts of the state that this law never reads are not written; for running in place, fast."""

    @property
    def cells(self) -> int:
        """Number of cells."""
        return len(self.sample.measured)

    def block(self, where: slice) -> "Frame":
        """Views of some cells."""
        sample = self.sample.block(where)
        room = self.room.first(len(sample.measured))
        before = self.before.block(where)
        after = before if self.after is self.before else self.after.block(where)
        return Frame(self.law.block(where), before, sample, after, self.move.block(where), room, self.lean)

    def zero_where_nan(self, values: Array) -> None:
        """Nothing known is no change."""
        mask = self.room.mask
        np.isnan(values, out=mask)
        if mask.any():
            np.copyto(values, 0.0, where=mask)


def limit(values: Array, low: Number, high: Number, out: Array) -> None:
    """`values` cut to [low, high]; NaN stays NaN."""
    np.minimum(values, high, out=out)
    np.maximum(out, low, out=out)
