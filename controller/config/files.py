"""Files beside the config: the shape of a week, the list of cells.

Called by load.py once the campaign's own file is read; reads only what the config names.
"""

import csv
import dataclasses
import math
import os
from collections.abc import Sequence

from controller.config.document import Fault
from controller.config.parse import Draft
from controller.plan import Cells, LoopPlan, Shape
from controller.quantities import FileName
from controller.quantities.units import plain

HOURS = 168
_MEAN = 0.01
"""How far the mean of a shape may lie from 1 through rounding; it is then scaled to 1 exactly."""


_ROUNDING = 1e-12
"""A mean this near to 1 is taken as 1, so that reading what was written changes no bit."""


class Unusable(Exception):
    """A file that can't be used, and why."""


def complete(draft: Draft, folder: str | None) -> None:
    """Put what the named files hold into the draft's plan; faults go to the draft."""
    plan = draft.plan
    cells = _cells(draft, plan.cells, folder) if "cells" not in draft.broken else plan.cells
    loops = {name: _shaped(draft, name, loop, folder) for name, loop in plan.loops.items()}
    draft.plan = dataclasses.replace(plan, cells=cells, loops=loops)


def _shaped(draft: Draft, name: str, loop: LoopPlan, folder: str | None) -> LoopPlan:
    shape, path = loop.target.shape, ("loops", name, "target", "shape")
    if shape is None or shape.learned:
        return loop
    try:
        weights = scaled(shape.weights or week_of(_rows(shape.file, folder)))
    except Unusable as fault:
        draft.faults.append(Fault(path, str(fault)))
        return loop
    target = dataclasses.replace(loop.target, shape=Shape(shape.file, weights))
    return dataclasses.replace(loop, target=target)


def _cells(draft: Draft, cells: Cells, folder: str | None) -> Cells:
    if cells.from_ is None or not cells.from_.endswith(".csv") or cells.names:
        return cells
    try:
        rows = _rows(cells.from_, folder)
        names, zones = cells_of(rows)
    except Unusable as fault:
        draft.faults.append(Fault(("cells", "from"), str(fault)))
        return cells
    return dataclasses.replace(cells, names=names, timezones={**zones, **cells.timezones})


def _rows(name: str, folder: str | None) -> list[list[str]]:
    """The rows of a CSV file, without empty ones; raises Unusable."""
    if folder is None and not os.path.isabs(name):  # noqa: PTH117 (a text, not a path of ours)
        raise Unusable(
            f"a text has no folder to find a file in, received {name!r}, allowed: an absolute path"
        )
    place = FileName(name, folder or "").path
    try:
        with open(place, encoding="utf-8-sig", newline="") as file:  # noqa: PTH123
            rows = [[field.strip() for field in row] for row in csv.reader(file)]
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        why = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise Unusable(f"can't read {place}: {why}") from fault
    return [row for row in rows if any(row)]


def week_of(rows: Sequence[Sequence[str]]) -> tuple[float, ...]:
    """168 weights from rows of `weight` or `hour,weight`, a heading allowed; raises Unusable.

    >>> week_of([["hour", "weight"]] + [[str(h), "1"] for h in range(168)]) == (1.0,) * 168
    True
    """
    body = rows[1:] if rows and not _is_number(rows[0][-1]) else rows
    bad = next(
        (index for index, row in enumerate(body) if len(row) > 2 or not all(map(_is_number, row))), None
    )
    if bad is not None:
        raise Unusable(f"not a week's shape: row {bad + 1} is {','.join(body[bad])!r}, allowed: hour,weight")
    if any(len(row) == 2 and float(row[0]) != hour for hour, row in enumerate(body)):
        raise Unusable("not a week's shape: its hours are not 0 to 167 in order, Monday 00:00 first")
    return tuple(float(row[-1]) for row in body)


def scaled(weights: Sequence[float]) -> tuple[float, ...]:
    """The weights with a mean of exactly 1; raises Unusable where they are no week's shape."""
    if len(weights) != HOURS:
        raise Unusable(
            f"not a week's shape, received {len(weights)} weights, allowed: {HOURS}, one an hour of the week"
        )
    low, mean = min(weights), math.fsum(weights) / HOURS
    if low < 0 or not math.isfinite(mean):
        raise Unusable(f"a weight is not below zero, received {plain(low)}")
    if abs(mean - 1) > _MEAN:
        raise Unusable(f"the weights of a shape have a mean of 1, received a mean of {mean:.4g}")
    return tuple(weights) if abs(mean - 1) < _ROUNDING else tuple(weight / mean for weight in weights)


def cells_of(rows: Sequence[Sequence[str]]) -> tuple[tuple[str, ...], dict[str, str]]:
    """Names and zones from rows with the columns `name` and, perhaps, `timezone`; raises Unusable.

    >>> cells_of([["name", "timezone"], ["s1", "Asia/Shanghai"], ["s2", ""]])
    (('s1', 's2'), {'s1': 'Asia/Shanghai'})
    """
    heading = list(rows[0]) if rows else []
    if "name" not in heading:
        raise Unusable(f"no column is called 'name', received {', '.join(heading) or 'nothing'}")
    at, zone = heading.index("name"), heading.index("timezone") if "timezone" in heading else None
    names = tuple(row[at] for row in rows[1:] if len(row) > at)
    zones = {row[at]: row[zone] for row in rows[1:] if zone is not None and len(row) > zone and row[zone]}
    if not names or "" in names:
        raise Unusable("a cell without a name, allowed: one name a row")
    return names, zones


def _is_number(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False
