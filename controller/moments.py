"""Civil times of a plan as UTC seconds. Called by plan.py; reads no clock."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def utc_of(moment: date, timezone: str, end: bool) -> float:
    """UTC seconds of a civil time; of a day, its first moment or (`end`) the first moment after it.

    >>> utc_of(date(2026, 6, 1), "Asia/Shanghai", end=True) - utc_of(date(2026, 6, 1), "Asia/Shanghai", end=False)
    86400.0
    """
    zone = ZoneInfo(timezone)
    if isinstance(moment, datetime):
        return moment.replace(tzinfo=zone).timestamp()
    day = moment + timedelta(days=1) if end else moment
    return datetime.combine(day, time.min, zone).timestamp()
