"""Amounts: shares, points, durations and numbers with a unit, read from text and written back.

Called by quantities.py, plan.py and the config's rules; calls units.py and money.py. Values are in base units
(fractions, seconds), and `read(write(x)) == x`. What can be read in two ways is refused with both readings
printed.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from controller.quantities.money import check_currency
from controller.quantities.units import SECONDS, QuantityError, Unit, finite, number_at, plain, text_schema

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d|w)")


def read_share(value: object) -> float:
    """`3%` -> 0.03, within 0%..100%; a bare number is refused with both readings.

    >>> read_share("3%"), read_share("0.25 %"), write_share(0.03)
    (0.03, 0.0025, '3%')
    """
    amount = Amount.parse(value, "a share such as 3%")
    share = amount.level_in(Unit("share"))
    if not 0 <= share <= 1:
        raise QuantityError("a share lies between 0% and 100%", value, "0% to 100%")
    return share


def write_share(share: float) -> str:
    """0.03 -> `3%`."""
    return f"{plain_decimal(Decimal(repr(float(share))) * 100)}%"


def read_points(value: object) -> float:
    """`1 point` -> 0.01: a change of a share; `1%` and bare numbers are refused with both readings."""
    return Amount.parse(value, "a change of a share such as 1 point").change_in(Unit("share"))


def write_points(change: float) -> str:
    """0.01 -> `1 point`."""
    number = plain_decimal(Decimal(repr(float(change))) * 100)
    return f"{number} point" if number == "1" else f"{number} points"


def read_duration(value: object) -> float:
    """`5m`, `3h`, `7d`, `30s`, `1w`, `250ms`, `1h30m` -> seconds; a bare number is refused, except 0.

    >>> read_duration("3h"), read_duration("1h30m"), write_duration(5400.0)
    (10800.0, 5400.0, '90m')
    """
    allowed = "a number with ms, s, m, h, d or w, such as 30s, 5m, 3h, 7d"
    if isinstance(value, int | float) and not isinstance(value, bool):
        if value == 0:
            return 0.0
        raise QuantityError(
            "a duration needs its unit", value, f"{plain(value)}s, {plain(value)}m or {plain(value)}h"
        )
    text = value.strip().replace(" ", "") if isinstance(value, str) else ""
    parts = _DURATION.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise QuantityError("not a duration", value, allowed)
    total = sum((Decimal(number) * Decimal(repr(SECONDS[unit])) for number, unit in parts), Decimal(0))
    return finite(total, value, allowed)


def write_duration(seconds: float) -> str:
    """10800.0 -> `3h`: the largest unit that takes a whole number, else seconds."""
    exact = Decimal(repr(float(seconds)))
    for unit, size in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60)):
        if exact and exact % size == 0 and exact < 10**12:
            return f"{int(exact // size)}{unit}"
    return f"{plain(seconds)}s"


def plain_decimal(number: Decimal) -> str:
    """A decimal without exponent or needless zeros."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


