"""One column in its shortest exact form: what repeats, what is one value, what fits a smaller integer.

Called by the codec for records too large to be written as they stand, and by the reader of whole journals. Every form
gives the same bits back, NaN payloads and the sign of zero included. Calls numpy only.
"""

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from controller.store.layouts import Layout


class Form(IntEnum):
    """How a column stands in a packed record."""

    RAW = 0
    ONE = 1
    """A single value, for all cells."""
    SAME = 2
    """As an earlier column, whose place (uint16) stands in the head."""
    INT8 = 3
    INT16 = 4
    INT32 = 5
    """Whole numbers that fit."""


WHOLE: dict[Form, np.dtype[Any]] = {
    Form.INT8: np.dtype("<i1"),
    Form.INT16: np.dtype("<i2"),
    Form.INT32: np.dtype("<i4"),
}


class Part(NamedTuple):
    """Where a column stands in a packed body."""

    form: int
    start: int
    stop: int
    first: int
    """Place of the earlier column with the same content, for `SAME`."""


def pack(columns: list[NDArray[Any]]) -> bytes:
    """A head (a byte for each column's form, two for each `SAME`), then the columns in their forms."""
    forms, links, parts = bytearray(), bytearray(), []
    seen: dict[tuple[str, bytes], int] = {}
    for place, column in enumerate(columns):
        raw = column.tobytes()
        first = seen.setdefault((column.dtype.str, raw), place)
        if first < place and column.shape == columns[first].shape and first < 65_536:
            forms.append(Form.SAME)
            links += first.to_bytes(2, "little")
        else:
            form, part = _shortest(column, raw)
            forms.append(form)
            parts.append(part)
    return b"".join((forms, links, *parts))


def head_of(layout: Layout, body: memoryview | bytes) -> bytes:
    """The head of a packed body: bodies with one head have their columns in the same places."""
    forms = bytes(body[: len(layout.names)])
    return bytes(body[: len(forms) + 2 * forms.count(Form.SAME)])


def parts_of(layout: Layout, head: bytes) -> list[Part]:
    """Where each column stands in the bodies with this head; raises ValueError for a form that there is not."""
    at, links, parts = len(head), len(layout.names), list[Part]()
    for form, dtype, size in zip(head, layout.dtypes, layout.sizes, strict=False):
        if form == Form.SAME:
            parts.append(Part(form, at, at, int.from_bytes(head[links : links + 2], "little")))
            links += 2
        else:
            length = (
                dtype.itemsize if form == Form.ONE else size // dtype.itemsize * stored(form, dtype).itemsize
            )
            parts.append(Part(form, at, at + length, -1))
            at += length
    return parts


def unpack(layout: Layout, body: memoryview) -> list[NDArray[Any]]:
    """The columns of a packed record; raises ValueError where the body is not what the layout says."""
    parts = parts_of(layout, head_of(layout, body))
    if len(parts) != len(layout.names) or (parts and parts[-1].stop != len(body)):
        raise ValueError(f"{len(body)} bytes of columns are not what the layout says")
    columns = list[NDArray[Any]]()
    for part, dtype, shape in zip(parts, layout.dtypes, layout.shapes, strict=True):
        if part.form == Form.SAME:
            columns.append(columns[part.first].copy())
            continue
        values = np.frombuffer(body[part.start : part.stop], stored(part.form, dtype))
        columns.append(
            np.full(shape, values[0], dtype) if part.form == Form.ONE else values.astype(dtype).reshape(shape)
        )
    return columns


def stored(form: int, dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The dtype in which a form writes a column."""
    return WHOLE.get(Form(form), dtype)


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
