"""The seams between the loop and the world: what a sensor, an actuator, a policy, a guardrail, a store and a gate are.

The loop imports these and never a concrete member, so the same loop runs live and in the simulator. Members of the
four families are built as `Class(Scope or declaration, settings)`; see each protocol. Calls nothing but the nouns.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from numpy.typing import NDArray

from controller.cells import Array, Cells
from controller.signals import (
    Bound,
    Channel,
    Command,
    Epoch,
    Limits,
    Observation,
    Outcome,
    Proposal,
    Reading,
    Receipt,
    Signal,
    Tick,
)
from models.draws import Draws

State = Mapping[str, NDArray[Any]]
"""Saved state of a part: named arrays whose first axis is cells (or pools)."""


@runtime_checkable
class Sensor(Protocol):
    """One measured value. Built as `Class(declared: plan.Sensor, settings, cells)`.

    Raises SensorError when no reading can be made; never retries, never remembers a good value, never fills a gap:
    validation does all of that once, around every sensor.
    """

    def read(self, tick: Tick) -> Reading: ...


@runtime_checkable
class Actuator(Protocol):
    """One thing that can be turned. Built as `Class(declared: plan.Actuator, settings, cells)`.

    `apply` is idempotent under one command id and never lets an older epoch overwrite a newer one where the target can
    tell. It may try again, but only within the tick. Raises Refused (final) or Unreachable (outcome open).
    """

    def apply(self, command: Command) -> Receipt: ...

    def read_back(self) -> Receipt:
        """The value in force now, NaN where the target can't say; raises Unreachable."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class PolicyScope:
    """What a policy is built for: `Class(scope, settings)`."""

    cells: Cells
    channels: Mapping[str, Channel]
    """The channels its loop moves, in order of use."""
    period: float
    """Seconds between executions."""
    tolerance: "Tolerance | None" = None
    """What counts as kept; None: nothing is known of it."""


@dataclass(frozen=True, slots=True, eq=False)
class Tolerance:
    """What counts as kept of a loop's target, and whether keeping it costs money."""

    band: Array
    """Half-width around the setpoint, share of it, shape (cells,); zero where the target has none."""
    over: float
    """Seconds of the window over which the target is judged."""
    costs: bool = False
    """True where the loop pays from a budget: of two values that both keep the target, the cheaper is the better."""


class Policy(Protocol):
    """Turns an observation into a proposal. `propose` is pure; only `observe` moves the state.

    A class that says `several = True` is shown every channel of its loop; any other is shown one, and where the loop
    moves several, that is the `effort` that controller/loop/split.py shares out among them.
    """

    version: int
    """Version of the saved state's layout; a state of another version is not restored."""

    def propose(self, tick: Tick, observation: Observation, limits: Limits, draws: Draws) -> Proposal: ...

    def observe(self, outcome: Outcome) -> None:
        """Move the state by what became of the last execution."""
        ...

    def state(self) -> State: ...

    def restore(self, state: State) -> None: ...


