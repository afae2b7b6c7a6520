"""The loops over persons in which there is nothing but whole numbers: hashing, comparing, uniforms out of words.

In NumPy here, compiled in agents_fast.py: the same results bit for bit. Called by chance.py; calls scan.py and
models.draws. Holds scratch room: one set of loops a thread of steps.
"""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from models.consumers.declaration import Floats
from models.consumers.layout import Ints, Layout
from models.consumers.scan import Limits, PlainScan
from models.draws import Uint64, numbered, personal, uniforms

_LANE = np.uint64(0xFFFF)


class Loops(Protocol):
    """One way to run the loops; every way gives the same."""

    def scan(self, heads: Uint64, place: Layout, limits: Limits) -> tuple[Ints, Ints]:
        """Cell and person of all whose lane is at or below the limit of their grain, in order of rows.

        heads: of each cell's stream, shape (cells,); limits: shape (grains,).
        """
        ...

    def reached(
        self, place: Layout, first: Ints, count: Ints, step: Ints, reached: NDArray[np.bool_]
    ) -> tuple[Ints, Ints]:
        """Cell and person of those at `count` places of each cell's wheel from `first` on whom messages reach.

        first, count, step: see `models.consumers.messages.passes`; reached: a row a person.
        """
        ...

    def trips(self, shared: Uint64, own: Uint64, cell: Ints, person: Uint64) -> Floats:
        """Uniforms of persons: a lane of the word shared with neighbours, and more bits from the person's own."""
        ...

    def uniforms(self, heads: Uint64, cell: Ints, person: Uint64, ordinal: Ints | None) -> Floats:
        """Uniforms of persons, and of their ordinals, under the heads of their cells."""
        ...


class PlainLoops:
    """The loops in NumPy.

    Parameters
    ----------
    room: words that the scan works on at a time, a multiple of 256.

    >>> loops, place = PlainLoops(), Layout.of(np.array([1000.0]), shape=1.0)
    >>> heads, others = np.array([1], np.uint64), np.array([2], np.uint64)
    >>> cell, person = loops.scan(heads, place, np.array([655], np.uint16))
    >>> bool((loops.trips(heads, others, cell, person.astype(np.uint64)) < 656 / 65536).all())
    True
    """

    def __init__(self, room: int = 1 << 15) -> None:
        self.scan = PlainScan(room)

    def reached(
        self, place: Layout, first: Ints, count: Ints, step: Ints, reached: NDArray[np.bool_]
    ) -> tuple[Ints, Ints]:
        """See `Loops.reached`."""
        cell = np.repeat(np.arange(count.size), count)
        at = np.arange(cell.size) - np.repeat(np.cumsum(count) - count, count) + first[cell]
        people = place.count[cell]
        at -= np.where(at < people, 0, people)
        person = at * step[cell] % people
        there = np.flatnonzero(reached[place.first[cell] + person])
        return cell[there], person[there]

    def trips(self, shared: Uint64, own: Uint64, cell: Ints, person: Uint64) -> Floats:
        """See `Loops.trips`."""
        words = numbered(shared[cell], person >> np.uint64(2))
        lane = (words >> ((person & np.uint64(3)) << np.uint64(4))) & _LANE
        rest = numbered(own[cell], person)
        return uniforms((lane << np.uint64(48)) | (rest >> np.uint64(16)))

    def uniforms(self, heads: Uint64, cell: Ints, person: Uint64, ordinal: Ints | None) -> Floats:
        """See `Loops.uniforms`."""
        number: Uint64 | None = None if ordinal is None else ordinal.astype(np.uint64)
        return uniforms(personal(heads[cell], person, number))
