"""An alarm and what happens to it: the nouns of the alarm book.

Made by alarms.py; read by the webhook, the page, the metrics, `status` and the journal. States are those of ISA-18.2.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from controller.alarms.table import Severity, entry_of
from controller.clock import iso
from controller.ports import Record

Key = tuple[str, str]
"""Code and subject: one alarm, however often its condition is said."""


class State(StrEnum):
    """Where an alarm is between condition and person."""

    PENDING = "pending"
    UNACKED = "unacked"
    ACKED = "acked"
    RETURNED = "returned_unacked"
    SHELVED = "shelved"
    SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm; times are UTC seconds."""

    code: str
    subject: str
    text: str
    since: float
    """When its condition began."""
    seen: float
    """When it was last said."""
    raised_at: float | None = None
    """None while the on-delay runs."""
    returned_at: float | None = None
    """When it was over, where nobody had acknowledged it."""
    acked_by: str = ""
    shelved_by: str = ""
    shelved_until: float | None = None
    suppressed: bool = False
    told_at: float | None = None
    """When a message last went out."""
    times: int = 0
    """How often it came back before anybody acknowledged it."""
    missed: int = 0
    """Messages in a row that could not be delivered."""

    @property
    def key(self) -> Key:
        return self.code, self.subject

    @property
    def severity(self) -> Severity:
        return entry_of(self.code).severity

    @property
    def active(self) -> bool:
        """Raised, and its condition is still there."""
        return self.raised_at is not None and self.returned_at is None

    @property
    def state(self) -> State:
        if self.raised_at is None:
            return State.PENDING
        if self.shelved_until is not None:
            return State.SHELVED
        if self.suppressed:
            return State.SUPPRESSED
        if self.returned_at is not None:
            return State.RETURNED
        return State.ACKED if self.acked_by else State.UNACKED

    def as_json(self) -> dict[str, Any]:
        """For messages, the page and `status`: with what the table says of it."""
        entry = entry_of(self.code)
        return {
            "code": self.code, "subject": self.subject, "text": self.text, "state": str(self.state),
            "severity": entry.severity.word, "cause": entry.cause, "consequence": entry.consequence,
            "action": entry.action, "since": iso(self.since),
            "raised_at": None if self.raised_at is None else iso(self.raised_at),
            "returned_at": None if self.returned_at is None else iso(self.returned_at),
            "acked_by": self.acked_by, "shelved_by": self.shelved_by,
            "shelved_until": None if self.shelved_until is None else iso(self.shelved_until),
            "came_back": self.times,
        }  # fmt: skip


class Happening(StrEnum):
    """What an event is about."""

    RAISED = "raised"
    REPEATED = "repeated"
    RETURNED = "returned"
    CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an alarm."""

    kind: Happening
    alarm: Alarm
    at: float
    """UTC seconds."""
    send: bool
    """True where a message is due; the others are for the journal only."""

    @property
    def id(self) -> str:
        """The same for the same event, so that a receiver can tell repetitions of a delivery apart from news."""
        return f"{self.alarm.code}.{self.alarm.subject}.{self.alarm.raised_at:.0f}.{self.kind}.{self.at:.0f}"


def record_of(event: Event, index: int) -> Record:
    """The journal's row of an event, from which the book can be brought up to date after a kill."""
    return Record(
        "alarm",
        index,
        event.at,
        {},
        {"event": str(event.kind), "sent": event.send, "alarm": asdict(event.alarm), **event.alarm.as_json()},
    )


def most_within(events: Iterable[Event], window: float = 600.0) -> int:
    """The most alarms raised within any `window` seconds: repetitions and returns do not count.

    >>> most_within([])
    0
    """
    times = sorted(event.at for event in events if event.kind == Happening.RAISED)
    most = start = 0
    for end, moment in enumerate(times):
        while times[start] <= moment - window:
            start += 1
        most = max(most, end - start + 1)
    return most
