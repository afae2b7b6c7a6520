"""The nouns: what travels between the stages of a tick.

Small frozen dataclasses, made once and never changed. Arrays have shape (cells,) unless said otherwise; a mapping is
keyed by channel, the name of an actuator. Used by every module of controller/ and by sim/; calls nothing.

read -> Reading -> validate -> Signal -> observe (Outcome) -> limit -> Limits -> propose (Observation -> Proposal)
-> decide -> Decision -> act (Command -> Receipt) -> record
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from controller.cells import Array, Bools, Codes, Ints


class Quality(IntEnum):
    """What a source says of its own sample; kept as int8 arrays."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    MISSING = 3


class Verdict(IntEnum):
    """What validation makes of a sample: no data, bad data and too few samples are three different things."""

    OK = 0
    NO_DATA = 1
    BAD_DATA = 2
    TOO_FEW = 3


class Mode(IntEnum):
    """Who is in charge of an output, as in the process industry; ordered by authority."""

    OFF = 0
    OBSERVE = 1
    ADVISE = 2
    MANUAL = 3
    AUTO = 4


class Latch(IntEnum):
    """The fallback state of a measured value: live, held at the last output, or at the safe value."""

    LIVE = 0
    HOLD = 1
    SAFE = 2


@dataclass(frozen=True, slots=True, eq=False)
class Civil:
    """Civil fields of a moment in each cell's zone, shape (cells,)."""

    hour_of_week: Ints
    """0..167, Monday 00:00 = 0."""
    business_date: Ints
    """Proleptic ordinal of the local date (datetime.date.toordinal)."""
    seconds_of_day: Array
    """Local wall-clock seconds since local midnight, 0..86399."""
    holiday: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Tick:
    """One turn of the loop."""

    index: int
    """Number of the scan period since the epoch of the grid; grows by more than one after a stall."""
    time: float
    """UTC, seconds since 1970."""
    elapsed: float
    """Seconds since the last turn (for a policy: since its loop's last execution); always above zero."""
    civil: Civil


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What one sensor says at one tick."""

    sensor: str
    unit: str
    value: Array
    """NaN where missing, never zero for want of data; any float may stand here: validation judges it."""
    window_start: float
    """UTC seconds; start of the event-time window that the value covers."""
    window_end: float
    """UTC seconds; end of that window; for a level, the moment itself."""
    sampled_at: Array
    """UTC seconds, by the source's own clock, of the sample behind the value; NaN where unknown."""
    samples: Array
    """Count of events behind the value; NaN where the source does not say."""
    quality: Codes
    """`Quality` codes, dtype int8."""
    alive: bool | None = None
    """True or False where a second query shows whether the feed is up; None where there is none."""
    note: str = ""
    """What the source said when it failed; shown to operators, free of secrets."""
    spread: Array | None = None
    """Standard deviation of the value, same unit, where it is an estimate that knows its own; None elsewhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Signal:
    """A reading after validation: what the loop may believe of a measured value."""

    sensor: str
    value: Array
    """The newest settled good value; NaN before the first."""
    good_at: Array
    """UTC seconds of the end of the window (or the moment) of that value; -inf before the first."""
    fresh: Bools
    """True where `value` is a new sample since the last tick."""
    verdict: Codes
    """`Verdict` codes of this tick's sample, int8."""
    latch: Codes
    """`Latch` codes, int8."""
    why: tuple[str, ...] = ()
    """Distinct reasons for verdicts other than OK, as enum-like words: `stale`, `nan`, `implausible`, ..."""
    spread: Array | None = None
    """Standard deviation of `value`, where its sensor says one; NaN before the first."""

    def age(self, now: float) -> Array:
        """Seconds since the last good value; inf before the first."""
        return now - self.good_at


@dataclass(frozen=True, slots=True, eq=False)
class Channel:
    """An actuator as policies and guardrails see it: numbers only; values in base units (a share is 0..1)."""

    name: str
    unit: str
    low: float
    high: float
    start: float
    safe: float
    resolution: float | None = None
    levels: tuple[float, ...] | None = None
    max_step: float | None = None
    """Largest change a tick of the loop that moves it."""
    dwell: float = 0.0
    """Seconds that must pass between two moves."""

    @property
    def span(self) -> float:
        """high - low, the 100 % of the output."""
        return self.high - self.low


