"""An order as it comes over the wire, in the form of the http actuator: read strictly, then put into the lever.

    {"id": "summer.win_rate.3.17", "channel": "win_rate", "epoch": [3, 17], "issued_at": 1780300800.0,
     "value": 0.035, "lease": 10800.0, "fallback": 0.03, "suspend": false}

`id`, `epoch` and `value` are required, and `fallback` where there is a lease; with several cells, values are objects by
cell, or one number for all. The lease runs in the caller's seconds, from when the order was issued or came, whichever
is earlier, and ends when the market's clock gets there. Called by the app; calls the lever, which knows ids and epochs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from controller.cells import Array, Bools, Cells
from controller.errors import Refused, Unreachable
from controller.io.numbers import BadValue
from controller.io.strict_json import number_of
from controller.signals import Epoch
from models.plants.base import Lever as LeverKind
from sim.market.levers import Setting
from sim.served.backend import Rejected, Served

KEYS = ("id", "channel", "epoch", "issued_at", "value", "lease", "fallback", "suspend")
LONGEST_ID, LONGEST_LEASE, LARGEST_EPOCH = 200, 366 * 86_400.0, 2**53


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """An order that is sound by itself, with the caller's times."""

    id: str
    epoch: Epoch
    value: Array
    fallback: Array | None
    suspend: Bools
    lease: float | None
    issued_at: float | None

    @property
    def content(self) -> object:
        """All that it says, comparable; one id never says two things."""
        fallback = None if self.fallback is None else tuple(self.fallback.tolist())
        return self.epoch, tuple(self.value.tolist()), fallback, tuple(self.suspend.tolist()), self.lease


def take(served: Served, name: str, document: Any) -> None:
    """Put an order in force; raises Rejected: 400 for its form, 422 for its values, 409 where a newer one stands,
    503 where the target is deaf.

    An id that is in force already changes nothing, not even its lease.
    """
    lever = served.lever_of(name)
    order = order_of(document, served, name)
    before = served.taken.get(lever)
    if before is not None and before[0] == order.id and before[1] != order.content:
        raise Rejected(422, f"the id {order.id!r} came before with another content; nothing was changed")
    try:
        served.market.levers[lever].take(_setting(order, served), served.market.now)
    except Refused as fault:
        raise Rejected(409, str(fault), in_force=standing(served, name)) from None
    except Unreachable as fault:
        raise Rejected(503, str(fault)) from None
    served.taken[lever] = order.id, order.content


def standing(served: Served, name: str) -> dict[str, Any]:
    """What is in force in a lever, as GET answers it; raises Rejected where the target can't answer."""
    lever = served.market.levers[served.lever_of(name)]
    try:
        lever.answer(served.market.now)
    except Unreachable as fault:
        raise Rejected(503, str(fault)) from None
    stopped = {"stopped": served.by_cell(lever.stopped(served.market.now))} if lever.drive.caps else {}
    now = lever.in_force(served.market.now)
    epoch = None if now.epoch is None else [now.epoch.term, now.epoch.sequence]
    ends = None if np.isinf(now.lease_ends) else served.pace.to_wall(now.lease_ends)
    return {
        "lever": lever.name,
        "unit": lever.kind.unit,
        "range": [lever.kind.low, lever.kind.high],
        "value": served.by_cell(now.value),
        "suspend": served.by_cell(now.off),
        "epoch": epoch,
        "id": now.command_id,
        "lease_until": ends,
        **stopped,
    }