@dataclass(frozen=True, slots=True, eq=False)
class GuardrailScope:
    """What a guardrail is built for: `Class(scope, settings)`."""

    cells: Cells
    channels: Mapping[str, Channel]
    budgets: Mapping[str, "BudgetScope"] = field(default_factory=dict)
    starts_at: float = 0.0
    """UTC seconds of the campaign's start and end."""
    ends_at: float = float("inf")
    enforced: bool = False
    """True where a ledger behind the actuator enforces budgets by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class BudgetScope:
    """A budget in numbers of its own currency, and the names of the signals and channels that concern it."""

    name: str
    currency: str
    total: float
    paid: str | None
    """Sensor of money paid so far, cumulative."""
    owed: str | None
    """Sensor of money issued and not yet redeemed."""
    channels: tuple[str, ...]
    """Channels that spend from it."""
    unit_cost: float | None = None
    """Money one unit of `measure` costs at full output (the channel's high end), where no sensor tells."""
    measure: str | None = None
    """Sensor whose value `unit_cost` is counted on; a rate: so many a `measure_seconds`."""
    measure_seconds: float = 3600.0
    lag: float = 0.0
    """Seconds by which the paid sensor trails the world."""
    worst_per_hour: float | None = None
    plan: str = "even"
    week: tuple[float, ...] = ()
    """168 hour-of-week weights of mean 1 by which `plan: forecast` goes where none are learned; empty: even."""


@dataclass(frozen=True, slots=True, eq=False)
class Context:
    """All that a guardrail may know at one tick."""

    tick: Tick
    signals: Mapping[str, Signal]
    facts: Mapping[str, Array]
    """Folds of the journal by named reducers, e.g. `applied.win_rate`, `reversals.win_rate`; shape (cells,)."""


class Guardrail(Protocol):
    """Narrows what outputs are allowed; pure. `rank` is its class: law > safety > process."""

    rank: str
    """`law`, `safety` or `process`."""
    needs: tuple[str, ...]
    """Names of the facts it reads."""

    def limit(self, context: Context) -> Sequence[Bound]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One row of the journal."""

    kind: str
    """`start`, `config`, `intent`, `tick`, `command`, `alarm`, `stop`."""
    index: int
    """Tick index."""
    time: float
    """UTC seconds."""
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    """Arrays of shape (cells,), dtype float64, int64, int8 or bool; e.g. `signal.units.value`, `applied.win_rate`."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Small JSON: names, reasons, ids."""
    number: int = -1
    """Position in the journal, given by the store; grows by one."""


@dataclass(frozen=True, slots=True)
class OperatorCommand:
    """What a person asks of the daemon: a row in the store, so that it works while the daemon is down."""

    verb: str
    """hold, resume, safe, mode, override, release, ack, shelve, reload, accept."""
    owner: str
    reason: str
    data: Mapping[str, Any] = field(default_factory=dict)
    """channel, cell, value, mode, ... as the verb needs."""
    expires_at: float | None = None
    issued_at: float = 0.0
    number: int = -1


class Store(Protocol):
    """The journal and the operators' rows: the only memory that live, replay and evaluation share."""

    def claim(self, owner: str) -> int:
        """Take the store's lock and return a term higher than any before; raises StoreBusy."""
        ...

    def append(self, record: Record, durable: bool = True) -> int:
        """Add one record and return its number; on disk at return where `durable`; raises StoreBroken."""
        ...

    def records(self, start: int = 0, kinds: Iterable[str] | None = None) -> Iterator[Record]: ...

    def last(self, kind: str) -> Record | None: ...

    def save_snapshot(self, number: int, state: State, data: Mapping[str, Any]) -> None:
        """Keep the state of all parts as it was after record `number`."""
        ...

    def snapshot(self) -> tuple[int, State, Mapping[str, Any]] | None: ...

    def post(self, command: OperatorCommand) -> int: ...

    def pending(self, after: int = -1) -> Sequence[OperatorCommand]:
        """Operators' commands with a number above `after`, oldest first."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Permission:
    """The gate's answer: may outputs be written in auto, and why (not)."""

    granted: bool
    why: str
    expires_at: float | None = None


class Gate(Protocol):
    """Says whether auto may act: a simulated market passes; anything else needs a certificate or a named acceptance."""

    def permit(self, tick: Tick, digest: str) -> Permission: ...


class Clock(Protocol):
    """The only source of time. `tick(index)` builds the civil fields; `now` is UTC seconds."""

    def now(self) -> float: ...

    def monotonic(self) -> float: ...


__all__ = [
    "Actuator",
    "BudgetScope",
    "Clock",
    "Context",
    "Epoch",
    "Gate",
    "Guardrail",
    "GuardrailScope",
    "OperatorCommand",
    "Permission",
    "Policy",
    "PolicyScope",
    "Record",
    "Sensor",
    "State",
    "Store",
    "Tolerance",
]
