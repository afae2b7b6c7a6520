"""A journal cut into lives, and where the replay of each begins: its `start` row, or a later snapshot.

Called by sim/replay/replay.py; reads a store, never writes. A life is what lies between one `start` row and the next.
Its replay begins later where the journal was pruned (with the snapshot that the rest goes on from), and where only a
later part is asked for (with the newest snapshot before it): a year's journal need not be repeated for a day.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.errors import StoreBroken
from controller.ports import Record
from controller.store import MemoryStore, SqliteStore

Store = MemoryStore | SqliteStore
END = 2**62
"""Above the number of any record."""
KINDS = ("config", "intent", "tick", "command", "stop")
"""Records of a life that its replay reads."""


@dataclass(frozen=True, slots=True)
class Life:
    """One run of a loop."""

    place: int
    """1 is the oldest in the journal."""
    start: int
    """Number of its `start` row."""
    ends: int
    """Number of the row with which the next life starts."""


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """The state and the config with which a replay begins."""

    number: int
    """The record after which the state was so."""
    start: Record
    """The life's `start` row."""
    config: str | None
    """Canonical text of the plan in force; None where the journal has none."""
    arrays: Mapping[str, NDArray[Any]]
    saved: Mapping[str, Any]


def lives_of(store: Store) -> list[Life]:
    """The lives in a journal, oldest first."""
    numbers = [record.number for record in store.records(0, ("start",))]
    ends = [*numbers[1:], END][: len(numbers)]
    return [Life(place, *span) for place, span in enumerate(zip(numbers, ends, strict=True), 1)]


def origin_of(store: Store, life: Life, since: float = -np.inf) -> Origin:
    """Where the replay of a life's ticks from `since` (UTC seconds) on begins."""
    start = next(iter(store.records(life.start, ("start",))))
    kept = _snapshot(store, life, since)
    if kept is None:
        arrays = {k.removeprefix("state."): v for k, v in start.columns.items() if k.startswith("state.")}
        if "saved" not in start.data:
            raise StoreBroken(f"the start row {life.start} holds no state: it can't be replayed")
        return Origin(life.start, start, start.data.get("config"), arrays, start.data["saved"])
    number, arrays, saved = kept
    return Origin(number, start, _config(store, start, number), arrays, saved)


def _snapshot(store: Store, life: Life, since: float) -> tuple[int, dict[str, Any], dict[str, Any]] | None:
    """The snapshot to begin with; None: the start row is the place."""
    base = store.base()
    pruned = base is not None and life.start < base[0] < life.ends
    wanted = _before(store, life, since)
    found = None if wanted is None else store.snapshot(wanted)
    if found is not None and life.start < found[0] < life.ends:
        return found
    return base if pruned else None


def _before(store: Store, life: Life, since: float) -> int | None:
    """Number of the last record before the first tick from `since` on; None where that is the life's beginning."""
    first = next(iter(store.records(life.start, ("tick",))), None)
    if first is None or first.time >= since:
        return None
    low, high = first.number, _newest(store, life)
    while low < high:
        middle = (low + high) // 2
        tick = next(iter(store.records(middle, ("tick",))), None)
        low, high = (low, middle) if tick is None or tick.time >= since else (tick.number + 1, high)
    return low - 1


def _newest(store: Store, life: Life) -> int:
    if life.ends < END:
        return life.ends
    last = store.last("tick")
    return life.start if last is None else last.number + 1


def _config(store: Store, start: Record, number: int) -> str | None:
    """The plan in force after a record: that of the last reload before it, else that of the start."""
    text: str | None = start.data.get("config")
    for record in store.records(start.number, ("config",)):
        if record.number > number:
            break
        text = record.data.get("text", text)
    return text
