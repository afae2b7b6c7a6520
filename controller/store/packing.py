"""One column in its shortest exact form: what repeats, what is one value, what fits a smaller integer.

Called by the codec for records too large to be written as they stand. Every form gives the same bits back, NaN payloads
and the sign of zero included. Calls numpy only.
"""

from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.store.layouts import Layout


class Form(IntEnum):
    """How a column stands in a packed record."""

    RAW = 0
    ONE = 1
    """A single value, for all cells."""
    SAME = 2
    """As an earlier column, whose place stands here (uint16)."""
    INT8 = 3
    INT16 = 4
    INT32 = 5
    """Whole numbers that fit."""


WHOLE: dict[Form, np.dtype[Any]] = {
    Form.INT8: np.dtype("<i1"),
    Form.INT16: np.dtype("<i2"),
    Form.INT32: np.dtype("<i4"),
}


def pack(columns: list[NDArray[Any]]) -> bytes:
    """A byte for the form of each column, then the columns in their forms."""
    forms, parts = bytearray(), []
    seen: dict[tuple[str, bytes], int] = {}
    for place, column in enumerate(columns):
        raw = column.tobytes()
        first = seen.setdefault((column.dtype.str, raw), place)
        if first < place and column.shape == columns[first].shape and first < 65_536:
            form, part = Form.SAME, first.to_bytes(2, "little")
        else:
            form, part = _shortest(column, raw)
        forms.append(form)
        parts.append(part)
    return b"".join((bytes(forms), *parts))


def unpack(layout: Layout, body: memoryview) -> list[NDArray[Any]]:
    """The columns of a packed record; raises ValueError where the body is not what the layout says."""
    count = len(layout.names)
    at, columns = count, list[NDArray[Any]]()
    for form, dtype, shape, size in zip(
        body[:count], layout.dtypes, layout.shapes, layout.sizes, strict=True
    ):
        length = _length(form, dtype, size)
        columns.append(_column(form, body[at : at + length], dtype, shape, columns))
        at += length
    if at != len(body):
        raise ValueError(f"{len(body)} bytes of columns where {at} were expected")
    return columns


def _shortest(column: NDArray[Any], raw: bytes) -> tuple[Form, bytes]:
    item = column.dtype.itemsize
    if column.size > 1 and raw == raw[:item] * column.size:
        return Form.ONE, raw[:item]
    if item == 8 and column.dtype.kind in "if" and column.size:
        return _narrow(column, raw)
    return Form.RAW, raw


def _narrow(column: NDArray[Any], raw: bytes) -> tuple[Form, bytes]:
    low, high = column.min(), column.max()
    for form, dtype in WHOLE.items():
        limits = np.iinfo(dtype)
        if low >= limits.min and high <= limits.max:  # never so where there is a NaN
            small = column.astype(dtype)
            if small.astype(column.dtype).tobytes() == raw:
                return form, small.tobytes()
            break
    return Form.RAW, raw


def _length(form: int, dtype: np.dtype[Any], size: int) -> int:
    if form == Form.ONE:
        return dtype.itemsize
    if form == Form.SAME:
        return 2
    return size // dtype.itemsize * _stored(form, dtype).itemsize


def _column(
    form: int, part: memoryview, dtype: np.dtype[Any], shape: tuple[int, ...], earlier: list[NDArray[Any]]
) -> NDArray[Any]:
    if form == Form.SAME:
        return earlier[int.from_bytes(part, "little")].copy()
    if form == Form.ONE:
        return np.full(shape, np.frombuffer(part, dtype)[0], dtype)
    stored: np.dtype[Any] = _stored(form, dtype)
    return np.frombuffer(part, stored).astype(dtype).reshape(shape)


def _stored(form: int, dtype: np.dtype[Any]) -> np.dtype[Any]:
    return WHOLE.get(Form(form), dtype)