AMOUNT_SCHEMA = {
    "type": ["string", "number"],
    "description": "a number with its unit: 28000 units/day, 8%, 12 CNY",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its unit, whose meaning is settled against the unit of a sensor or actuator.

    >>> Amount.parse("28000 units/day").level_in("units/h")
    1166.6666666666665
    >>> Amount.parse("1 point").change_in("share"), str(Amount.parse("8%"))
    (0.01, '8%')
    """

    number: float
    """In base units: a fraction for % and points, else as written."""
    unit: Unit
    """`count` where none was written."""

    @classmethod
    def parse(
        cls, value: object, allowed: str = "a number with its unit, such as 28000 units/day, 8%, 12 CNY"
    ) -> "Amount":
        """Read text or a bare number; raises QuantityError."""
        if isinstance(value, int | float) and not isinstance(value, bool):
            return cls(finite(Decimal(repr(value)), value, allowed), Unit("count"))
        split = number_at(value) if isinstance(value, str) else None
        if split is None:
            raise QuantityError("not a quantity", value, allowed)
        number, unit = split[0], Unit.parse(split[1]) if split[1] else Unit("count")
        if unit.is_money:
            check_currency(unit.noun, value)
        return cls(finite(number / 100 if unit.noun in ("share", "point") else number, value, allowed), unit)

    @property
    def bare(self) -> bool:
        """True where no unit was written."""
        return self.unit == Unit("count")

    def level_in(self, unit: "Unit | str", window: float | None = None, bare: bool = False) -> float:
        """The amount as a level in another unit; raises QuantityError where it does not fit or can be read in two
        ways.

        `window` (seconds) is that of a sensor that counts over a window; `bare` takes a number without unit as
        one in the unit given (except for shares and money, where it is never clear).
        """
        to = Unit.parse(unit) if isinstance(unit, str) else unit
        factor = self.unit.factor_to(to, window)
        if factor is not None:
            return self.number * factor
        if self.bare and (self.number == 0 or (bare and to.noun != "share" and not to.is_money)):
            return self.number
        raise self._misfit(to)

    def change_in(self, unit: "Unit | str", at: float | None = None) -> float:
        """The amount as a change of a level in that unit: points for a share, else the unit itself.

        `at` is the level that a percentage would be taken of, to print both readings.
        """
        to = Unit.parse(unit) if isinstance(unit, str) else unit
        if to.noun == "share":
            if self.unit.noun == "point" and self.unit.per == to.per:
                return self.number
            if self.unit.noun == "share" or self.bare:
                raise self._two_changes(at)
        return self.level_in(to, bare=True)

    def _misfit(self, to: Unit) -> QuantityError:
        number = int(self.number) if self.number.is_integer() else self.number
        if self.bare and to.is_share:
            return QuantityError("a share is written with %", number, self._two_shares())
        if self.bare and to.is_money:
            return QuantityError("money needs a currency", number, f"{plain(self.number)} {to}")
        if self.bare and to.per:
            day = Unit(to.noun, "day" if to.per != "day" else "week")
            both = f"{plain(self.number)} {to} or {plain(self.number)} {day}"
            return QuantityError("a rate needs its span of time", number, both)
        if self.unit.noun == "point" and to.is_share:
            both = f"{write_share(self.number)} (points are a change of a share)"
            return QuantityError("a level of a share is written with %", str(self), both)
        return QuantityError(f"{self.unit} does not fit {to}", str(self), f"a number in {to}")

    def _two_shares(self) -> str:
        fraction, percent = write_share(self.number), f"{plain(self.number)}%"
        return f"{fraction} (as a fraction) or {percent} (as a percentage)"

    def _two_changes(self, at: float | None) -> QuantityError:
        received = plain(self.number) if self.bare else str(self)
        size = self.number / 100 if self.bare else self.number
        base = at or 0.03
        moved = write_share(float(Decimal(repr(base)) + Decimal(repr(size))))
        part = write_points(float(Decimal(repr(base)) * Decimal(repr(size))))
        whole = f"{write_points(size)} ({write_share(base)} -> {moved})"
        both = f"{whole} or {part} ({write_share(size)} of {write_share(base)})"
        return QuantityError("a change of a share is written in points", received, both)

    def __str__(self) -> str:
        if self.bare:
            return plain(self.number)
        if self.unit.noun == "share":
            return write_share(self.number) + (f"/{self.unit.per}" if self.unit.per else "")
        if self.unit.noun == "point":
            return write_points(self.number) + (f"/{self.unit.per}" if self.unit.per else "")
        return f"{plain(self.number)} {self.unit}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return text_schema(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {
            "type": ["string", "number"],
            "description": "a number with its unit: 28000 units/day, 8%, 12 CNY",
        }


def write_level(value: float, unit: Unit | str) -> str:
    """A level in its unit as a person would write it: 0.03 in `share` -> `3%`.

    >>> write_level(0.03, "share"), write_level(5.0, "CNY"), write_level(2.0, "count")
    ('3%', '5 CNY', '2')
    """
    return str(Amount(float(value), Unit.parse(unit) if isinstance(unit, str) else unit))


def write_change(value: float, unit: Unit | str) -> str:
    """A change of a level: 0.01 in `share` -> `1 point`."""
    to = Unit.parse(unit) if isinstance(unit, str) else unit
    return write_level(value, Unit("point", to.per) if to.noun == "share" else to)
