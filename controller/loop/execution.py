"""One control loop of a campaign: when its policy is due, what it sees, and what became of its last move.

Called by the loop (controller/loop.py); calls one Policy through its port. Keeps the policy's last execution until its
outcome is known, so that the state moves by the value really applied: exact anti-windup, and advice that is always the
best next move from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools, Cells
from controller.clock import period_of
from controller.loop.calendar import Calendar
from controller.loop.outcomes import pack, unpack
from controller.loop.split import EFFORT, Split
from controller.ports import Policy
from controller.signals import Channel, Latch, Limits, Observation, Outcome, Proposal, Signal, Tick, Verdict
from models.draws import Draws


@dataclass(frozen=True, slots=True, eq=False)
class Declared:
    """What a control loop is declared as, in numbers."""

    name: str
    measure: str
    channels: Mapping[str, Channel]
    direction: Mapping[str, float]
    every: float
    """Seconds."""
    zone: str = "UTC"
    version: str = ""
    """kind and version of the policy: a saved state of another is not restored."""
    split: Split | None = None
    """Where the policy moves one output and the loop several."""
    calendar: Calendar | None = None
    """What is known in advance of the measured value; None: nothing."""


@dataclass(frozen=True, slots=True, eq=False)
class Hands:
    """Who has the outputs at one turn, by channel, shape (cells,)."""

    actual: Mapping[str, Array]
    """The value that stands, by best knowledge."""
    taken: Mapping[str, Bools]
    """True where a person has set it, or its target does not do what it is told."""
    parked: Mapping[str, Bools]
    """True where a target is kept by nobody, since its loop does not steer."""


class Execution:
    """Timing, observation and memory of one control loop."""

    def __init__(self, declared: Declared, policy: Policy, cells: Cells) -> None:
        self.declared, self.policy, self.cells = declared, policy, cells
        self.pending: Outcome | None = None
        """The last execution; its `applied` is provisional until `settle`."""
        self.last_period: int | None = None
        self.last_time = float("nan")
        self.good_at = np.full(len(cells), -np.inf)

    def due(self, tick: Tick, signal: Signal) -> bool:
        """True once in each period, as soon as a new sample is there; a missed period is never made up for.

        A loop that waits for a slow sensor executes late, with all the time in between; one whose sensor is held
        executes on time and blind, so that the time without data is nobody's to integrate.
        """
        if period_of(tick.time, self.declared.every, self.declared.zone) == self.last_period:
            return False
        held = signal.latch != Latch.LIVE
        return bool((held | (self._usable(signal) & self._fresh(signal))).any())

    def _usable(self, signal: Signal) -> Bools:
        """Cells whose sensor is believed and answers now."""
        answers = (signal.latch == Latch.LIVE) & (signal.verdict == Verdict.OK)
        usable: Bools = answers & np.isfinite(signal.value)
        return usable

    def _fresh(self, signal: Signal) -> Bools:
        """Cells with a sample that the policy has not acted upon."""
        fresh: Bools = signal.good_at > self.good_at
        return fresh

    def settle(self, applied: Mapping[str, Array], tracking: Mapping[str, Bools]) -> None:
        """Tell the policy what became of its last execution; exactly the proposal where nothing tracked."""
        if self.pending is None:
            return
        if self.declared.split is not None:
            applied = {EFFORT: self.declared.split.effort(applied)}
            tracking = {EFFORT: np.logical_or.reduce([tracking[n] for n in self.declared.channels])}
        exact = {
            name: np.where(tracking[name], applied[name], value)
            for name, value in self.pending.proposal.value.items()
        }
        self.policy.observe(replace(self.pending, applied=exact, tracking=tracking))
        self.pending = None

    def observation(self, signal: Signal, setpoint: Array, applied: Mapping[str, Array]) -> Observation:
        """What the policy may see: unusable cells hold their output and freeze their state."""
        usable = self._usable(signal) & np.isfinite(setpoint)
        mine = {name: applied[name] for name in self.declared.channels}
        calendar = self.declared.calendar
        coming = None if calendar is None else calendar.coming(signal.good_at)
        return Observation(
            signal.value, setpoint, usable, self._fresh(signal), mine, self.declared.direction, coming=coming
        )

    def execute(
        self, tick: Tick, seen: Observation, limits: Limits, draws: Draws, good_at: Array, hands: Hands
    ) -> tuple[Proposal, Proposal | None]:
        """Ask the policy and remember the execution until its outcome is known.

        Returns what is wanted of each channel, and for a loop of several the wish that was shared out.
        """
        elapsed = self.declared.every if np.isnan(self.last_time) else tick.time - self.last_time
        mine, split = replace(tick, elapsed=elapsed), self.declared.split
        view = None if split is None else split.view(seen, limits, hands.actual, hands.taken)
        shown, bounds = (seen, limits) if view is None else (view.observation, view.limits)
        wish = self.policy.propose(mine, shown, bounds, draws)
        nowhere = {name: np.zeros(len(self.cells), np.bool_) for name in wish.value}
        self.pending = Outcome(mine, shown, bounds, wish, wish.value, nowhere)
        self.last_period = period_of(tick.time, self.declared.every, self.declared.zone)
        self.last_time, self.good_at = tick.time, good_at
        return (wish, None) if view is None else (view.shared(wish), wish)

    # -- saving -----------------------------------------------------------------------------------------------------

    def saved(self) -> dict[str, Any]:
        """Small JSON that goes with `state`."""
        tick = self.pending.tick if self.pending else None
        return {
            "version": self.declared.version,
            "last_period": self.last_period,
            "last_time": None if np.isnan(self.last_time) else self.last_time,
            "pending": [tick.index, tick.time, tick.elapsed] if tick else None,
        }

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays to be saved; the first axis is cells."""
        own = {f"policy.{name}": value for name, value in self.policy.state().items()}
        waiting = {f"pending.{name}": value for name, value in pack(self.pending).items()}
        return own | waiting | {"good_at": self.good_at}

    def restored(self, saved: Mapping[str, Any], state: Mapping[str, NDArray[Any]]) -> bool:
        """Take a saved state back; False, and a bumpless start from the applied value, for another kind or version."""
        if saved["version"] != self.declared.version:
            return False
        self.last_period = saved["last_period"]
        self.last_time = float("nan") if saved["last_time"] is None else float(saved["last_time"])
        self.good_at = state["good_at"].copy()
        self.policy.restore(
            {k.removeprefix("policy."): v for k, v in state.items() if k.startswith("policy.")}
        )
        waiting = {k.removeprefix("pending."): v for k, v in state.items() if k.startswith("pending.")}
        direction = self.declared.direction if self.declared.split is None else {EFFORT: 1.0}
        self.pending = unpack(waiting, saved["pending"], direction, len(self.cells))
        return True
