"""Layouts: what records of one kind have in common, kept once instead of in every record.

A layout is the names, dtypes and shapes of a record's columns, with a specimen of its JSON that later ones are
compressed against. Called by the codec and the stores; calls nothing and does no I/O: a store keeps the rows.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.errors import StoreBroken

DTYPES = ("<f8", "<i8", "|i1", "|b1", "<u8", "<f4", "<i4", "|u1")
"""What a column may be: float64, int64, int8 and bool for records; the rest for the saved state of parts."""
SMALL = 2048
"""Bytes of columns up to which a record is written as it stands: packing them would cost more than it saves."""
SPECIMEN = 16_384
"""Characters of JSON kept as a specimen; what lies beyond repeats too rarely to matter."""

Key = tuple[str, tuple[tuple[str, str, tuple[int, ...]], ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The columns of a kind of record.

    >>> layout = layout_of("tick", {"applied.win_rate": np.zeros(3), "mode.win_rate": np.zeros(3, np.int8)})
    >>> layout.names, layout.sizes, layout.packed
    (('applied.win_rate', 'mode.win_rate'), (24, 3), False)
    """

    id: int
    kind: str
    names: tuple[str, ...]
    dtypes: tuple[np.dtype[Any], ...]
    shapes: tuple[tuple[int, ...], ...]
    specimen: bytes = b""
    sizes: tuple[int, ...] = field(init=False)
    """Bytes of each column."""

    def __post_init__(self) -> None:
        columns = zip(self.dtypes, self.shapes, strict=True)
        object.__setattr__(
            self, "sizes", tuple(d.itemsize * int(np.prod(s, dtype=np.int64)) for d, s in columns)
        )

    @property
    def packed(self) -> bool:
        """True where each column is written in the shortest exact form; else all stand as they are."""
        return sum(self.sizes) > SMALL

    @property
    def key(self) -> Key:
        """What makes two records alike."""
        columns = zip(self.names, (d.str for d in self.dtypes), self.shapes, strict=True)
        return self.kind, tuple(columns)

    def to_json(self) -> str:
        """The columns as text, for the row that keeps this layout."""
        return json.dumps([[name, dtype, shape] for name, dtype, shape in self.key[1]], separators=(",", ":"))


def layout_from(id: int, kind: str, columns: str, specimen: bytes) -> Layout:  # noqa: A002
    """A layout from its row; raises StoreBroken where the row makes no sense."""
    try:
        rows = [(str(name), np.dtype(dtype), tuple(shape)) for name, dtype, shape in json.loads(columns)]
    except (ValueError, TypeError) as fault:
        raise StoreBroken(f"layout {id} of the journal is unreadable: {fault}") from fault
    names, dtypes, shapes = zip(*rows, strict=True) if rows else ((), (), ())
    return Layout(id, kind, names, dtypes, shapes, bytes(specimen))


def layout_of(kind: str, columns: Mapping[str, NDArray[Any]], id: int = -1, specimen: bytes = b"") -> Layout:  # noqa: A002
    """The layout that a record's columns have; raises ValueError for a dtype that is not kept."""
    for name, column in columns.items():
        if column.dtype.str not in DTYPES:
            allowed = ", ".join(np.dtype(code).name for code in DTYPES)
            raise ValueError(
                f"column {name!r} of a {kind} record has dtype {column.dtype}, the journal keeps {allowed}"
            )
    arrays = columns.values()
    return Layout(
        id, kind, tuple(columns), tuple(a.dtype for a in arrays), tuple(a.shape for a in arrays), specimen
    )


class Layouts:
    """The layouts of one store, each interned once.

    Parameters
    ----------
    fetch: reads a layout that this process has not met, written by another one; None: there are none.
    """

    def __init__(self, fetch: Callable[[int], Layout] | None = None) -> None:
        self._by_key: dict[Key, Layout] = {}
        self._by_id: dict[int, Layout] = {}
        self._fetch = fetch
        self.fresh: list[Layout] = []
        """Layouts met since the store last wrote them down."""

    def add(self, layout: Layout) -> None:
        """Take in a layout that the store already keeps."""
        self._by_key.setdefault(layout.key, layout)
        self._by_id[layout.id] = layout

    def of(self, kind: str, columns: Mapping[str, NDArray[Any]], text: bytes) -> Layout:
        """The layout of these columns; a new one takes `text` as its specimen and waits in `fresh`."""
        key = kind, tuple((name, a.dtype.str, a.shape) for name, a in columns.items())
        known = self._by_key.get(key)
        if known is None:
            known = layout_of(kind, columns, max(self._by_id, default=0) + 1, text[:SPECIMEN])
            self.add(known)
            self.fresh.append(known)
        return known

    def get(self, id: int) -> Layout:  # noqa: A002
        """The layout with this id; raises StoreBroken where there is none."""
        if id not in self._by_id:
            if self._fetch is None:
                raise StoreBroken(f"the journal has no layout {id}")
            self.add(self._fetch(id))
        return self._by_id[id]
