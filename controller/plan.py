"""The plan: one tree of frozen dataclasses that a campaign's file validates into and that the engine consumes.

Filled by controller/config/ (or by hand, in tests and notebooks) and read by assembly, the loop and the members.
Values are in base units: seconds, shares as fractions, actuator values as floats in the actuator's own unit. A
target keeps its Amount, since its unit is settled against the sensor's: see `Target.level_in` and
`Campaign.level`. A trailing underscore keeps a name from being a Python keyword: `from_` is written `from` in the
file. Imports neither pydantic nor yaml, reads no file and no clock. `settings` holds a member's own Settings,
whose keys stand in the same mapping as the common ones.
"""

from dataclasses import dataclass, field, replace
from datetime import date
from typing import Annotated, Any, Literal

from controller.moments import utc_of
from controller.paces import Paced
from controller.quantities import (
    Amount,
    AmountOf,
    Duration,
    Moment,
    Money,
    MonthDay,
    Period,
    Range,
    Share,
    UnitName,
)
from controller.targets import OTHERS, VERBS, Constraint, PerCell, Shape, Target, amount_for

__all__ = [
    "OTHERS", "VERBS", "Actuator", "Budget", "Campaign", "Cells", "Constraint", "Effect", "Event", "Guardrail",
    "Level", "LoopPlan", "Loss", "Market", "ModeName", "PerCell", "Policy", "Runs", "Select", "Sensor", "Shape",
    "Step", "Target", "When", "amount_for", "split_measure",
]  # fmt: skip

