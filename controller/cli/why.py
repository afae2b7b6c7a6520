"""`setpoint why`: why each output has the value it has, one sentence each, from the journal alone.

Called by its entry point; calls controller/why.py for the sentences. Reads only as far back as it needs: a year's
journal answers as fast as a day's.
"""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from controller.cli import options
from controller.cli.output import emit
from controller.clock import iso
from controller.errors import CommandError
from controller.ports import Record
from controller.signals import Reason
from controller.store.sqlite import SqliteStore
from controller.why import Explanation, Names, Summary, Teller, last_moves

BEFORE = 3000
"""Records read before the one asked for, so that a sentence knows what its loop's last execution said."""
Told = Explanation | Summary


class Moment(click.ParamType[float]):
    """A moment as 2026-06-01T08:00, in UTC unless it says otherwise; UTC seconds inside."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """UTC seconds."""
        if isinstance(value, float):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"not a moment, received {value!r}, allowed: 2026-06-01T08:00 (UTC), 2026-06-01T08:00+08:00"
            )
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


@click.command()
@click.option("--output", metavar="NAME", help="Only this output; all of them without it.")
@click.option("--cell", metavar="NAME", help="One cell instead of all together.")
@click.option(
    "--at", "at", type=Moment(), metavar="MOMENT", help="What was in force then: 2026-06-01T08:00, UTC."
)
@click.option("--last", type=click.IntRange(1, 1000), metavar="N", help="The last N moves of each output.")
@click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    envvar="SETPOINT_LANG",
    help="English or Chinese.",
)
@options.store
@options.as_json
def why(
    output: str | None, cell: str | None, at: float | None, last: int | None, lang: str, store: str | None,
    daemon: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Say why each output has the value it has.

    One sentence each, of its last decision; the parts it names add up to the move.
    """
    from controller.cli.where import open_store

    if at is not None and last is not None:
        raise click.UsageError("--at and --last exclude each other, allowed: one of them")
    opened = open_store(store, daemon)
    try:
        found = _told(opened, output, cell, at, last, lang)
        missed = [] if at is not None or last is not None else _missed(opened, output)
    finally:
        opened.close()
    emit(
        [_data(each) for each in found],
        [*(f"{iso(_of(each).time)}  {each.sentence}" for each in found), *missed],
        as_json,
    )


def _told(
    store: SqliteStore,
    output: str | None,
    cell: str | None,
    at: float | None,
    last: int | None,
    language: str,
) -> list[Told]:
    end = number_at(store, at)
    start = _start_of(store, end)
    names = Names.of(start.data)
    _check(names, output, cell)
    if last is not None:
        records: Iterator[Record] = _between(store, start.number, end)
        return last_moves(records, Teller(names, language, cell), last, output)
    teller, latest = Teller(names, language, cell), dict[str, Told]()
    for record in _between(store, max(start.number, end - BEFORE), end):
        for told in teller.tell(record):
            if told.channel == (output or told.channel) and (_decided(told) or told.channel not in latest):
                latest[told.channel] = told
    return list(latest.values())


def number_at(store: SqliteStore, at: float | None) -> int:
    """Number of the last tick's record at or before a moment (UTC seconds); raises CommandError where there is none."""
    newest = store.last("tick")
    if newest is None:
        raise CommandError("the journal holds no tick yet: nothing has been decided")
    if at is None:
        return newest.number
    low, high = 0, newest.number + 1
    while low < high:
        middle = (low + high) // 2
        found = next(store.records(middle, ("tick",)), None)
        low, high = (low, middle) if found is None or found.time > at else (found.number + 1, high)
    before = [record for record in store.records(max(low - 2000, 0), ("tick",)) if record.number < low][-1:]
    if not before:
        oldest = next(store.records(0, ("tick",)))
        raise CommandError(
            f"the journal begins later, received {iso(at)}, allowed: from {iso(oldest.time)} on"
        )
    return before[0].number


def _start_of(store: SqliteStore, end: int) -> Record:
    """The start from which on the journal has the names that it has at record `end`."""
    starts = [record for record in store.records(0, ("start",)) if record.number <= end]
    if not starts:
        raise CommandError("the journal holds no start, so its columns have no names")
    first = starts[-1]
    for record in reversed(starts):
        if Names.of(record.data) != Names.of(first.data):
            break
        first = record
    return first


def _between(store: SqliteStore, start: int, end: int) -> Iterator[Record]:
    for record in store.records(start, ("tick",)):
        if record.number > end:
            return
        yield record


def _check(names: Names, output: str | None, cell: str | None) -> None:
    from controller.errors import nearest

    for name, known, what in ((output, names.channels, "actuator"), (cell, names.cells, "cell")):
        if name is not None and name not in known:
            raise CommandError(f"there is no {what} {name!r}{nearest(name, known)}")


def _missed(store: SqliteStore, output: str | None = None) -> list[str]:
    """What keeps loops from their targets now, as their alarms say it; of one output: the loops that move it."""
    from controller.alarms.desk import standing

    alarms = [alarm for alarm in standing(store) if alarm.code == "off_target" and alarm.active]
    if output is not None:
        movers = Names.of(_start_of(store, number_at(store, None)).data).loops_of(output)
        alarms = [alarm for alarm in alarms if alarm.subject in movers]
    return [f"{iso(alarm.seen)}  {alarm.text}." for alarm in alarms]


def _of(told: Told) -> Explanation:
    return told if isinstance(told, Explanation) else told.example


def _decided(told: Told) -> bool:
    """False where the loop had nothing to decide at that tick."""
    return told.moved or _of(told).reason != Reason.NOT_DUE


def _data(told: Told) -> dict[str, Any]:
    data = asdict(told)
    one: dict[str, Any] = data if isinstance(told, Explanation) else data["example"]
    one["reason"], one["at"] = _of(told).reason.name.lower(), iso(_of(told).time)
    if isinstance(told, Summary):
        data["reasons"] = {reason.name.lower(): count for reason, count in told.reasons.items()}
    return data
