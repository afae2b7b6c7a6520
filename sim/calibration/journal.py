"""A journal's sensor as rows: windows that do not overlap, summed over the cells, with what the levers did meanwhile.

The sensor's window says what can be told: one hour or less gives hours, a longer one days; a counter gives what it rose
by. Sales in a journal were measured while levers were turned, by a loop that answers to sales: neither the level nor
the mood is that of a market left alone, and the report says so. Called by reading.py; calls sim.read_journal.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from controller.cells import Array, Ints
from controller.errors import nearest
from controller.quantities.units import SPANS
from controller.signals import Reason
from controller.store.sqlite import SqliteStore
from sim.calibration.asked import Asked
from sim.calibration.faults import refuse
from sim.calibration.series import Treatment
from sim.calibration.stamps import ONCE, civil_of
from sim.calibration.table import Rows

if TYPE_CHECKING:
    import pandas as pd

HOUR, DAY = 3600.0, 86_400.0
MAGIC = b"SQLite format 3\x00"


@dataclass(frozen=True, slots=True)
class Moves:
    """What was done to one lever."""

    channel: str
    unit: str
    low: float
    high: float
    by_loop: int
    """Moves that were a policy's answer to what it saw."""
    by_people: int
    """Moves by an override or by hand."""
    drawn: int
    """Moves that a policy drew by chance with a known probability."""


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Windows that follow each other."""

    begins: Ints
    """UTC seconds."""
    count: Array
    length: float
    """Seconds."""


def is_journal(path: Path) -> bool:
    """Whether a file is an SQLite database, as journals are."""
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def rows_in(path: Path, asked: Asked) -> tuple[Rows, tuple[Moves, ...]]:
    """A sensor's rows and the levers' moves; raises ConfigError, and StoreError where the journal can't be read."""
    from sim.journal.journal import read_journal

    start = _start(path)
    sensor, about = _sensor(path, start, asked)
    frame = read_journal(
        path,
        columns=[
            f"signal.{sensor}.value",
            f"signal.{sensor}.good_at",
            "applied",
            "reason",
            "propensity",
            "unit",
        ],
    )
    if frame.empty or f"signal.{sensor}.value" not in frame:
        refuse(str(path), f"this journal has no reading of {sensor!r}")
    zone = asked.timezone or next(iter(start.get("zones", ())), "UTC")
    ends, value, cells = _windows(frame, sensor)
    made = _counter(ends, value) if about["counter"] else _sums(ends, value, about, zone)
    if not len(made.begins):
        refuse(str(path), f"no whole window of {sensor!r} lies in this journal")
    return _rows(made, zone, asked.unit or about["noun"], sensor, cells), _moves(frame)


def _start(path: Path) -> Mapping[str, Any]:
    """The last description of the campaign."""
    store = SqliteStore(path, readonly=True)
    try:
        found = [store.codec.data(row) for row in store.rows(0, ("start", "config"))]
    finally:
        store.close()
    described = [data for data in found if data.get("sensors")]
    if not described:
        refuse(str(path), "no run began in this journal: it has no row that describes a campaign")
    return described[-1]


def _sensor(path: Path, start: Mapping[str, Any], asked: Asked) -> tuple[str, dict[str, Any]]:
    """The sensor to read, and what is known of it."""
    sensors = start["sensors"]
    measured = [loop["measure"] for loop in start.get("loops", {}).values()]
    name = asked.value or (measured[0] if measured else None)
    if name is None or name not in sensors:
        refuse(str(path), f"--value must name a sensor, received {name!r}{nearest(str(name), sensors)}")
    written = json.loads(start.get("config") or "{}").get("sensors", {}).get(name, {})
    noun, _, per = str(sensors[name].get("unit", "")).partition("/")
    window = sensors[name].get("window")
    if per and per not in SPANS:
        refuse(str(path), f"{name} counts {noun} by {per}, allowed: a count, or a count by hour, day or week")
    counter = bool(written.get("counter"))
    if window is not None and DAY % window:
        refuse(str(path), f"{name} counts in windows of {window:g} s, allowed: windows that divide a day")
    if window is None and not per and not counter:
        refuse(
            str(path),
            f"{name} has no window: a level of {noun} is no count of sales; --value must name another",
        )
    return name, {"window": window, "per": SPANS.get(per), "counter": counter, "noun": noun, "name": name}


