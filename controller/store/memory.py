"""The journal in memory: what simulations and tests write, and what a loop writes that nobody wants to keep.

Keeps the same rows as the SQLite store, through the same codec, so that what was written can't be changed afterwards
and the same readers read both. Called by the simulator and tests; calls the codec and retention.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from controller.errors import StoreBusy, StoreError
from controller.ports import OperatorCommand, Record, State
from controller.store.codec import Codec, Row, to_json
from controller.store.layouts import Layouts
from controller.store.retention import KEPT_FOR_EVER, superfluous

Snapshot = tuple[int, dict[str, Any], dict[str, Any]]


class MemoryStore:
    """A store without a disk.

    >>> store = MemoryStore()
    >>> store.claim("doctest")
    1
    >>> store.append(Record("tick", 0, 0.0)), store.append(Record("tick", 1, 60.0))
    (0, 1)
    >>> store.last("tick").index
    1
    """

    def __init__(self) -> None:
        self._codec = Codec(Layouts())
        self._rows: dict[int, Row] = {}
        self._kinds: dict[str, int] = {}
        self._snapshots: dict[int, Row] = {}
        self._commands: list[OperatorCommand] = []
        self._next = 0
        self._term = 0
        self._owner: str | None = None
        self._base: int | None = None

    def claim(self, owner: str) -> int:
        """A term higher than any before; raises StoreBusy until the owner closes."""
        if self._owner is not None:
            raise StoreBusy(
                f"this store belongs to {self._owner} since term {self._term}; {owner} can't have it too"
            )
        self._owner, self._term = owner, self._term + 1
        return self._term

    def append(self, record: Record, durable: bool = True) -> int:
        """Add one record and return its number."""
        self._need_claim()
        row = self._codec.encode(record, self._next)
        self._rows[row.number] = row
        self._kinds[row.kind] = row.number
        self._next += 1
        return row.number

    def records(self, start: int = 0, kinds: Iterable[str] | None = None) -> Iterator[Record]:
        """Records from number `start` on, oldest first."""
        return map(self._codec.decode, self.rows(start, kinds))

    def rows(self, start: int = 0, kinds: Iterable[str] | None = None) -> Iterator[Row]:
        """The same, undecoded."""
        wanted = None if kinds is None else frozenset(kinds)
        for row in list(self._rows.values()):
            if row.number >= start and (wanted is None or row.kind in wanted):
                yield row

    @property
    def codec(self) -> Codec:
        """What decodes the rows."""
        return self._codec

    def last(self, kind: str) -> Record | None:
        """The newest record of a kind."""
        number = self._kinds.get(kind)
        return None if number is None or number not in self._rows else self._codec.decode(self._rows[number])

    def save_snapshot(self, number: int, state: State, data: Mapping[str, Any]) -> None:
        """Keep the state as it was after record `number`."""
        self._need_claim()
        known = [*self._snapshots]
        self._snapshots[number] = self._codec.encode(Record("snapshot", 0, 0.0, state, data), number)
        for old in superfluous(known, number):
            del self._snapshots[old]

    def snapshot(self, at: int | None = None) -> Snapshot | None:
        """The newest saved state, or the newest one at or before record `at`."""
        numbers = [number for number in self._snapshots if at is None or number <= at]
        if not numbers:
            return None
        record = self._codec.decode(self._snapshots[max(numbers)])
        return record.number, dict(record.columns), dict(record.data)

    def base(self) -> Snapshot | None:
        """The state from which the oldest kept records go on; None while the journal begins at record 0."""
        return None if self._base is None else self.snapshot(self._base)

    def prune(self, before: float, keep_at_least: int) -> int:
        """Forget records older than `before` (UTC seconds), up to a snapshot; returns how many went."""
        self._need_claim()
        cut = self._cut(before, keep_at_least)
        if cut is None:
            return 0
        kept = {self._last_up_to(cut, kind) for kind in KEPT_FOR_EVER}
        gone = [number for number in self._rows if number <= cut and number not in kept]
        for number in gone:
            del self._rows[number]
        self._snapshots = {number: row for number, row in self._snapshots.items() if number >= cut}
        self._base = cut
        return len(gone)

    def post(self, command: OperatorCommand) -> int:
        """Add an operator's command and return its number."""
        number = len(self._commands)
        data = json.loads(to_json(command.data, f"data of the command {command.verb!r}"))
        self._commands.append(replace(command, number=number, data=data))
        return number

    def pending(self, after: int = -1) -> Sequence[OperatorCommand]:
        """Operators' commands with a number above `after`, oldest first."""
        return self._commands[after + 1 :]

    def close(self) -> None:
        """Let the next owner in; the records stay."""
        self._owner = None

    def _need_claim(self) -> None:
        if self._owner is None:
            raise StoreError("only the owner may write: call claim(owner) first")

    def _cut(self, before: float, keep_at_least: int) -> int | None:
        newest = self._next - 1 - max(keep_at_least, 1)
        dated = [
            n for n in self._snapshots if n <= newest and n in self._rows and self._rows[n].time < before
        ]
        return max(dated, default=None)

    def _last_up_to(self, number: int, kind: str) -> int | None:
        return max(
            (row.number for row in self._rows.values() if row.kind == kind and row.number <= number),
            default=None,
        )
