"""Where a turn's conditions become rows of the journal, lines of the log and messages.

One of the daemon's watchers: called once a turn; calls the alarm book, and those it was given to write and to send.
Remembers nothing itself that the journal does not.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from controller.alarms.alarm import Alarm, Event, record_of
from controller.alarms.book import AlarmBook
from controller.alarms.symptoms import Strain
from controller.alarms.table import Severity
from controller.health import Watches
from controller.life import kept_extra
from controller.loop.turn import Condition, Turn
from controller.ports import Store

log = logging.getLogger("setpoint.alarms")

Source = Callable[[Turn], Iterable[Condition]]
"""Says what is not as it should be beyond what the turn itself says."""
_LEVELS = {Severity.CRITICAL: logging.ERROR, Severity.HIGH: logging.WARNING, Severity.LOW: logging.INFO}


class AlarmDesk:
    """Takes turns, writes and sends what the book says.

    Parameters
    ----------
    store: where events are written; its own failure is the only thing that is not swallowed.
    sources: further conditions, e.g. `lambda turn: of_daemon(health())`.
    strain: looks for outputs that stand at a limit for hours; None: nobody does.
    loops: looks at what each loop makes of its target; None: nobody does.
    send: takes each event that is due as a message; must return at once.
    count: told the kind of each event, for the metrics.
    """

    def __init__(
        self,
        book: AlarmBook,
        store: Store,
        sources: Sequence[Source] = (),
        strain: Strain | None = None,
        send: Callable[[Event], None] | None = None,
        count: Callable[[str], object] = str,
        loops: Watches | None = None,
    ) -> None:
        self.book, self.store, self.sources = book, store, tuple(sources)
        self.strain, self.loops, self.send, self.count = strain, loops, send, count

    def __call__(self, turn: Turn) -> None:
        """Take one turn."""
        found = [*turn.conditions, *(said for source in self.sources for said in source(turn))]
        found += self.strain.take(turn) if self.strain else ()
        found += self.loops(turn) if self.loops else ()
        for event in self.book.take(found, turn.tick.time):
            self.store.append(record_of(event, turn.tick.index), durable=False)
            log.log(_LEVELS[event.alarm.severity], _line(event), extra=_about(event, turn))
            self.count(str(event.kind))
            if event.send and self.send is not None:
                self.send(event)

    # -- saving -----------------------------------------------------------------------------------------------------

    def saved(self) -> dict[str, Any]:
        """Small JSON to be kept with the snapshot, under the key `alarms`."""
        since = dict(self.strain.since) if self.strain else {}
        loops = self.loops.saved() if self.loops else {}
        return {"alarms": {"book": self.book.saved(), "since": since, "loops": loops}}

    def resume(self) -> None:
        """Take an earlier life's alarms back: those kept with the snapshot, then the rows written after it."""
        kept: Mapping[str, Any] = kept_extra(self.store).get("alarms", {})
        snapshot = self.store.snapshot()
        self.book.restored(kept.get("book", {}))
        self.book.recall(self.store.records(snapshot[0] + 1 if snapshot else 0, ("alarm",)))
        if self.strain:
            self.strain.since |= {name: float(since) for name, since in kept.get("since", {}).items()}
        if self.loops:
            self.loops.kept = kept.get("loops", {})


def standing(store: Store) -> tuple[Alarm, ...]:
    """The alarms as the journal has them: for readers beside a daemon, or after it."""
    desk = AlarmDesk(AlarmBook(), store)
    desk.resume()
    return desk.book.alarms()


def _line(event: Event) -> str:
    return f"alarm {event.kind}: {event.alarm.code} {event.alarm.subject}: {event.alarm.text}"


def _about(event: Event, turn: Turn) -> dict[str, Any]:
    alarm = event.alarm
    return {
        "code": alarm.code, "subject": alarm.subject, "severity": alarm.severity.word,
        "alarm_state": str(alarm.state), "decision": turn.number,
    }  # fmt: skip
