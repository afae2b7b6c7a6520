"""Why the outputs moved, and why they stand where they stand: sentences for what the page shows, and for nothing else.

Called by the feed with each turn of the journal, oldest first; calls `why`. A sentence costs more than reading its
record, so turns are only looked through until `settle` asks for the words of the last few that moved something.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from controller.ports import Record
from controller.signals import Reason
from controller.why import Explanation, Names, Past, Summary, Teller

TOLD = 100
"""Moves kept with their sentences."""
_LASTING = {Reason.FOLLOWED, Reason.LIMITED_LOW, Reason.LIMITED_HIGH, Reason.DWELL}
"""Reasons whose sentence still holds while the loop's next execution is not due."""

Told = Explanation | Summary


@dataclass(frozen=True, slots=True)
class Moment:
    """A turn, with what must be known of the time before to tell it."""

    record: Record
    names: Names
    past: Past

    def told(self, cell: str | None) -> tuple[Told, ...]:
        """What is to be said of each output."""
        return Teller(self.names, cell=cell, past=self.past).tell(self.record)

    def moved(self, cell: str | None) -> bool:
        """True where any output has another value than before: the test that the sentences themselves use."""
        rows = slice(None) if cell is None else self.names.cells.index(cell)
        return any(np.any(self._moves(channel)[rows]) for channel in self.names.channels)

    def _moves(self, channel: str) -> Any:
        after, before = self.record.columns[f"decided.{channel}"], self.record.columns[f"readback.{channel}"]
        before = np.where(np.isnan(before), self.past.applied.get(channel, after), before)
        return np.abs(after - before) > self.names.least(channel)


class Chronicle:
    """What happened, and why.

    Parameters
    ----------
    cell: name of the cell that is told; None: all.
    """

    def __init__(self, cell: str | None = None) -> None:
        self.cell = cell
        self.moves: deque[dict[str, Any]] = deque(maxlen=TOLD)
        """Moves and operators' orders, oldest first; see `_order` and `_move`."""
        self._past = Past()
        self._waiting: deque[Moment] = deque(maxlen=TOLD)
        self._newest: Moment | None = None
        self._why: dict[str, tuple[str, bool]] = {}

    @property
    def why(self) -> dict[str, str]:
        """Channel -> why it has its present value."""
        return {channel: text for channel, (text, _) in self._why.items()}

    def take(self, record: Record, names: Names) -> None:
        """Look through one turn."""
        self._newest = Moment(record, names, self._past)
        if record.data["said"] or self._newest.moved(self.cell):
            self._waiting.append(self._newest)
        self._past = self._past.after(record, names)

    def settle(self) -> None:
        """Find the words for what has been taken."""
        for at in self._waiting:
            self.moves.extend(_order(at.record, said) for said in at.record.data["said"])
            self.moves.extend(_move(at.record, told) for told in at.told(self.cell) if told.moved)
        if self._newest is not None:
            self._why = dict(self._reasons(self._newest.told(self.cell)))
        self._waiting.clear()
        self._newest = None

    def _reasons(self, told: tuple[Told, ...]) -> Iterator[tuple[str, tuple[str, bool]]]:
        for one in told:
            reasons = set(one.reasons) if isinstance(one, Summary) else {one.reason}
            before = self._why.get(one.channel, ("", False))
            if one.moved or reasons != {Reason.NOT_DUE}:
                yield one.channel, (one.sentence, one.moved or bool(reasons & _LASTING))
            elif before[1]:
                yield one.channel, before


def _order(record: Record, said: str) -> dict[str, Any]:
    """What an operator's order did, or that one ran out."""
    return {"id": record.number, "time": record.time, "channel": "", "text": said}


def _move(record: Record, told: Told) -> dict[str, Any]:
    """A move, with what it takes to tell a run of small ones as one: of one cell its values, of many their count."""
    line = {**_order(record, told.sentence), "channel": told.channel}
    if isinstance(told, Summary):
        count = told.raised + told.lowered + told.stayed
        return {**line, "raised": told.raised, "lowered": told.lowered, "cells": count}
    return {**line, "before": told.before, "after": told.after, "reason": told.reason.name.lower()}
