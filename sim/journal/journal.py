"""A journal as a DataFrame: one row per tick, cell and channel, in documented columns with units.

Called by notebooks, reports and `export`; reads a live daemon's journal, a simulation's store in memory and a backup
alike. Never writes. Calls the stores, journal_blocks (records to arrays) and journal_names (names and units).
docs/journal.md lists every column; `frame.attrs["units"]` says the unit of each.
"""

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from controller.store import MemoryStore, SqliteStore
from sim.journal.blocks import BEGINNINGS, MISSING, Block, block_of, lives, names_in
from sim.journal.names import CODES, Shape, codes_of, places, shape_of, unit_of

Array = NDArray[Any]
Source = str | os.PathLike[str] | MemoryStore | SqliteStore

ORDER = (
    "number", "time", "index", "elapsed", "cell", "label", "pool", "channel", "unit", "loop", "sensor", "sensor_unit",
    "requested_mode", "permitted", "business_date", "setpoint", "process_value", "usable", "low", "high", "low_by",
    "high_by", "proposed", "term", "requested", "decided", "applied", "read_back", "known", "reason", "mode", "landing",
    "residual", "propensity",
)  # fmt: skip
"""Columns in order: up to `business_date` every frame has them, the others as the journal does."""
KEYS = ("number", "time", "index", "cell", "channel")
"""Columns that are always read."""
_FIRST_DAY = np.datetime64("0001-01-01", "s") - np.timedelta64(1, "D")


def read_journal(
    source: Source,
    *,
    columns: Collection[str] | None = None,
    since: float = -np.inf,
    until: float = np.inf,
) -> pd.DataFrame:
    """The ticks of a journal, one row per tick, cell and channel, in that order.

    Parameters
    ----------
    source: path of a journal, or an open store.
    columns: names to read beside `KEYS`; None: all. Fewer are faster and smaller.
    since, until: UTC seconds; ticks with since <= time < until are read.

    Raises StoreError where there is no journal, StoreBroken where a record is damaged.

    >>> from controller.ports import Record
    >>> store = MemoryStore()
    >>> term = store.claim("doctest")
    >>> shape = {"cells": ["a", "b"], "channels": {"odds": {"unit": "share"}}, "sensors": {}, "loops": {}}
    >>> store.append(Record("start", 0, 0.0, {}, shape))
    0
    >>> store.append(Record("tick", 5, 300.0, {"applied.odds": np.array([0.03, 0.05])}, {"elapsed": 60.0, "mode": 4}))
    1
    >>> frame = read_journal(store)
    >>> frame[["index", "cell", "channel", "applied", "requested_mode"]]
       index cell channel  applied requested_mode
    0      5    a    odds     0.03           auto
    1      5    b    odds     0.05           auto
    >>> frame.attrs["units"]["applied"]
    'share'
    """
    if isinstance(source, MemoryStore | SqliteStore):
        return _frame(source, columns, since, until)
    store = SqliteStore(source, readonly=True)
    try:
        return _frame(store, columns, since, until)
    finally:
        store.close()


def _frame(
    store: MemoryStore | SqliteStore, wanted: Collection[str] | None, since: float, until: float
) -> pd.DataFrame:
    rows = store.rows(0, (*BEGINNINGS, "tick"))
    asked = (row for row in rows if row.kind in BEGINNINGS or since <= row.time < until)
    pieces, about, codec = [], dict[str, Any](), store.codec
    keep = None if wanted is None else {*KEYS, *wanted}
    for life in lives(asked, codec):
        data = [codec.data(row) for row in life.rows]
        shape = _shape(life.start, names_in(life.rows, codec), data)
        block = block_of(life.rows, data, codec, lambda name: keep is None or places(name, shape)[0] in keep)  # noqa: B023
        pieces.append(_piece(block, shape, keep))
        units = {**about.get("units", {}), **{name: unit_of(name, shape) for name in pieces[-1]}}
        about = {"campaign": life.start.get("campaign", ""), "channels": shape.channels}
        about |= {"sensors": shape.sensors, "units": units}
    frame = _join(pieces) if pieces else pd.DataFrame({name: [] for name in ORDER[:15]})
    frame = frame[sorted(frame.columns, key=_place)]
    frame["time"] = frame["time"].dt.tz_localize("UTC") if pieces else frame["time"]
    frame.attrs.update(about)
    return frame


def _place(column: Any) -> tuple[int, bool]:
    """In the order of the tick's stages, then as the journal has them, sensors last."""
    known = column.partition(".")[0] if column.startswith("term.") else column
    return ORDER.index(known) if known in ORDER else len(ORDER), column.startswith(("reading.", "signal."))


def _shape(
    start: Mapping[str, Any], columns: Mapping[str, tuple[int, ...]], data: Sequence[Mapping[str, Any]]
) -> Shape:
    cells = next((shape[0] for shape in columns.values() if shape), 1)
    units = {**data[0].get("units", {}), **data[-1].get("units", {})}
    return shape_of(start, columns, cells, units)


def _piece(block: Block, shape: Shape, keep: Collection[str] | None) -> dict[str, Any]:
    """Columns of one life, each of length ticks x cells x channels."""
    piece = {name: made() for name, made in _heads(block, shape).items() if keep is None or name in keep}
    parts: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
    for name, values in block.columns.items():
        if values.shape[1:] == (len(shape.cells),):  # others are no columns of cells
            column, channels = places(name, shape)
            parts.setdefault(column, []).append((name, channels))
    for column, members in parts.items():
        values, seen = _spread(block, shape, members)
        piece[column] = _finished(column, values, seen, block, len(shape.cells) * len(shape.channels))
    return piece


