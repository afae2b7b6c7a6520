"""The quantities people write in a config: the types that the fields of a settings dataclass are declared with.

    Share     3%                 float, 0.03          Money     500000 CNY         Money
    Points    1 point            float, 0.01          Amount    28000 units/day    Amount (unit settled later)
    Duration  5m 3h 7d 1h30m     float, seconds       Rate      6 per day          Rate
    Period    as Duration, > 0   float, seconds       Text      https://${env:HOST}/x   Template
    Moment    2026-06-01[T08:00] date or datetime     Secret    ${env:TOKEN}       Template that names a variable
    MonthDay  05-01              (month, day)         UnitName  units/h            str
    FileName  week.csv           FileName (`.path` is where to open it)

Every name is a plain type to Python (`period: Duration = 60.0`) and carries how it is read from a file and
written back. `Annotated[int, Range(1, 100)]` bounds a number. Used by plan.py and by every member's Settings;
calls amounts.py, money.py, redaction.py; imports pydantic only when a schema is asked for.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, Any, ClassVar

from controller.quantities.amounts import (
    Amount,
    read_duration,
    read_points,
    read_share,
    write_change,
    write_duration,
    write_level,
    write_points,
    write_share,
)
from controller.quantities.money import Money
from controller.quantities.redaction import Template
from controller.quantities.units import QuantityError, Unit, number_at, plain, text_schema

__all__ = [
    "Amount", "AmountOf", "Duration", "FileName", "Moment", "Money", "MonthDay", "Period", "Points", "Quantity",
    "QuantityError", "Range", "Rate", "Secret", "Share", "Template", "Text", "Unit", "UnitName", "read_duration",
    "read_points", "read_share", "write_change", "write_duration", "write_level", "write_points", "write_share",
]  # fmt: skip


class Quantity:
    """How one type is read from a file, written back, and described in the exported schema."""

    schema: ClassVar[Mapping[str, Any]] = {"type": "string"}

    def read(self, value: object) -> Any:
        """The value as the dataclass holds it; raises QuantityError."""
        raise QuantityError("nothing can be read here", value, "nothing")

    def write(self, value: Any) -> Any:
        """The value as a person would write it."""
        return str(value)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return text_schema(self.read)

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return dict(self.schema)


class _Share(Quantity):
    schema: ClassVar[Mapping[str, Any]] = {
        "anyOf": [{"type": "string", "pattern": r"^[0-9.]+ ?%$"}, {"const": 0}],
        "description": "a share: 3%",
    }

    def read(self, value: object) -> float:
        return read_share(value)

    def write(self, value: float) -> str:
        return write_share(value)


class _Points(Quantity):
    schema: ClassVar[Mapping[str, Any]] = {
        "anyOf": [{"type": "string", "pattern": r"^[0-9.]+ points?$"}, {"const": 0}],
        "description": "a change of a share: 1 point",
    }

    def read(self, value: object) -> float:
        return read_points(value)

    def write(self, value: float) -> str:
        return write_points(value)


@dataclass(frozen=True, slots=True)
class _Duration(Quantity):
    zero: bool = True
    schema: ClassVar[Mapping[str, Any]] = {
        "anyOf": [{"type": "string", "pattern": r"^([0-9.]+(ms|s|m|h|d|w) ?)+$"}, {"const": 0}],
        "description": "30s, 5m, 3h, 7d, 1w",
    }

    def read(self, value: object) -> float:
        seconds = read_duration(value)
        if seconds == 0 and not self.zero:
            raise QuantityError("a period is longer than nothing", value, "30s, 5m, 3h, 7d")
        return seconds

    def write(self, value: float) -> str:
        return write_duration(value)


class _Moment(Quantity):
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "pattern": r"^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?$",
        "description": "2026-06-01 or 2026-06-01T08:00",
    }
    _form: ClassVar[re.Pattern[str]] = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?)?")

    def read(self, value: object) -> date:
        if not isinstance(value, str) or not self._form.fullmatch(value):
            raise QuantityError(
                "not a date", value, "2026-06-01 or 2026-06-01T08:00, in the campaign's timezone"
            )
        try:
            return datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
        except ValueError as fault:
            raise QuantityError("no such day in the calendar", value, str(fault)) from fault

    def write(self, value: date) -> str:
        return value.isoformat()


class _MonthDay(Quantity):
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "pattern": r"^\d\d-\d\d$",
        "description": "month and day: 05-01",
    }

    def read(self, value: object) -> tuple[int, int]:
        if not isinstance(value, str) or not re.fullmatch(r"\d\d-\d\d", value):
            raise QuantityError("not a month and day", value, "two digits each, such as 05-01")
        try:
            day = date.fromisoformat(f"2024-{value}")
        except ValueError as fault:
            raise QuantityError("no such day in the calendar", value, "such as 05-01") from fault
        return day.month, day.day

    def write(self, value: tuple[int, int]) -> str:
        return f"{value[0]:02d}-{value[1]:02d}"


@dataclass(frozen=True, slots=True)
class _Text(Quantity):
    secret: bool = False
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "description": "text in which ${env:NAME} stands for an environment variable",
    }

    def read(self, value: object) -> Template:
        if not isinstance(value, str):
            received = "a value (withheld)" if self.secret else value
            raise QuantityError(
                "not a text", received, "text; ${env:NAME} stands for an environment variable"
            )
        template = Template(value)
        if self.secret and not template.names:
            raise QuantityError("a secret stands in the file", "a text (withheld)", "${env:NAME}")
        if template.malformed:
            raise QuantityError("only environment variables can be named", "a text (withheld)", "${env:NAME}")
        if re.search(r"//[^/\s$]+:[^/@\s$]+@", value):
            raise QuantityError(
                "a password stands in the address", "a text (withheld)", "${env:NAME} in its place"
            )
        return template


@dataclass(frozen=True, slots=True)
class FileName:
    """A file that a config names: as written, and the folder of the config that it is relative to.

    >>> FileName("week.csv", "/etc/setpoint").path, FileName("/data/week.csv", "/etc/setpoint").path
    ('/etc/setpoint/week.csv', '/data/week.csv')
    """

    text: str
    folder: str = field(default="", compare=False)

    @property
    def path(self) -> str:
        """Where to open it."""
        return self.text if self.text.startswith("/") or not self.folder else f"{self.folder}/{self.text}"

    def __str__(self) -> str:
        return self.text

    @classmethod
    def read(cls, value: object, info: Any) -> "FileName":
        """Read a path from a config; raises QuantityError."""
        if not isinstance(value, str) or not value.strip():
            raise QuantityError(
                "not a file name", value, "a path, relative to the config's folder or absolute"
            )
        return cls(value, str((info.context or {}).get("folder", "")))

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.with_info_plain_validator_function(cls.read)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "description": "a path, relative to the config's folder or absolute"}


class _UnitName(Quantity):
    schema: ClassVar[Mapping[str, Any]] = {
        "type": "string",
        "description": "share, CNY, count, units/h, push/week, ...",
    }

    def read(self, value: object) -> str:
        if not isinstance(value, str):
            raise QuantityError("not a unit", value, "share, CNY, count, units/h, push/week, ...")
        return str(Unit.parse(value))


@dataclass(frozen=True, slots=True)
class AmountOf(Quantity):
    """A float in the unit that stands under another key of the same mapping, declared before this one.

    `change` reads it as a difference of levels (points for a share); `at` names the field that a percentage of a
    change would be taken of, for the message.
    """

    unit_key: str = "unit"
    change: bool = False
    at: str = ""
    schema: ClassVar[Mapping[str, Any]] = {
        "type": ["string", "number"],
        "description": "a number in the unit of this entry: 3%, 1 point, 5 CNY, 2",
    }

    def read_with(self, value: object, info: Any) -> float:
        """The amount in the unit found in the fields read so far; raises QuantityError."""
        unit = info.data.get(self.unit_key)
        if unit is None:
            return 0.0  # the unit itself was refused, which is reported there
        amount = Amount.parse(value, f"a number in {unit}")
        if self.change:
            return amount.change_in(unit, info.data.get(self.at))
        return amount.level_in(unit, bare=True)

    def write_in(self, value: float, owner: object) -> str:
        """The value in the unit that its owner, the dataclass that holds it, says."""
        unit = getattr(owner, self.unit_key)
        return write_change(value, unit) if self.change else write_level(value, unit)

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.with_info_plain_validator_function(self.read_with)


@dataclass(frozen=True, slots=True)
class Range:
    """Bounds of a number, both allowed: `Annotated[int, Range(1, 100)]`."""

    low: float
    high: float

    def check(self, value: Any) -> Any:
        """The value where it lies inside; raises QuantityError."""
        if not self.low <= value <= self.high:
            raise QuantityError("out of range", value, f"{plain(self.low)} to {plain(self.high)}")
        return value

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        return {**handler(schema), "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True, slots=True)
class Rate:
    """So many times a span of time.

    >>> Rate.parse("6 per day"), str(Rate(6, 86400.0))
    (Rate(count=6.0, seconds=86400.0), '6 per day')
    """

    count: float
    seconds: float
    """Length of the span."""

    @classmethod
    def parse(cls, value: object) -> "Rate":
        """Read `6 per day` or `6/day`; raises QuantityError."""
        allowed = "a number per span of time, such as 6 per day, 1 per h"
        split = number_at(value) if isinstance(value, str) else None
        match = re.fullmatch(r"(?:per\s+|/\s*)(\w+)", split[1]) if split else None
        span = Unit.parse(f"count/{match.group(1)}").seconds if match else None
        if split is None or span is None or split[0] < 0:
            raise QuantityError("not a number of times", value, allowed)
        return cls(float(split[0]), span)

    def __str__(self) -> str:
        spans = {1.0: "second", 60.0: "minute", 3600.0: "h", 86400.0: "day", 604800.0: "week"}
        return f"{plain(self.count)} per {spans[self.seconds]}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return text_schema(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "description": "so many times a span: 6 per day"}


Share = Annotated[float, _Share()]
"""A fraction, 0.03, written 3%."""
Points = Annotated[float, _Points()]
"""A change of a fraction, 0.01, written 1 point."""
Duration = Annotated[float, _Duration()]
"""Seconds, written 5m, 3h, 7d; zero allowed."""
Period = Annotated[float, _Duration(zero=False)]
"""Seconds, above zero."""
Moment = Annotated[date, _Moment()]
"""A civil day or, as datetime, a civil time; the timezone is the campaign's."""
MonthDay = Annotated[tuple[int, int], _MonthDay()]
"""Month and day, whatever the year."""
Text = Annotated[Template, _Text()]
"""Text that may name environment variables: addresses, headers, queries."""
Secret = Annotated[Template, _Text(secret=True)]
"""Credentials: must be named, never written out."""
UnitName = Annotated[str, _UnitName()]
"""A unit, by its printed name."""
