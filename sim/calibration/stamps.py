"""Stamps as people write them, and which civil hour of the shops each of them is.

A stamp says an offset from UTC or says none. Those that say none are local hours unless the user says they are UTC;
those that say one need the zone of the shops, because late sales booked by UTC land on the wrong day. Two zones in one
file are refused; summer and winter time of one zone are not two zones. Called by table.py; calls faults and zoneinfo.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np

from controller.cells import Bools, Ints
from controller.errors import SetpointError, nearest
from sim.calibration.asked import Asked
from sim.calibration.faults import Faults
from sim.calibration.series import Treatment

FORMS = "2017-06-01, 2017-06-01 17, 2017-06-01T17:00, 2017-06-01T17:00:00+08:00 or ...Z"
ONCE, FIRST, SECOND, EITHER = range(4)
"""How often the zone's clock shows a civil hour: once; twice, and this is the first, the second, or one of them."""
_NONE = -(10**9)


@dataclass(frozen=True, slots=True, eq=False)
class Stamps:
    """Civil seconds of each row, counted from ordinal 0; all of shape (rows,)."""

    civil: Ints
    twice: Ints
    """ONCE, FIRST, SECOND or EITHER."""
    zone: str
    treated: tuple[Treatment, ...]


def parsed(text: str) -> datetime | None:
    """A stamp; None for what is none.

    >>> parsed("2017-06-01 17"), parsed("01/06/2017")
    (datetime.datetime(2017, 6, 1, 17, 0), None)
    """
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; SetpointError with the nearest name."""
    from zoneinfo import available_timezones

    if name not in available_timezones():
        close = nearest(name, available_timezones()).split("; known")[0].split(" known:")[0]
        raise SetpointError(
            f"--timezone: no such zone, received {name!r}{close}, allowed: an IANA name such as Asia/Shanghai"
        )
    return ZoneInfo(name)


def placed(
    found: Sequence[datetime],
    lines: Ints,
    sold: Bools,
    asked: Asked,
    zone: str | None,
    faults: Faults,
    column: str,
) -> Stamps:
    """Civil seconds of every stamp; faults are noted.

    Parameters
    ----------
    found, lines: the stamps and the line of each.
    sold: whether anything was counted there: a zero may stand in an hour that the clock skips.
    zone: of the shops, by the user or by the shipped table; None: nobody said.
    """
    offsets = np.array([_offset(stamp) for stamp in found], np.int64)
    seconds = np.array([_seconds(stamp) for stamp in found], np.int64)
    said = offsets != _NONE
    if said.any() and not said.all():
        faults.refuse(
            f"some stamps say their offset and some do not: {int(said.sum()):,} do (first on line {lines[said][0]}), "
            f"{int((~said).sum()):,} do not (first on line {lines[~said][0]}), allowed: one form in a file",
            int(lines[~said][0]), column,
        )  # fmt: skip
    if not said.any() and not asked.utc:
        return _local(seconds, lines, sold, zone, faults, column)
    if zone is None:
        faults.refuse(
            "the stamps are not local hours but say an offset or are UTC: --timezone must say where the shops are, "
            "such as America/New_York; else sales of the evening would be booked on the wrong day",
            int(lines[0]), column,
        )  # fmt: skip
    return _converted(seconds, np.where(said, offsets, 0), lines, zone, faults, column)


def civil_of(moments: Ints, zone: str) -> tuple[Ints, Ints]:
    """Civil seconds and how often the clock shows them, of UTC seconds since 1970; shape kept.

    >>> civil_of(np.array([0]), "Asia/Shanghai")[0] - 719_163 * 86_400
    array([28800])
    """
    hours, place = np.unique(
        (moments + _EPOCH) // 900, return_inverse=True
    )  # offsets are whole quarters of an hour
    local = np.array([_civil(int(hour) * 900, zone) for hour in hours], np.int64).reshape(-1, 2)[place]
    return moments + _EPOCH + local[:, 0], local[:, 1]


def _local(seconds: Ints, lines: Ints, sold: Bools, zone: str | None, faults: Faults, column: str) -> Stamps:
    """Stamps that are civil hours as they stand."""
    if zone is None:
        text = (
            "the zone of these local hours was not said; a market takes them as each shop's own local hours"
        )
        return Stamps(seconds, np.zeros(len(seconds), np.int64), "", (Treatment("zone", len(seconds), text),))
    hours = seconds // 3600
    kind = {int(hour): _kind(int(hour), zone) for hour in np.unique(hours)}
    skipped = np.array([kind[int(hour)] == "skipped" for hour in hours], np.bool_)
    for line in lines[skipped & sold]:
        text = (
            f"this hour does not exist in {zone}, whose clock skips it in spring, allowed: local hours, or --utc for "
            "stamps that are UTC"
        )
        faults.add("hours that the clock skips", int(line), column, text)
    twice = np.array([kind[int(hour)] == "twice" for hour in hours], np.bool_)
    return Stamps(seconds, np.where(twice, EITHER, ONCE), zone, ())


def _converted(seconds: Ints, offsets: Ints, lines: Ints, zone: str, faults: Faults, column: str) -> Stamps:
    """Stamps with offsets as civil hours of the zone."""
    moments = seconds - offsets
    civil, twice = civil_of(moments - _EPOCH, zone)
    own = civil - moments
    if (own != offsets).any() and len(np.unique(offsets)) > 1:
        counted = Counter(int(offset) for offset in offsets)
        told = ", ".join(f"{_clock(offset)} on {count:,} lines" for offset, count in counted.most_common())
        wrong = lines[own != offsets]
        faults.refuse(
            f"two time zones in one file: {told}, and not the summer and winter time of {zone} (first wrong on line "
            f"{wrong[0]}), allowed: stamps of one zone, or all at one offset",
            int(wrong[0]), column,
        )  # fmt: skip
    told = ", ".join(_clock(int(offset)) for offset in np.unique(offsets))
    text = f"stamps at {told} taken as civil hours of {zone}"
    return Stamps(civil, twice, zone, (Treatment("zone", len(seconds), text),))


def _offset(stamp: datetime) -> int:
    offset = stamp.utcoffset()
    return _NONE if offset is None else round(offset.total_seconds())


def _seconds(stamp: datetime) -> int:
    """Seconds since ordinal 0 by the stamp's own clock."""
    return stamp.toordinal() * 86_400 + stamp.hour * 3600 + stamp.minute * 60 + stamp.second


