"""One turn of the loop, as seen from outside: what alarms, metrics, the page and `why` are told.

Made by the loop; read by everything that looks at a running loop. Never changed after it is made.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from controller.cells import Array, Bools, Codes
from controller.loop.decide import Verdicted
from controller.signals import Command, Limits, Mode, Observation, Proposal, Reading, Signal, Tick


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is not as it should be at this tick; the alarm book turns conditions into alarms."""

    code: str
    """Key of the alarm table, e.g. `sensor_bad`."""
    subject: str
    """Sensor, actuator, guardrail or loop it concerns."""
    text: str
    """Plain words: what is wrong, the value, what is allowed."""


@dataclass(frozen=True, slots=True, eq=False)
class Executed:
    """A control loop's execution within the turn."""

    observation: Observation
    proposal: Proposal
    wish: Proposal | None = None
    """What was shared out, where the loop moves several actuators by one effort."""


@dataclass(frozen=True, slots=True, eq=False)
class Output:
    """One actuator at the end of the turn."""

    decided: Verdicted
    read_back: Array
    """Value in force before the turn's write, NaN where unreadable."""
    drifted: Bools
    """True where somebody else had changed a confirmed value before this turn."""
    applied: Array
    """Best knowledge of the value in force after it."""
    known: Bools
    landing: Codes
    order: Command | None
    """The command sent in this turn."""
    epoch: str
    """Of the standing order; empty where none stands."""
    lease_ends: float | None
    failed: tuple[tuple[str, str, str], ...] = ()
    """Calls of the actuator that failed in this turn; see `Dispatcher.failed`."""


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """Everything of one tick."""

    tick: Tick
    readings: Mapping[str, Reading]
    failures: Mapping[str, str]
    """Sensor -> what it said when it failed."""
    signals: Mapping[str, Signal]
    setpoints: Mapping[str, Array]
    limits: Limits
    executed: Mapping[str, Executed]
    outputs: Mapping[str, Output]
    mode: Mode
    """Requested mode."""
    gate: str
    """Why auto is (not) permitted; empty when it was not asked."""
    permitted: bool
    facts: Mapping[str, Array]
    said: tuple[str, ...] = ()
    """What operators' commands did, and which overrides ran out, as sentences."""
    conditions: tuple[Condition, ...] = ()
    number: int = field(default=-1)
    """Number of its record in the journal."""
