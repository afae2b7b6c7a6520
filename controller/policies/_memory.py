"""What pid and simple_pid remember between executions, and how it moves: by the value really applied.

Called by these two policies alone; calls models.pid for the law's own part of the state. All in output units, so that
other gains can go on from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools, Ints
from controller.signals import Outcome
from models.draws import key_of
from models.pid import state as pid_state
from models.pid.law import Law

_LAW = tuple(field.name for field in fields(pid_state.State))


@dataclass(frozen=True, slots=True, eq=False)
class Memory:
    """Arrays of shape (cells,); never changed, only replaced."""

    law_state: pid_state.State
    """NaN in `integral`: no execution yet, or to be started anew from the value in force."""
    gain: Array
    """b kp of the last execution: its P on the error was gain x error."""
    rest: Array
    """P + D + feedforward of the last execution."""
    feedforward: Array
    waited: Array
    """Seconds of executions without a new sample since the last one acted upon; they count for the integral."""
    blind: Array
    """Seconds without a believable sample since then; they count for slopes only."""
    shape: Ints
    """What the state belongs to; one of another shape is not continued."""

    @classmethod
    def unborn(cls, cells: int, shape: str) -> "Memory":
        """Before the first execution."""
        gain, rest, feedforward, waited, blind = np.zeros((5, cells))
        belongs = np.full(cells, key_of(shape) >> 1, np.int64)
        return cls(pid_state.State.fresh(cells, np.nan), gain, rest, feedforward, waited, blind, belongs)

    @property
    def born(self) -> Bools:
        """True where there is something to go on from."""
        return np.isfinite(self.law_state.integral)

    @property
    def proportional(self) -> Array:
        """P of the last execution, 0 before the first."""
        return _known(self.gain * self.law_state.error) + self.law_state.on_measurement

    def ready(self, law: Law, held: Array, bumpless: bool) -> pid_state.State:
        """The law's state to step from: begun where there is none, and moved to the gains of today without a bump."""
        mine = self.law_state
        integral = np.where(self.born, mine.integral, held)
        gain = law.setpoint_weight * law.kp
        if bumpless and (self.gain != gain).any():
            integral = integral + _known((self.gain - gain) * mine.error)
        if law.setpoint_weight == 1.0 and mine.on_measurement.any():
            integral = integral + mine.on_measurement
        return replace(mine, integral=integral)

    def carry(
        self, after: pid_state.State, law: Law, acted: Bools, rest: Array, feedforward: Array | float
    ) -> dict[str, NDArray[Any]]:
        """What `observed` needs, for the proposal."""
        mine = {name: np.where(acted, getattr(after, name), getattr(self.law_state, name)) for name in _LAW}
        gain = np.where(acted, law.setpoint_weight * law.kp, self.gain)
        others = {"gain": gain, "rest": np.where(acted, rest, self.rest), "acted": acted}
        return mine | others | {"feedforward": np.where(acted, feedforward, self.feedforward)}

    def terms(
        self, parts: tuple[Array, Array, Array], carry: Mapping[str, Array], move: Array, acted: Bools
    ) -> dict[str, Array]:
        """Parts of a move, in output units; together they are the move.

        `parts`: P, the integral's increment, and what the limits took. `carried` is what the last execution still owed:
        rounding, a value set by somebody else, anti-windup.
        """
        proportional, increment, limited = parts
        named = {
            "p": proportional - self.proportional,
            "i": increment,
            "d": carry["derivative"] - self.law_state.derivative,
            "feedforward": carry["feedforward"] - self.feedforward,
            "limits": limited,
        }
        named = {name: np.where(acted, part, 0.0) for name, part in named.items()}
        return named | {"carried": _known(move) - sum(named.values())}

    def observed(self, outcome: Outcome, channel: str, bumpless: bool) -> "Memory":
        """The memory after an execution whose outcome is known."""
        carry, seen, elapsed = outcome.proposal.carry, outcome.observation, outcome.tick.elapsed
        acted = np.asarray(carry["acted"], np.bool_)
        after = replace(
            self,
            law_state=pid_state.State(*(carry[name] for name in _LAW)),
            gain=carry["gain"],
            rest=carry["rest"],
            feedforward=carry["feedforward"],
            waited=np.where(acted, 0.0, self.waited + np.where(seen.usable, elapsed, 0.0)),
            blind=np.where(acted, 0.0, self.blind + np.where(seen.usable, 0.0, elapsed)),
        )
        applied, proposed = outcome.applied[channel], outcome.proposal.value[channel]
        moved = outcome.tracking[channel] & np.isfinite(applied) & (acted | (applied != proposed))
        if not moved.any():
            return after
        if not bumpless:
            return after.reset(applied, moved)
        lost: Bools = moved & ~acted & ~seen.usable
        return after.following(applied, moved, lost)

    def following(self, applied: Array, moved: Bools, lost: Bools) -> "Memory":
        """External reset: P + I + D + feedforward is what somebody set; where there was no measurement, start anew."""
        mine = self.law_state
        integral = np.where(moved & self.born, applied - self.rest, mine.integral)
        fresh = pid_state.State.fresh(len(applied), np.nan)
        followed = replace(mine, integral=integral)
        return replace(self, law_state=_choose(lost, fresh, followed))

    def reset(self, applied: Array, moved: Bools) -> "Memory":
        """simple-pid's hand-over: terms are cleared, the integral is the last output."""
        return replace(
            self, law_state=_choose(moved, pid_state.State.fresh(len(applied), applied), self.law_state)
        )

    def saved(self) -> dict[str, NDArray[Any]]:
        """Named arrays; the first axis is cells."""
        own = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "law_state"}
        return {name: array.copy() for name, array in (own | self._law_arrays()).items()}

    def _law_arrays(self) -> dict[str, Array]:
        return {name: getattr(self.law_state, name) for name in _LAW}

    def restored(self, saved: Mapping[str, NDArray[Any]]) -> "Memory":
        """The memory that was saved, where it has this one's shape; unborn elsewhere."""
        same = np.asarray(saved["shape"]) == self.shape
        begin = Memory.unborn(len(self.gain), "")
        old = pid_state.State(*(np.asarray(saved[name], np.float64) for name in _LAW))
        names = ("gain", "rest", "feedforward", "waited", "blind")
        rest = {name: np.where(same, saved[name], getattr(begin, name)) for name in names}
        return replace(self, law_state=_choose(same, old, begin.law_state), **rest)


def _choose(where: Bools, first: pid_state.State, second: pid_state.State) -> pid_state.State:
    return pid_state.State(*(np.where(where, getattr(first, n), getattr(second, n)) for n in _LAW))


def _known(values: Array) -> Array:
    """0 where nothing is known."""
    return np.where(np.isfinite(values), values, 0.0)
