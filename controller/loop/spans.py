"""Intervals a cell, who set their ends, and how one is laid upon another: the arithmetic under limits.

Called by limits only; calls grid. Knows nothing of classes or of what a bound is for.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools, Ints
from controller.loop.grid import Grid
from controller.signals import Bound, Channel


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """One bound, its class, and the number of its author in the list of names."""

    author: int
    rank: str
    bound: Bound


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """An interval a cell, and who set its ends; shape (cells,) throughout."""

    low: Array
    high: Array
    low_by: Ints
    high_by: Ints

    def upon(self, other: "Span") -> "Span":
        """`other` narrowed to this one; where the two don't meet, the value of `other` nearest to this one."""
        return Span(
            np.minimum(np.maximum(self.low, other.low), other.high),
            np.maximum(np.minimum(self.high, other.high), other.low),
            np.where(self.low > other.low, self.low_by, other.low_by),
            np.where(self.high < other.high, self.high_by, other.high_by),
        )

    def misses(self, other: "Span") -> Bools:
        """True where no value lies in both."""
        missed: Bools = (self.low > other.high) | (self.high < other.low)
        return missed

    def pinned(self, where: Bools, value: Array) -> "Span":
        """One value where told."""
        low, high = np.where(where, value, self.low), np.where(where, value, self.high)
        return Span(low, high, self.low_by, self.high_by)

    def finite(self, other: "Span") -> "Span":
        """Ends that are infinite are taken from `other`."""
        low = np.where(np.isfinite(self.low), self.low, other.low)
        high = np.where(np.isfinite(self.high), self.high, other.high)
        return Span(low, np.maximum(low, high), self.low_by, self.high_by)


def own_span(channel: Channel, grid: Grid, cells: int) -> Span:
    """The channel's own range on its grid, author 0; ValueError where no point of the grid lies in it."""
    low, high = float(grid.up(np.array(channel.low))), float(grid.down(np.array(channel.high)))
    if not low <= high:
        raise ValueError(
            f"{channel.name}: no value it can take lies from {channel.low:.6g} to {channel.high:.6g}"
        )
    nobody = np.zeros(cells, np.int64)
    return Span(np.full(cells, low), np.full(cells, high), nobody, nobody)


def meet(voices: Sequence[Voice], channel: Channel, grid: Grid, cells: int) -> tuple[Span, Bools]:
    """Intersect bounds, rounded inwards to the grid, and say where they exclude each other.

    There the end nearest the channel's safe value is kept. NaN in a bound: it does not care.
    """
    low, high = np.full(cells, -np.inf), np.full(cells, np.inf)
    low_by, high_by = np.zeros(cells, np.int64), np.zeros(cells, np.int64)
    for voice in voices:
        if voice.bound.low is not None:
            asked = grid.up(caring(voice.bound.low, -np.inf))
            higher = asked > low
            low, low_by = np.where(higher, asked, low), np.where(higher, voice.author, low_by)
        if voice.bound.high is not None:
            asked = grid.down(caring(voice.bound.high, np.inf))
            lower = asked < high
            high, high_by = np.where(lower, asked, high), np.where(lower, voice.author, high_by)
    torn = low > high
    if torn.any():
        end = np.where(np.abs(low - channel.safe) < np.abs(high - channel.safe), low, high)
        low, high = np.where(torn, end, low), np.where(torn, end, high)
    return Span(low, high, low_by, high_by), torn


def caring(bound: Array, otherwise: float) -> Array:
    """The bound, with what means `does not care` put in for NaN."""
    return np.where(np.isnan(bound), otherwise, bound)


def complaints(voices: Sequence[Voice], span: Span, channel: Channel, names: Sequence[str]) -> list[str]:
    """One sentence for each bound that `span` can't honour: what it wanted, and who allows what."""
    said: list[str] = []
    for voice in voices:
        name, bound = names[voice.author], voice.bound
        if bound.low is not None:
            over = _Quarrel(caring(bound.low, -np.inf) > span.high, bound.low, span.high, span.high_by, names)
            said += over.told(f"{name}: wanted {channel.name} at least", "at most")
        if bound.high is not None:
            under = _Quarrel(caring(bound.high, np.inf) < span.low, bound.high, span.low, span.low_by, names)
            said += under.told(f"{name}: wanted {channel.name} at most", "at least")
    return said or [_torn(voices, channel, names)]


@dataclass(frozen=True, slots=True, eq=False)
class _Quarrel:
    """Where a bound and an end of a span exclude each other."""

    where: Bools
    wanted: Array
    end: Array
    end_by: Ints
    names: Sequence[str]

    def told(self, wish: str, side: str) -> list[str]:
        if not self.where.any():
            return []
        cell, count = int(np.argmax(self.where)), int(self.where.sum())
        by, end = self.names[int(self.end_by[cell])], float(self.end[cell])
        share = f" ({count} of {len(self.where)} cells)" if len(self.where) > 1 else ""
        return [f"{wish} {float(self.wanted[cell]):.6g}, but {by} allows {end:.6g} {side}{share}"]


def _torn(voices: Sequence[Voice], channel: Channel, names: Sequence[str]) -> str:
    together = " and ".join(sorted({names[voice.author] for voice in voices}))
    return f"{together}: no value of {channel.name} suits all; what is nearest to its safe value is kept"
