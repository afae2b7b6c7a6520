"""The watchdog: a small second process that puts the lawful fallback in force when the daemon is gone.

For targets that can't keep a lease themselves (`lease_by: watchdog`). Called by `setpoint watchdog`; reads the
heartbeat, calls actuators through their port. It decides nothing: the fallback, the lease and the epoch are the
daemon's own, written down while it lived. It never acts while the heart beats, never on a heartbeat it can't read,
and goes on until the fallback is read back. Time is handed in, wall time and monotonic; it waits by a wait that is
handed in.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

import numpy as np

from controller.cells import Cells
from controller.daemon.heartbeat import BadBeat, Beat, Pulse
from controller.errors import ActuatorError, Refused
from controller.ports import Actuator, Clock
from controller.signals import Command, Receipt


class Deed(Enum):
    """What the watchdog did, or found."""

    WROTE = "wrote"
    """The fallback was sent."""
    IN_FORCE = "in_force"
    """The fallback was read back."""
    SUPERSEDED = "superseded"
    """The target holds a newer order: the daemon, or its successor, is there."""
    FAILED = "failed"
    """The target could not be reached; tried again at the next look."""
    BLIND = "blind"
    """The heartbeat can't be read; what was read last goes on counting."""
    BEATING = "beating"
    """The heart beats again."""


@dataclass(frozen=True, slots=True)
class Report:
    """One thing worth a line in the log."""

    deed: Deed
    subject: str
    """Actuator, or the heartbeat's file."""
    text: str


@dataclass(slots=True)
class _Seen:
    """The newest heartbeat, and the monotonic moment from which its age counts."""

    beat: Beat
    since: float


class Watchdog:
    """Looks at one heartbeat and keeps the leases of some actuators.

    Parameters
    ----------
    path: the heartbeat's file.
    actuators: those with `lease_by: watchdog`.
    cells: of the campaign.
    campaign: its name; another campaign's heartbeat is not acted upon.
    patience: seconds without a beat that are too many; None: each order's own lease.
    """

    def __init__(
        self,
        path: Path,
        actuators: Mapping[str, Actuator],
        cells: Cells,
        campaign: str,
        patience: float | None = None,
    ) -> None:
        self.path, self.actuators, self.cells = path, actuators, cells
        self.campaign, self.patience = campaign, patience
        self._seen: _Seen | None = None
        self._told: dict[str, Report] = {}
        """What was last said of each subject, so that a lasting state is said once."""

    def step(self, now: float, ran: float) -> list[Report]:
        """One look: `now` in UTC seconds, `ran` in seconds of a clock that never steps. Says what is new."""
        found = [*self._look(now, ran), *self._keep(now, ran)]
        news = [report for report in found if self._told.get(report.subject) != report]
        self._told.update({report.subject: report for report in found})
        return news

    def age(self, ran: float) -> float | None:
        """Seconds since the heart last beat; None before the first beat was read."""
        return None if self._seen is None else ran - self._seen.since

    # -- the heartbeat ----------------------------------------------------------------------------------------------

    def _look(self, now: float, ran: float) -> Iterator[Report]:
        """Take a new beat. Its age is that of the file's news by our own clock; of the first one, by the wall's."""
        name = str(self.path)
        try:
            beat = Beat.read(self.path, self.cells)
        except (OSError, BadBeat) as fault:
            yield Report(Deed.BLIND, name, str(fault))
            return
        if beat.campaign != self.campaign:
            yield Report(
                Deed.BLIND, name, f"{name} is of campaign {beat.campaign!r}, expected {self.campaign!r}"
            )
        elif self._seen is None or beat.time != self._seen.beat.time:
            self._seen = _Seen(beat, ran - (max(now - beat.time, 0.0) if self._seen is None else 0.0))
            if any(report.deed is not Deed.BEATING for report in self._told.values()):
                self._told.clear()
                yield Report(Deed.BEATING, name, "a new heartbeat was read")

    # -- the leases -------------------------------------------------------------------------------------------------

    def _keep(self, now: float, ran: float) -> Iterator[Report]:
        seen = self._seen
        if seen is None:
            return
        for name, pulse in seen.beat.pulses.items():
            limit = pulse.lease if self.patience is None else self.patience
            if name in self.actuators and ran - seen.since >= limit:
                yield from self._enforce(name, pulse, now)

    def _enforce(self, name: str, pulse: Pulse, now: float) -> Iterator[Report]:
        """Put the fallback in force unless it stands there already."""
        actuator = self.actuators[name]
        try:
            held = actuator.read_back()
            if _is(held, pulse):
                yield Report(Deed.IN_FORCE, name, "the fallback is in force")
            elif pulse.standing or _ordered_in(held, pulse.epoch.term):
                actuator.apply(self._order(name, pulse))
                yield self._looked_after(name, pulse, now)
        except Refused as fault:
            yield Report(Deed.SUPERSEDED, name, str(fault))
        except ActuatorError as fault:
            yield Report(Deed.FAILED, name, str(fault))

    def _looked_after(self, name: str, pulse: Pulse, now: float) -> Report:
        """What is in force after the fallback was sent."""
        if _is(self.actuators[name].read_back(), pulse):
            return Report(Deed.WROTE, name, f"no heartbeat since {self._since(now)}: wrote the fallback")
        return Report(Deed.FAILED, name, "the fallback was sent and is not read back")

    def _order(self, name: str, pulse: Pulse) -> Command:
        """The fallback as an order; the same one, byte for byte, at every look."""
        assert self._seen is not None
        beat = self._seen.beat
        order = f"{beat.campaign}.{name}.{pulse.epoch}.fallback"
        return Command(
            order, name, pulse.fallback, pulse.epoch, beat.time, None, pulse.fallback, pulse.suspend
        )

    def _since(self, now: float) -> str:
        assert self._seen is not None
        return f"{max(now - self._seen.beat.time, 0.0):.0f} s"


def _is(held: Receipt, pulse: Pulse) -> bool:
    """True where the fallback is what is in force; never of a target that can't be asked."""
    return bool(np.allclose(held.value, pulse.fallback, rtol=1e-9, atol=1e-12))


def _ordered_in(held: Receipt, term: int) -> bool:
    """True where the target says that an order of this life of the daemon is in force.

    So an order is found that was sent after the last beat; a value that people set by hand is left alone.
    """
    return held.epoch is not None and held.epoch.term == term


def watch_over(
    watchdog: Watchdog,
    clock: Clock,
    wait: Callable[[float], bool],
    every: float,
    say: Callable[[Report], None],
) -> None:
    """Look each `every` seconds until `wait` says that it is time to stop."""
    while True:
        for report in watchdog.step(clock.now(), clock.monotonic()):
            say(report)
        if wait(every):
            return
