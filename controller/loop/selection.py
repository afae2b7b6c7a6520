"""Whose wish counts on one channel: the one loop that moves it, or the lowest or highest of several.

Called by the loop; pure but for remembering the loops' latest wishes and whether they were followed, which is what
tells a policy that it lost (it then tracks the value in force).
"""

from collections.abc import Mapping

import numpy as np

from controller.cells import Array, Bools, Cells, Ints
from controller.loop.turn import Executed
from controller.signals import Latch, Reason, Signal, Verdict, codes

_STANDS = (
    Reason.NOT_DUE, Reason.DWELL, Reason.HELD_NO_DATA, Reason.HELD_BAD_DATA, Reason.HELD_TOO_FEW,
)  # fmt: skip
"""Reasons under which a wish that was followed before goes on standing; a person's hold is not among them."""


class Selection:
    """The loops of one channel.

    Parameters
    ----------
    loops: loop name -> the sensor it measures.
    rule: `only`, `lowest` or `highest`.
    """

    def __init__(self, channel: str, loops: Mapping[str, str], rule: str, cells: Cells) -> None:
        self.channel, self.loops, self.rule = channel, dict(loops), rule
        self.wishes = {name: cells.full(np.nan) for name in loops}
        self.winner = np.full(len(cells), -1, np.int64)
        self.kept = np.zeros(len(cells), np.bool_)
        """True where the winner's wish was followed and still stands."""
        self.intended = cells.full(np.nan)

    def choose(
        self, executed: Mapping[str, Executed], signals: Mapping[str, Signal]
    ) -> tuple[Array, Bools, Signal]:
        """The wish that counts (NaN: no loop executed), where it rests on usable data, and the signal to hold by."""
        for name in self.loops:
            if name in executed:
                run = executed[name]
                self.wishes[name] = np.where(run.observation.usable, run.proposal.value[self.channel], np.nan)
        ran = [name for name in self.loops if name in executed]
        signal = self._worst([signals[sensor] for sensor in self.loops.values()])
        if not ran:
            nothing = np.full_like(self.intended, np.nan)
            return nothing, np.zeros(len(nothing), np.bool_), signal
        table = np.array([self.wishes[name] for name in self.loops])
        some = np.isfinite(table).any(axis=0)
        fill = np.inf if self.rule != "highest" else -np.inf
        table = np.where(np.isfinite(table), table, fill)
        self.winner = np.where(
            some, table.argmax(axis=0) if self.rule == "highest" else table.argmin(axis=0), -1
        )
        best = table.max(axis=0) if self.rule == "highest" else table.min(axis=0)
        asked = executed[ran[0]].observation.applied[self.channel]
        return np.where(some, best, asked), some, signal

    def settle(self, reason: Ints, intended: Array) -> None:
        """Remember what was decided; a wish that was followed stays followed until the value changes hands."""
        same = self.kept & (self.intended == intended) & np.isin(reason, _STANDS)
        self.kept, self.intended = (reason == Reason.FOLLOWED) | same, intended

    def check(self, applied: Array, tolerance: float) -> None:
        """A value that somebody else changed since is no longer the winner's."""
        self.kept &= np.abs(applied - self.intended) <= tolerance

    def followed(self, loop: str) -> Bools:
        """Where this loop's last wish is what stands."""
        mine = list(self.loops).index(loop)
        won: Bools = self.kept & (self.winner == mine)
        return won

    def lost(self, loop: str) -> Bools:
        """Where another loop's wish counts and not this one's."""
        return np.zeros_like(self.kept) if len(self.loops) < 2 else ~self.followed(loop)

    def _worst(self, signals: list[Signal]) -> Signal:
        """One loop: its own signal. Several: a cell is held or safe only where every loop's is; verdicts likewise."""
        if len(signals) == 1:
            return signals[0]
        if not signals:
            return self._unmeasured()
        latch, verdict = codes(len(self.kept), Latch.SAFE), codes(len(self.kept), Verdict.TOO_FEW)
        for signal in signals:
            latch, verdict = np.minimum(latch, signal.latch), np.minimum(verdict, signal.verdict)
        first = signals[0]
        return Signal(first.sensor, first.value, first.good_at, first.fresh, verdict, latch, first.why)

    def _unmeasured(self) -> Signal:
        """What a channel that no loop moves is held by: nothing; it stays where it is, and people may override it."""
        size = len(self.kept)
        nan, never = np.full(size, np.nan), np.full(size, -np.inf)
        live, fine = codes(size, Latch.LIVE), codes(size, Verdict.OK)
        return Signal("", nan, never, np.zeros(size, np.bool_), fine, live)

    # -- saving -----------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Array]:
        """Arrays to be saved; the first axis is cells."""
        own = {
            "winner": self.winner.astype(float),
            "kept": self.kept.astype(float),
            "intended": self.intended,
        }
        return own | {f"wish.{name}": wish for name, wish in self.wishes.items()}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Take saved arrays back; loops that are new start without a wish."""
        self.winner, self.kept = state["winner"].astype(np.int64), state["kept"] > 0
        self.intended = state["intended"].copy()
        self.wishes |= {name: state[f"wish.{name}"].copy() for name in self.wishes if f"wish.{name}" in state}
