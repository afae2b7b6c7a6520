"""Conditions that no single turn shows: outputs that stand at a limit for hours, leases and money that run out, and the
health of the daemon itself.

Called by the daemon after each turn; gives conditions for the alarm book. `Strain` remembers since when an output has
been at its limit; the rest is pure. Reads no clock, asks nobody.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from controller.cells import Array
from controller.loop.turn import Condition, Turn
from controller.ports import BudgetScope
from controller.signals import Channel

PACE = 1.1
"""Share of the plan's spend from which money counts as running ahead."""
EARLY = 0.02
"""Share of the budget's time or money that must have gone before its pace means anything."""
LATE_PERIODS = 2.0
"""Periods by which a turn may begin late."""
SLOW = 0.25
"""Share of a period that writing a record may take."""


@dataclass(frozen=True, slots=True)
class Health:
    """What the daemon knows of itself at one turn; the defaults are a healthy one's."""

    scan: float
    """Seconds a period."""
    lateness: float = 0.0
    """Seconds by which the turn began late."""
    skipped: int = 0
    """Turns left out since the last one."""
    stepped: float = 0.0
    """Seconds by which the wall clock was changed since the last turn."""
    append_seconds: float = 0.0
    """Seconds that the last record took to be on disk."""
    free_megabytes: float = np.inf
    least_free: float = 0.0
    """Megabytes below which there is too little room."""
    reload_failed: str = ""
    """What was wrong with the last changed config; empty where it was taken."""
    reload_widened: str = ""
    """What gave the controller more room, until a person has asked for auto again."""


def of_daemon(health: Health) -> Iterator[Condition]:
    """What is not as it should be with the daemon."""
    if health.lateness > LATE_PERIODS * health.scan:
        text = f"the turn began {health.lateness:.1f} s late, allowed are {LATE_PERIODS * health.scan:g} s"
        yield Condition("tick_late", "loop", text)
    if health.skipped:
        yield Condition("ticks_skipped", "loop", f"{health.skipped} turn(s) were left out")
    if abs(health.stepped) > 1.0:
        yield Condition("clock_stepped", "loop", f"the wall clock was changed by {health.stepped:+.1f} s")
    if health.append_seconds > SLOW * health.scan:
        text = f"writing the record took {health.append_seconds:.1f} s, a period is {health.scan:g} s"
        yield Condition("journal_slow", "journal", text)
    if health.free_megabytes < health.least_free:
        text = f"{health.free_megabytes:.0f} MB are free, {health.least_free:g} MB are asked for"
        yield Condition("disk_low", "journal", text)
    if health.reload_failed:
        yield Condition("reload_failed", "config", health.reload_failed)
    if health.reload_widened:
        yield Condition("reload_widened", "config", health.reload_widened)


def of_leases(turn: Turn, leases: Mapping[str, float | None]) -> Iterator[Condition]:
    """Orders whose lease is in its last quarter: a healthy one is renewed at half. `leases`: channel -> seconds."""
    for name, output in turn.outputs.items():
        lease = leases.get(name)
        if lease is None or output.lease_ends is None or not output.decided.write:
            continue
        left = output.lease_ends - turn.tick.time
        if left < lease / 4:
            text = f"the order to {name} holds for another {max(left, 0.0):.0f} s of {lease:g} s and was not renewed"
            yield Condition("lease_near_end", name, text)


@dataclass(frozen=True, slots=True, eq=False)
class Purse:
    """A budget over the campaign's time."""

    scope: BudgetScope
    starts_at: float
    """UTC seconds; -inf or inf where the campaign has no such end."""
    ends_at: float

    def spent(self, facts: Mapping[str, Array]) -> float:
        """Share of the total that has been paid; NaN before the first reading."""
        paid = facts.get(f"spent.{self.scope.name}")
        if paid is None or not np.isfinite(paid).any() or self.scope.total <= 0:
            return float("nan")
        return float(np.nansum(paid)) / self.scope.total

    def pace(self, facts: Mapping[str, Array], now: float) -> float:
        """Share of the money gone by share of the time gone; NaN too early, without a plan, or without both ends."""
        time = (now - self.starts_at) / (self.ends_at - self.starts_at) if self._bounded else float("nan")
        spent = self.spent(facts)
        if self.scope.plan != "even" or not np.isfinite(time) or max(time, spent) < EARLY or time <= 0:
            return float("nan")
        return spent / min(time, 1.0)

    @property
    def _bounded(self) -> bool:
        return bool(
            np.isfinite(self.starts_at) and np.isfinite(self.ends_at) and self.ends_at > self.starts_at
        )


def of_budgets(turn: Turn, purses: Mapping[str, Purse]) -> Iterator[Condition]:
    """Budgets that are spent faster than planned."""
    for name, purse in purses.items():
        pace = purse.pace(turn.facts, turn.tick.time)
        if pace > PACE:
            text = f"the budget {name} goes {pace:.2f} times as fast as planned, allowed is {PACE:g}"
            yield Condition("budget_ahead", name, text)


@dataclass(slots=True)
class Strain:
    """Since when each output has stood at its costly limit: the one farther from its safe value."""

    channels: Mapping[str, Channel]
    after: float = 6 * 3600.0
    """Seconds at the limit from which it is a condition."""
    since: dict[str, float] = field(default_factory=dict)
    """Channel -> UTC seconds."""

    def take(self, turn: Turn) -> Iterator[Condition]:
        """Look at one turn."""
        for name, channel in self.channels.items():
            if name not in turn.outputs or not self._strained(turn, channel):
                self.since.pop(name, None)
                continue
            began = min(self.since.setdefault(name, turn.tick.time), turn.tick.time)
            if turn.tick.time - began >= self.after:
                text = f"{name} has stood at its limit for {(turn.tick.time - began) / 3600:.1f} h"
                yield Condition("saturated_long", name, text)

    def _strained(self, turn: Turn, channel: Channel) -> bool:
        """True where most cells stand at the costly end of the actuator's own range."""
        upwards = channel.high - channel.safe >= channel.safe - channel.low
        end = channel.high if upwards else channel.low
        value = turn.outputs[channel.name].decided.value
        near = np.abs(value - end) <= 1e-6 * channel.span + (channel.resolution or 0.0) / 2
        return bool(turn.outputs[channel.name].decided.write and near.mean() > 0.5)
