"""The target's side of an actuator: a lever that knows ids, epochs and leases.

Used by the market, in process and behind HTTP alike. A command's id is taken once; an older epoch never overwrites a
newer one; when a lease runs out the fallback that came with the command stands. A change counts from the first step of
the market that begins after it. Reads no clock: every call says what time it is.
"""

from dataclasses import dataclass, replace

import numpy as np

from controller.cells import Array, Bools
from controller.errors import Refused
from controller.signals import Epoch
from models.plants.base import Lever as LeverKind


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

    def lapsed(self) -> "Setting":
        """What stands once the lease has run out."""
        assert self.fallback is not None
        return replace(
            self, since=self.lease_ends, value=self.fallback, off=np.zeros_like(self.off), lease_ends=np.inf
        )


class Lever:
    """One lever of a market.

    >>> lever = Lever("odds", LeverKind("share", 0.0, 1.0, 0.0, "chance"), np.array([0.03]))
    >>> order = Setting(0.0, np.array([0.05]), np.array([False]), Epoch(1, 1), "a", 60.0, np.array([0.03]))
    >>> lever.take(order, 0.0).value, lever.in_force(59.0).value, lever.in_force(60.0).value
    (array([0.05]), array([0.05]), array([0.03]))
    """

    def __init__(self, name: str, kind: LeverKind, start: Array) -> None:
        self.name, self.kind = name, kind
        self._check(start)
        self._settings = [Setting(-np.inf, start, np.zeros(start.shape, np.bool_))]

    def take(self, setting: Setting, now: float) -> Setting:
        """Put a setting in force and return what is in force; raises Refused.

        An id that was taken before changes nothing, not even its lease.
        """
        standing = self.in_force(now)
        if setting.command_id and setting.command_id == standing.command_id:
            return standing
        if setting.epoch is not None and standing.epoch is not None and setting.epoch <= standing.epoch:
            raise Refused(
                f"{self.name}: epoch {setting.epoch} is not newer than {standing.epoch}, which is in force"
            )
        self._check(setting.value)
        if setting.fallback is not None:
            self._check(setting.fallback)
        self._settings.append(replace(setting, since=now))
        return self.in_force(now)

    def in_force(self, moment: float) -> Setting:
        """What stands at a moment, no earlier than the last `forget`."""
        standing = next(s for s in reversed(self._settings) if s.since <= moment)
        return standing.lapsed() if moment >= standing.lease_ends else standing

    def offered(self, moment: float) -> Array:
        """The value that people meet at a moment, shape (cells,): that of the lever, or nothing where it is off."""
        standing = self.in_force(moment)
        return np.where(standing.off, self.kind.off, standing.value)

    def forget(self, before: float) -> None:
        """Drop what was replaced before a moment."""
        while len(self._settings) > 1 and self._settings[1].since <= before:
            del self._settings[0]

    def _check(self, value: Array) -> None:
        low, high = self.kind.low, self.kind.high
        if not (np.isfinite(value) & (value >= low) & (value <= high)).all():
            raise Refused(
                f"{self.name}: a value must lie in [{low:g}, {high:g}] {self.kind.unit}, received {value}"
            )
