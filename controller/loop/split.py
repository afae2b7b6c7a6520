"""Several actuators in one loop: one effort for the policy, shared out in their order of use (split range).

Called by execution.py alone; pure. A policy of one output is shown one channel, `effort`, a share of all ranges laid
end to end: 0 where every actuator stands where it raises the measured value least, 1 where it raises it most. Raising
the effort always raises the measured value, whatever each actuator's own direction. With n actuators, values u_i and
ranges low_i to high_i:

    e_i = (u_i - low_i) / (high_i - low_i)    where u_i raises; one minus that where it lowers
    v   = (e_1 + ... + e_n) / n               effort in force

A change of effort is shared out, not the effort itself, so a start or a hand-over moves nothing: going up the first in
order gives what it can, then the next; going down the last gives back first. Each keeps its own limits of the turn. One
that stops at its own `max_step` goes on at the next execution, before the next one in order begins. One that is in
other hands (a person, a stuck target) counts for what it does and is left alone; the rest go on.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from controller.cells import Array, Bools
from controller.errors import NotAvailable
from controller.signals import Channel, Limits, Observation, Proposal

EFFORT = "effort"
_NEAR = 1e-9
"""Of a range: nearer is the same."""
_NOTHING = 1e-13
"""Of a range: a change that is only the rounding of floats."""


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """The actuators of one loop.

    Parameters
    ----------
    channels: in order of use.
    direction: channel -> +1 (raises) or -1 (lowers); NotAvailable for 0 (either).

    >>> bid = Channel("bid", "CNY", 0.0, 10.0, 0.0, 0.0)
    >>> price = Channel("price", "CNY", 5.0, 7.0, 7.0, 7.0)
    >>> split = Split((bid, price), {"bid": 1.0, "price": -1.0})
    >>> split.effort({"bid": np.array([10.0]), "price": np.array([6.5])})
    array([0.625])
    """

    channels: Sequence[Channel]
    direction: Mapping[str, float]

    def __post_init__(self) -> None:
        for channel in self.channels:
            if self.direction[channel.name] not in (1.0, -1.0):
                raise NotAvailable(
                    f"a loop that moves several actuators must know what raising {channel.name!r} does to the measured "
                    "value, received `either`; allowed: raises, lowers"
                )

    @property
    def channel(self) -> Channel:
        """The one channel that a policy is shown, unit `share`."""
        start = self.effort({c.name: np.array([c.start]) for c in self.channels})
        safe = self.effort({c.name: np.array([c.safe]) for c in self.channels})
        return Channel(EFFORT, "share", 0.0, 1.0, float(start[0]), float(safe[0]))

    def effort(self, values: Mapping[str, Array]) -> Array:
        """The effort of values in force, shape (cells,)."""
        each = [self.each(channel, values[channel.name]) for channel in self.channels]
        return _total(each) / len(self.channels)

    def view(
        self, seen: Observation, limits: Limits, actual: Mapping[str, Array], taken: Mapping[str, Bools]
    ) -> "View":
        """What stands at one execution.

        `actual`: the values that really stand, where they differ from what was ordered; `taken`: actuators in other
        hands.
        """
        return View(self, seen, limits, actual, taken)

    def each(self, channel: Channel, value: Array) -> Array:
        """e of one actuator."""
        share: Array = (value - channel.low) / channel.span
        return share if self.direction[channel.name] > 0 else 1.0 - share

    def back(self, channel: Channel, effort: Array) -> Array:
        """The value with an effort."""
        share = effort if self.direction[channel.name] > 0 else 1.0 - effort
        return channel.low + share * channel.span


class View:
    """One execution: what the policy is shown, and how its wish is shared out."""

    def __init__(
        self,
        split: Split,
        seen: Observation,
        limits: Limits,
        actual: Mapping[str, Array],
        taken: Mapping[str, Bools],
    ) -> None:
        self.split, self.seen, self.real, self.taken = split, seen, limits, taken
        self.now = np.array([split.each(c, actual[c.name]) for c in split.channels])
        ends = np.array([self._ends(c) for c in split.channels])
        fixed = np.array([taken[c.name] for c in split.channels])
        self.low, self.high = (np.where(fixed, self.now, end) for end in (ends[:, 0], ends[:, 1]))
        self.base = np.clip(self.now, self.low, self.high)
        """Efforts once the limits have had their way."""
        self.up = self._in_turn(self.high - self.base)
        self.down = self._in_turn((self.base - self.low)[::-1], backwards=True)[::-1]

    @property
    def observation(self) -> Observation:
        """As the policy sees it."""
        seen = self.seen
        applied, direction = {EFFORT: _total(self.now) / len(self.now)}, {EFFORT: 1.0}
        return replace(seen, applied=applied, direction=direction, feedforward=self._feedforward())

    def _feedforward(self) -> dict[str, Array]:
        """What is fed forward into single actuators, as effort: by their ranges and directions."""
        told, split = self.seen.feedforward, self.split
        mine = [c for c in split.channels if c.name in told]
        each = [split.direction[c.name] * told[c.name] / c.span for c in mine]
        return {EFFORT: _total(each) / len(split.channels)} if each else {}

    @property
    def limits(self) -> Limits:
        """Of the effort in this turn."""
        base, count = _total(self.base), len(self.now)
        low, high = (base - _total(self.down)) / count, (base + _total(self.up)) / count
        nobody = np.zeros(len(low), np.int64)
        every = np.logical_and.reduce([self.real.suspend[c.name] for c in self.split.channels])
        at, by = {EFFORT: low}, {EFFORT: nobody}
        return Limits(at, {EFFORT: np.maximum(low, high)}, by, by, ("order",), {}, {EFFORT: every})

    def shared(self, wish: Proposal) -> Proposal:
        """The wish as one value an actuator."""
        change = wish.value[EFFORT] * len(self.now) - _total(self.base)
        change = np.where(np.abs(change) <= _NOTHING, 0.0, change)
        more = _handed_out(np.maximum(change, 0.0), self.up)
        less = _handed_out(np.maximum(-change, 0.0), self.down[::-1])[::-1]
        move = more - less
        value = {c.name: self._value(c, self.base[n], move[n]) for n, c in enumerate(self.split.channels)}
        return Proposal(value, propensity=wish.propensity)

    def _value(self, channel: Channel, base: Array, move: Array) -> Array:
        """Inside the limits; to the last bit what was ordered where nothing is asked or others have it."""
        name = channel.name
        stands, low, high = self.seen.applied[name], self.real.low[name], self.real.high[name]
        wanted = np.where(move == 0.0, stands, self.split.back(channel, base + move))
        inside = np.clip(wanted, low, high)
        return np.where(self.taken[name], stands, inside)

    def _ends(self, channel: Channel) -> tuple[Array, Array]:
        """Limits of one actuator as efforts, lowest first."""
        low, high = (self.split.each(channel, end[channel.name]) for end in (self.real.low, self.real.high))
        return (low, high) if self.split.direction[channel.name] > 0 else (high, low)

    def _in_turn(self, room: Array, backwards: bool = False) -> Array:
        """What each may give, in order of use: nothing behind one that only its largest step stops."""
        channels = list(self.split.channels)[:: -1 if backwards else 1]
        given, free = np.zeros_like(room), np.ones(room.shape[1], np.bool_)
        for n, channel in enumerate(channels):
            given[n] = np.where(free, room[n], 0.0)
            if channel.max_step is not None:
                least = max(channel.max_step - _grid(channel), 0.0) / channel.span
                free = free & (room[n] <= (least + _NEAR if _grid(channel) else least - _NEAR))
        return given


def _grid(channel: Channel) -> float:
    """The widest step of the values that an actuator can take: so much of its largest step may be lost to rounding."""
    if channel.levels is not None:
        return float(np.diff(channel.levels).max(initial=0.0))
    return channel.resolution or 0.0


def _handed_out(amount: Array, room: Array) -> Array:
    """An amount, in turn to each who has room, shape (actuators, cells)."""
    before = np.concatenate([np.zeros_like(room[:1]), np.cumsum(room[:-1], axis=0)])
    handed: Array = np.clip(amount - before, 0.0, room)
    return handed


def _total(rows: Iterable[Array]) -> Array:
    """Sum over actuators, one after the other: the same bits for one cell as for many."""
    total: Array = functools.reduce(np.add, rows)
    return total
