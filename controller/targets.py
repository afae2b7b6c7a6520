"""Targets: what a loop keeps, and how wide.

Part of the plan (plan.py), which re-exports it; read by the loop and by the config's rules. A target keeps its
amounts as written, since their unit is settled against the sensor that the loop measures.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, Protocol

from controller.quantities import Amount, Duration, Moment, Share, Unit
from controller.quantities.amounts import AMOUNT_SCHEMA
from controller.quantities.slopes import Slope

VERBS = ("keep_at", "keep_above", "keep_below", "reach", "spend", "maximise")
LEARNED = "learned"
"""The shape that is to be found from what is measured, instead of read from a file."""
OTHERS = "others"
"""The key of a map per cell that stands for every cell not named."""


class _OneOrEach:
    """Reads a mapping as one amount a cell and anything else as the one amount of all, so that errors speak of one."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        one = handler(Amount)
        each = core_schema.dict_schema(core_schema.str_schema(), one, min_length=1)
        choices = {"all": one, "each": each}
        return core_schema.tagged_union_schema(
            choices, lambda value: "each" if isinstance(value, dict) else "all"
        )

    def __get_pydantic_json_schema__(self, schema: Any, handler: Any) -> dict[str, Any]:
        each = {"type": "object", "minProperties": 1, "additionalProperties": AMOUNT_SCHEMA}
        return {"anyOf": [AMOUNT_SCHEMA, each]}


PerCell = Annotated[Amount | dict[str, Amount], _OneOrEach()]
"""One amount for all cells, or one a cell with `others`."""


class Measured(Protocol):
    """What a target needs to know of a sensor."""

    @property
    def unit(self) -> str: ...

    @property
    def window(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Shape:
    """A week's shape: what a target is multiplied by, hour by hour."""

    file: str
    """The file beside the config that it comes from."""
    weights: tuple[float, ...] = ()
    """168 weights of mean 1, Monday 00:00 first, in each cell's civil time; empty until read."""

    @property
    def learned(self) -> bool:
        """True where it is found from what is measured."""
        return self.file == LEARNED


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint:
    """A bound on another measured value; exactly one of the two."""

    keep_above: PerCell | None = None
    """The least that it may be."""
    keep_below: PerCell | None = None
    """The most that it may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What a loop keeps; exactly one of the first six."""

    keep_at: PerCell | None = None
    """The level to keep, one for all cells or one a cell; over it and under it are both a miss."""
    keep_above: PerCell | None = None
    """A floor: what lies over it is no miss. Policies steer to the level itself, as for keep_at."""
    keep_below: PerCell | None = None
    """A ceiling: what lies under it is no miss. Policies steer to the level itself, as for keep_at."""
    reach: Amount | None = None
    """A total of all cells together, to be reached `by` a day: what is left is spread over the demand that is left."""
    spend: str | None = None
    """A budget to be spent by the campaign's end along its `plan`; the loop measures money in a window."""
    maximise: Literal[True] | None = None
    """As much as possible, within `subject_to`; written `target: maximise`."""
    subject_to: dict[str, Constraint] = field(default_factory=dict)
    """Sensor -> bound, for `maximise`."""
    by: Moment | None = None
    """The day of `reach`; None: the campaign's last. After it the output is held."""
    catch_up: Share | None = None
    """How far `reach` and `spend` may ask for more than their plan's own level, to make up for what was missed; None:
    50%."""
    shape: Shape | None = None
    """Hour-of-week weights of the level, as the name of a CSV file beside the config: shape: week.csv. `learned`: found
    from what is measured; flat until nine tenths of a week have been seen."""
    band: Amount | None = None
    """What counts as kept: a share is one of the target (5%), an amount is in the sensor's terms (0.4 points)."""
    over: Duration | None = None
    """Seconds of the window over which the band is judged; None: the sensor's own."""
    limits: tuple[Amount, Amount] | None = None
    """The range in which another loop may move this target (a cascade)."""
    ramp: Slope | None = None
    """How fast the level may change: a share is one of the level (10% per day), an amount is in the sensor's terms. The
    way begins at the measured value. None: at once."""
    filter: Duration = 0.0
    """Time constant by which the level is approached, after the ramp; 0: none."""

    @property
    def verb(self) -> str:
        """keep_at, keep_above, keep_below, reach, spend or maximise."""
        return next((verb for verb in VERBS if getattr(self, verb) is not None), "")

    @property
    def amount(self) -> PerCell | None:
        """The level that is kept, for the three verbs of keeping."""
        return next((a for a in (self.keep_at, self.keep_above, self.keep_below) if a is not None), None)

    def level_in(self, sensor: Measured, cell: str = OTHERS) -> float:
        """The level kept in one cell, in the sensor's unit and window, before `shape`; raises QuantityError.

        >>> from controller.plan import Sensor
        >>> sensor = Sensor(kind="csv_file", unit="units/h")
        >>> round(Target(keep_at=Amount.parse("28000 units/day")).level_in(sensor), 2)
        1166.67
        """
        return amount_for(self.amount, cell).level_in(sensor.unit, sensor.window)

    def ramp_in(self, sensor: Measured, level: float) -> float:
        """How fast the level may change, in the sensor's unit a second; inf where no ramp is set; raises QuantityError.

        >>> from controller.plan import Sensor
        >>> target = Target(keep_at=Amount.parse("100 units/h"), ramp=Slope.parse("10% per h"))
        >>> round(3600 * target.ramp_in(Sensor(kind="csv_file", unit="units/h"), 100.0), 9)
        10.0
        """
        if self.ramp is None:
            return float("inf")
        return self._change(self.ramp.change, sensor, level) / self.ramp.seconds

    def band_in(self, sensor: Measured, level: float) -> float:
        """Half the width of the band around a level, in the sensor's unit; 0 where none is set."""
        return 0.0 if self.band is None else self._change(self.band, sensor, level)

    def share_of(self, change: Amount | None, sensor: Measured, level: float) -> float:
        """A change of the measured value as a share of the level; NaN where none is named or there is no level.

        >>> from controller.plan import Sensor
        >>> target = Target(keep_at=Amount.parse("100 units/h"))
        >>> sensor = Sensor(kind="csv_file", unit="units/h")
        >>> target.share_of(Amount.parse("-240 units/day"), sensor, 100.0), target.share_of(None, sensor, 100.0)
        (-0.1, nan)
        """
        if change is None or not level:
            return float("nan")
        return self._change(change, sensor, level) / abs(level)

    @staticmethod
    def _change(change: Amount, sensor: Measured, level: float) -> float:
        """A change of the level: a share is one of the level, an amount is in the sensor's terms."""
        if change.unit.is_share:
            return change.number * abs(level)
        unit = Unit.parse(sensor.unit)
        return change.change_in(unit) if unit.is_share else change.level_in(unit, sensor.window, bare=True)


def amount_for(amount: PerCell | None, cell: str) -> Amount:
    """The amount of one cell; raises KeyError where neither the cell nor `others` is named."""
    if isinstance(amount, Amount):
        return amount
    if amount is None:
        raise KeyError(cell)
    return amount[cell] if cell in amount else amount[OTHERS]
