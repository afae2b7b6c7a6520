"""One tick as the page draws it: a small JSON object; what is not known is null, never zero.

Called by the feed; pure. Of many cells it gives the median, and says how many are held or at their safe value; money
is the sum over all cells. `thinned` picks the points of a long history: the older, the fewer.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.ports import Record
from controller.signals import Latch, Mode, Reason

Point = dict[str, Any]
Columns = Mapping[str, NDArray[Any]]


def point_of(record: Record, about: Mapping[str, Any], cell: int | None = None) -> Point:
    """The point of a `tick` record; `about` is what the journal says of the campaign, `cell` an index, None: all."""
    rows = slice(None) if cell is None else slice(cell, cell + 1)
    columns = {name: column[rows] for name, column in record.columns.items()}
    return {
        "id": record.number,
        "time": record.time,
        "mode": Mode(int(record.data["mode"])).name.lower(),
        "gate": "" if record.data["permitted"] else record.data["gate"],
        "loops": {name: _loop(columns, name, said["measure"]) for name, said in about["loops"].items()},
        "outputs": {name: _output(columns, name) for name in about["channels"]},
        "budgets": {name: _money(record.columns, said) for name, said in about["budgets"].items()},
    }


def _loop(columns: Columns, name: str, sensor: str) -> Point:
    value, setpoint = columns[f"signal.{sensor}.value"], columns[f"setpoint.{name}"]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(setpoint != 0, value / setpoint, np.nan)
    latch, good_at = columns[f"signal.{sensor}.latch"], columns[f"signal.{sensor}.good_at"]
    known = good_at[np.isfinite(good_at)]
    return {
        "value": _middle(value),
        "setpoint": _middle(setpoint),
        "share": _middle(share),
        "good_at": float(known.min()) if known.size else None,
        "state": Latch(int(latch.max())).name.lower(),
        "lost": int((latch != Latch.LIVE).sum()),
    }


def _output(columns: Columns, name: str) -> Point:
    return {
        "applied": _middle(columns[f"applied.{name}"]),
        "advice": _middle(columns[f"requested.{name}"]),
        "low": _middle(columns[f"limit.{name}.low"]),
        "high": _middle(columns[f"limit.{name}.high"]),
        "mode": Mode(_most(columns[f"mode.{name}"])).name.lower(),
        "reason": Reason(_most(columns[f"reason.{name}"])).name.lower(),
        "known": bool(columns[f"known.{name}"].all()),
    }


def _money(columns: Columns, said: Mapping[str, Any]) -> Point:
    return {what: _sum(columns.get(f"signal.{said[what]}.value")) for what in ("paid", "owed")}


def _middle(values: NDArray[Any]) -> float | None:
    if len(values) == 1:
        return _plain(float(values[0]))
    known = values[np.isfinite(values)]
    return _plain(float(np.median(known))) if known.size else None


def _sum(values: NDArray[Any] | None) -> float | None:
    if values is None:
        return None
    known = values[np.isfinite(values)]
    return _plain(float(known.sum())) if known.size else None


def _most(codes: NDArray[Any]) -> int:
    """The most frequent code."""
    if len(codes) == 1:
        return int(codes[0])
    found, counts = np.unique(codes, return_counts=True)
    return int(found[np.argmax(counts)])


def _plain(value: float) -> float | None:
    """Nine significant digits: all that a chart can show, and cents of a budget of millions."""
    return float(f"{value:.9g}") if math.isfinite(value) else None


def thinned(points: Sequence[Point], most: int) -> list[Point]:
    """About `most` points, the newest in full and older ones ever farther apart: fit for a view of any length.

    >>> [point["id"] for point in thinned([{"id": n} for n in range(100)], 12)]
    [0, 28, 48, 63, 74, 81, 87, 91, 94, 96, 97, 98, 99]
    """
    if len(points) <= most:
        return list(points)
    keeper = Keeper(points[0]["id"], points[-1]["id"], most)
    return [point for point in points if keeper.wants(point["id"])]


class Keeper:
    """Picks which numbers, rising, become points, so that about `most` cover all from `first` to `newest`.

    Neighbours of age a (counted in records) stand max(1, a / fine) apart, which makes fine (1 + ln(span / fine)) of
    them. The newest is always among them.
    """

    def __init__(self, first: int, newest: int, most: int) -> None:
        self.newest, self.last = newest, -math.inf
        span = max(newest - first + 1, 1)
        self.fine = max(most / 4, 1.0)
        for _ in range(8):
            self.fine = max(most / (1.0 + math.log(max(span / self.fine, 1.0))), 1.0)

    def wants(self, number: int) -> bool:
        """Whether this one becomes a point; numbers must rise from call to call."""
        if number - self.last < (self.newest - number) / self.fine:
            return False
        self.last = number
        return True
