"""Orders to one actuator: absolute, numbered, leased, written down before they are sent, read back after.

Called by the loop; calls one Actuator through its port. Convergence is level-triggered: as long as the value read back
is not the value intended, the same command is sent again under the same id. Never invents a value and never clips one:
that is done before.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools, Cells, Codes
from controller.errors import ActuatorError, Refused
from controller.ports import Actuator, Record
from controller.signals import Channel, Command, Epoch, Landing, codes


@dataclass(slots=True)
class Epochs:
    """Numbers the commands of one life of the daemon: one growing term, one growing sequence."""

    term: int
    sequence: int = 0

    def next(self) -> Epoch:
        """An epoch above every one before."""
        self.sequence += 1
        return Epoch(self.term, self.sequence)


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What a read-back showed."""

    value: Array
    """NaN where unreadable."""
    drifted: Bools
    """True where a value that had been confirmed was changed by somebody else since."""


class Dispatcher:
    """Keeps one actuator at the intended value."""

    def __init__(
        self, channel: Channel, actuator: Actuator, cells: Cells, lease: float | None, campaign: str
    ) -> None:
        self.channel, self.actuator, self.cells = channel, actuator, cells
        self.lease, self.campaign = lease, campaign
        self.applied = cells.full(channel.start)
        """Best knowledge of the value in force; the start value before anything is known."""
        self.known = np.zeros(len(cells), np.bool_)
        """False where the value in force could not be read and is only assumed."""
        self.standing: Command | None = None
        self.landing: Codes = codes(len(cells), Landing.UNCONFIRMED)
        self.drifted = np.zeros(len(cells), np.bool_)
        """True where a value that had been confirmed was changed by somebody else since."""
        self.note = ""
        self.failed: list[tuple[str, str, str]] = []
        """Calls of this turn that failed: `look`, `send` or `look_again`; `refused` or `unreachable`; what was said."""

    # -- reading back -----------------------------------------------------------------------------------------------

    def look(self, now: float) -> "Looked":
        """Read the value in force; an unreadable target leaves the last knowledge, marked as not known."""
        self.failed = []
        self._look(now, "look")
        return Looked(np.where(self.known, self.applied, np.nan), self.drifted)

    def _look(self, now: float, call: str) -> None:
        self.drifted = np.zeros(len(self.cells), np.bool_)
        if self.standing and self.lease is not None and now > self.standing.issued_at + self.lease:
            self.standing = None
        try:
            receipt = self.actuator.read_back()
        except ActuatorError as fault:
            self.known = np.zeros(len(self.cells), np.bool_)
            self._note(call, fault)
            return
        self.note = receipt.note
        self.known = np.isfinite(receipt.value)
        self.applied = np.where(self.known, receipt.value, self.applied)
        if self.standing is not None:
            self._settle(self.standing)

    def _settle(self, standing: Command) -> None:
        """Compare what is in force with what was ordered; a refusal stays a refusal until something new is ordered."""
        self.drifted = (
            self.known & (self.landing == Landing.CONFIRMED) & (self._gap(standing) > self.tolerance)
        )
        there = self.known & (self._gap(standing) <= self.tolerance)
        open_ = np.where(self.landing == Landing.REFUSED, self.landing, np.int8(Landing.UNCONFIRMED))
        self.landing = np.where(there, np.int8(Landing.CONFIRMED), open_).astype(np.int8)

    @property
    def tolerance(self) -> float:
        """Values nearer than this are the same value."""
        return (
            1e-9 * max(abs(self.channel.high), abs(self.channel.low), 1e-9)
            + (self.channel.resolution or 0.0) * 1e-3
        )

    @property
    def stuck(self) -> Bools:
        """Where the target does not do what it was told: it refused, or has not confirmed by the next look."""
        if self.standing is None:
            return ~self.known
        stuck: Bools = (self.landing != Landing.CONFIRMED) | ~self.known
        return stuck

    @property
    def intended(self) -> Array:
        """The value that should be in force: the standing order's, else what is in force."""
        return self.applied if self.standing is None else self.standing.value

    def _gap(self, standing: Command) -> Array:
        return np.abs(self.applied - standing.value)

    # -- ordering ---------------------------------------------------------------------------------------------------

    def order(
        self, value: Array, fallback: Array, suspend: Bools, now: float, epochs: Epochs
    ) -> Command | None:
        """The command that keeps `value` in force, or None where nothing need be sent."""
        standing = self.standing
        if standing is not None:  # what stands in a cell stays to the last bit, although another cell moves
            value = np.where(np.abs(standing.value - value) <= self.tolerance, standing.value, value)
        if standing is None or not self._same(standing, value, suspend):
            return self._new(value, fallback, suspend, now, epochs)
        if self.lease is not None and now >= standing.issued_at + self.lease / 2:
            return self._new(value, fallback, suspend, now, epochs)
        return standing if (self.landing == Landing.UNCONFIRMED).any() else None

    def _same(self, standing: Command, value: Array, suspend: Bools) -> bool:
        before = np.zeros_like(suspend) if standing.suspend is None else standing.suspend
        return bool((np.abs(standing.value - value) <= self.tolerance).all() and (before == suspend).all())

    def _new(self, value: Array, fallback: Array, suspend: Bools, now: float, epochs: Epochs) -> Command:
        if not np.isfinite(value).all() or not np.isfinite(fallback).all():
            name = self.channel.name
            raise ValueError(
                f"refusing to order a value that is not finite for {name}: {value}, fallback {fallback}"
            )
        epoch = epochs.next()
        name = f"{self.campaign}.{self.channel.name}.{epoch}"
        return Command(name, self.channel.name, value, epoch, now, self.lease, fallback, suspend)

    def send(self, command: Command, now: float) -> None:
        """Write one command and read back; its landing stands in `landing`."""
        if command is not self.standing:
            self.standing, self.landing = command, codes(len(self.cells), Landing.UNCONFIRMED)
        try:
            receipt = self.actuator.apply(command)
        except Refused as fault:
            self.landing = codes(len(self.cells), Landing.REFUSED)
            self._note("send", fault)
            return
        except ActuatorError as fault:
            self._note("send", fault)
            return
        self.landing = receipt.landing
        self._look(now, "look_again")

    def _note(self, call: str, fault: ActuatorError) -> None:
        self.note = str(fault)
        self.failed.append((call, "refused" if isinstance(fault, Refused) else "unreachable", self.note))

    # -- saving -----------------------------------------------------------------------------------------------------

    def saved(self) -> dict[str, Any]:
        """Small JSON about the standing order; its arrays are in `state`."""
        order = self.standing
        if order is None:
            return {}
        epoch = [order.epoch.term, order.epoch.sequence]
        return {"id": order.id, "epoch": epoch, "issued_at": order.issued_at, "lease": order.lease}

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays to be saved; the first axis is cells."""
        nothing = np.full(len(self.cells), np.nan)
        order = self.standing
        suspend = (
            np.zeros(len(self.cells))
            if order is None or order.suspend is None
            else order.suspend.astype(float)
        )
        return {
            "applied": self.applied,
            "ordered": nothing if order is None else order.value,
            "fallback": nothing if order is None else order.fallback,
            "suspended": suspend,
            "landing": self.landing,
        }

    def restored(self, saved: Mapping[str, Any], state: Mapping[str, Array]) -> None:
        """Take back what was in force and ordered in an earlier life; nothing counts as known or landed until read."""
        self.applied = np.asarray(state["applied"], np.float64).copy()
        if saved:
            order = np.asarray(state["ordered"]).copy(), np.asarray(state["fallback"]).copy()
            self.adopt(saved, *order, np.asarray(state["suspended"]) > 0)

    def adopt(self, saved: Mapping[str, Any], value: Array, fallback: Array, suspend: Bools) -> None:
        """Make an earlier life's order the standing one, to be confirmed or sent again under its own id."""
        epoch = Epoch(*(int(part) for part in saved["epoch"]))
        issued, lease = float(saved["issued_at"]), saved["lease"]
        self.standing = Command(
            saved["id"], self.channel.name, value, epoch, issued, lease, fallback, suspend
        )
        self.landing = codes(len(self.cells), Landing.UNCONFIRMED)

    def adopt_intent(self, record: Record) -> None:
        """Adopt the order of an `intent` record that no tick record followed: sent or not, nobody knows."""
        saved = record.data["orders"].get(self.channel.name)
        if saved:
            columns = {
                part: record.columns[f"intent.{self.channel.name}.{part}"] for part in ("value", "fallback")
            }
            suspend = record.columns[f"intent.{self.channel.name}.suspend"]
            self.adopt(saved, columns["value"], columns["fallback"], suspend)


def intent_record(orders: Mapping[str, Command], index: int, now: float) -> Record:
    """The row that announces commands; durable before the first of them is sent."""
    columns: dict[str, NDArray[Any]] = {}
    data: dict[str, Any] = {}
    for name, order in orders.items():
        columns[f"intent.{name}.value"] = order.value
        columns[f"intent.{name}.fallback"] = order.fallback
        suspend = order.suspend if order.suspend is not None else np.zeros(len(order.value), np.bool_)
        columns[f"intent.{name}.suspend"] = suspend
        epoch = [order.epoch.term, order.epoch.sequence]
        data[name] = {"id": order.id, "epoch": epoch, "issued_at": order.issued_at, "lease": order.lease}
    return Record("intent", index, now, columns, {"orders": data})
