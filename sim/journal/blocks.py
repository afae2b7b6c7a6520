"""Many tick records at once, as arrays of shape (ticks, cells): the columns of a journal without a loop over records.

Called by sim/journal/journal.py. Records that have their columns in the same places (one layout, one head) are one
block of bytes, which numpy cuts into columns. Every checksum is verified. Calls the stores' codec.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.errors import StoreBroken
from controller.store.codec import PACKED, Codec, Row, open_body
from controller.store.layouts import Layout
from controller.store.packing import Form, Part, head_of, parts_of, stored

Array = NDArray[Any]
Wanted = Callable[[str], bool]

BEGINNINGS = ("start", "config")
"""Kinds of rows that may describe the campaign anew."""

MISSING: Mapping[str, Any] = {"f": np.nan, "i": -1, "b": False, "u": 0}
"""What stands where a tick has no such column, by kind of dtype; `present` tells it from a value."""


@dataclass(slots=True, eq=False)
class Life:
    """The ticks between one description of the campaign and the next: one set of cells, channels, sensors, loops."""

    start: Mapping[str, Any]
    """Data of the row that describes it; empty where the journal has none."""
    rows: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """The ticks of one life, decoded."""

    number: Array
    index: Array
    time: Array
    """UTC seconds; all of shape (ticks,)."""
    columns: Mapping[str, Array]
    """Name in the journal -> (ticks, cells)."""
    present: Mapping[str, Array]
    """Columns that some ticks lack -> shape (ticks,), True where the tick has it."""
    data: Sequence[Mapping[str, Any]]
    """JSON of each tick."""


def lives(rows: Iterable[Row], codec: Codec) -> list[Life]:
    """Ticks gathered by the description before them."""
    found = [Life({})]
    for row in rows:
        if row.kind in BEGINNINGS:
            data = codec.data(row)
            if "cells" in data:
                found.append(Life(data))
        else:
            found[-1].rows.append(row)
    return [life for life in found if life.rows]


def names_in(rows: Sequence[Row], codec: Codec) -> dict[str, tuple[int, ...]]:
    """The columns of a life and the shape of each."""
    layouts = [codec.layouts.get(number) for number in dict.fromkeys(row.layout for row in rows)]
    return {
        name: shape for layout in layouts for name, shape in zip(layout.names, layout.shapes, strict=True)
    }


def block_of(rows: Sequence[Row], data: Sequence[Mapping[str, Any]], codec: Codec, wanted: Wanted) -> Block:
    """Decode the wanted columns of one life; raises StoreBroken for a row that can't be read."""
    bodies = [open_body(row) for row in rows]
    alike: dict[tuple[int, bytes], list[int]] = {}
    for place, row in enumerate(rows):
        layout = codec.layouts.get(row.layout)
        head = head_of(layout, bodies[place]) if row.body[1] & PACKED else b""
        alike.setdefault((row.layout, head), []).append(place)
    columns: dict[str, Array] = {}
    present: dict[str, Array] = {}
    for (number, head), places in alike.items():
        part = _decode([bodies[place] for place in places], codec.layouts.get(number), head, wanted)
        _scatter(part, np.array(places), len(rows), columns, present)
    some = {name: seen for name, seen in present.items() if not seen.all()}
    for name, seen in some.items():
        columns[name][~seen] = MISSING[columns[name].dtype.kind]
    heads = np.array([(row.number, row.index) for row in rows], np.int64).reshape(-1, 2)
    times = np.array([row.time for row in rows], np.float64)
    return Block(heads[:, 0], heads[:, 1], times, columns, some, data)


def _scatter(
    part: Mapping[str, Array], places: Array, ticks: int, columns: dict[str, Array], present: dict[str, Array]
) -> None:
    for name, values in part.items():
        if name not in columns:
            columns[name] = np.empty((ticks, *values.shape[1:]), values.dtype)
            present[name] = np.zeros(ticks, np.bool_)
        columns[name][places] = values
        present[name][places] = True


def _decode(bodies: Sequence[memoryview], layout: Layout, head: bytes, wanted: Wanted) -> dict[str, Array]:
    """The wanted columns of bodies that have them in the same places, each (ticks, ...)."""
    parts = parts_of(layout, head) if head else _unpacked(layout)
    width = parts[-1].stop if parts else 0
    if any(len(body) != width for body in bodies):
        raise StoreBroken(f"a record with layout {layout.id} of the journal has not {width} bytes of columns")
    table = np.frombuffer(b"".join(bodies), np.uint8).reshape(len(bodies), width)
    return {
        name: _column(table, layout, parts, place) for place, name in enumerate(layout.names) if wanted(name)
    }


def _column(table: Array, layout: Layout, parts: Sequence[Part], place: int) -> Array:
    part = parts[place if parts[place].form != Form.SAME else parts[place].first]
    dtype, shape = layout.dtypes[place], (len(table), *layout.shapes[place])
    values = np.ascontiguousarray(table[:, part.start : part.stop]).view(stored(part.form, dtype))
    if part.form == Form.ONE:
        return np.broadcast_to(values.reshape(len(table), *(1 for _ in layout.shapes[place])), shape)
    return values.astype(dtype, copy=False).reshape(shape)


def _unpacked(layout: Layout) -> list[Part]:
    ends = np.cumsum(layout.sizes).tolist()
    return [Part(Form.RAW, end - size, end, -1) for end, size in zip(ends, layout.sizes, strict=True)]
