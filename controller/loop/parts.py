"""What a loop is built of; assembly fills it, the loop turns it, recording saves and restores it.

Holds references only: every part keeps its own state.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from controller.cells import Cells
from controller.loop.approach import Approach
from controller.loop.authority import Authority
from controller.loop.cascade import Link
from controller.loop.dispatch import Dispatcher, Epochs
from controller.loop.execution import Execution
from controller.loop.facts import Facts
from controller.loop.guards import Guards
from controller.loop.pace import Pace
from controller.loop.selection import Selection
from controller.loop.setpoints import Setpoint
from controller.loop.validation import Validator
from controller.ports import Gate, Sensor, Store
from models.draws import Draws


@dataclass(frozen=True, slots=True)
class Span:
    """When the campaign runs, in UTC seconds, and what stands afterwards."""

    starts_at: float = -np.inf
    ends_at: float = np.inf
    safe_afterwards: bool = True


@dataclass(slots=True, kw_only=True, eq=False)
class Parts:
    """What assembly builds a loop of; keyed by sensor, loop or channel name."""

    campaign: str
    digest: str
    cells: Cells
    sensors: Mapping[str, Sensor]
    validators: Mapping[str, Validator]
    setpoints: Mapping[str, Setpoint]
    executions: Mapping[str, Execution]
    selections: Mapping[str, Selection]
    """Channel -> whose wish counts."""
    approaches: Mapping[str, Approach] = field(default_factory=dict)
    """Loop -> the way to its target, where it is not jumped to."""
    paces: Mapping[str, Pace] = field(default_factory=dict)
    """Loop -> its setpoint from what is left, where it reaches a total or spends a budget."""
    links: Sequence[Link] = ()
    """Targets that other loops move, outermost first; `executions` stand in the same order."""
    shared: bool = False
    """True where a loop leads another, moves several outputs or approaches its target: who has an output counts."""
    dispatchers: Mapping[str, Dispatcher]
    guards: Guards
    facts: Facts
    authority: Authority
    gate: Gate
    draws: Draws
    store: Store
    epochs: Epochs
    span: Span
    about: Mapping[str, Any]
    """What a reader of the journal must know: names, units, targets, bands, budgets; small JSON."""
