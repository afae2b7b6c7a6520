"""The journal as the page shows it: one small JSON point a tick, the campaign's names, and why the outputs moved.

Called by the page's app; reads the journal through a store of its own, read only, so that it works beside the daemon,
while a turn waits for a slow sensor, and after the daemon has gone. Writes nothing and reads no clock.
"""

import threading
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from controller.cells import Array
from controller.ports import Record, Store
from controller.signals import Latch, Mode
from controller.why import Names, Teller

KEPT = 4000
"""Points that a page can be given at once; older ones are thinned."""


class Feed:
    """Points of one journal, newest last; follows it as it grows.

    Parameters
    ----------
    store: opened read only.
    cell: name of the cell that is shown; None: all cells, as their median (sums of money as sums).
    """

    def __init__(self, store: Store, cell: str | None = None) -> None:
        self.store, self.cell = store, cell
        self.about: Mapping[str, Any] = {}
        self.points: deque[dict[str, Any]] = deque(maxlen=KEPT)
        self.moves: deque[dict[str, Any]] = deque(maxlen=50)
        self._teller: Teller | None = None
        self._next = 0
        self._mutex = threading.Lock()

    def follow(self) -> None:
        """Take in what the journal has got since; called before each answer."""
        with self._mutex:
            for record in self.store.records(self._next, ("start", "tick")):
                self._next = record.number + 1
                if record.kind == "start":
                    self._begin(record)
                elif self._teller is not None:
                    self._take(record)

    def after(self, number: int) -> list[dict[str, Any]]:
        """Points with a number above `number`."""
        return [point for point in self.points if point["id"] > number]

    def _begin(self, record: Record) -> None:
        self.about = record.data
        self._teller = Teller(Names.of(record.data), cell=self.cell)

    def _take(self, record: Record) -> None:
        assert self._teller is not None
        told = self._teller.tell(record)
        point = point_of(record, self.about, self._rows())
        point["why"] = {one.channel: one.sentence for one in told}
        self.points.append(point)
        for one in told:
            if one.moved:
                self.moves.append({"time": record.time, "channel": one.channel, "why": one.sentence})

    def _rows(self) -> slice | int:
        names = list(self.about["cells"])
        return names.index(self.cell) if self.cell in names else slice(None)


def point_of(record: Record, about: Mapping[str, Any], rows: slice | int = slice(None)) -> dict[str, Any]:
    """One tick as the page draws it; NaN becomes null."""
    columns = {name: np.atleast_1d(column[rows]) for name, column in record.columns.items()}
    loops = {name: _loop(columns, name, said) for name, said in about["loops"].items()}
    outputs = {name: _output(columns, name) for name in about["channels"]}
    budgets = {name: _money(columns, said) for name, said in about["budgets"].items()}
    return {
        "id": record.number,
        "time": record.time,
        "mode": Mode(int(record.data["mode"])).name.lower(),
        "gate": record.data["gate"] if not record.data["permitted"] else "",
        "loops": loops,
        "outputs": outputs,
        "budgets": budgets,
        "conditions": [list(condition) for condition in record.data["conditions"]],
        "said": list(record.data["said"]),
    }


def _loop(columns: Mapping[str, Array], name: str, said: Mapping[str, Any]) -> dict[str, Any]:
    sensor = said["measure"]
    value, setpoint = columns[f"signal.{sensor}.value"], columns[f"setpoint.{name}"]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(setpoint != 0, value / setpoint, np.nan)
    return {
        "value": _middle(value),
        "setpoint": _middle(setpoint),
        "share": _middle(share),
        "good_at": _middle(columns[f"signal.{sensor}.good_at"]),
        "state": Latch(int(columns[f"signal.{sensor}.latch"].max())).name.lower(),
    }


def _output(columns: Mapping[str, Array], name: str) -> dict[str, Any]:
    return {
        "applied": _middle(columns[f"applied.{name}"]),
        "advice": _middle(columns[f"requested.{name}"]),
        "low": _middle(columns[f"limit.{name}.low"]),
        "high": _middle(columns[f"limit.{name}.high"]),
        "mode": Mode(int(np.median(columns[f"mode.{name}"]))).name.lower(),
        "known": bool(columns[f"known.{name}"].all()),
    }


def _money(columns: Mapping[str, Array], said: Mapping[str, Any]) -> dict[str, Any]:
    return {what: _sum(columns.get(f"signal.{said[what]}.value")) for what in ("paid", "owed")}


def _middle(values: Array) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else None


def _sum(values: Array | None) -> float | None:
    if values is None:
        return None
    known = values[np.isfinite(values)]
    return float(known.sum()) if known.size else None


def thinned(points: list[dict[str, Any]], most: int) -> Iterator[dict[str, Any]]:
    """At most about `most` points, evenly picked, the newest always among them."""
    step = max(len(points) // max(most, 1), 1)
    return (point for n, point in enumerate(points) if (len(points) - 1 - n) % step == 0)
