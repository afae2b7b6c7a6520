"""The chance of single consumers: keyed by cell, step, channel, person and ordinal, so that no order matters.

A person's uniform for a trip is 53 bits: a lane of 16 from a word shared with three neighbours, which the scan reads
for everybody, and 37 more from a word of the person's own, which only candidates are asked for. Every other channel is
drawn for those it concerns alone. Called by the agents; calls loops.py.
"""

from dataclasses import dataclass, field
from typing import Protocol

from models.consumers.declaration import Floats, Luck
from models.consumers.layout import Ints, Layout
from models.consumers.loops import Loops
from models.consumers.scan import Limits
from models.draws import Uint64


class Chance(Protocol):
    """The chance of one step."""

    def candidates(self, place: Layout, limits: Limits) -> tuple[Ints, Ints]:
        """Cell and person of all who may make a trip: uniform below (limit of the grain + 1) / 65536."""
        ...

    def trips(self, cell: Ints, person: Uint64) -> Floats:
        """The whole uniform for a trip of each of these, on [0, 1)."""
        ...

    def __call__(self, channel: str, cell: Ints, person: Uint64, ordinal: Ints | None = None) -> Floats:
        """Uniforms on [0, 1) for those whom a channel concerns."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Keyed:
    """The chance of one step, keyed by the luck of its cells; see `Chance`."""

    luck: Luck
    loops: Loops
    _known: dict[str, Uint64] = field(default_factory=dict, init=False)

    def candidates(self, place: Layout, limits: Limits) -> tuple[Ints, Ints]:
        """See `Chance.candidates`."""
        return self.loops.scan(self._heads("trips"), place, limits)

    def trips(self, cell: Ints, person: Uint64) -> Floats:
        """See `Chance.trips`."""
        return self.loops.trips(self._heads("trips"), self._heads("trips, the rest"), cell, person)

    def __call__(self, channel: str, cell: Ints, person: Uint64, ordinal: Ints | None = None) -> Floats:
        """See `Chance.__call__`."""
        return self.loops.uniforms(self._heads(channel), cell, person, ordinal)

    def _heads(self, channel: str) -> Uint64:
        if channel not in self._known:
            self._known[channel] = self.luck.words(f"consumers.{channel}")
        return self._known[channel]
