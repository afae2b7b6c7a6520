"""csv_file: numbers from a CSV file that something else writes, such as a nightly export.

The file has a header. `time_column` is the row's time; `time_marks` says whether that is the start or the end of
what the row covers. With a `window`, the row of the newest settled window is read and no other: a gap is missing
data, never zero and never the row before it. Without one, the newest row that has settled is read. Several cells
stand below each other (`cell_column`) or beside each other (`columns`: cell to column; without either, each cell
has a column of its own name).

An empty field is missing; a field that is no plain number is bad data. Two rows for one window are bad data,
unless `duplicates: last` says that a later row corrects an earlier one. A last line without its line break is
still being written and is left out. A wrong encoding, a missing column or a torn quote means that there is no
reading. Called by the loop; calls controller.io; never tries again and remembers nothing.

```yaml
sensors:
  units:
    kind: csv_file
    file: sales.csv
    time_column: hour
    cell_column: store
    value_column: units
    unit: units/h
    window: 1h
    settle: 30m
```
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

import numpy as np

from controller.cells import Cells
from controller.clock import DAY, day_start, period_of
from controller.errors import SensorError
from controller.io.files import read_limited
from controller.io.moments import TimeForm, moment_of
from controller.io.numbers import BadValue, finite
from controller.plan import Sensor
from controller.quantities import FileName, QuantityError, Range
from controller.sensors._rows import Row, reading_of
from controller.sensors._windows import settled
from controller.signals import Reading, Tick

_NEAR = 1e-3
"""Seconds by which a row's time may miss the window's edge."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: csv_file`."""

    file: FileName
    """The file, with a header line."""
    time_column: str = "time"
    """Column of the row's time."""
    time_form: TimeForm = "iso"
    """iso (2026-06-01T08:00, with offset or in `timezone`), seconds or milliseconds since 1970."""
    time_marks: Literal["start", "end"] = "start"
    """What a row's time is: the start of its window, as exports have it, or the end."""
    timezone: str | None = None
    """IANA zone of times that name no offset; None: the first cell's."""
    value_column: str | None = None
    """Column of the value; None: see `columns`."""
    cell_column: str | None = None
    """Column of the cell's name, where cells stand below each other; None: they stand side by side."""
    columns: dict[str, str] = field(default_factory=dict)
    """Cell -> column, where cells stand side by side; a cell that is not named has a column of its own name."""
    samples_column: str | None = None
    """Column of the count of events behind the value; None: not known."""
    duplicates: Literal["bad", "last"] = "bad"
    """Two rows for one window and cell: bad data, or the last one counts."""
    encoding: str = "utf-8-sig"
    """Encoding; the default takes UTF-8 with or without a byte-order mark."""
    delimiter: str = ","
    """What separates fields."""
    max_bytes: Annotated[int, Range(1, 1e9)] = 50_000_000
    """Largest file that is read; the whole file is read at each tick."""


