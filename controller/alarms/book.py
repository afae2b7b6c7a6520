"""The alarm book: from conditions, said anew each turn, to alarms that a person can live with.

Fed by the daemon once a turn; says what to send and what to write down. States are those of ISA-18.2: pending (the
on-delay runs), unacknowledged, acknowledged, returned without having been acknowledged, shelved by a named person for a
time, suppressed by design. Repeats what nobody acknowledged; holds messages back in a flood, and forgets none. Pure but
for its own memory, which `saved` and `restored` carry over a restart. Reads no clock.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from controller.alarms.alarm import Alarm, Event, Happening, Key, State
from controller.alarms.table import Severity, entry_of
from controller.clock import iso
from controller.errors import CommandError
from controller.loop.turn import Condition
from controller.ports import OperatorCommand, Record

LONGEST_SHELF = 7 * 86_400.0
"""Seconds for which an alarm may be shelved at most."""
_RETRY = 60.0
"""Seconds until a message that could not be delivered is tried again; doubled each time, up to the repetition."""


class AlarmBook:
    """All alarms of one daemon.

    Parameters
    ----------
    repeat: seconds until a message is repeated that nobody acknowledged or shelved.
    flood: most messages within so many seconds; 10 in 600 s is what ISA-18.2 calls a flood.

    >>> book = AlarmBook()
    >>> [event.kind.value for event in book.take([Condition("held", "units", "units: is too old")], 0.0)]
    ['raised']
    >>> book.take([Condition("held", "units", "units: is too old")], 60.0)
    ()
    """

    def __init__(self, repeat: float = 3600.0, flood: tuple[int, float] = (10, 600.0)) -> None:
        self.repeat, self.flood = repeat, flood
        self.book: dict[Key, Alarm] = {}
        self.told: deque[float] = deque()
        """Times of the messages within the flood's window."""
        self.withheld = 0
        """Messages that the flood limit held back at the last turn; they go out later."""
        self._undelivered: deque[Key] = deque()

    def take(self, conditions: Iterable[Condition], now: float) -> tuple[Event, ...]:
        """Take a turn's conditions; returns what happened, gravest first. `now` in UTC seconds."""
        present: dict[Key, str] = {}
        for said in (*conditions, *self._own()):
            before = present.get((said.code, said.subject))
            present[said.code, said.subject] = (
                said.text if before in (None, said.text) else f"{before}; {said.text}"
            )
        self._count_misses(now)
        for key, text in present.items():
            self.book[key] = _seen(self.book.get(key), key, text, now)
        events = [event for key in list(self.book) if key not in present for event in self._gone(key, now)]
        self._shelves(now)
        self._suppress()
        return (*events, *self._messages(now))

    def alarms(self) -> tuple[Alarm, ...]:
        """Every alarm that is not normal, gravest and oldest first; pending ones last."""
        return tuple(
            sorted(self.book.values(), key=lambda a: (a.raised_at is None, a.severity, a.since, a.key))
        )

    # -- what people do ---------------------------------------------------------------------------------------------

    def obey(self, command: OperatorCommand, now: float) -> str:
        """Take `ack` or `shelve` with data {code, subject} (either may be left out); returns what was done."""
        try:
            found = self._asked_for(command)
            return self._ack(found, command) if command.verb == "ack" else self._shelve(found, command, now)
        except CommandError as fault:
            return f"refused: {fault}"

    def _asked_for(self, command: OperatorCommand) -> list[Alarm]:
        code, subject = command.data.get("code"), command.data.get("subject")
        if command.verb not in ("ack", "shelve"):
            raise CommandError(f"alarms take ack and shelve, received {command.verb!r}")
        if code is None and subject is None:
            raise CommandError(f"{command.verb} needs the code of an alarm, its subject, or both")
        raised = [alarm for alarm in self.book.values() if alarm.raised_at is not None]
        found = [a for a in raised if code in (None, a.code) and subject in (None, a.subject)]
        if not found:
            there = ", ".join(f"{a.code} {a.subject}" for a in raised) or "none"
            raise CommandError(
                f"there is no alarm {' '.join(filter(None, (code, subject)))}; raised now: {there}"
            )
        return found

    def _ack(self, found: list[Alarm], command: OperatorCommand) -> str:
        for alarm in found:
            if alarm.returned_at is not None and alarm.shelved_until is None:
                del self.book[alarm.key]
            else:
                self.book[alarm.key] = replace(alarm, acked_by=command.owner)
        return f"{_names(found)} acknowledged by {command.owner}: {command.reason}"

    def _shelve(self, found: list[Alarm], command: OperatorCommand, now: float) -> str:
        until = command.expires_at
        if until is None or not now < until <= now + LONGEST_SHELF:
            shown = "none" if until is None else iso(until)
            raise CommandError(
                f"a shelf needs an end within {LONGEST_SHELF / 86_400:g} days from now, received {shown}"
            )
        for alarm in found:
            self.book[alarm.key] = replace(alarm, shelved_by=command.owner, shelved_until=until)
        return f"{_names(found)} shelved by {command.owner} until {iso(until)}: {command.reason}"

    def undelivered(self, event: Event) -> None:
        """Say that a message did not arrive (from any thread): it is sent again, later and later, until it does."""
        self._undelivered.append(event.alarm.key)

    # -- the steps of a turn ----------------------------------------------------------------------------------------

    def _own(self) -> list[Condition]:
        if not self.withheld:
            return []
        return [Condition("alarm_flood", "alarms", f"{self.withheld} messages are held back")]

    def _count_misses(self, now: float) -> None:
        while self._undelivered:
            alarm = self.book.get(self._undelivered.popleft())
            if alarm is not None:
                wait = min(_RETRY * 2.0**alarm.missed, self.repeat)
                told = now - self.repeat + wait
                self.book[alarm.key] = replace(alarm, told_at=told, missed=min(alarm.missed + 1, 16))

    def _gone(self, key: Key, now: float) -> list[Event]:
        """An alarm whose condition was not said."""
        alarm = self.book[key]
        if alarm.raised_at is None:
            del self.book[key]
            return []
        settling = 0 <= now - alarm.seen < entry_of(alarm.code).off_delay and not alarm.suppressed
        if alarm.returned_at is not None or settling:
            return []
        returned = replace(alarm, returned_at=now)
        if alarm.shelved_until is None and _over(alarm):
            del self.book[key]
            return [Event(Happening.CLEARED, returned, now, send=alarm.state == State.UNACKED)]
        self.book[key] = returned
        return [Event(Happening.RETURNED, returned, now, send=alarm.state == State.UNACKED)]

    def _shelves(self, now: float) -> None:
        """Shelves whose time is up: what is still there is news again, what is over is normal."""
        for alarm in list(self.book.values()):
            if alarm.shelved_until is not None and alarm.shelved_until <= now:
                if alarm.returned_at is not None:
                    del self.book[alarm.key]
                else:
                    self.book[alarm.key] = replace(
                        alarm, shelved_by="", shelved_until=None, acked_by="", told_at=None
                    )

    def _suppress(self) -> None:
        for alarm in list(self.book.values()):
            others = (self.book.get((code, alarm.subject)) for code in entry_of(alarm.code).unless)
            hidden = alarm.active and any(other is not None and other.active for other in others)
            if hidden != alarm.suppressed:
                self.book[alarm.key] = replace(alarm, suppressed=hidden)

    def _messages(self, now: float) -> list[Event]:
        """Messages that are due, as many as the flood limit leaves."""
        count, window = self.flood
        while self.told and not now - window < self.told[0] <= now:
            self.told.popleft()
        due = [alarm for alarm in self.alarms() if self._due(alarm, now)]
        free = [alarm for alarm in due if alarm.code == "alarm_flood"]
        rest = [alarm for alarm in due if alarm.code != "alarm_flood"]
        room = max(count - len(self.told), 0)
        self.withheld = max(len(rest) - room, 0)
        return [self._say(alarm, now) for alarm in (*free, *rest[:room])]

    def _due(self, alarm: Alarm, now: float) -> bool:
        if alarm.state not in (State.UNACKED, State.RETURNED):
            return False
        return alarm.told_at is None or not 0 <= now - alarm.told_at < self.repeat

    def _say(self, alarm: Alarm, now: float) -> Event:
        kind = Happening.RAISED if alarm.told_at is None else Happening.REPEATED
        self.told.append(now)
        told = replace(alarm, told_at=now, missed=alarm.missed if kind == Happening.REPEATED else 0)
        self.book[alarm.key] = told
        return Event(kind, told, now, send=True)

    # -- saving -----------------------------------------------------------------------------------------------------

    def saved(self) -> dict[str, Any]:
        """Small JSON that `restored` takes back."""
        return {
            "version": 1,
            "alarms": [asdict(alarm) for alarm in self.book.values()],
            "told": list(self.told),
        }

    def restored(self, saved: Mapping[str, Any]) -> None:
        """Take an earlier life's alarms back; what is over by now returns at the next turn."""
        if saved.get("version") == 1:
            alarms = [Alarm(**kept) for kept in saved["alarms"]]
            self.book = {alarm.key: alarm for alarm in alarms}
            self.told = deque(saved["told"])

    def recall(self, rows: Iterable[Record]) -> None:
        """Take in the journal's `alarm` rows that are younger than the saved state."""
        for row in rows:
            alarm = Alarm(**row.data["alarm"])
            if row.data["event"] == Happening.CLEARED:
                self.book.pop(alarm.key, None)
            else:
                self.book[alarm.key] = alarm


def _seen(alarm: Alarm | None, key: Key, text: str, now: float) -> Alarm:
    """An alarm whose condition was said at this turn."""
    if alarm is None:
        alarm = Alarm(*key, text, now, now)
    elif alarm.returned_at is not None:
        alarm = replace(alarm, returned_at=None, since=now, times=alarm.times + 1)
    since = min(alarm.since, now)
    raised = alarm.raised_at
    if raised is None and now - since >= entry_of(key[0]).on_delay:
        raised = now
    return replace(alarm, text=text, since=since, seen=now, raised_at=raised)


def _over(alarm: Alarm) -> bool:
    """Nobody need be asked to acknowledge it: somebody did, or it said nothing new, or it was of little weight."""
    told_and_low = alarm.severity == Severity.LOW and alarm.told_at is not None
    return bool(alarm.acked_by) or alarm.suppressed or told_and_low


def _names(found: list[Alarm]) -> str:
    return ", ".join(f"{alarm.code} {alarm.subject}" for alarm in found)