@dataclass(frozen=True, slots=True, eq=False)
class Coming:
    """What a calendar says of the measured value, as changes of it in shares of the target."""

    change: Array
    """Of the newest window, and of those that end 1, 2, ... executions later; shape (cells, ahead + 1)."""
    odd: Bools
    """True where something of unknown size is going on: the sample says nothing of the market, shape (cells,)."""
    felt: Array | None = None
    """What goes on in each execution's own time from the newest window's end on, whatever the window; shape (cells,
    ahead + 1). None in what is remembered of an execution: it was for the proposal."""


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """What a policy sees at one execution of its loop, shape (cells,) throughout."""

    process_value: Array
    setpoint: Array
    usable: Bools
    """False: the process value must not be acted upon; the output holds and the state freezes."""
    fresh: Bools
    """True where the process value is a new sample since the policy's last execution."""
    applied: Mapping[str, Array]
    """The value in force in each channel the loop moves."""
    direction: Mapping[str, float]
    """+1 where raising the channel raises the process value, -1 where it lowers it, 0 for `either`."""
    feedforward: Mapping[str, Array] = field(default_factory=dict)
    """Output units, added inside the limits."""
    coming: Coming | None = None
    """What is known in advance; None where there is no calendar."""


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """What one guardrail says of one channel at one tick."""

    channel: str
    low: Array | None = None
    """Lowest value allowed, NaN where it does not care; None: no lower bound."""
    high: Array | None = None
    why: str = ""
    """Plain sentence for operators, with the rule cited where there is one."""
    suspend: Bools | None = None
    """True where no value at all is allowed: stop offering, honour what was won."""
    rank: str | None = None
    """Class of this bound where it is softer than its guardrail's, e.g. the pace of a hard budget; None: the same."""


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """The interval that is left of each channel after all guardrails, on the actuator's grid; low <= high always."""

    low: Mapping[str, Array]
    high: Mapping[str, Array]
    low_by: Mapping[str, Ints]
    """Index into `names` of the guardrail that set the bound."""
    high_by: Mapping[str, Ints]
    names: tuple[str, ...]
    why: Mapping[str, str]
    """name -> plain sentence."""
    suspend: Mapping[str, Bools]
    dropped: tuple[str, ...] = ()
    """Guardrails of a lower class that would have emptied an interval, each with what it wanted."""


@dataclass(frozen=True, slots=True, eq=False)
class Proposal:
    """What a policy wants, before decision; values lie inside the limits it was given."""

    value: Mapping[str, Array]
    terms: Mapping[str, Array] = field(default_factory=dict)
    """Named parts of the move (p, i, d, feedforward, ...), in output units."""
    carry: Mapping[str, Array] = field(default_factory=dict)
    """What `observe` needs to move the state once the applied value is known; journalled with the proposal."""
    propensity: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What became of a policy's last execution; moves its state."""

    tick: Tick
    observation: Observation
    limits: Limits
    proposal: Proposal
    applied: Mapping[str, Array]
    """Value in force since then: exactly the proposal where nothing but the quantiser stood between, else the value
    really applied (manual, override, hold, another loop, a lost write)."""
    tracking: Mapping[str, Bools]
    """True where somebody or something else set the value: the state must follow it (external reset)."""


@dataclass(frozen=True, slots=True, eq=False)
class Decision:
    """What the loop will have in force in each channel after this tick."""

    value: Mapping[str, Array]
    requested: Mapping[str, Array]
    """The policy's wish (also in observe, advise and manual, where it is advice)."""
    reason: Mapping[str, Ints]
    """`Reason` codes, one a cell."""
    residual: Mapping[str, Array]
    """What quantisation still owes, carried into the next decision."""


class Reason(IntEnum):
    """Why an output has the value it has; the key of the `why` table."""

    FOLLOWED = 0
    """The policy moved it (or chose not to)."""
    NOT_DUE = 1
    LIMITED_LOW = 2
    LIMITED_HIGH = 3
    HELD_NO_DATA = 4
    HELD_BAD_DATA = 5
    HELD_TOO_FEW = 6
    FALLBACK = 7
    MODE_OFF = 8
    MODE_OBSERVE = 9
    MODE_ADVISE = 10
    MODE_MANUAL = 11
    OVERRIDE = 12
    SUSPENDED = 13
    DWELL = 14
    GATE = 15
    AFTER_END = 16
    STARTING = 17
    STALE_WRITE = 18
    INNER_OPEN = 19
    """The loop whose target this is does not steer now: held, overridden, or another one's wish counts."""


@dataclass(frozen=True, slots=True, order=True)
class Epoch:
    """Order of commands: term grows with each gain of the store's lock, sequence with each command of a term."""

    term: int
    sequence: int

    def __str__(self) -> str:
        return f"{self.term}.{self.sequence}"


@dataclass(frozen=True, slots=True, eq=False)
class Command:
    """An absolute order to an actuator; safe to send twice under one id."""

    id: str
    channel: str
    value: Array
    epoch: Epoch
    issued_at: float
    """UTC seconds."""
    lease: float | None
    """Seconds for which the value holds without renewal; None: until replaced."""
    fallback: Array
    """The lawful value that must be in force once the lease has run out."""
    suspend: Bools | None = None


class Landing(IntEnum):
    """What is known of a command's landing, per cell."""

    CONFIRMED = 0
    UNCONFIRMED = 1
    SUPERSEDED = 2
    REFUSED = 3


@dataclass(frozen=True, slots=True, eq=False)
class Receipt:
    """What an actuator says of a command, or of its state when asked."""

    channel: str
    value: Array
    """Value in force as read back; NaN where unknown."""
    landing: Codes
    """`Landing` codes, int8."""
    epoch: Epoch | None = None
    """Epoch that the target says is in force, where it keeps one."""
    command_id: str = ""
    note: str = ""


def codes(size: int, code: int) -> Codes:
    """An int8 array of one code, shape (size,)."""
    return np.full(size, code, np.int8)
