"""Who may act in a step: the one pass over every consumer, on 16 bits of chance each.

One 64-bit word serves four persons, whose 16-bit lanes are the first bits of their uniforms. Whoever's lane is above
the bound of the grain cannot act, whatever the other bits; for the few others the uniform is completed and their own
chance worked out (see chance.py), so nothing is approximate. In NumPy, blocked and in place; `agents_fast` does the
same compiled. Called by the agents, through loops.py; calls models.draws. Holds scratch room: one scan a thread.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.consumers.layout import GRAIN, Ints, Layout
from models.draws import Stretch, Uint64, lanes

WORDS = GRAIN // 4
Limits = NDArray[np.uint16]


class PlainScan:
    """The scan in NumPy.

    Parameters
    ----------
    room: words worked on at a time, a multiple of 256; any gives the same candidates.

    >>> place = Layout.of(np.array([8.0, 8.0]), shape=1.0)
    >>> PlainScan()(np.array([1, 2], np.uint64), place, np.array([65535, 0], np.uint16))
    (array([0, 0, 0, 0, 0, 0, 0, 0]), array([0, 1, 2, 3, 4, 5, 6, 7]))
    """

    def __init__(self, room: int = 1 << 15) -> None:
        if room < WORDS or room % WORDS:
            raise ValueError(f"the room of a scan is a multiple of {WORDS} words, received {room}")
        self._room, self._stretch = room, Stretch(room)
        self._under = np.empty(4 * room, np.bool_)

    def __call__(self, heads: Uint64, place: Layout, limits: Limits) -> tuple[Ints, Ints]:
        """See `models.consumers.loops.Loops.scan`."""
        cells, persons = [], []
        for first, last, words in _groups(place.count, self._room):
            wide = max(self._room // (last - first) // WORDS * WORDS, min(words, WORDS))
            for word in range(0, words, wide):
                cell, person = self._under_limit(
                    heads, place, limits, first, last, word, min(wide, words - word)
                )
                cells.append(cell)
                persons.append(person)
        cell, person = np.concatenate(cells), np.concatenate(persons)
        return cell, person

    def _under_limit(
        self, heads: Uint64, place: Layout, limits: Limits, first: int, last: int, word: int, words: int
    ) -> tuple[Ints, Ints]:
        """Candidates of the cells first .. last - 1 among the persons of words word .. word + words - 1."""
        rows, grains = last - first, max(words // WORDS, 1)
        lane = lanes(self._stretch.fill(heads[first:last], word, words)).reshape(rows, grains, -1)
        own = place.grain[first:last, None] + word // WORDS + np.arange(grains)
        most = limits[np.minimum(own, place.grain[first + 1 : last + 1, None] - 1)]
        under = self._under[: lane.size].reshape(lane.shape)
        np.less_equal(lane, most[:, :, None], out=under)
        found = np.flatnonzero(under)
        if rows == 1:
            cell, person = np.full(found.size, first), found + 4 * word
        else:
            cell, person = np.divmod(found, 4 * words)
            cell, person = cell + first, person + 4 * word
        real = person < place.count[cell]
        return (cell, person) if real.all() else (cell[real], person[real])


def _groups(count: Ints, room: int) -> Iterator[tuple[int, int, int]]:
    """Runs of cells that fit into the room side by side: first cell, cell after the last, words of the largest."""
    words = -(-count // 4)
    words = np.where(words > WORDS, -(-words // WORDS) * WORDS, words)
    first = 0
    while first < count.size:
        last, most = first + 1, int(words[first])
        while last < count.size and max(most, int(words[last])) * (last + 1 - first) <= room:
            most = max(most, int(words[last]))
            last += 1
        yield first, last, most
        first = last
