"""Units of measure as people write them: `share`, `CNY`, `units/h`, `push/week`, `count`; and plain numbers.

Called by quantities.py and the config's rules; calls nothing. A unit is a noun and, for a rate, what it is counted
against: a span of time (`units/day`, convertible) or anything else (`orders/visit`, taken as it is). Never guesses:
units that do not fit each other raise QuantityError with what would.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}
"""Seconds in each unit that a duration is written in."""

SPANS = {"second": 1.0, "minute": 60.0, "h": 3600.0, "day": 86400.0, "week": 604800.0}
"""Seconds in each span that a rate is counted against, by its printed name."""

_SPAN_WORDS = {
    "s": "second", "sec": "second", "second": "second", "m": "minute", "min": "minute", "minute": "minute",
    "h": "h", "hour": "h", "d": "day", "day": "day", "w": "week", "week": "week",
}  # fmt: skip
_NOUN_WORDS = {"%": "share", "shares": "share", "points": "point", "counts": "count", "": "count"}
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_WORD = re.compile(r"%|[^\W\d][\w-]*")


class QuantityError(ValueError):
    """A quantity that can't be read: what is wrong, what came, what is allowed."""

    def __init__(self, what: str, received: object, allowed: str) -> None:
        self.what, self.received, self.allowed = what, received, allowed
        super().__init__(f"{what}, received {shown(received)}, allowed: {allowed}")


def shown(received: object) -> str:
    """What came, as it stood in the file, short enough for one line.

    >>> shown("3%"), shown(0.03), shown(True), shown(None)
    ("'3%'", '0.03', 'true', 'nothing')
    """
    if isinstance(received, bool):
        return "true" if received else "false"
    if received is None:
        return "nothing"
    if isinstance(received, dict):
        return "a mapping"
    if isinstance(received, list | tuple):
        return "a list"
    text = repr(received)
    return text if len(text) <= 60 else f"{text[:56]}...'"


def plain(number: float) -> str:
    """A float without exponent or needless zeros; `float(plain(x)) == x` for every finite x.

    >>> plain(0.0001), plain(28000.0), plain(1e21)
    ('0.0001', '28000', '1000000000000000000000')
    """
    text = format(Decimal(repr(float(number))), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def number_at(text: str) -> tuple[Decimal, str] | None:
    """The number that a text starts with, and the rest; None where it starts with none.

    >>> number_at("28000 units/day")
    (Decimal('28000'), 'units/day')
    """
    match = _NUMBER.match(text.strip())
    if match is None:
        return None
    return Decimal(match.group()), text.strip()[match.end() :].strip()


def finite(number: Decimal, received: object, allowed: str) -> float:
    """The number as a float; raises QuantityError where a float can't hold it."""
    value = float(number)
    if not math.isfinite(value):
        raise QuantityError("too large a number", received, allowed)
    return value


@dataclass(frozen=True, slots=True)
class Unit:
    """A noun, and what it is counted against where it is a rate.

    >>> Unit.parse("units/hour"), str(Unit.parse("push / week")), Unit.parse("%").noun
    (Unit(noun='units', per='h'), 'push/week', 'share')
    """

    noun: str
    """`share`, `point`, `count`, a currency code, or any word."""
    per: str = ""
    """A span of SPANS, another word, or nothing."""

    @classmethod
    def parse(cls, text: str) -> "Unit":
        """Read `noun` or `noun/per`; raises QuantityError."""
        noun, slash, per = (part.strip() for part in text.strip().partition("/"))
        if not _WORD.fullmatch(noun) or (slash and not _WORD.fullmatch(per)):
            raise QuantityError(
                "not a unit", text, "a word such as share, CNY, count, or a rate such as units/h, push/week"
            )
        span = _SPAN_WORDS.get(per.lower(), _SPAN_WORDS.get(per.lower().removesuffix("s"), per))
        return cls(_NOUN_WORDS.get(noun, noun), span)

    @property
    def seconds(self) -> float | None:
        """Length of the span it is counted against; None where that is no span of time."""
        return SPANS.get(self.per)

    @property
    def is_share(self) -> bool:
        return self.noun == "share" and not self.per

    @property
    def is_money(self) -> bool:
        """True for amounts of money and for rates of it."""
        return len(self.noun) == 3 and self.noun.isalpha() and self.noun.isupper()

    def same_noun(self, other: "Unit") -> bool:
        """True where both count the same thing, singular or plural."""
        return self.noun == other.noun or self.noun.removesuffix("s") == other.noun.removesuffix("s")

    def factor_to(self, other: "Unit", window: float | None = None) -> float | None:
        """What a number in this unit is multiplied by to be in the other one; None where they do not fit.

        `window` (seconds) is the span over which the other unit counts, where it is no rate itself: 28000
        units/day is 1166.67 units in a window of an hour.

        >>> Unit("units", "day").factor_to(Unit("units", "h")) == 1 / 24
        True
        >>> Unit("units", "day").factor_to(Unit("units"), window=43200.0), Unit("CNY").factor_to(Unit("units"))
        (0.5, None)
        """
        if not self.same_noun(other):
            return None
        if self.per == other.per:
            return 1.0
        if self.seconds is None:
            return None
        if other.seconds is not None:
            return other.seconds / self.seconds
        return window / self.seconds if window is not None and not other.per else None

    def __str__(self) -> str:
        return f"{self.noun}/{self.per}" if self.per else self.noun


def text_schema(parse: Callable[[object], Any]) -> Any:
    """How pydantic validates a class that reads itself from text; imported only when a schema is asked for."""
    from pydantic_core import core_schema

    return core_schema.no_info_plain_validator_function(parse)