def _spread(
    block: Block, shape: Shape, members: Sequence[tuple[str, tuple[str, ...]]]
) -> tuple[Array, Array | None]:
    """Values of shape (ticks x cells x channels,), and where there are any; None: everywhere."""
    first = block.columns[members[0][0]]
    size, order = (
        (*first.shape, len(shape.channels)),
        {channel: at for at, channel in enumerate(shape.channels)},
    )
    whole = len(members) == 1 and len(members[0][1]) == len(order)
    if whole and members[0][0] not in block.present:
        return np.ascontiguousarray(np.broadcast_to(first[:, :, None], size)).reshape(-1), None
    values = np.full(size, MISSING[first.dtype.kind], first.dtype)
    seen = np.zeros(size, np.bool_)
    for name, channels in members:
        at = [order[channel] for channel in channels]
        values[:, :, at] = block.columns[name][:, :, None]
        seen[:, :, at] = block.present.get(name, np.ones(len(first), np.bool_))[:, None, None]
    return values.reshape(-1), None if seen.all() else seen.reshape(-1)


def _finished(column: str, values: Array, seen: Array | None, block: Block, width: int) -> Any:
    """Codes as words, dates as dates, and nothing where there was nothing."""
    if column in ("low_by", "high_by"):
        return _by_name(values, seen, block, width)
    words = codes_of(column)
    if words is not None:
        codes = np.where((values < len(words)) & (True if seen is None else seen), values, -1)
        return _categorical(codes, words)
    if column == "business_date" and seen is None:
        return _FIRST_DAY + values.astype("timedelta64[D]")
    if seen is None or values.dtype.kind == "f":
        return values
    return (
        pd.arrays.BooleanArray(values, ~seen)
        if values.dtype.kind == "b"
        else pd.array(values.astype(object), "Int64")
    )


def _by_name(values: Array, seen: Array | None, block: Block, width: int) -> Any:
    """Guardrails' names for their places in the list of their own tick."""
    lists = [tuple(data.get("names", ())) for data in block.data]
    kinds = list(dict.fromkeys(lists))
    words = list(dict.fromkeys(chain.from_iterable(kinds)))
    table = np.full((len(kinds), max(map(len, kinds), default=0) + 1), -1)
    for row, names in enumerate(kinds):
        table[row, : len(names)] = [words.index(name) for name in names]
    number = {names: at for at, names in enumerate(kinds)}
    which = np.repeat([number[names] for names in lists], width)
    inside = (values >= 0) & (values < table.shape[1]) & (True if seen is None else seen)
    return _categorical(table[which, np.where(inside, values, -1)], words)


def _heads(block: Block, shape: Shape) -> dict[str, Callable[[], Any]]:
    """What every frame has, each made when it is asked for."""
    ticks, cells, channels = len(block.time), len(shape.cells), list(shape.channels)
    width = cells * len(channels)
    of_cell = np.repeat(np.arange(cells, dtype=np.int32), len(channels))
    of_channel = np.tile(np.arange(len(channels), dtype=np.int32), cells)
    measured = [shape.measured(channel) for channel in channels]

    def tick(values: Any) -> Callable[[], Any]:
        return lambda: np.repeat(values, width)

    def words(of: Sequence[str], at: Array) -> Callable[[], Any]:
        return lambda: _words(of, np.tile(at, ticks))

    def told(key: str, otherwise: Any, dtype: type) -> Array:
        return np.array([data.get(key, otherwise) for data in block.data], dtype)

    return {
        "number": tick(block.number),
        "time": tick((np.round(block.time * 1e6)).astype("datetime64[us]")),
        "index": tick(block.index),
        "elapsed": tick(told("elapsed", np.nan, np.float64)),
        "cell": words(shape.cells, of_cell),
        "label": words(shape.labels, of_cell),
        "pool": lambda: np.tile(np.array(shape.pool, np.int64)[of_cell], ticks),
        "channel": words(channels, of_channel),
        "unit": words(list(shape.channels.values()), of_channel),
        "loop": words([shape.owner(channel) for channel in channels], of_channel),
        "sensor": words(measured, of_channel),
        "sensor_unit": words([shape.sensors.get(sensor, "") for sensor in measured], of_channel),
        "requested_mode": lambda: _categorical(np.repeat(told("mode", -1, np.int8), width), CODES["mode"]),
        "permitted": tick(told("permitted", False, np.bool_)),
    }


def _words(words: Sequence[str], at: Array) -> Any:
    """Words by their place in a list that may hold some of them twice."""
    place = {word: number for number, word in enumerate(dict.fromkeys(words))}
    return _categorical(np.array([place[word] for word in words], np.int32)[at], list(place))


def _categorical(codes: Array, words: Sequence[str]) -> Any:
    make: Any = pd.Categorical.from_codes
    return make(codes, list(words))


def _join(pieces: Sequence[dict[str, Any]]) -> pd.DataFrame:
    frames = [pd.DataFrame(piece, copy=False) for piece in pieces]
    if len(frames) == 1:
        return frames[0]
    for name in dict.fromkeys(chain.from_iterable(frames)):
        held = [frame[name] for frame in frames if name in frame]
        if all(isinstance(column.dtype, pd.CategoricalDtype) for column in held):
            every = list(dict.fromkeys(chain.from_iterable(column.cat.categories for column in held)))
            for frame in frames:
                if name in frame:
                    frame[name] = frame[name].cat.set_categories(every)
    return pd.concat(frames, ignore_index=True)
