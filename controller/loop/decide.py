"""From wishes to what will be in force: who is in charge, what holds, what the limits leave, what the grid allows.

Called by the loop for each channel; pure. The order is fixed: the policy's wish, then held or fallen back for want of
good data, then dwell, mode, end of campaign, override, limits, suspension, grid. Process limits bind the policy;
law and safety bind everybody, operators too.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools, Codes, Ints
from controller.loop.grid import quantise
from controller.signals import Channel, Latch, Mode, Reason, Verdict

_HELD = {
    Verdict.NO_DATA: Reason.HELD_NO_DATA,
    Verdict.BAD_DATA: Reason.HELD_BAD_DATA,
    Verdict.TOO_FEW: Reason.HELD_TOO_FEW,
}

_ADVICE = {
    Mode.OFF: Reason.MODE_OFF,
    Mode.OBSERVE: Reason.MODE_OBSERVE,
    Mode.ADVISE: Reason.MODE_ADVISE,
    Mode.MANUAL: Reason.MODE_MANUAL,
}


@dataclass(frozen=True, slots=True, eq=False)
class Situation:
    """All that decides one channel at one tick, shape (cells,)."""

    channel: Channel
    now: float
    current: Array
    """The value that is, or should be, in force."""
    wish: Array
    """The policy's proposal; NaN where no policy executed."""
    usable: Bools
    """True where the policy acted on believable data."""
    verdict: Codes
    latch: Codes
    moved_at: Array
    """UTC seconds of the last change."""
    low: Array
    high: Array
    hard_low: Array
    """Limits of law and safety alone."""
    hard_high: Array
    suspend: Bools
    safe: Array
    """The safe value, resolved inside the law."""
    forced: Array
    """Operators' overrides, NaN where none."""
    residual: Array
    mode: Mode
    permitted: bool
    """The gate's word on auto."""
    ended: bool
    parked: Bools | None = None
    """For the target of a loop: True where that loop does not steer."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdicted:
    """What came of it."""

    value: Array
    advice: Array
    """What auto would have put in force; equals `value` in auto."""
    reason: Ints
    residual: Array
    write: bool
    """False in off, observe and advise: nothing is sent."""
    mode: Ints
    """Actual `Mode` of each cell."""


def decide(at: Situation) -> Verdicted:
    """Settle one channel."""
    value, reason = _automatic(at)
    writes = at.mode == Mode.AUTO and at.permitted
    advice, owed = _on_grid(at, value, reason)
    if writes:
        actual = np.where(reason == Reason.OVERRIDE, int(Mode.MANUAL), int(Mode.AUTO))
        return Verdicted(
            advice, advice, reason, owed, True, np.where(_held(reason), int(Mode.MANUAL), actual)
        )
    return _not_automatic(at, advice)


def _automatic(at: Situation) -> tuple[Array, Ints]:
    """Value and reason as if in auto, before the grid."""
    asked = np.isfinite(at.wish)
    value = np.where(asked & at.usable, at.wish, at.current)
    reason = np.where(asked, int(Reason.FOLLOWED), int(Reason.NOT_DUE))
    held = at.latch == Latch.HOLD
    holds = (asked & ~at.usable) | held
    if holds.any():
        for verdict, word in _HELD.items():
            reason = np.where((at.verdict == verdict) & holds, int(word), reason)
        reason = np.where(held & (at.verdict == Verdict.OK), int(Reason.HELD_BAD_DATA), reason)
        value = np.where(held, at.current, value)
    dwelling = asked & (at.now - at.moved_at < at.channel.dwell) & (np.abs(value - at.current) > 0)
    value, reason = _put(value, reason, dwelling, at.current, Reason.DWELL)
    if at.parked is not None:
        value, reason = _put(value, reason, at.parked & asked, at.current, Reason.INNER_OPEN)
    value, reason = _bounded(at, value, reason)
    value, reason = _put(value, reason, at.latch == Latch.SAFE, at.safe, Reason.FALLBACK)
    if at.ended:
        value, reason = _put(value, reason, np.ones(len(value), np.bool_), at.safe, Reason.AFTER_END)
    value, reason = _put(value, reason, np.isfinite(at.forced), at.forced, Reason.OVERRIDE)
    value = np.clip(value, at.hard_low, at.hard_high)
    return _put(value, reason, at.suspend, at.safe, Reason.SUSPENDED)


def _bounded(at: Situation, value: Array, reason: Ints) -> tuple[Array, Ints]:
    """Inside all limits. They can only have been crossed by the limits' own move: towards safety."""
    reason = np.where(value < at.low, int(Reason.LIMITED_LOW), reason)
    reason = np.where(value > at.high, int(Reason.LIMITED_HIGH), reason)
    return np.clip(value, at.low, at.high), reason


def _put(value: Array, reason: Ints, where: Bools, other: Array, word: Reason) -> tuple[Array, Ints]:
    return np.where(where, other, value), np.where(where, int(word), reason)


def _held(reason: Ints) -> Bools:
    return _any_of(reason, Reason.HELD_NO_DATA, Reason.HELD_BAD_DATA, Reason.FALLBACK)


def _any_of(reason: Ints, *words: Reason) -> Bools:
    """Where a reason is one of a few; np.isin sorts, which costs more than all else here."""
    found: Bools = np.logical_or.reduce([reason == int(word) for word in words])
    return found


def _on_grid(at: Situation, value: Array, reason: Ints) -> tuple[Array, Array]:
    """The nearest value that the actuator can take; what rounding owes is carried only for the policy's own moves."""
    mine = reason == Reason.FOLLOWED
    low, high = np.where(mine, at.low, at.hard_low), np.where(mine, at.high, at.hard_high)
    rounded, owed = quantise(value, np.where(mine, at.residual, 0.0), low, high, at.channel)
    same = _any_of(reason, Reason.NOT_DUE, Reason.DWELL)
    return rounded, np.where(mine, owed, np.where(same, at.residual, 0.0))


def _not_automatic(at: Situation, advice: Array) -> Verdicted:
    """Off, observe, advise and manual, and auto without the gate's leave: the policy advises, people act."""
    nothing = np.zeros(len(advice))
    if at.mode == Mode.MANUAL:
        forced = np.isfinite(at.forced)
        value = np.clip(np.where(forced, at.forced, at.current), at.hard_low, at.hard_high)
        value, _ = quantise(
            np.where(at.suspend, at.safe, value), nothing, at.hard_low, at.hard_high, at.channel
        )
        why = np.where(forced, int(Reason.OVERRIDE), int(Reason.MODE_MANUAL))
        return Verdicted(value, advice, why, nothing, True, np.full(len(value), int(Mode.MANUAL)))
    shown = Mode.ADVISE if at.mode == Mode.AUTO else at.mode
    why_not = Reason.GATE if at.mode == Mode.AUTO else _ADVICE[at.mode]
    codes = np.full(len(advice), int(why_not))
    return Verdicted(at.current, advice, codes, nothing, False, np.full(len(advice), int(shown)))
