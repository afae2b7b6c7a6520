"""What a journal's columns are called in a DataFrame, and in which unit each of them is.

Called by sim/journal/journal.py; pure. docs/journal.md is the same table for people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.signals import Landing, Latch, Mode, Quality, Reason, Verdict

RENAMED = {"process": "process_value", "propose": "proposed", "readback": "read_back"}

CODES: Mapping[str, Sequence[str]] = {
    name: [code.name.lower() for code in codes]
    for name, codes in {
        "reason": Reason, "mode": Mode, "landing": Landing, "quality": Quality, "verdict": Verdict, "latch": Latch,
    }.items()
}  # fmt: skip
"""Columns of codes -> the words they stand for."""

_OF_OUTPUT = (
    "requested", "proposed", "decided", "applied", "read_back", "assumed", "low", "high", "residual", "term",
)  # fmt: skip
_OF_PROCESS = ("setpoint", "process_value")
_FIXED = {
    "number": "1", "time": "UTC", "index": "scan periods", "elapsed": "s", "cell": "", "label": "", "pool": "",
    "channel": "", "unit": "", "loop": "", "sensor": "", "sensor_unit": "", "requested_mode": "", "permitted": "",
    "business_date": "civil date", "usable": "", "known": "", "low_by": "", "high_by": "", "propensity": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shape:
    """What a life's columns are about."""

    cells: tuple[str, ...]
    labels: tuple[str, ...]
    pool: tuple[int, ...]
    channels: Mapping[str, str]
    """Name -> unit."""
    sensors: Mapping[str, str]
    loops: Mapping[str, tuple[str, tuple[str, ...]]]
    """Name -> the sensor it measures, the channels it moves."""

    def owner(self, channel: str) -> str:
        """The first loop that moves a channel; empty: none does."""
        return next((name for name, (_, channels) in self.loops.items() if channel in channels), "")

    def measured(self, channel: str) -> str:
        """The sensor that the channel's loop measures."""
        return self.loops[self.owner(channel)][0] if self.owner(channel) else ""


def shape_of(start: Mapping[str, Any], columns: Iterable[str], cells: int, units: Mapping[str, str]) -> Shape:
    """The shape told by a `start` row; what it does not tell is read off the columns' names."""
    names = list(columns)
    channels = start.get("channels") or {name: {} for name in _named(names, "applied")}
    sensors = start.get("sensors") or {
        name.removesuffix(".value"): {} for name in _named(names, "signal") if ".v" in name
    }
    loops = start.get("loops") or {
        name: {"measure": "", "channels": []} for name in _named(names, "setpoint")
    }
    keys = tuple(start.get("cells") or (str(number) for number in range(cells)))
    return Shape(
        keys,
        tuple(start.get("labels") or keys),
        tuple(start.get("pool") or (0,) * len(keys)),
        {name: about.get("unit", "") for name, about in channels.items()},
        {name: about.get("unit") or units.get(name, "") for name, about in sensors.items()},
        {name: (about["measure"], tuple(about["channels"])) for name, about in loops.items()},
    )


def places(name: str, shape: Shape) -> tuple[str, tuple[str, ...]]:
    """The DataFrame's column for a journal's column, and the channels whose rows it fills.

    >>> loops = {"sales": ("units", ("odds",))}
    >>> shape = Shape(("all",), ("all",), (0,), {"odds": "share"}, {"units": "units/h"}, loops)
    >>> places("limit.odds.low", shape), places("setpoint.sales", shape), places("term.sales.odds.p", shape)
    (('low', ('odds',)), ('setpoint', ('odds',)), ('term.p', ('odds',)))
    >>> places("signal.units.value", shape), places("setpoint.other", shape)
    (('signal.units.value', ('odds',)), ('setpoint.other', ('odds',)))
    """
    head, _, rest = name.partition(".")
    called = RENAMED.get(head, head)
    if rest in shape.channels:
        return called, (rest,)
    if rest in shape.loops and (mine := tuple(c for c in shape.channels if shape.owner(c) == rest)):
        return called, mine
    found = _split(head, rest, shape)
    if found is not None:
        return found
    return ("business_date" if name == "civil.business_date" else name), tuple(shape.channels)


def unit_of(column: str, shape: Shape) -> str:
    """The unit of a DataFrame's column; `see unit` or `see sensor_unit` where it differs by row, empty for words."""
    if column in _FIXED:
        return _FIXED[column]
    if column in _OF_PROCESS:
        return _common([shape.sensors.get(shape.measured(c), "") for c in shape.channels], "see sensor_unit")
    head, _, rest = column.partition(".")
    if head in ("signal", "reading"):
        sensor, _, what = rest.rpartition(".")
        return {
            "value": shape.sensors.get(sensor, ""),
            "good_at": "s",
            "sampled_at": "s",
            "samples": "1",
        }.get(what, "")
    if column in _OF_OUTPUT or head in _OF_OUTPUT:
        return _common(list(shape.channels.values()), "see unit")
    return ""


def codes_of(column: str) -> Sequence[str] | None:
    """The words of a column of codes; None for any other column."""
    return CODES.get(column.rpartition(".")[2])


def _split(head: str, rest: str, shape: Shape) -> tuple[str, tuple[str, ...]] | None:
    """`limit.C.low` -> low; `propose.L.C` -> proposed; `term.L.C.p` -> term.p, where L is the loop that owns C."""
    for channel in shape.channels:
        if head == "limit" and rest.startswith(f"{channel}."):
            return rest.removeprefix(f"{channel}."), (channel,)
        mine = f"{shape.owner(channel)}.{channel}"
        if rest == mine:
            return RENAMED.get(head, head), (channel,)
        if head == "term" and rest.startswith(f"{mine}."):
            return f"term.{rest.removeprefix(f'{mine}.')}", (channel,)
    return None


def _named(columns: Iterable[str], head: str) -> list[str]:
    return [name.removeprefix(f"{head}.") for name in columns if name.startswith(f"{head}.")]


def _common(units: Sequence[str], otherwise: str) -> str:
    return units[0] if len(set(units)) == 1 else otherwise
