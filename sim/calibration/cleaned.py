"""Rows made fit for the grid: cut to the span, checked, in order, each stamp once; each treatment counted.

What can't be told apart is refused with what the user can say. Called by grid.py; calls faults.
"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from controller.cells import Array, Bools, Ints
from sim.calibration.asked import Asked
from sim.calibration.faults import Faults
from sim.calibration.series import Treatment
from sim.calibration.stamps import EITHER, ONCE, SECOND
from sim.calibration.table import Rows

HOUR, DAY = 3600, 86_400
_EVEN = 0.8
"""Share of rows at the usual distance from which on a file is a regular series."""


def cleaned(rows: Rows, asked: Asked, faults: Faults) -> Rows:
    """Rows in order, each stamp once, none refused; raises ConfigError."""
    rows = _cut(rows, asked)
    if not len(rows.line):
        faults.refuse("no row lies in the span asked for: --from and --until leave nothing")
    _check_values(rows, asked, faults)
    _check_future(rows, asked, faults)
    faults.stop()
    return _once(_positive(_ordered(rows), asked), asked, faults)


def usual_step(rows: Rows) -> tuple[int, bool]:
    """Usual distance of rows in seconds, and whether most keep it: a series, not single events."""
    apart = np.diff(np.unique(rows.civil))
    if not len(apart):
        return DAY, True
    usual = int(np.median(apart))
    return usual, float((apart == usual).mean()) >= _EVEN


def _take(rows: Rows, which: Ints | Bools, *noted: Treatment) -> Rows:
    return replace(
        rows, civil=rows.civil[which], twice=rows.twice[which], value=rows.value[which], line=rows.line[which],
        treated=(*rows.treated, *noted),
    )  # fmt: skip


def _cut(rows: Rows, asked: Asked) -> Rows:
    """Rows of the days asked for."""
    ordinal = rows.civil // DAY
    first = asked.since.toordinal() if asked.since else 0
    last = asked.until.toordinal() if asked.until else 10**7
    keep = (ordinal >= first) & (ordinal <= last)
    left = int((~keep).sum())
    return (
        _take(rows, keep, Treatment("span", left, f"{left:,} rows outside the span asked for"))
        if left
        else rows
    )


def _check_values(rows: Rows, asked: Asked, faults: Faults) -> None:
    low = rows.value < 0
    if low.any() and asked.negative == "refuse":
        for line, value in zip(rows.line[low], rows.value[low], strict=True):
            text = (
                f"a count below zero, received {value:g}, allowed: zero or more; book refunds to the sale they belong "
                "to, or say --negative unknown"
            )
            faults.add("counts below zero", int(line), rows.unit, text)


def _check_future(rows: Rows, asked: Asked, faults: Faults) -> None:
    if asked.now is None:
        return
    if rows.zone:
        here = datetime.fromtimestamp(asked.now, ZoneInfo(rows.zone))
        now = here.toordinal() * DAY + here.hour * HOUR + here.minute * 60 + here.second
    else:  # some zone is up to 14 hours ahead of UTC
        now = date(1970, 1, 1).toordinal() * DAY + int(asked.now) + 14 * HOUR
    late = rows.civil > now
    if late.any():
        first = date.fromordinal(int(rows.civil[late].min()) // DAY)
        faults.add(
            "future", int(rows.line[late][0]), "",
            f"{int(late.sum()):,} rows lie in the future, the first on {first}: what has not happened can't be fitted, "
            f"allowed: --until {date.fromordinal(now // DAY) - timedelta(days=1)}",
        )  # fmt: skip


def _ordered(rows: Rows) -> Rows:
    back = (np.diff(rows.civil) < 0) & (rows.twice[1:] < SECOND)  # the clock itself goes back once a year
    order = np.argsort(rows.civil, kind="stable")
    if not back.any():
        return _take(rows, order)
    text = f"{int(back.sum()):,} rows stood before an earlier one; sorted by their stamps"
    return _take(rows, order, Treatment("order", int(back.sum()), text))


def _positive(rows: Rows, asked: Asked) -> Rows:
    low = rows.value < 0
    if asked.negative == "refuse" or not low.any():
        return rows
    noted = Treatment("negative", int(low.sum()), f"{int(low.sum()):,} counts below zero taken as unknown")
    return replace(rows, value=np.where(low, np.nan, rows.value), treated=(*rows.treated, noted))


def _once(rows: Rows, asked: Asked, faults: Faults) -> Rows:
    """Each stamp once, but for the hours that the clock shows twice."""
    key = rows.civil * 4 + np.where(rows.twice == EITHER, ONCE, rows.twice)
    _, first, place, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    clock = (rows.twice == EITHER) & (times[place] == 2)
    double = (times[place] > 1) & ~clock
    if not double.any():
        return rows
    extra = int(double.sum() - len(np.unique(key[double])))
    if asked.duplicates == "sum":
        value = np.where(double, np.bincount(place, weights=np.nan_to_num(rows.value))[place], rows.value)
        noted = Treatment("duplicates", extra, f"{extra:,} rows of stamps already there added up")
    elif asked.duplicates == "last":
        last = np.zeros(len(times), np.int64)
        last[place] = np.arange(len(place))
        value = np.where(double, rows.value[last[place]], rows.value)
        noted = Treatment("duplicates", extra, f"{extra:,} rows of stamps already there: the last one holds")
    else:
        value = rows.value
        _check_double(rows, double, first[place], faults)
        noted = Treatment(
            "duplicates", extra, f"{extra:,} rows that repeat an earlier one exactly, counted once"
        )
    keep = clock | (np.arange(len(place)) == first[place])
    return _take(replace(rows, value=value), keep, noted)


def _check_double(rows: Rows, double: Bools, first: Ints, faults: Faults) -> None:
    """Refuse stamps that are there twice with different counts, and single events of one stamp."""
    _, even = usual_step(rows)
    events = not even and bool((rows.civil % HOUR).any())
    bad = double & (first != np.arange(len(first))) & (events | ~_same(rows.value, rows.value[first]))
    for line, other in zip(rows.line[bad], rows.line[first[bad]], strict=True):
        text = (
            f"the stamp of line {other} again{'' if events else ' with another count'}, allowed: each stamp once; say "
            "--duplicates sum if the rows are events of their own or parts of one hour (stores, products), "
            "--duplicates last if later rows correct earlier ones"
        )
        faults.add("stamps that are there twice", int(line), "", text)
    faults.stop()


def _same(left: Array, right: Array) -> Bools:
    return np.asarray((left == right) | (np.isnan(left) & np.isnan(right)))
