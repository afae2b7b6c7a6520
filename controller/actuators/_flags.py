"""Orders as flags of a flagd document, and back.

Called by the file actuator; calls nothing. Format: https://flagd.dev/reference/flag-definitions. The order's own
data stand in the flag's metadata, whose values the format wants plain: numbers and texts.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from controller.actuators._orders import Standing
from controller.cells import Array, Cells
from controller.signals import Command, Epoch

NOW, FALLBACK, ELSEWHERE = "now", "fallback", "elsewhere"
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Order:
    """What the document holds of an order; values by the cell's label."""

    id: str
    channel: str
    epoch: Epoch
    issued_at: float
    lease_until: float | None
    value: Mapping[str, float]
    fallback: Mapping[str, float]
    suspended: tuple[str, ...]

    @classmethod
    def of(cls, command: Command, cells: Cells) -> "Order":
        """A command in the document's terms."""
        until = None if command.lease is None else command.issued_at + command.lease
        suspend = np.zeros(len(cells), np.bool_) if command.suspend is None else command.suspend
        stopped = tuple(label for label, stop in zip(cells.label_of, suspend, strict=True) if stop)
        value, fallback = _by_label(command.value, cells), _by_label(command.fallback, cells)
        return cls(
            command.id, command.channel, command.epoch, command.issued_at, until, value, fallback, stopped
        )

    def content(self) -> object:
        """All that it says, comparable."""
        return self.value, self.fallback, self.lease_until, self.suspended

    def standing(self) -> Standing:
        """As it is compared with a new one."""
        return Standing(self.id, self.epoch, self.content())


def flag_of(order: Order, cells: Cells, attribute: str, safe: float) -> Json:
    """The numeric flag: which variant holds depends on the time and, with several cells, on the client's cell."""
    in_time = (
        [{"<": [{"var": "$flagd.timestamp"}, order.lease_until]}] if order.lease_until is not None else []
    )
    if len(cells) == 1:
        label = cells.label_of[0]
        variants = {NOW: order.value[label], FALLBACK: order.fallback[label]}
        rule = {"targeting": {"if": [*in_time, NOW, FALLBACK]}} if in_time else {}
        return _flag(order, variants, FALLBACK if in_time else NOW, rule)
    variants = {_variant(NOW, label): order.value[label] for label in cells.label_of}
    variants |= {_variant(FALLBACK, label): order.fallback[label] for label in cells.label_of}
    prefix: Any = {"if": [*in_time, f"{NOW}:", f"{FALLBACK}:"]} if in_time else f"{NOW}:"
    named = {"in": [{"var": attribute}, list(cells.label_of)]}
    rule = {"targeting": {"if": [named, {"cat": [prefix, {"var": attribute}]}, ELSEWHERE]}}
    return _flag(order, {**variants, ELSEWHERE: safe}, ELSEWHERE, rule)


def offer_of(order: Order, cells: Cells, attribute: str) -> Json:
    """The boolean flag: may anything be offered (in this cell)?"""
    stopped = len(order.suspended) == len(cells)
    flag: Json = {
        "state": "ENABLED",
        "variants": {"on": True, "off": False},
        "defaultVariant": "off" if stopped else "on",
    }
    if order.suspended and not stopped:
        flag["targeting"] = {"if": [{"in": [{"var": attribute}, list(order.suspended)]}, "off", "on"]}
    return flag | {"metadata": {"suspended": "\n".join(order.suspended), "of": order.id}}


def order_in(document: Json, key: str) -> Order | None:
    """The order that the document holds, None where the flag is not there or was written by somebody else."""
    flag: Any = document.get("flags", {}).get(key)
    data: Any = flag.get("metadata") if isinstance(flag, dict) else None
    try:
        term, _, sequence = str(data["epoch"]).partition(".")
        variants, until = flag["variants"], data.get("lease_until")
        cells = str(data["cells"]).split("\n")
        value, fallback = (
            {cell: float(variants[_variant(kind, cell) if len(cells) > 1 else kind]) for cell in cells}
            for kind in (NOW, FALLBACK)
        )
        suspended = tuple(text for text in str(data["suspended"]).split("\n") if text)
        epoch, issued = Epoch(int(term), int(sequence)), float(data["issued_at"])
        return Order(data["order"], data["channel"], epoch, issued, until, value, fallback, suspended)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def plain_value(document: Json, key: str) -> float:
    """The default value of a flag without targeting, as a person writes one by hand; NaN where there is none."""
    flag = document.get("flags", {}).get(key)
    if not isinstance(flag, dict) or flag.get("targeting") or flag.get("state") != "ENABLED":
        return np.nan
    variants = flag.get("variants")
    value: Any = variants.get(flag.get("defaultVariant")) if isinstance(variants, dict) else None
    return float(value) if type(value) in (int, float) else np.nan


def _flag(order: Order, variants: Json, default: str, rule: Json) -> Json:
    data: Json = {
        "order": order.id,
        "channel": order.channel,
        "epoch": str(order.epoch),
        "issued_at": order.issued_at,
        "cells": "\n".join(order.value),
        "suspended": "\n".join(order.suspended),
    }
    if order.lease_until is not None:
        data["lease_until"] = order.lease_until
    return {"state": "ENABLED", "variants": variants, "defaultVariant": default, **rule, "metadata": data}


def _by_label(values: Array, cells: Cells) -> dict[str, float]:
    return dict(zip(cells.label_of, (float(value) for value in values), strict=True))


def _variant(kind: str, cell: str) -> str:
    return f"{kind}:{cell}"
