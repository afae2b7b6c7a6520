"""Records as rows: columns in one versioned binary blob with a checksum, small JSON beside it.

    body   = version (1 byte) + flags (1) + CRC-32 (4, little endian) + columns
    CRC-32 over number, tick index, time, kind, layout, flags, columns and JSON, so that no part can be exchanged
    columns: as they stand, in the layout's order, little endian; `PACKED`: in shortest form; `DEFLATED`: by zlib
    data   = JSON text; deflated against the layout's specimen where that pays

Called by the stores, and by the simulator's reader, which decodes many rows at once. The round trip is exact, NaN
included. Unknown versions and bad checksums are StoreBroken, with the record's number.
"""

import json
import math
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.errors import StoreBroken
from controller.ports import Record
from controller.store.layouts import Layout, Layouts
from controller.store.packing import pack, unpack

VERSION = 1
PACKED, DEFLATED = 1, 2
HEAD = struct.Struct("<BBI")
_PLACE = struct.Struct("<qqdIB")
PLAIN_JSON = 256
"""Bytes of JSON up to which it stays text that any SQLite shell can read."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record as a store keeps it."""

    number: int
    kind: str
    index: int
    time: float
    layout: int
    data: str | bytes
    body: bytes


class Codec:
    """Turns records into rows and back.

    >>> codec = Codec(Layouts())
    >>> row = codec.encode(Record("tick", 7, 420.0, {"applied.win_rate": np.array([0.03, np.nan])}, {"mode": 4}), 0)
    >>> codec.decode(row).columns["applied.win_rate"], codec.decode(row).data, len(row.body)
    (array([0.03,  nan]), {'mode': 4}, 22)
    """

    def __init__(self, layouts: Layouts) -> None:
        self.layouts = layouts

    def encode(self, record: Record, number: int) -> Row:
        """The row of a record; raises ValueError for what the journal can't keep (a NaN in JSON, a text column)."""
        if not math.isfinite(record.time):
            raise ValueError(
                f"a {record.kind} record has the time {record.time}; allowed are UTC seconds since 1970"
            )
        columns = {name: _plain(column) for name, column in record.columns.items()}
        text = to_json(record.data, f"data of a {record.kind} record")
        layout = self.layouts.of(record.kind, columns, text)
        data = _deflate_text(text, layout.specimen)
        flags, payload = _payload(list(columns.values()), layout)
        place = _PLACE.pack(number, record.index, record.time, layout.id, flags)
        crc = _checksum(place, record.kind, payload, data)
        body = HEAD.pack(VERSION, flags, crc) + payload
        return Row(number, record.kind, record.index, record.time, layout.id, data, body)

    def decode(self, row: Row) -> Record:
        """The record of a row; raises StoreBroken."""
        columns = self.columns(row)
        return Record(row.kind, row.index, row.time, columns, self.data(row), row.number)

    def columns(self, row: Row) -> dict[str, NDArray[Any]]:
        """The columns of a row, checked; fresh arrays that the caller owns."""
        layout = self.layouts.get(row.layout)
        payload = open_body(row)
        try:
            arrays = unpack(layout, payload) if row.body[1] & PACKED else _split(layout, payload)
        except (ValueError, IndexError) as fault:
            raise broken(row, str(fault)) from fault
        return dict(zip(layout.names, arrays, strict=True))

    def data(self, row: Row) -> dict[str, Any]:
        """The JSON of a row."""
        try:
            text = row.data
            if isinstance(text, bytes):
                text = _inflate_text(text, self.layouts.get(row.layout).specimen)
            data: dict[str, Any] = json.loads(text)
        except (zlib.error, ValueError) as fault:
            raise broken(row, f"its JSON is unreadable ({fault})") from fault
        return data


