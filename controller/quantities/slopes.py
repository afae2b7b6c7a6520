"""How fast a level may change: an amount a span of time.

Called by targets; calls amounts and units. Like an Amount, it is settled against the unit of a sensor later.
"""

import re
from dataclasses import dataclass
from typing import Any

from controller.quantities.amounts import Amount
from controller.quantities.units import QuantityError, Unit, text_schema

_ALLOWED = "a change a span of time, such as 10% per day, 50 units/h per week"
_SPANS = {1.0: "second", 60.0: "minute", 3600.0: "h", 86400.0: "day", 604800.0: "week"}


@dataclass(frozen=True, slots=True)
class Slope:
    """A change and the time it may take.

    >>> Slope.parse("10% per day"), str(Slope.parse("50 units/h per week"))
    (Slope(change=Amount(number=0.1, unit=Unit(noun='share', per='')), seconds=86400.0), '50 units/h per week')
    """

    change: Amount
    seconds: float
    """Length of the span."""

    @classmethod
    def parse(cls, value: object) -> "Slope":
        """Read `10% per day`; raises QuantityError."""
        parts = re.fullmatch(r"(.+?)\s+per\s+(\w+)", value.strip()) if isinstance(value, str) else None
        if parts is None:
            raise QuantityError("not a change a span of time", value, _ALLOWED)
        span = Unit.parse(f"count/{parts[2]}").seconds
        change = Amount.parse(parts[1], _ALLOWED)
        if not span or not change.number > 0:
            raise QuantityError("not a change a span of time", value, _ALLOWED)
        return cls(change, span)

    def __str__(self) -> str:
        return f"{self.change} per {_SPANS[self.seconds]}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return text_schema(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "description": "a change a span of time: 10% per day"}
