"""A CSV of stamps and counts: its columns found, every row read, every fault named with its line.

Called by reading.py; calls stamps, formats and faults. Gives rows as they stand; what a missing hour or a doubled one
means is decided in grid.py.
"""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from controller.cells import Array, Ints
from controller.errors import nearest
from sim.calibration.asked import Asked, Gaps
from sim.calibration.faults import Faults, refuse
from sim.calibration.formats import Format, format_of
from sim.calibration.series import Treatment
from sim.calibration.stamps import FORMS, parsed, placed

EMPTY = {"", "na", "n/a", "nan", "null", "none", "-", "--"}
"""What stands in a cell of which nobody knows the value."""
_TIMES = ("time", "timestamp", "datetime", "hour", "day", "date", "ts", "moment", "when", "period", "ds")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rows:
    """Rows in the order of the file; arrays of shape (rows,)."""

    civil: Ints
    """Civil seconds since ordinal 0."""
    twice: Ints
    """How often the zone's clock shows the hour; see stamps.py."""
    value: Array
    """NaN where the cell is empty."""
    line: Ints
    dated: bool
    """Whether the stamps are days without an hour."""
    unit: str
    zone: str
    gaps: Gaps | None
    treated: tuple[Treatment, ...]


def rows_of(path: Path, text: str, asked: Asked) -> Rows:
    """The rows of a CSV; raises ConfigError with every fault."""
    faults = Faults(str(path))
    reader = csv.reader(text.splitlines(), delimiter=_delimiter(text))
    columns = [name.strip() for name in next(reader, [])]
    _check_header(columns, faults)
    known = format_of(columns)
    time, value = _columns(columns, known, asked, faults)
    stamps, values, lines, blank = _cells(
        reader, (columns.index(time), columns.index(value)), len(columns), faults
    )
    faults.stop()
    if not stamps:
        refuse(str(path), "no rows: there is a line of names and nothing under it")
    numbers = np.array(lines, np.int64)
    zone = asked.timezone or (known.zone if known else None)
    found = np.array(values)
    where = placed(stamps, numbers, found > 0, asked, zone, faults, time)
    faults.stop()
    return Rows(
        civil=where.civil,
        twice=where.twice,
        value=found,
        line=numbers,
        dated=all(stamp.hour == stamp.minute == stamp.second == 0 for stamp in stamps),
        unit=asked.unit or value,
        zone=where.zone,
        gaps=asked.gaps or (known.gaps if known and value in known.counts else None),
        treated=(*where.treated, *_noted(found, blank)),
    )


def _noted(values: Array, blank: int) -> Iterator[Treatment]:
    unknown = int(np.isnan(values).sum())
    if unknown:
        yield Treatment("empty", unknown, f"{unknown:,} rows without a number are unknown, not zero")
    if blank:
        yield Treatment("blank", blank, f"{blank:,} blank lines passed over")


def _delimiter(text: str) -> str:
    """Comma, semicolon or tab, whichever the first line has most of."""
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _check_header(columns: Sequence[str], faults: Faults) -> None:
    if len(columns) < 2:
        faults.refuse(
            f"a table needs a column of stamps and one of counts, received {len(columns)} column: {columns[:1]}, "
            "allowed: columns parted by comma, semicolon or tab"
        )
    if any(parsed(name) is not None or _number(name) is not None for name in columns):
        faults.refuse(f"the first line must name the columns, received {', '.join(columns[:4])}")
    twice = sorted({name for name in columns if columns.count(name) > 1})
    if twice:
        faults.refuse(f"two columns are called {twice[0]!r}, allowed: each name once")
    if len(columns) == 2 and columns[0].lower() in ("trips", "purchases", "count"):
        faults.refuse(
            f"a table of persons by number of purchases ({', '.join(columns)}) is no series, allowed: --trips for it"
        )


def _columns(columns: Sequence[str], known: Format | None, asked: Asked, faults: Faults) -> tuple[str, str]:
    """Names of the time column and the value column."""
    for option, name in (("--time", asked.time), ("--value", asked.value)):
        if name is not None and name not in columns:
            faults.refuse(f"{option}: no column is called {name!r}{nearest(name, columns)}")
    time = asked.time or (known.time if known else None)
    if time is None:
        named = [name for name in columns if name.lower() in _TIMES]
        if len(named) != 1:
            faults.refuse(f"which column has the stamps? --time must name it; columns: {', '.join(columns)}")
        time = named[0]
    value = asked.value or (known.value if known else None)
    if value is None:
        rest = [name for name in columns if name != time]
        if len(rest) != 1:
            faults.refuse(f"which column has the counts? --value must name it; columns: {', '.join(rest)}")
        value = rest[0]
    if value == time:
        faults.refuse(f"stamps and counts can't be one column, received {value!r} for both")
    return time, value


def _cells(
    reader: "Iterator[list[str]]", at: tuple[int, int], width: int, faults: Faults
) -> tuple[list[datetime], list[float], list[int], int]:
    """Stamp, value and line of every row, and the number of blank lines."""
    stamps, values, lines, blank = list[datetime](), list[float](), list[int](), 0
    for line, row in enumerate(reader, start=2):
        if not any(cell.strip() for cell in row):
            blank += 1
            continue
        if len(row) != width:
            text = f"{len(row)} cells in this line where the first line has {width} names"
            faults.add("another number of cells", line, "", text)
            continue
        stamp, number = parsed(row[at[0]]), _value(row[at[1]])
        if stamp is None:
            text = f"not a stamp, received {row[at[0]]!r}, allowed: {FORMS}"
            faults.add("no stamp", line, "", text)
        elif number is None:
            text = f"not a number, received {row[at[1]]!r}, allowed: digits with a point, such as 1234.5; or nothing"
            faults.add("no number", line, "", text)
        else:
            stamps.append(stamp)
            values.append(number)
            lines.append(line)
    return stamps, values, lines, blank


def _value(text: str) -> float | None:
    """The number in a cell, NaN for an empty one, None for what is no number."""
    return math.nan if text.strip().lower() in EMPTY else _number(text)


def _number(text: str) -> float | None:
    """A finite number; None for anything else.

    >>> _number(" 12.5 "), _number("1,5"), _number("inf"), _number("1_000")
    (12.5, None, None, None)
    """
    if "_" in text:
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
