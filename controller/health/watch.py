"""Looks at every loop turn by turn, and says which of them are off, and why: conditions for the alarm book.

One of the daemon's sources of alarms. Many cells of one loop with the same fault are one condition, told by the cell
that is farthest from its target. What is remembered can be saved and taken back.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.health.figures import Figures
from controller.health.fold import after
from controller.health.verdicts import TOLD_ELSEWHERE, Link, links, sentence
from controller.health.watched import Watched, watched_of
from controller.loop.parts import Parts
from controller.loop.turn import Condition, Turn

FEW = 64
"""Cells up to which what is remembered goes into every snapshot: a snapshot is written at every turn."""


@dataclass(slots=True)
class LoopWatch:
    """One loop and what is remembered of it."""

    loop: Watched
    cells: tuple[str, ...]
    figures: Figures

    def see(self, turn: Turn) -> None:
        """Take one turn in."""
        if self.loop.sensor in turn.signals and all(name in turn.outputs for name in self.loop.channels):
            self.figures = after(self.figures, turn, self.loop)

    def links(self) -> NDArray[np.int8]:
        """`Link` codes, shape (cells,)."""
        return links(self.figures, self.loop)

    def conditions(self) -> Iterator[Condition]:
        """What keeps the loop from its target: one condition, a sentence for each link that is off."""
        found = self.links()
        told = [link for link in Link if link not in TOLD_ELSEWHERE and (found == link).any()]
        if told:
            text = "; ".join(self._text(np.flatnonzero(found == link), link) for link in told)
            yield Condition("off_target", self.loop.name, text)

    def _text(self, cells: NDArray[np.intp], link: Link) -> str:
        worst = cells[np.argmax(np.abs(self.figures.gap[cells]))]
        return sentence(self.figures, self.loop, int(worst), link) + self._where(cells, worst)

    def _where(self, cells: NDArray[np.intp], worst: np.intp) -> str:
        if len(self.cells) == 1:
            return ""
        return f" (cell {self.cells[worst]}; {len(cells)} of {len(self.cells)} cells)"


@dataclass(slots=True)
class Watches:
    """All loops of a running campaign; a reload's new loops start with nothing remembered."""

    parts: Callable[[], Parts]
    seen: Parts | None = None
    each: dict[str, LoopWatch] = field(default_factory=dict)
    kept: Mapping[str, Any] = field(default_factory=dict)
    """What an earlier life remembered, until it has been taken."""

    def __call__(self, turn: Turn) -> Iterator[Condition]:
        """Take one turn in and say what is off."""
        self._follow()
        for watch in self.each.values():
            watch.see(turn)
            yield from watch.conditions()

    def _follow(self) -> None:
        parts = self.parts()
        if parts is self.seen:
            return
        before, self.each = self.each, {}
        for loop in watched_of(parts):
            old = before.get(loop.name)
            same = old is not None and (old.loop.sensor, old.cells) == (loop.sensor, parts.cells.names)
            cells = len(parts.cells)
            figures = old.figures if same and old else Figures.restored(self.kept.get(loop.name, {}), cells)
            self.each[loop.name] = LoopWatch(loop, tuple(parts.cells.names), figures)
        self.seen, self.kept = parts, {}

    def saved(self) -> dict[str, Any]:
        """Small JSON for the snapshot; nothing of a loop of many cells, which is looked at afresh after a restart."""
        few = (watch for watch in self.each.values() if len(watch.cells) <= FEW)
        return {**self.kept, **{watch.loop.name: watch.figures.saved() for watch in few}}
