"""Rows onto the civil grid: sums by hour or day, gaps, ends and closed days, each with its treatment counted.

Called by reading.py; calls cleaned.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np

from controller.cells import Array, Bools, Ints
from sim.calibration.asked import Asked
from sim.calibration.cleaned import DAY, HOUR, cleaned, usual_step
from sim.calibration.faults import Faults
from sim.calibration.series import Series, Treatment
from sim.calibration.stamps import EITHER, FIRST, SECOND
from sim.calibration.table import Rows

BUSY = 20.0
"""A weekday that sells this much and one day nothing was closed that day: counting alone gives no such day."""


def series_of(rows: Rows, asked: Asked, faults: Faults) -> Series:
    """The series of a file's rows; raises ConfigError."""
    rows = cleaned(rows, asked, faults)
    daily = _is_daily(rows, asked, faults)
    made = _days(rows, asked) if daily else _hours(rows, asked)
    if asked.unit_size != 1.0:
        text = f"one unit of the market is {asked.unit_size:g} {rows.unit}"
        noted = Treatment("unit", len(rows.line), text)
        made = replace(made, unit=f"{asked.unit_size:g} {rows.unit}", treated=(*made.treated, noted))
    return _closed(_without(made, asked))


def _is_daily(rows: Rows, asked: Asked, faults: Faults) -> bool:
    usual, _ = usual_step(rows)
    if usual > DAY:
        faults.refuse(f"rows are {usual / DAY:g} days apart, allowed: a row an hour or a day, or more often")
    if rows.dated and usual == DAY and asked.kind == "hourly":
        faults.refuse("--kind hourly: the rows are a day apart, allowed: --kind daily, or nothing")
    return asked.kind == "daily" or (rows.dated and usual == DAY)


def _hours(rows: Rows, asked: Asked) -> Series:
    """Sums by the hour; an hour that the clock shows twice holds the mean of its two."""
    first, last = int(rows.civil[0]) // DAY, int(rows.civil[-1]) // DAY
    hour, noted = rows.civil // HOUR - first * 24, list(rows.treated)
    count, size = np.bincount(hour, minlength=(last - first + 1) * 24), (last - first + 1) * 24
    total = np.bincount(
        hour, weights=rows.value, minlength=size
    )  # NaN spreads: a part unknown, the hour unknown
    halved = _halved(rows, hour, size)
    total, count = np.where(halved, total / 2.0, total), np.where(halved, count / 2.0, count)
    if halved.any():
        text = f"{int(halved.sum())} hours that the clock shows twice hold the mean of their two"
        noted.append(Treatment("clock", int(halved.sum()), text))
    whole = _rows_an_hour(rows)
    if whole > 1:
        noted.append(
            Treatment("summed", len(hour), f"{len(hour):,} rows, {whole} an hour, summed by the hour")
        )
    values = np.where(count > 0, total, np.nan)
    if whole > 1 and rows.gaps != "zero":
        values = np.where(count >= whole, values, np.nan)
    values = _filled(values, count > 0, rows, noted, "hours")
    made = Series(
        values=(values / asked.unit_size).reshape(-1, 24), closed=np.zeros(last - first + 1, np.bool_), first=first,
        unit=rows.unit, zone=rows.zone, rows=len(rows.line), treated=tuple(noted),
    )  # fmt: skip
    return _whole_ends(made, rows) if rows.gaps == "zero" else made


def _halved(rows: Rows, hour: Ints, size: int) -> Bools:
    """Hours that the clock shows twice and of which both are there."""
    first, second, either = (
        np.bincount(hour[rows.twice == each], minlength=size) for each in (FIRST, SECOND, EITHER)
    )
    stamps = np.unique(rows.civil[rows.twice == EITHER]) // HOUR - rows.civil[0] // DAY * 24
    both = either == 2 * np.bincount(stamps, minlength=size)
    return np.asarray(((first > 0) & (second > 0)) | ((either > 0) & both))


def _rows_an_hour(rows: Rows) -> int:
    """How many rows an hour has that is whole; 1 for hours and for single events."""
    step, even = usual_step(rows)
    return HOUR // step if even and step < HOUR and HOUR % step == 0 else 1