def open_body(row: Row) -> memoryview:
    """The columns' bytes of a row, after its version and checksum are found right; raises StoreBroken."""
    if len(row.body) < HEAD.size:
        raise broken(row, f"its body has {len(row.body)} bytes")
    version, flags, crc = HEAD.unpack_from(row.body)
    if version != VERSION:
        raise broken(
            row, f"it is written in version {version} of the codec; this program reads version {VERSION}"
        )
    payload = memoryview(row.body)[HEAD.size :]
    place = _PLACE.pack(row.number, row.index, row.time, row.layout, flags)
    if _checksum(place, row.kind, payload, row.data) != crc:
        raise broken(row, "its checksum is wrong")
    return memoryview(zlib.decompress(payload)) if flags & DEFLATED else payload


def broken(row: Row, why: str) -> StoreBroken:
    """The error for a row that can't be read."""
    return StoreBroken(
        f"record {row.number} ({row.kind}) of the journal can't be read: {why}; restore a backup"
    )


def to_json(data: Mapping[str, Any], what: str) -> bytes:
    """Strict JSON in UTF-8; raises ValueError that says which entry is not JSON (NaN, infinity, an object).

    >>> to_json({"a": [1, float("nan")]}, "data of a tick record")
    Traceback (most recent call last):
    ...
    ValueError: data of a tick record can't be kept as JSON: a.1 is nan; allowed are finite numbers, texts, ...
    """
    try:
        text = json.dumps(
            data, allow_nan=False, ensure_ascii=False, separators=(",", ":"), default=_plain_number
        )
    except (ValueError, TypeError) as fault:
        allowed = "finite numbers, texts, true, false, null, lists and mappings"
        raise ValueError(
            f"{what} can't be kept as JSON: {_culprit(data) or fault}; allowed are {allowed}"
        ) from fault
    return text.encode()


def _plain_number(value: object) -> object:
    if isinstance(value, np.bool_ | np.integer):
        return value.item()
    raise TypeError(f"{value!r}")


def _culprit(data: Any, path: str = "") -> str:
    if isinstance(data, Mapping | list | tuple):
        items = data.items() if isinstance(data, Mapping) else enumerate(data)
        inside = (_culprit(value, f"{path}.{key}" if path else str(key)) for key, value in items)
        return next(filter(None, inside), "")
    good = data is None or isinstance(data, str | bool | int | np.bool_ | np.integer)
    return "" if good or (isinstance(data, float) and np.isfinite(data)) else f"{path} is {data!r}"


def _plain(column: NDArray[Any]) -> NDArray[Any]:
    array = np.asarray(column)
    return array.astype(array.dtype.newbyteorder("<")) if array.dtype.byteorder == ">" else array


def _payload(columns: list[NDArray[Any]], layout: Layout) -> tuple[int, bytes]:
    if not layout.packed:
        return 0, b"".join([column.tobytes() for column in columns])
    return PACKED, pack(columns)


def _split(layout: Layout, payload: memoryview) -> list[NDArray[Any]]:
    if len(payload) != sum(layout.sizes):
        raise ValueError(f"{len(payload)} bytes of columns where {sum(layout.sizes)} were expected")
    at, columns = 0, []
    for dtype, shape, size in zip(layout.dtypes, layout.shapes, layout.sizes, strict=True):
        columns.append(np.frombuffer(payload[at : at + size], dtype).reshape(shape).copy())
        at += size
    return columns


def _checksum(place: bytes, kind: str, payload: bytes | memoryview, data: str | bytes) -> int:
    tail = data.encode() if isinstance(data, str) else data
    return zlib.crc32(tail, zlib.crc32(payload, zlib.crc32(kind.encode(), zlib.crc32(place))))


def _deflate_text(text: bytes, specimen: bytes) -> str | bytes:
    if len(text) <= PLAIN_JSON:
        return text.decode()
    press = (
        zlib.compressobj(6, zlib.DEFLATED, -15, zdict=specimen)
        if specimen
        else zlib.compressobj(6, wbits=-15)
    )
    return press.compress(text) + press.flush()


def _inflate_text(data: bytes, specimen: bytes) -> str:
    opened = zlib.decompressobj(-15, zdict=specimen) if specimen else zlib.decompressobj(-15)
    return (opened.decompress(data) + opened.flush()).decode()
