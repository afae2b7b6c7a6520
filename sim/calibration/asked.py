"""What a user says about the data: which columns, which zone, what a missing hour means, what to leave out.

Made by the command; read by the readers of this folder. Pure data.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Gaps = Literal["zero", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Everything about reading; None: found out, or the shipped table's own."""

    time: str | None = None
    """Column of the stamps."""
    value: str | None = None
    """Column of the counts; of a journal the sensor."""
    timezone: str | None = None
    """IANA zone of the shops."""
    utc: bool = False
    """Stamps that say no offset are UTC, not local."""
    unit: str | None = None
    unit_size: float = 1.0
    """How many of the value's units make one unit of the market."""
    kind: Literal["hourly", "daily"] | None = None
    gaps: Gaps | None = None
    """What an hour without a row is; None: unknown."""
    duplicates: Literal["refuse", "sum", "last"] = "refuse"
    """What two rows of one stamp with different values are."""
    negative: Literal["refuse", "unknown"] = "refuse"
    """What a count below zero is."""
    since: date | None = None
    until: date | None = None
    """First and last day to read."""
    without: tuple[tuple[date, date], ...] = ()
    """First and last day of spans that are no ordinary days; both are left out."""
    now: float | None = None
    """UTC seconds; rows after it can't have happened. None: not checked."""
