"""Moments as sources write them: seconds, milliseconds, or ISO text.

Called by http_json and csv_file; calls nothing but the standard library. A local time needs a zone, and one that a
clock change makes ambiguous or impossible is refused, never guessed.
"""

from datetime import UTC, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from controller.io.numbers import BadValue, finite

TimeForm = Literal["iso", "seconds", "milliseconds"]
"""`iso`: 2026-06-01T08:00:00Z; else a count since 1970 in UTC."""


def moment_of(value: object, form: TimeForm, zone: str | None = None) -> float:
    """UTC seconds; raises BadValue. `zone` is taken for ISO texts that name none.

    >>> moment_of("1970-01-01T01:00:00+01:00", "iso"), moment_of(1500, "milliseconds")
    (0.0, 1.5)
    >>> moment_of("2026-10-25T02:30:00", "iso", "Europe/Berlin")
    Traceback (most recent call last):
    ...
    controller.io.numbers.BadValue: 2026-10-25T02:30:00 comes twice in Europe/Berlin: write it with its offset
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadValue(f"{value!r:.40} is not a time")
    if form != "iso":
        return finite(value) / (1000.0 if form == "milliseconds" else 1.0)
    try:
        moment = datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise BadValue(f"{str(value)[:40]!r} is not a time in ISO form") from None
    return moment.timestamp() if moment.tzinfo else _local(moment, str(value).strip(), zone)


def _local(moment: datetime, text: str, zone: str | None) -> float:
    if zone is None:
        raise BadValue(f"{text} names no offset from UTC, and no `timezone` is set")
    first, second = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.timestamp() == second.timestamp():
        return first.timestamp()
    there = first.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    what = "comes twice" if there == moment else "does not exist"
    raise BadValue(f"{text} {what} in {zone}: write it with its offset")