Level = Annotated[float, AmountOf("unit")]
"""A value in the unit of the mapping it stands in."""
Step = Annotated[float, AmountOf("unit", change=True, at="start")]
"""A difference of two values in that unit; points for a share."""
Effect = Literal["raises", "lowers", "either"]
TARGET = ".target"
"""How the channel ends that is another loop's target: `pace.target`."""
ModeName = Literal["off", "observe", "advise", "manual", "auto"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """When the campaign runs, and by which calendar."""

    from_: Moment | None = None
    """First day, or civil time, in `timezone`; None: at once."""
    to: Moment | None = None
    """Last day (to its end) or civil time; None: until stopped."""
    timezone: str = "UTC"
    """IANA name; cells may have their own."""
    scan: Period = 60.0
    """Seconds between ticks."""
    afterwards: Literal["safe", "leave"] = "safe"
    """What stands in the actuators after the end: the safe value, or the last one."""

    def starts_at(self) -> float | None:
        """UTC seconds of the first moment."""
        return None if self.from_ is None else utc_of(self.from_, self.timezone, end=False)

    def ends_at(self) -> float | None:
        """UTC seconds of the first moment after the campaign."""
        return None if self.to is None else utc_of(self.to, self.timezone, end=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """What the campaign is divided into; each cell is steered by itself, all share the budgets."""

    by: str = "campaign"
    """What a cell is: store, product, stage. Sensors use it as the label or column that tells cells apart."""
    names: tuple[str, ...] = ()
    """Stable names in their order; with `from`, those of the file."""
    from_: str | None = None
    """A CSV file beside the config with a column `name` and perhaps `timezone`; or a sensor's name (reserved)."""
    timezones: dict[str, str] = field(default_factory=dict)
    """IANA zone of a cell that is not in the campaign's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensor:
    """A measured value."""

    kind: str
    """What it reads."""
    unit: UnitName = "count"
    """Unit of its values: units/h, share, CNY, count, ..."""
    window: Duration | None = None
    """Seconds of event time that a value covers; None: a level at a moment, or a counter."""
    settle: Duration = 0.0
    """Seconds after a window's end until late events have come in; only settled windows are acted upon."""
    stale_after: Duration | None = None
    """Age in seconds of the last good sample at which it counts as lost; None: see `Campaign.stale_after`."""
    plausible: tuple[Level, Level] | None = None
    """Lowest and highest value to be believed, in the sensor's unit."""
    empty_means: Literal["zero"] | None = None
    """An empty answer is a zero, provided that `alive` shows the feed is up; None: it is no data."""
    alive: str | None = None
    """A second query that shows whether the feed is up; what it looks like depends on the kind."""
    counter: bool = False
    """The value only grows (but for resets of its source); with a window, its growth over it, in the unit above."""
    min_count: Annotated[int, Range(0, 1e12)] = 0
    """Fewest events behind a value; fewer is `too few samples`, which is neither good nor bad."""
    uncertain_counts_as: Literal["good", "bad"] = "bad"
    """How a sample whose source calls it uncertain is taken."""
    hold_for: Duration = 3 * 3600.0
    """Seconds that outputs are held after the sensor was lost; then the safe value stands."""
    recover_after: Annotated[int, Range(1, 1000)] = 3
    """Good samples in a row until a lost sensor is believed again."""
    latch: bool = False
    """Stay in fallback until an operator resumes, instead of returning by itself."""
    settings: Any = None
    """The member's own Settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actuator:
    """Something that can be turned. Its values are floats in `unit` (shares as fractions)."""

    kind: str
    """What it turns."""
    unit: UnitName = "count"
    """share, CNY, count, push/week, ..."""
    start: Level = 0.0
    """The value at the campaign's start."""
    safe: Level = 0.0
    """The fallback: what must stand there when nobody steers."""
    limits: tuple[Level, Level] | None = None
    """Lowest and highest value ever; required, except with `levels` or `arms`."""
    max_step: Step | None = None
    """Largest change an execution of the loop that moves it."""
    resolution: Step | None = None
    """Distance of the values it can take, counted from the low limit."""
    levels: tuple[Level, ...] | None = None
    """The only values it can take, ascending; instead of `resolution`."""
    dwell: Duration = 0.0
    """Least time in seconds between two moves."""
    lease: Duration | None = None
    """Seconds that a command holds without being renewed; then the safe value must stand."""
    lease_by: Literal["target", "watchdog", "nobody"] = "nobody"
    """Who sees to that: the system behind it, `setpoint watchdog`, or nobody (see Campaign.auto_accepts)."""
    binds: Literal["at_once", "at_enrolment"] = "at_once"
    """Whether a change meets everybody at once, or only those who enrol after it."""
    arms: tuple[str, ...] = ()
    """Names of the arms of a mix that sums to one (reserved); `unit` is then share."""
    settings: Any = None
    """The member's own Settings."""

    @property
    def low(self) -> float:
        """Lowest value ever."""
        return self.limits[0] if self.limits else min(self.levels or (0.0,))

    @property
    def high(self) -> float:
        """Highest value ever."""
        return self.limits[1] if self.limits else max(self.levels or (1.0,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Money that loops spend."""

    total: Money
    """What may be spent, promised prizes included."""
    plan: Literal["even", "forecast", "none"] = "even"
    """How it is to be spent over time: evenly, as the forecast of demand goes, or unplanned."""
    renews: Literal["never", "day", "week", "month"] = "never"
    """Whether the total is that of the whole campaign or of each civil span (reserved)."""
    paid: str | None = None
    """Sensor of the money paid so far."""
    owed: str | None = None
    """Sensor of the money that is issued and not yet redeemed."""
    unit_cost: Money | None = None
    """What one unit of the measured value costs at full output, where no sensor tells."""
    lag: Duration = 0.0
    """Seconds by which what is paid shows late."""
    worst_per_hour: Money | None = None
    """The most that an hour can cost: bounds what may have gone since the last good reading."""

    @property
    def currency(self) -> str:
        """Currency of all its amounts."""
        return self.total.currency


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The season of a loop, every year; may run over New Year."""

    from_: MonthDay
    """First day."""
    to: MonthDay
    """Last day, inclusive."""

    def holds(self, day: date) -> bool:
        """True on the days of the season."""
        today = (day.month, day.day)
        if self.from_ <= self.to:
            return self.from_ <= today <= self.to
        return today >= self.from_ or today <= self.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a loop turns a deviation into a move."""

    kind: str = "pid"
    """By which rule."""
    settings: Any = None
    """The member's own Settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopPlan:
    """One loop: what it measures, keeps and moves."""

    every: Period
    """Seconds between executions, a multiple of `runs.scan`."""
    measure: str
    """A sensor, or one cell of it: `units[hot_tea]`."""
    target: Target
    move: dict[str, Effect]
    """What raising a channel does to the measured value. A channel is an actuator, `BUDGET.share` or `LOOP.target`."""
    order: tuple[str, ...] = ()
    """Channels in order of use; needed where a policy of one output moves several."""
    pays_from: str | None = None
    """The budget that its moves spend."""
    when: When | None = None
    """The season in which it steers; None: always."""
    events: tuple[str, ...] | None = None
    """Events that feed forward into it; None: all."""
    policy: Policy = field(default_factory=Policy)

    @property
    def sensor(self) -> str:
        """Name of the measured sensor."""
        return split_measure(self.measure)[0]

    @property
    def cell(self) -> str | None:
        """Name of the one cell it measures; None: all."""
        return split_measure(self.measure)[1]

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels it moves, in order of use."""
        return self.order or tuple(self.move)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """A limit that no policy can cross."""

    kind: str
    """What it limits."""
    on: tuple[str, ...] | None = None
    """Actuators it limits; None: all it applies to."""
    settings: Any = None
    """The member's own Settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Select:
    """Several loops on one actuator: whose wish counts; exactly one of the two."""

    lowest: tuple[str, ...] = ()
    """Loops of which the lowest wish counts."""
    highest: tuple[str, ...] = ()
    """Loops of which the highest wish counts."""

    @property
    def loops(self) -> tuple[str, ...]:
        """The loops that compete."""
        return self.lowest or self.highest


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something known in advance that moves the measured value."""

    kind: Literal["price_promotion", "stock_out", "holiday"]
    """What it is."""
    from_: Moment
    """First day, or a civil time."""
    to: Moment
    """Last day, inclusive, or a civil time."""
    expected: Amount | None = None
    """Change of the measured value that is expected: `25%` of the target more, `-30%` less, or an amount in the
    sensor's terms; None: unknown, only left out of learning."""
    cells: tuple[str, ...] = ()
    """Cells it concerns; empty: all."""

    def span(self, timezone: str) -> tuple[float, float]:
        """UTC seconds of its first moment in a zone, and of the first after it."""
        return utc_of(self.from_, timezone, end=False), utc_of(self.to, timezone, end=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Market:
    """The simulated market behind `simulate`: whose signals and levers stand for which sensors and actuators."""

    kind: str
    """Which plant: cap_lottery, coupon_value, push_frequency, campaign for all three levers, or consumers for
    people who differ and remember."""
    signals: dict[str, str] = field(default_factory=dict)
    """Sensor -> the market's signal."""
    levers: dict[str, str] = field(default_factory=dict)
    """Actuator -> the market's lever."""
    settings: dict[str, Any] = field(default_factory=dict)
    """The market's own keys, checked by the simulator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Weights of the loss that tuning, trials and reports share, both without unit."""

    lambda_: Annotated[float, Range(0, 1e6)] = 0.1
    """Weight of spend / budget: a whole budget costs as much as missing the target by 10 % beyond its band."""
    mu: Annotated[float, Range(0, 1e6)] = 0.0001
    """Weight of a move: a hundred moves cost as much as missing the target by 1 % beyond its band."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A campaign: the whole file."""

    campaign: str
    """Its name; part of the key of all state."""
    runs: Runs = field(default_factory=Runs)
    cells: Cells = field(default_factory=Cells)
    sensors: dict[str, Sensor] = field(default_factory=dict)
    actuators: dict[str, Actuator] = field(default_factory=dict)
    budgets: dict[str, Budget] = field(default_factory=dict)
    loops: dict[str, LoopPlan] = field(default_factory=dict)
    select: dict[str, Select] = field(default_factory=dict)
    """Actuator -> whose wish counts, where several loops move it."""
    guardrails: dict[str, Guardrail] = field(default_factory=dict)
    events: dict[str, Event] = field(default_factory=dict)
    holdout: Share = 0.0
    """Share of the cells or people that is never steered (reserved)."""
    market: Market | None = None
    mode: ModeName = "advise"
    """The highest mode; operators may go lower."""
    auto_accepts: tuple[str, ...] = ()
    """Actuators whose lease nobody enforces and that auto may steer all the same."""
    loss: Loss = field(default_factory=Loss)

    def stale_after(self, name: str) -> float:
        """Age in seconds at which a sensor's last good sample counts as lost.

        Where the file sets none: three executions of the slowest loop that measures it, or three windows,
        whichever is longer; a day for one that no loop measures.
        """
        sensor = self.sensors[name]
        if sensor.stale_after is not None:
            return sensor.stale_after
        slowest = [loop.every for loop in self.loops.values() if loop.sensor == name]
        return 3 * max([*slowest, sensor.window or 0.0]) + sensor.settle if slowest else 86400.0

    def led_by(self, loop: str) -> tuple[str, ...]:
        """The loops whose targets a loop moves (a cascade)."""
        names = (c.removesuffix(TARGET) for c in self.loops[loop].channels if c.endswith(TARGET))
        return tuple(name for name in names if name in self.loops)

    def turned_by(self, loop: str) -> tuple[str, ...]:
        """The actuators that a loop moves: its own first, then those of the loops that it leads."""
        own = [channel for channel in self.loops[loop].channels if channel in self.actuators]
        below = [actuator for inner in self.led_by(loop) for actuator in self.turned_by(inner)]
        return tuple(dict.fromkeys(own + below))

    def level(self, loop: str, cell: str = OTHERS) -> float:
        """The level that a loop keeps in one cell, in the unit and window of its sensor, before `shape`."""
        plan = self.loops[loop]
        if plan.target.reach is not None or plan.target.spend is not None:
            return self.pace(loop).level / max(len(self.cells.names), 1)
        return plan.target.level_in(self.sensors[plan.sensor], cell)

    def pace(self, loop: str) -> Paced:
        """The numbers of a loop that reaches a total or spends a budget; ValueError where one of them is missing."""
        plan, target = self.loops[loop], self.loops[loop].target
        ends = (self.runs if target.by is None else replace(self.runs, to=target.by)).ends_at()
        total = target.reach.number if target.reach else self.budgets[target.spend or ""].total.amount
        span = (self.runs.starts_at(), ends)
        return Paced.of(target, total, self.sensors[plan.sensor], span, self.runs.timezone)


def split_measure(text: str) -> tuple[str, str | None]:
    """`units[hot_tea]` -> sensor and cell.

    >>> split_measure("units[hot_tea]"), split_measure("units")
    (('units', 'hot_tea'), ('units', None))
    """
    name, bracket, cell = text.partition("[")
    return name, cell.removesuffix("]") if bracket else None
