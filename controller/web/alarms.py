"""The alarms that the page lists: those of the alarm book, and what the newest turn says is wrong.

Called by the feed; pure. A turn's word is shown at once, before the book has written it down; what the alarm table
wants to hold for a while first, or calls the same fault as a graver one, is left out until the book raises it.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from controller.alarms.alarm import Alarm, Key, State
from controller.alarms.table import Entry, entry_of

_SHOWN = (State.UNACKED, State.ACKED, State.RETURNED)


def lines(alarms: Iterable[Alarm], conditions: Iterable[Sequence[str]]) -> list[dict[str, Any]]:
    """What stands now, gravest first; `conditions` are [code, subject, text] of the newest turn."""
    booked = {alarm.key: alarm for alarm in alarms}
    said = {(code, subject): text for code, subject, text in conditions}
    there = set(said) | {key for key, alarm in booked.items() if alarm.active}
    shown = [_of_book(a) for a in booked.values() if a.state in _SHOWN and not _hidden(a.key, there)]
    shown += [_of_turn(*key, said[key]) for key in said if key not in booked and not _early(key, there)]
    return sorted(shown, key=lambda line: (line["over"] is not None, line["rank"]))


def _hidden(key: Key, there: Collection[Key]) -> bool:
    """True where a graver alarm says the same."""
    return any((graver, key[1]) in there for graver in entry_of(key[0]).unless)


def _early(key: Key, there: Collection[Key]) -> bool:
    return entry_of(key[0]).on_delay > 0 or _hidden(key, there)


def _of_book(alarm: Alarm) -> dict[str, Any]:
    told = {"since": alarm.since, "over": alarm.returned_at, "acked_by": alarm.acked_by}
    return {**_line(entry_of(alarm.code), alarm.subject, alarm.text), **told}


def _of_turn(code: str, subject: str, text: str) -> dict[str, Any]:
    return {**_line(entry_of(code), subject, text), "since": None, "over": None, "acked_by": ""}


def _line(entry: Entry, subject: str, text: str) -> dict[str, Any]:
    return {
        "code": entry.code, "subject": subject, "text": text, "severity": entry.severity.word,
        "rank": int(entry.severity), "consequence": entry.consequence, "action": entry.action,
    }  # fmt: skip
