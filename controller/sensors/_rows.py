"""From what a source said, row by row, to a Reading over all cells.

Called by every sensor that reads rows; calls nothing. Three things are kept apart: a cell without a row is
missing, a row that can't be used is bad, and neither ever becomes a number. A value is finite exactly where its
quality is good or uncertain.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from controller.cells import Cells
from controller.errors import SensorError
from controller.signals import Quality, Reading, codes

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Row:
    """One cell's sample."""

    cell: str | None
    """Label of the cell; None: the only cell there is."""
    value: float
    """Finite, or anything where `fault` says why it can't be used."""
    at: float = np.nan
    """UTC seconds by the source's own clock; NaN: it does not say."""
    samples: float = np.nan
    fault: str = ""
    """Why the sample is bad."""
    missing: bool = False
    """The source has a row and says that there is no data behind it."""


class Notes:
    """What there is to say, shortened to the first few of a kind."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def add(self, text: str) -> None:
        """Remember one thing."""
        self.texts.append(text)

    def __str__(self) -> str:
        more = len(self.texts) - _SHOWN
        return "; ".join(self.texts[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")


def reading_of(
    rows: Iterable[Row],
    cells: Cells,
    *,
    sensor: str,
    unit: str,
    span: tuple[float, float],
    alive: bool | None = None,
    uncertain: bool = False,
    notes: Notes | None = None,
) -> Reading:
    """A Reading of shape (cells,); rows of cells that the campaign does not have are passed over.

    Raises SensorError where there are rows and none is of a cell that it has: an answer about something else must
    not pass for an empty one.

    >>> rows = [Row("a", 5.0, at=60.0), Row("b", np.nan, fault="null is not a number")]
    >>> reading = reading_of(rows, Cells(("a", "b", "c")), sensor="units", unit="units/h", span=(0.0, 60.0))
    >>> reading.value, reading.quality, reading.note
    (array([ 5., nan, nan]), array([0, 2, 3], dtype=int8), 'b: null is not a number')
    """
    notes, size = notes or Notes(), len(cells)
    value, at, samples = (np.full(size, np.nan) for _ in range(3))
    quality = codes(size, Quality.MISSING)
    place = {label: index for index, label in enumerate(cells.label_of)}
    seen = np.zeros(size, np.bool_)
    others: list[str] = []
    good = Quality.UNCERTAIN if uncertain else Quality.GOOD
    for row in rows:
        index = 0 if row.cell is None and size == 1 else place.get(row.cell or "")
        if index is None:
            others.append(str(row.cell))
            continue
        fault = "several values for one cell in one answer" if seen[index] else row.fault or _unusable(row)
        seen[index] = True
        at[index], samples[index] = row.at, row.samples
        if fault:
            value[index], quality[index] = np.nan, Quality.BAD
            notes.add(f"{cells.label_of[index]}: {fault}")
        elif not row.missing:
            value[index], quality[index] = row.value, good
    if others and not seen.any():
        raise SensorError(
            f"no row of a cell of the campaign, received {_few(others)}, expected {_few(cells.label_of)}"
        )
    return Reading(sensor, unit, value, *span, at, samples, quality, alive, str(notes))


def _few(names: Sequence[str]) -> str:
    return ", ".join(repr(name[:40]) for name in names[:_SHOWN]) + (" ..." if len(names) > _SHOWN else "")


def _unusable(row: Row) -> str:
    return "" if row.missing or np.isfinite(row.value) else f"{row.value} is not finite"