class CsvFileSensor:
    """Reads one file a tick.

    Parameters
    ----------
    declared: unit, window and settle time.
    settings: the file and its columns.
    cells: by label.
    """

    def __init__(self, declared: Sensor, settings: Settings, cells: Cells) -> None:
        self.declared, self.settings, self.cells = declared, settings, cells
        self.path, self.zone = Path(settings.file.path), settings.timezone or cells.zone_of[0]
        self.columns = self._columns()
        if settings.cell_column and not settings.value_column:
            raise QuantityError("cell_column without value_column", settings.cell_column, "both, or neither")
        if declared.alive is not None:
            raise QuantityError("a file can't be asked whether its feed is up", declared.alive, "no `alive`")

    def read(self, tick: Tick) -> Reading:
        start, end = settled(self.declared, tick, self.cells)
        try:
            rows = list(self._newest(self._lines(), end))
        except (OSError, UnicodeError, LookupError, csv.Error) as fault:
            raise SensorError(f"{self.path}: {fault}") from None
        return reading_of(
            rows, self.cells, sensor=self.declared.kind, unit=self.declared.unit, span=(start, end)
        )

    # -- which rows -------------------------------------------------------------------------------------------------

    def _newest(self, lines: Iterator[Mapping[str, str]], end: float) -> Iterator[Row]:
        """The rows of the window that ends at `end`; without windows, of each cell the newest up to then."""
        found: dict[str | None, list[Row]] = {}
        for line in lines:
            at = self._time(line)
            if at > end + _NEAR or (self.declared.window and not self.declared.counter and at < end - _NEAR):
                continue
            for row in self._cells_of(line, at):
                held = found.setdefault(row.cell, [])
                newer = not held or at > held[-1].at + _NEAR
                same = not newer and at >= held[-1].at - _NEAR
                if newer or (same and self.settings.duplicates == "last"):
                    held[:] = [row]
                elif same:
                    held.append(row)
        for rows in found.values():
            yield from rows

    def _time(self, line: Mapping[str, str]) -> float:
        """The end of what a row covers; a time that can't be read spoils the file, since no one knows what it hides."""
        try:
            text = line[self.settings.time_column]
            at = moment_of(text, self.settings.time_form, self.zone)
        except BadValue as fault:
            raise csv.Error(f"column {self.settings.time_column!r}: {fault}") from None
        window = self.declared.window or 0.0
        if self.settings.time_marks == "end" or window < DAY:
            return at if self.settings.time_marks == "end" else at + window
        first = period_of(at, DAY, self.zone) + 1
        return day_start(first + round(window / DAY), self.zone)

    def _cells_of(self, line: Mapping[str, str], at: float) -> Iterator[Row]:
        column = self.settings.cell_column
        if column is not None:
            yield self._row(line[column], line, self.columns[None], at)
            return
        for cell, place in self.columns.items():
            yield self._row(cell, line, place, at)

    def _row(self, cell: str | None, line: Mapping[str, str], column: str, at: float) -> Row:
        text = (line[column] or "").strip()
        if not text:
            return Row(cell, np.nan, at, missing=True)
        samples = np.nan
        try:
            if self.settings.samples_column is not None:
                samples = finite(line[self.settings.samples_column] or "")
            return Row(cell, finite(text), at, samples)
        except BadValue as fault:
            return Row(cell, np.nan, at, samples, fault=str(fault))

    # -- the file ---------------------------------------------------------------------------------------------------

    def _columns(self) -> dict[str | None, str]:
        """Column of the value by cell; under None where one column serves all, or the only cell."""
        settings, labels = self.settings, self.cells.label_of
        if settings.value_column is not None and (settings.cell_column or len(labels) == 1):
            return {None: settings.value_column}
        if settings.value_column is not None:
            raise QuantityError(
                f"{len(labels)} cells and a single value_column",
                settings.value_column,
                "a cell_column as well, or no value_column where each cell has a column",
            )
        return {label: settings.columns.get(label, label) for label in labels}

    def _lines(self) -> Iterator[Mapping[str, str]]:
        text = read_limited(self.path, self.settings.max_bytes).decode(self.settings.encoding)
        whole = text[: text.rfind("\n") + 1]
        reader = csv.DictReader(io.StringIO(whole), delimiter=self.settings.delimiter, strict=True)
        self._require(reader.fieldnames)
        for line in reader:
            if None in line or None in line.values():
                raise csv.Error(f"line {reader.line_num} has not as many fields as the header")
            yield line

    def _require(self, names: object) -> None:
        header = list(names) if isinstance(names, list | tuple) else []
        settings = self.settings
        more = (settings.time_column, settings.cell_column, settings.samples_column)
        for column in (*(each for each in more if each), *self.columns.values()):
            if column not in header:
                raise csv.Error(
                    f"no column {column!r}, received {', '.join(map(str, header))[:200] or 'no header'}"
                )
        if len(set(header)) < len(header):
            raise csv.Error(f"a column stands twice, received {', '.join(map(str, header))[:200]}")
