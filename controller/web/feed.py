"""The journal as the page shows it, followed as it grows: points, why the outputs moved, what is wrong.

Called by the page's app, from worker threads; calls the points, the chronicle and the alarms. Reads the journal through
a store of its own, read only, so that it works beside the daemon, while a turn waits for a slow sensor, and after the
daemon has gone. Writes nothing and reads no clock.
"""

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.alarms.desk import standing
from controller.ports import Record, Store
from controller.web.alarms import lines
from controller.web.chronicle import Chronicle
from controller.web.points import Keeper, Point, point_of, thinned
from controller.why import Names

KEPT = 3000
"""Points kept; a client that was away for fewer ticks misses none of them."""
DEEPEST, SHALLOWEST, VALUES = 20_000, 2_000, 2_000_000
"""How many records back a feed begins: the first, or fewer of a campaign with many cells."""
NEEDED = {"campaign", "cells", "channels", "loops", "budgets"}
"""What a `start` row must say for its turns to be shown."""


@dataclass(frozen=True, slots=True)
class Look:
    """What the page is told; plain data."""

    version: str
    """Changes when the campaign starts anew or takes a changed config: then a page begins from scratch."""
    points: list[Point]
    moves: list[dict[str, Any]]
    """Moves and operators' orders since: id (of the record), time, channel (empty for orders), text; of a single
    cell's move before, after and reason, of many cells' raised, lowered and cells."""
    why: dict[str, str]
    """Channel -> why it has its present value."""
    alarms: list[dict[str, Any]]
    stopped: str
    """How the campaign's last life ended; empty while it lives."""


class Feed:
    """One journal, as it grows.

    Parameters
    ----------
    store: opened read only.
    cell: name of the cell that is shown; None: all cells, as their median (money as the sum over all in both cases).
    """

    def __init__(self, store: Store, cell: str | None = None) -> None:
        self.store, self.cell = store, cell
        self.about: Mapping[str, Any] = {}
        """What the journal says of the campaign, as of the last start or reload; empty before the first start."""
        self._version = ""
        self._names = Names((), {}, {})
        self._points: list[Point] = []
        self._chronicle = Chronicle(cell)
        self._conditions: Sequence[Sequence[str]] = ()
        """What the newest turn says is wrong."""
        self._alarms: list[dict[str, Any]] = []
        self._stopped = ""
        self._next = -1
        self._mutex = threading.Lock()

    def look(self, after: int = -1, most: int = KEPT) -> Look:
        """Follow the journal and say what came after record `after`, in about `most` points; raises StoreError."""
        with self._mutex:
            self._follow()
            return Look(
                self._version,
                thinned([point for point in self._points if point["id"] > after], most),
                [move for move in self._chronicle.moves if move["id"] > after],
                self._chronicle.why,
                self._alarms,
                self._stopped,
            )

    def _follow(self) -> None:
        keeper, before = self._enter() if self._next < 0 else None, self._next
        for record in self.store.records(max(self._next, 0)):
            self._take(record, keeper)
            self._next = record.number + 1
        if self._next != before:
            self._chronicle.settle()
            self._alarms = lines(standing(self.store), self._conditions)
        if len(self._points) > 2 * KEPT:
            self._points = thinned(self._points, KEPT)

    def _enter(self) -> Keeper | None:
        """Before the first look: begin not too far back, knowing the campaign as it was there."""
        newest, start = self.store.last("tick"), self.store.last("start")
        if newest is None or start is None:
            return None
        depth = min(DEEPEST, max(SHALLOWEST, VALUES // len(start.data["cells"])))
        self._next = max(newest.number - depth, 0)
        for record in self.store.records(0, ("start", "config")):
            if record.number < self._next:
                self._begin(record)
        return Keeper(self._next, newest.number, KEPT)

    def _take(self, record: Record, keeper: Keeper | None) -> None:
        if record.kind in ("start", "config"):
            self._begin(record)
        elif record.kind == "stop":
            self._stopped = str(record.data.get("why", "")) or "stopped"
        elif record.kind == "tick" and self._version:
            self._turn(record, keeper)

    def _begin(self, record: Record) -> None:
        """A start says everything anew; a config says what has changed."""
        about = {**(self.about if record.kind == "config" else {}), **record.data}
        if about.keys() >= NEEDED:
            self.about, self._names = about, Names.of(about)
            self._version = f"{record.number}.{record.time:.3f}"
            if self.cell not in self._names.cells:
                self.cell = self._chronicle.cell = None
            self._stopped = ""

    def _turn(self, record: Record, keeper: Keeper | None) -> None:
        self._stopped, self._conditions = "", record.data["conditions"]
        self._chronicle.take(record, self._names)
        if keeper is None or keeper.wants(record.number):
            row = None if self.cell is None else self._names.cells.index(self.cell)
            self._points.append(point_of(record, self.about, row))
