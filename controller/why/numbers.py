"""Figures that people can add up: levels and changes rounded together, so that the printed parts give the printed sum.

Called by why.py alone; calls units and money. Counts in whole ticks of the last printed digit, so nothing is lost
between the parts and their sum. Never rounds a change to nothing while it is there to be told.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from controller.quantities.money import CODES, digits
from controller.quantities.units import QuantityError, Unit

_MOST = 8
"""Decimals at which a smaller change counts as none."""
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True, slots=True)
class Scale:
    """How one sentence prints an output's values: percent and points for a share, else the unit itself.

    >>> scale = Scale.of("share", (0.03, 0.0325), 0.0025)
    >>> scale.level(scale.ticks(0.03)), scale.change(scale.ticks(0.0025)), scale.size(25)
    ('3.00 %', '+0.25 points', '0.25 points')
    """

    unit: Unit
    decimals: int

    @classmethod
    def of(cls, unit: str, values: Sequence[float], change: float) -> "Scale":
        """As few decimals as show the values, and the change where there is one."""
        parsed = _unit(unit)
        wanted = _usual(parsed, values)
        while change and abs(change) * _factor(parsed) * 10**wanted < 0.5 and wanted < _MOST:
            wanted += 1
        return cls(parsed, wanted)

    def ticks(self, value: float) -> int:
        """The value in whole units of the last digit."""
        return round(float(value) * _factor(self.unit) * 10.0**self.decimals)

    def level(self, ticks: int, language: str = "en") -> str:
        """A value in force."""
        if self.unit.is_share:
            return f"{self._number(ticks)}{'%' if language == 'zh' else ' %'}"
        return self._with_unit(self._number(ticks))

    def change(self, ticks: int, language: str = "en") -> str:
        """A signed change of it."""
        sign = "+" if ticks >= 0 else MINUS
        return f"{sign}{self.size(ticks, language)}"

    def bare(self, ticks: int) -> str:
        """A signed change without its unit."""
        return f"{'+' if ticks >= 0 else MINUS}{self._number(abs(ticks))}"

    def size(self, ticks: int, language: str = "en") -> str:
        """The size of a change."""
        number = self._number(abs(ticks))
        if self.unit.is_share:
            return f"{number} 个百分点" if language == "zh" else f"{number} points"
        return self._with_unit(number)

    def _number(self, ticks: int) -> str:
        text = f"{abs(ticks) / 10**self.decimals:,.{self.decimals}f}"
        return f"{MINUS}{text}" if ticks < 0 else text

    def _with_unit(self, number: str) -> str:
        return number if self.unit == Unit("count") else f"{number} {self.unit}"


def apportion(parts: Sequence[float], total: int, scale: Scale) -> tuple[int, ...]:
    """The parts in whole ticks that sum to `total` exactly: rounded down, the rest given by largest remainder.

    >>> apportion((0.3149, -0.0249, -0.0401), 25, Scale(Unit("count"), 2))
    (31, -2, -4)
    """
    exact = [part * _factor(scale.unit) * 10**scale.decimals for part in parts]
    ticks = [math.floor(part) for part in exact]
    order = sorted(range(len(ticks)), key=lambda i: ticks[i] - exact[i])
    missing = total - sum(ticks)
    for turn in range(abs(missing) if ticks else 0):
        index = order[turn % len(order)] if missing > 0 else order[-1 - turn % len(order)]
        ticks[index] += 1 if missing > 0 else -1
    return tuple(ticks)


def percent(share: float, language: str = "en") -> str:
    """An unsigned deviation in percent."""
    return f"{abs(share) * 100:,.1f}{'%' if language == 'zh' else ' %'}"


def _unit(text: str) -> Unit:
    try:
        return Unit.parse(text)
    except QuantityError:
        return Unit("count")


def _factor(unit: Unit) -> float:
    return 100.0 if unit.is_share else 1.0


def _usual(unit: Unit, values: Sequence[float]) -> int:
    if unit.is_share:
        return 2
    if unit.noun in CODES:
        return digits(unit.noun)
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    return 2 if largest < 10 else 1 if largest < 1000 else 0
