"""The target's side of an actuator: a lever that knows ids, epochs and leases, and obeys as its drive lets it.

Used by the market, in process and behind HTTP alike. A command's id is taken once; an older epoch never overwrites a
newer one, also not one that is still on its way; when a lease runs out the fallback that came with the command stands.
What is read is the truth at the target: late, clipped or half-way where its Drive says so. A change counts from the
first step of the market that begins after it. Reads no clock: every call says what time it is.
"""

from dataclasses import dataclass, replace

import numpy as np

from controller.cells import Array, Bools
from controller.errors import Refused, Unreachable
from controller.signals import Epoch
from models.plants.base import Lever as LeverKind
from sim.instruments import Drive


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """What stands in a lever from a moment on; arrays of shape (cells,)."""

    since: float
    value: Array
    off: Bools
    """True where nothing is offered, whatever the value."""
    epoch: Epoch | None = None
    command_id: str = ""
    lease_ends: float = np.inf
    fallback: Array | None = None
    origin: Array | None = None
    """The value at `since`, from which a slow lever sets out; None: it is there at once."""

    def lapsed(self, origin: Array | None = None) -> "Setting":
        """What stands once the lease has run out, on its way from `origin`."""
        assert self.fallback is not None
        return replace(
            self,
            since=max(self.since, self.lease_ends),
            value=self.fallback,
            off=np.zeros_like(self.off),
            lease_ends=np.inf,
            origin=origin,
        )


class Lever:
    """One lever of a market.

    >>> lever = Lever("odds", LeverKind("share", 0.0, 1.0, 0.0, "chance"), np.array([0.03]))
    >>> order = Setting(0.0, np.array([0.05]), np.array([False]), Epoch(1, 1), "a", 60.0, np.array([0.03]))
    >>> lever.take(order, 0.0).value, lever.in_force(59.0).value, lever.in_force(60.0).value
    (array([0.05]), array([0.05]), array([0.03]))
    >>> slow = Lever("odds", lever.kind, np.array([0.03]), Drive(delay=60.0, rate=0.36))
    >>> slow.take(order, 0.0).value, slow.in_force(70.0).value  # after its delay the lease of 60 s has run out
    (array([0.03]), array([0.03]))
    """

    def __init__(self, name: str, kind: LeverKind, start: Array, drive: Drive | None = None) -> None:
        self.name, self.kind, self.drive = name, kind, drive or Drive()
        self._shapes = self.drive != Drive(
            delay=self.drive.delay, deaf=self.drive.deaf, mute=self.drive.mute,
            stock=self.drive.stock, budget=self.drive.budget,
        )  # fmt: skip
        """True where the target makes another value of an order."""
        self._slow = bool(np.isfinite(self.drive.rate))
        self._check(start)
        self._settings = [Setting(-np.inf, self._accepted(start), np.zeros(start.shape, np.bool_))]
        self._stopped_at: Array | None = None

    # -- orders -----------------------------------------------------------------------------------------------------

    def take(self, setting: Setting, now: float) -> Setting:
        """Take an order and return what is in force; raises Refused, or Unreachable while the target is deaf.

        An id that was taken before changes nothing, not even its lease.
        """
        if self.drive.is_deaf(now):
            raise Unreachable(f"{self.name}: no connection to the simulated target; the order is lost")
        newest = self._settings[-1]
        if setting.command_id and setting.command_id == newest.command_id:
            return self.in_force(now)
        if setting.epoch is not None and newest.epoch is not None and setting.epoch <= newest.epoch:
            raise Refused(
                f"{self.name}: epoch {setting.epoch} is not newer than {newest.epoch}, which is in force"
            )
        self._check(setting.value)
        if setting.fallback is not None:
            self._check(setting.fallback)
        self._settings.append(self._landing(setting, now + self.drive.delay))
        return self.in_force(now)

    def answer(self, now: float) -> None:
        """Raises Unreachable while the target can't answer."""
        if self.drive.is_mute(now):
            raise Unreachable(f"{self.name}: no answer from the simulated target")

    def stop(self, where: Bools, moment: float) -> None:
        """Off from a moment on, for good, where it was not stopped before: stock or money is gone."""
        before = np.full(where.shape, np.inf) if self._stopped_at is None else self._stopped_at
        self._stopped_at = np.where(where, np.minimum(before, moment), before)

    # -- what is in force -------------------------------------------------------------------------------------------

    def in_force(self, moment: float) -> Setting:
        """What stands at a moment, no earlier than the last `forget`."""
        standing = self._standing(moment)
        if not self._slow and self._stopped_at is None:
            return standing
        value = np.where(self.stopped(moment), self.kind.off, self._reached(standing, moment))
        return replace(standing, value=value)

    def offered(self, moment: float) -> Array:
        """The value that people meet at a moment, shape (cells,): that of the lever, or nothing where it is off."""
        standing = self.in_force(moment)
        return np.where(standing.off, self.kind.off, standing.value)

    def stopped(self, moment: float) -> Bools:
        """Where the target has stopped by itself, shape (cells,)."""
        if self._stopped_at is None:
            return np.zeros(self._settings[0].off.shape, np.bool_)
        return np.asarray(self._stopped_at <= moment)

    def forget(self, before: float) -> None:
        """Drop what was replaced before a moment."""
        while len(self._settings) > 1 and self._settings[1].since <= before:
            del self._settings[0]

    def _standing(self, moment: float) -> Setting:
        """The order that holds at a moment, or what is left of it; its value is where a slow lever goes."""
        standing = next(s for s in reversed(self._settings) if s.since <= moment)
        if moment < standing.lease_ends:
            return standing
        origin = self._reached(standing, standing.lease_ends) if self._slow else None
        return standing.lapsed(origin)

    def _reached(self, standing: Setting, moment: float) -> Array:
        """Where a lever has come to on its way."""
        if standing.origin is None:
            return standing.value
        most = self.drive.rate * max(moment - standing.since, 0.0) / 3600.0
        gap = standing.value - standing.origin
        return np.where(np.abs(gap) <= most, standing.value, standing.origin + np.sign(gap) * most)

    # -- what the target makes of an order --------------------------------------------------------------------------

    def _landing(self, setting: Setting, since: float) -> Setting:
        """An order as the target will have it."""
        if not self._shapes:
            return replace(setting, since=since)
        before = self._standing(since)
        value = self._accepted(setting.value)
        stuck = np.abs(value - before.value) < self.drive.deadband
        fallback = None if setting.fallback is None else self._accepted(setting.fallback)
        origin = self._reached(before, since) if self._slow else None
        value = np.where(stuck, before.value, value)
        return replace(setting, since=since, value=value, fallback=fallback, origin=origin)

    def _accepted(self, value: Array) -> Array:
        """The nearest value that the target can have."""
        drive = self.drive
        if not self._shapes:
            return value
        if drive.quantum:
            value = np.round(value / drive.quantum) * drive.quantum
        return np.clip(np.clip(value, drive.low, drive.high), self.kind.low, self.kind.high)

    def _check(self, value: Array) -> None:
        low, high = self.kind.low, self.kind.high
        if not (np.isfinite(value) & (value >= low) & (value <= high)).all():
            raise Refused(
                f"{self.name}: a value must lie in [{low:g}, {high:g}] {self.kind.unit}, received {value}"
            )