def order_of(document: Any, served: Served, name: str) -> Order:
    """Read an order; raises Rejected."""
    if not isinstance(document, dict):
        raise Rejected(400, f"an order is a JSON object, received {_shown(document)}")
    unknown = sorted(set(document) - set(KEYS))
    if unknown:
        raise Rejected(400, f"an order has no key {unknown[0][:40]!r}, allowed: {', '.join(KEYS)}")
    lacking = [key for key in ("id", "epoch", "value") if key not in document]
    if lacking:
        raise Rejected(400, f"the order lacks {', '.join(lacking)}")
    _channel(document.get("channel"), served, name)
    kind = served.market.levers[served.names[name]].kind
    cells = served.market.cells
    lease = _seconds(document.get("lease"), "lease", LONGEST_LEASE)
    fallback = document.get("fallback")
    if lease is not None and fallback is None:
        raise Rejected(400, "an order with a lease needs a fallback, which stands when the lease has run out")
    return Order(
        id=_id(document["id"]),
        epoch=_epoch(document["epoch"]),
        value=_values(document["value"], "value", cells, kind),
        fallback=None if fallback is None else _values(fallback, "fallback", cells, kind),
        suspend=_suspend(document.get("suspend"), cells),
        lease=lease,
        issued_at=_seconds(document.get("issued_at"), "issued_at", 1e12),
    )


def _setting(order: Order, served: Served) -> Setting:
    ends = np.inf
    if order.lease is not None:
        now = served.pace.to_wall(served.market.now)
        issued = now if order.issued_at is None else min(order.issued_at, now)
        ends = served.pace.to_market(issued + order.lease)
    now = served.market.now
    return Setting(now, order.value, order.suspend, order.epoch, order.id, ends, order.fallback)


def _channel(channel: object, served: Served, name: str) -> None:
    if channel is not None and (
        not isinstance(channel, str) or served.names.get(channel) != served.names[name]
    ):
        raise Rejected(422, f"the order is for {_shown(channel)}, but came to {name!r}")


def _id(text: object) -> str:
    if not isinstance(text, str) or not text.isprintable() or not 0 < len(text) <= LONGEST_ID:
        raise Rejected(400, f"id: 1 to {LONGEST_ID} printable characters, received {_shown(text)}")
    return text


def _epoch(pair: object) -> Epoch:
    if (
        not isinstance(pair, list)
        or len(pair) != 2
        or not all(type(part) is int and 0 <= part < LARGEST_EPOCH for part in pair)
    ):
        raise Rejected(400, f"epoch: [term, sequence], two whole numbers from 0 on, received {_shown(pair)}")
    return Epoch(pair[0], pair[1])


def _seconds(number: object, key: str, most: float) -> float | None:
    if number is None:
        return None
    value = _number(number, key)
    if not 0 < value <= most:
        raise Rejected(422, f"{key}: above 0 and at most {most:g} seconds, received {value:g}")
    return value


def _values(found: object, key: str, cells: Cells, kind: LeverKind) -> Array:
    if isinstance(found, dict):
        labels = cells.label_of
        _require_cells(found, labels, key)
        values = np.array([_number(found[label], f"{key}.{label}") for label in labels])
    else:
        values = cells.full(_number(found, key))
    bad = ~((values >= kind.low) & (values <= kind.high))
    if bad.any():
        worst = float(values[bad][0])
        raise Rejected(
            422, f"{key}: must lie in [{kind.low:g}, {kind.high:g}] {kind.unit}, received {worst:g}"
        )
    return values


def _suspend(found: object, cells: Cells) -> Bools:
    if isinstance(found, dict):
        _require_cells(found, cells.label_of, "suspend")
        flags = [found[label] for label in cells.label_of]
    else:
        flags = [False if found is None else found] * len(cells)
    if not all(isinstance(flag, bool) for flag in flags):
        raise Rejected(400, f"suspend: true or false, or one a cell, received {_shown(found)}")
    return np.array(flags, np.bool_)


def _require_cells(found: Mapping[str, object], labels: tuple[str, ...], key: str) -> None:
    odd = sorted(set(found) - set(labels)) or sorted(set(labels) - set(found))
    if odd:
        what = "is no cell here" if odd[0] in found else "is missing"
        raise Rejected(422, f"{key}: {odd[0][:60]!r} {what}; each cell once, or one value for all")


def _number(value: object, key: str) -> float:
    try:
        return number_of(value)
    except BadValue as fault:
        raise Rejected(400, f"{key}: {fault}") from None


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:56]}..."