def _windows(frame: "pd.DataFrame", sensor: str) -> tuple[Array, Array, int]:
    """Ends of the windows, UTC seconds, and their values summed over the cells; the last word on a window holds."""
    good, value = f"signal.{sensor}.good_at", f"signal.{sensor}.value"
    table = frame[frame["channel"] == frame["channel"].iloc[0]][["cell", good, value]].dropna()
    table = table[np.isfinite(table[good])].drop_duplicates(["cell", good], keep="last")
    cells = int(table["cell"].nunique())
    summed = table.groupby(good, observed=True)[value].agg(["sum", "count"])
    summed = summed[summed["count"] == cells].sort_index()
    return summed.index.to_numpy(np.float64), summed["sum"].to_numpy(np.float64), cells


def _sums(ends: Array, value: Array, about: Mapping[str, Any], zone: str) -> Windows:
    """Windows that follow each other, from windows that overlap: those that begin with the zone's own day."""
    window = (
        about["window"] or HOUR
    )  # a rate without a window is a rate of now: its readings of an hour are averaged
    if about["window"] is None:
        hour = np.floor(ends / HOUR).astype(np.int64)
        hours, place = np.unique(hour, return_inverse=True)
        mean = np.bincount(place, weights=value) / np.bincount(place)
        return Windows(hours * int(HOUR), mean * HOUR / about["per"], HOUR)
    moments = np.round(ends).astype(np.int64)
    offset = civil_of(moments, zone)[0] - moments
    number = np.round((moments + offset) / window).astype(np.int64)
    grid = int(np.median(np.diff(moments))) if len(ends) > 1 else int(window)
    close = np.abs(moments + offset - number * window) <= max(grid / 2.0, 1.0)
    begins = ((number - 1) * window - offset).astype(np.int64)[close]
    begins, first = np.unique(begins, return_index=True)
    count = value[close][first] * (window / about["per"] if about["per"] else 1.0)
    return Windows(begins, count, window)


def _counter(ends: Array, value: Array) -> Windows:
    """What a counter rose by in each hour; a fall is a reset, and that hour unknown."""
    hour = np.floor(ends / HOUR + 1e-9).astype(np.int64)
    hours, first = np.unique(hour, return_index=True)
    rose, whole = np.diff(value[first]), np.diff(hours) == 1
    keep = whole & (rose >= 0)
    return Windows(hours[:-1][keep] * int(HOUR), rose[keep], HOUR)


def _rows(made: Windows, zone: str, unit: str, sensor: str, cells: int) -> Rows:
    civil, twice = civil_of(made.begins, zone)
    count, text = made.count, f"windows of {made.length / HOUR:g} h of {sensor!r}"
    text += f", summed over {cells} cells" if cells > 1 else ""
    if made.length > HOUR:
        civil, count = _days(civil, count, made.length)
        twice, text = np.full(len(civil), ONCE), text + ": days can be told from them, hours can't"
    return Rows(
        civil=civil, twice=twice, value=count, line=np.arange(1, len(civil) + 1), dated=made.length > HOUR,
        unit=unit, zone=zone, gaps=None, treated=(Treatment("windows", len(made.begins), text),),
    )  # fmt: skip


def _days(civil: Ints, count: Array, window: float) -> tuple[Ints, Array]:
    """Days all of whose windows are there, as civil seconds of their beginning, and their sums."""
    days, place = np.unique(civil // int(DAY), return_inverse=True)
    whole = np.bincount(place) == round(DAY / window)
    return days[whole] * int(DAY), np.bincount(place, weights=count)[whole]


def _moves(frame: "pd.DataFrame") -> tuple[Moves, ...]:
    found = []
    for channel, part in frame.groupby("channel", observed=True):
        table = part.sort_values(["cell", "number"])
        same = (table["cell"] == table["cell"].shift()).to_numpy()
        moved = same & (table["applied"].diff().abs() > 1e-12).to_numpy()
        reason = table["reason"].astype(str).to_numpy()
        people = moved & np.isin(reason, [Reason.OVERRIDE.name.lower(), Reason.MODE_MANUAL.name.lower()])
        drawn = np.zeros(len(moved), np.bool_)
        if "propensity" in table:
            drawn = moved & (table["propensity"].to_numpy(np.float64) < 1.0) & ~people
        values = table["applied"].dropna()
        low, high = float(values.min()), float(values.max())
        loop = int((moved & ~people & ~drawn).sum())
        found.append(
            Moves(
                str(channel), str(table["unit"].iloc[0]), low, high, loop, int(people.sum()), int(drawn.sum())
            )
        )
    return tuple(found)