def _clock(offset: int) -> str:
    """An offset as it is written: +08:00."""
    sign, size = "-" if offset < 0 else "+", abs(offset)
    return f"{sign}{size // 3600:02d}:{size % 3600 // 60:02d}"


_EPOCH = 719_163 * 86_400
"""Seconds from ordinal 0 to 1970."""


@lru_cache(maxsize=100_000)
def _civil(moment: int, zone: str) -> tuple[int, int]:
    """Offset of a zone at a moment (seconds since ordinal 0, UTC), and ONCE, FIRST or SECOND."""
    local = datetime.fromtimestamp(moment - _EPOCH, ZoneInfo(zone))
    return _offset(local), (SECOND if local.fold else FIRST) if _twice(local) else ONCE


@lru_cache(maxsize=100_000)
def _kind(hour: int, zone: str) -> str:
    """Whether a civil hour (since ordinal 0) is there `once`, `twice` or is `skipped`."""
    local = datetime.fromordinal(hour // 24).replace(hour=hour % 24, tzinfo=ZoneInfo(zone))
    if _twice(local):
        return "twice"
    back = local.astimezone(UTC).astimezone(ZoneInfo(zone))
    return "once" if back.replace(tzinfo=None) == local.replace(tzinfo=None) else "skipped"


def _twice(local: datetime) -> bool:
    """Whether the clock shows this civil time twice."""
    first, second = local.replace(fold=0), local.replace(fold=1)
    return bool(
        first.utcoffset() != second.utcoffset()
        and (first.utcoffset() or timedelta()) > (second.utcoffset() or timedelta())
    )
