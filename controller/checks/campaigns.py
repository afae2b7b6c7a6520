"""Told campaigns for contract checks: measurements, faults, limits and hand-overs, the same at every telling.

Called by controller/checks/policies.py. Every number is drawn by cell name and turn, so a cell meets the same fate
alone as among others. All arrays are read-only: who writes into an argument is caught.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools, Cells
from controller.signals import Channel, Civil, Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws

CHANNEL = Channel("output", "share", low=0.03, high=0.12, start=0.05, safe=0.03, max_step=0.01)
_FAULTS = (np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Turn:
    """One execution: what the policy is shown, and what becomes of its proposal."""

    number: int
    tick: Tick
    observation: Observation
    limits: Limits
    intruder: Array
    """What somebody else sets in place of the proposal; NaN where nobody does."""

    @property
    def low(self) -> Array:
        return self.limits.low[CHANNEL.name]

    @property
    def high(self) -> Array:
        return self.limits.high[CHANNEL.name]

    @property
    def applied(self) -> Array:
        """The value in force when the policy executes."""
        return self.observation.applied[CHANNEL.name]


class Story:
    """A campaign of `length` turns for named cells.

    >>> story = Story(("a", "b"), 1.0, length=2)
    >>> [turn.observation.setpoint.tolist() for turn in story.turns()]
    [[100.0, 100.0], [100.0, 100.0]]
    """

    period = 3600.0

    def __init__(self, names: tuple[str, ...], sign: float, length: int = 60) -> None:
        self.cells, self.sign, self.length = Cells(names), sign, length

    def only(self, i: int) -> "Story":
        """The same campaign with one of its cells."""
        return Story(self.cells.names[i : i + 1], self.sign, self.length)

    def turns(self) -> Iterator[Turn]:
        """The turns; the value in force is drawn, not the policy's, so that all policies meet the same."""
        return (self._turn(number) for number in range(self.length))

    def _turn(self, number: int) -> Turn:
        value, usable = self._measured(number)
        setpoint = self.cells.full(100.0 if number < 40 else 130.0)
        fresh = (self._draw(number, "fresh") < 0.8) | (number == 0)
        applied = {CHANNEL.name: locked(self._level(number, "applied"))}
        seen = Observation(
            locked(value), locked(setpoint), locked(usable), locked(fresh), applied, {CHANNEL.name: self.sign}
        )
        intruder = np.where(self._draw(number, "who") < 0.15, self._level(number, "intruder"), np.nan)
        return Turn(number, self._tick(number), seen, self._limits(number), locked(intruder))

    def _measured(self, number: int) -> tuple[Array, Bools]:
        """Around the setpoint, with faults: most are announced as unusable, a few get through."""
        value = 60.0 + 80.0 * self._draw(number, "value")
        which = (self._draw(number, "which") * len(_FAULTS)).astype(np.int64)
        fault = np.array(_FAULTS)[which]
        luck = self._draw(number, "fault")
        broken = luck < 0.2
        usable = ~broken | ((luck < 0.04) & np.isfinite(fault))
        return np.where(broken, fault, value), usable

    def _limits(self, number: int) -> Limits:
        """All of the range, a part of it, or one point."""
        one, two = self._level(number, "one"), self._level(number, "two")
        kind = self._draw(number, "limits")
        low = np.where(kind < 0.5, CHANNEL.low, np.minimum(one, two))
        high = np.where(kind < 0.5, CHANNEL.high, np.where(kind < 0.9, np.maximum(one, two), low))
        nobody = np.zeros(len(self.cells), np.int64)
        name = CHANNEL.name
        free = {name: np.zeros(len(self.cells), np.bool_)}
        return Limits(
            {name: locked(low)}, {name: locked(high)}, {name: nobody}, {name: nobody}, ("told",), {}, free
        )

    def _tick(self, number: int) -> Tick:
        size = len(self.cells)
        hours = np.full(size, number % 168)
        civil = Civil(
            hours, np.full(size, 739000 + number // 24), hours % 24 * 3600.0, np.zeros(size, np.bool_)
        )
        return Tick(number, 1.7e9 + number * self.period, self.period * (1 + number % 3), civil)

    def _level(self, number: int, name: str) -> Array:
        return CHANNEL.low + CHANNEL.span * self._draw(number, name)

    def _draw(self, number: int, name: str) -> Array:
        return Draws(1).uniform(self.cells.key, number, name)


def outcome_of(turn: Turn, proposal: Proposal) -> Outcome:
    """What becomes of a proposal: applied as it is, or somebody else's value."""
    name = CHANNEL.name
    tracking = np.isfinite(turn.intruder)
    applied = np.where(tracking, turn.intruder, proposal.value[name])
    return Outcome(
        turn.tick, turn.observation, turn.limits, proposal, {name: locked(applied)}, {name: locked(tracking)}
    )


def locked(array: NDArray[Any]) -> NDArray[Any]:
    """The array, read-only from now on."""
    array.flags.writeable = False
    return array