def _filled(values: Array, there: Bools, rows: Rows, noted: list[Treatment], what: str) -> Array:
    """Slots without a row, as was said: zero, or left unknown. A row without a number stays unknown in any case.

    there: slots that have a row; those before the first and after the last are the ends' affair.
    """
    inside = np.zeros(len(values), np.bool_)
    inside[np.flatnonzero(there)[0] : np.flatnonzero(there)[-1] + 1] = True
    if rows.gaps == "zero":
        missing = int((inside & ~there).sum())
        if missing:
            text = f"{missing:,} {what} without a row are zero: nothing was sold"
            noted.append(Treatment("gaps", missing, text))
        return np.where(there, values, 0.0)
    missing = int((inside & np.isnan(values)).sum())
    if missing:
        share = 100 * missing / int(inside.sum())
        text = f"{missing:,} {what} without a whole count ({share:.1f} %) are unknown and left out"
        if not (values == 0).any() and what == "hours" and share > 2:
            text += "; no count is zero, so they may be hours without a sale: if so, say --gaps zero"
        noted.append(Treatment("gaps", missing, text))
    return values


def _whole_ends(series: Series, rows: Rows) -> Series:
    """Without a first or last day that the file has only in part: its missing hours are not hours without a sale."""
    hour = rows.civil // HOUR % 24
    day = rows.civil // DAY - series.first
    first, last = np.full(series.days, 24), np.full(series.days, -1)
    np.minimum.at(first, day, hour)
    np.maximum.at(last, day, hour)
    inner = np.arange(series.days)[1:-1][last[1:-1] >= 0]
    if len(inner) < 7:
        return series
    late = first[0] > np.quantile(first[inner], 0.95) + 1
    early = last[-1] < np.quantile(last[inner], 0.05) - 1
    cut = series.between(int(late), series.days - int(early))
    if not (late or early):
        return series
    parts = [name for name, here in (("first", late), ("last", early)) if here]
    text = f"the {' and the '.join(parts)} day is there only in part and left out"
    return replace(cut, treated=(*cut.treated, Treatment("ends", len(parts), text)))


def _days(rows: Rows, asked: Asked) -> Series:
    """Sums by the day."""
    first, last = int(rows.civil[0]) // DAY, int(rows.civil[-1]) // DAY
    day, noted = rows.civil // DAY - first, list(rows.treated)
    size = last - first + 1
    count = np.bincount(day, minlength=size)
    values = np.where(count > 0, np.bincount(day, weights=rows.value, minlength=size), np.nan)
    if not rows.dated:
        noted.append(Treatment("summed", len(day), f"{len(day):,} rows summed by the day"))
        if rows.gaps != "zero":
            full = np.quantile(count[count > 0], 0.5)
            values = np.where(count >= full, values, np.nan)
    values = _filled(values, count > 0, rows, noted, "days")
    return Series(
        values=(values / asked.unit_size)[:, None], closed=np.zeros(size, np.bool_), first=first, unit=rows.unit,
        zone=rows.zone, rows=len(rows.line), treated=tuple(noted),
    )  # fmt: skip


def _without(series: Series, asked: Asked) -> Series:
    """Spans that are no ordinary days, left out as the user said."""
    place = series.first + np.arange(series.days)
    out = np.zeros(series.days, np.bool_)
    for start, end in asked.without:
        out |= (place >= start.toordinal()) & (place <= end.toordinal())
    if not out.any():
        return series
    text = f"days left out as asked: {spans(series.first, np.flatnonzero(out))}"
    noted = Treatment("without", int(out.sum()), text)
    return replace(
        series, values=np.where(out[:, None], np.nan, series.values), treated=(*series.treated, noted)
    )


def _closed(series: Series) -> Series:
    """Days on which nothing was sold though their weekday sells well: shut, and no part of any fit."""
    known = series.counted
    total = np.where(known, np.nan_to_num(series.values).sum(axis=1), np.nan)
    closed = np.zeros(series.days, np.bool_)
    for day in range(7):
        here = (series.weekday == day) & known
        if here.any() and float(np.median(total[here])) >= BUSY:
            closed |= here & (total == 0)
    if not closed.any():
        return series
    count = int(closed.sum())
    text = f"closed, nothing sold all day, left out: {spans(series.first, np.flatnonzero(closed))}"
    noted = Treatment("closed", count, text)
    return replace(series, closed=closed, treated=(*series.treated, noted))


def spans(first: int, days: Ints) -> str:
    """Days as dates, runs of them as spans.

    >>> spans(736330, np.array([0, 1, 2, 9]))
    '2017-01-01 to 2017-01-03, 2017-01-10'
    """
    return ", ".join(_runs(first, days))


def _runs(first: int, days: Ints) -> Iterator[str]:
    for run in np.split(days, np.flatnonzero(np.diff(days) > 1) + 1):
        start, end = (date.fromordinal(first + int(day)) for day in (run[0], run[-1]))
        yield f"{start}" if start == end else f"{start} to {end}"
