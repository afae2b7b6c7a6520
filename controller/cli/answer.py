"""Posting an order and hearing what became of it.

Called by orders.py; writes one row to the store and looks for the daemon's `command` row that answers it. Without a
daemon the row waits in the store; that is said, and is no error.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from threading import Event
from typing import Any

from controller.clock import SystemClock, iso
from controller.ports import OperatorCommand, Record
from controller.store.ownership import Holder
from controller.store.sqlite import SqliteStore

LOOK_EVERY = 0.05
"""Seconds between looks."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is known of an order when the command line returns."""

    order: OperatorCommand
    holder: Holder | None
    done: str | None
    """What the daemon did; None: nothing yet."""

    @property
    def refused(self) -> bool:
        """True where the daemon said no."""
        return self.done is not None and self.done.startswith("refused")

    @property
    def text(self) -> str:
        """For people."""
        if self.done is not None:
            return self.done
        if self.holder is not None:
            return f"posted as order {self.order.number}; {self.holder} has not answered yet"
        until = "" if self.order.expires_at is None else f", and runs out at {iso(self.order.expires_at)}"
        waits = "no daemon is running: it waits in the store until one starts"
        return f"posted as order {self.order.number}; {waits}{until}"

    def data(self) -> Mapping[str, Any]:
        """For programs."""
        order, holder = self.order, self.holder
        return {
            "order": order.number,
            "verb": order.verb,
            "by": order.owner,
            "reason": order.reason,
            "data": order.data,
            "expires_at": None if order.expires_at is None else iso(order.expires_at),
            "daemon": None
            if holder is None
            else {"owner": holder.owner, "pid": holder.pid, "host": holder.host},
            "done": self.done,
            "refused": self.refused,
        }


def give(store: SqliteStore, order: OperatorCommand, wait: float) -> Answer:
    """Post an order; where a daemon runs, wait up to `wait` seconds for its answer."""
    before = store.last("command")
    order = replace(order, number=store.post(order))
    holder, since = store.holder(), 0 if before is None else before.number + 1
    if holder is None or wait <= 0:
        return Answer(order, holder, None)
    return Answer(order, holder, _heard(store, order, since, wait))


def _heard(store: SqliteStore, order: OperatorCommand, since: int, wait: float) -> str | None:
    """What the daemon said, once the turn is over that puts it in force; without that turn where it takes longer."""
    clock, never = SystemClock(), Event()
    ends = clock.monotonic() + wait
    while True:
        said = _said(store, order, since)
        in_force = said is not None and next(store.records(said.number, ("tick",)), None) is not None
        if in_force or clock.monotonic() >= ends or store.holder() is None:
            return None if said is None else str(said.data["done"])
        never.wait(LOOK_EVERY)


def _said(store: SqliteStore, order: OperatorCommand, since: int) -> Record | None:
    records = store.records(since, ("command",))
    return next((record for record in records if record.data["command"] == order.number), None)
