"""Recorded against replayed: every column of every record, cell by cell, and what the JSON says.

Called by sim/replay/replay.py with pairs of records; keeps a tally. Where equal bits are promised, bytes are compared,
NaN included. Elsewhere floats may differ by 1e-12, relative to the value or, for a column of an output, to the largest
value that output may take (parts of a move are small differences of large numbers); codes, counts and the commands of
an output with a resolution or levels must be equal still.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.clock import iso
from controller.ports import Record
from controller.signals import Channel
from controller.store.codec import to_json

TOLERANCE = 1e-12
ABSENT = "absent"
Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that did not come out as recorded."""

    record: int
    """Number of the record in the journal."""
    time: float
    """UTC seconds."""
    column: str
    """Column, or key of the JSON."""
    channel: str
    """The output it concerns; empty where none."""
    cell: str
    """Empty where it concerns no single cell."""
    recorded: Any
    replayed: Any

    @property
    def sentence(self) -> str:
        """For people."""
        where = f" of {self.cell}" if self.cell else ""
        values = f"recorded {_shown(self.recorded)}, replayed {_shown(self.replayed)}"
        return f"record {self.record}, {iso(self.time)}: {self.column}{where}: {values}"


@dataclass(slots=True)
class Tally:
    """What was compared, and what was not equal."""

    keep: int = 20
    """How many differences are kept one by one."""
    values: int = 0
    decisions: int = 0
    """Values of `decided` columns among them."""
    different: int = 0
    rounded: int = 0
    """Values that differ within the tolerance."""
    by_column: Counter[str] = field(default_factory=Counter)
    first: list[Difference] = field(default_factory=list)

    def add(self, difference: Difference) -> None:
        """Count one, and keep it while there is room."""
        self.different += 1
        self.by_column[difference.column] += 1
        if len(self.first) < self.keep:
            self.first.append(difference)


@dataclass(slots=True, eq=False)
class Comparison:
    """Compares the records of one life.

    Parameters
    ----------
    cells: names, in the order of the columns.
    channels: by name, as the plan has them.
    exact: True where bits must be equal.
    """

    cells: tuple[str, ...]
    channels: Mapping[str, Channel]
    exact: bool
    tally: Tally

    def records(self, then: Record, now: Record | None) -> None:
        """Compare one record with what the replay wrote in its place; None: nothing."""
        if now is None:
            self.tally.add(Difference(then.number, then.time, then.kind, "", "", "written", ABSENT))
            return
        for name in dict.fromkeys((*then.columns, *now.columns)):
            self._columns(then, name, then.columns.get(name), now.columns.get(name))
        self.words(then, _plain(then.data), _plain(json.loads(to_json(now.data, "replayed data"))))

    def words(self, then: Record, recorded: Mapping[str, Any], replayed: Mapping[str, Any]) -> None:
        """Compare JSON, one level deep."""
        for name, one, other in _pairs(recorded, replayed):
            self.tally.add(Difference(then.number, then.time, name, self._channel(name), "", one, other))

    def unexpected(self, then: Record, now: Record) -> None:
        """The replay wrote a record that the journal does not have before `then`."""
        self.tally.add(Difference(then.number, then.time, now.kind, "", "", ABSENT, "written"))

    def _columns(self, then: Record, name: str, one: Array | None, other: Array | None) -> None:
        if one is None or other is None or one.shape != other.shape or one.dtype != other.dtype:
            self._differs(then, name, "", _form(one), _form(other))
            return
        self.tally.values += one.size
        self.tally.decisions += one.size if name.startswith("decided.") else 0
        if one.tobytes() == other.tobytes():
            return
        unlike = _unlike_bits(one, other)
        apart = unlike if self.exact else unlike & ~self._near(name, one, other)
        self.tally.rounded += int(unlike.sum() - apart.sum())
        for place in np.flatnonzero(apart):
            cell = self.cells[place] if len(self.cells) == one.size else str(place)
            self._differs(then, name, cell, one.flat[place].item(), other.flat[place].item())

    def _differs(self, then: Record, name: str, cell: str, one: Any, other: Any) -> None:
        self.tally.add(Difference(then.number, then.time, name, self._channel(name), cell, one, other))

    def _near(self, name: str, one: Array, other: Array) -> NDArray[np.bool_]:
        """Where two floats are equal but for rounding, shape of the column."""
        channel = self.channels.get(self._channel(name))
        if one.dtype.kind != "f" or (channel is not None and _is_command(name, channel)):
            return np.asarray(one == other)
        scale = 0.0 if channel is None else max(abs(channel.low), abs(channel.high))
        with np.errstate(invalid="ignore"):
            largest = np.maximum(np.maximum(np.abs(one), np.abs(other)), scale)
            near = np.isfinite(largest) & (np.abs(one - other) <= TOLERANCE * largest)
        return np.asarray(near | (one == other) | (np.isnan(one) & np.isnan(other)))

    def _channel(self, name: str) -> str:
        return next((part for part in name.split(".") if part in self.channels), "")


def _is_command(name: str, channel: Channel) -> bool:
    """True for what is sent to an output that takes only values of a grid."""
    on_grid = channel.resolution is not None or channel.levels is not None
    return on_grid and (
        name.startswith("decided.") or (name.startswith("intent.") and name.endswith(".value"))
    )


def _unlike_bits(one: Array, other: Array) -> NDArray[np.bool_]:
    size = one.dtype.itemsize
    bits = [np.frombuffer(each.tobytes(), np.uint8).reshape(-1, size) for each in (one, other)]
    return np.asarray((bits[0] != bits[1]).any(axis=1).reshape(one.shape))


def _pairs(recorded: Mapping[str, Any], replayed: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Entries that are not equal: name, recorded, replayed. Nothing and an empty thing are the same."""
    for key in dict.fromkeys((*recorded, *replayed)):
        one, other = recorded.get(key), replayed.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            inner = dict.fromkeys((*one, *other))
            yield from (
                (f"{key}.{k}", one.get(k, ABSENT), other.get(k, ABSENT))
                for k in inner
                if one.get(k) != other.get(k)
            )
        elif one != other and (one or other):
            yield key, ABSENT if one is None else one, ABSENT if other is None else other


def _plain(data: Mapping[str, Any]) -> dict[str, Any]:
    """JSON without the sentences of conditions: they quote what targets said, which the journal keeps only there."""
    return {**data, "conditions": [condition[:2] for condition in data.get("conditions", ())]}


def _form(column: Array | None) -> str:
    return ABSENT if column is None else f"{column.dtype} of shape {column.shape}"


def _shown(value: Any) -> str:
    return repr(value) if isinstance(value, float) else str(value)
