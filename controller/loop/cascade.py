"""A loop that moves another loop's target: the target as an output, and what the inner loop's limits mean for it.

Called by assembly (channels, links) and by the loop, outer loops first: what the outer decides, the inner keeps in the
same turn. A target is an output like any other, with limits, overrides and a safe value, which is the level that the
file gives: when the outer loop is blind for too long, the inner keeps what was written. It differs in one thing only:
an order to it is in force at once.

An outer loop must not ask for what the inner can't do (ISA-TR5.9-2023, cascade with external reset). So before it
proposes, the target's limits are narrowed by those of the inner loop's own outputs in this very turn: where they
can't go further up (down), the target may not rise (fall), in the sense of the inner loop's direction; through any
number of loops. Where the inner loop does not steer at all, the target stays and the outer loop follows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NoReturn

import numpy as np

from controller.cells import Array, Bools, Cells
from controller.loop.dispatch import Dispatcher
from controller.plan import TARGET, Campaign
from controller.signals import Channel, Command, Landing, Limits, codes


@dataclass(frozen=True, slots=True)
class Link:
    """An inner loop, and the channel that is its target."""

    channel: str
    inner: str
    direction: Mapping[str, float]
    """The inner loop's own channels, with +1 where raising one raises what it measures, -1 where it lowers it."""


def links_of(campaign: Campaign, effect: Mapping[str, float]) -> tuple[Link, ...]:
    """The links of a campaign, outermost first."""
    led = [inner for name in outer_first(campaign) for inner in campaign.led_by(name)]
    found = []
    for inner in sorted(set(led), key=outer_first(campaign).index):
        plan = campaign.loops[inner]
        direction = {channel: effect[plan.move[channel]] for channel in plan.channels}
        found.append(Link(f"{inner}{TARGET}", inner, direction))
    return tuple(found)


def outer_first(campaign: Campaign) -> tuple[str, ...]:
    """The loops in the order in which they execute: each before those that it leads, else as the file has them.

    >>> from controller.plan import LoopPlan, Target
    >>> inner = LoopPlan(every=60.0, measure="a", target=Target(), move={"odds": "raises"})
    >>> outer = LoopPlan(every=60.0, measure="b", target=Target(), move={"inner.target": "raises"})
    >>> outer_first(Campaign(campaign="c", loops={"inner": inner, "outer": outer}))
    ('outer', 'inner')
    """
    order: list[str] = []

    def place(name: str, trail: tuple[str, ...]) -> None:
        if name in order or name in trail:
            return
        for outer in (o for o in campaign.loops if name in campaign.led_by(o)):
            place(outer, (*trail, name))
        order.append(name)

    for name in campaign.loops:
        place(name, ())
    return tuple(order)


def target_channels(campaign: Campaign) -> dict[str, Channel]:
    """Every target that a loop moves, as a channel in the unit of the inner loop's sensor.

    Its range is the target's `limits`; it starts at, and falls back to, the level that the file gives.
    """
    found = {}
    for name in dict.fromkeys(inner for outer in campaign.loops for inner in campaign.led_by(outer)):
        loop = campaign.loops[name]
        sensor, limits = campaign.sensors[loop.sensor], loop.target.limits
        if limits is None:
            raise ValueError(f"loops.{name}.target: no limits to be moved in, allowed: `limits: [low, high]`")
        low, high = (end.level_in(sensor.unit, sensor.window) for end in limits)
        level = loop.target.level_in(sensor)
        found[f"{name}{TARGET}"] = Channel(f"{name}{TARGET}", sensor.unit, low, high, level, level)
    return found


class Led(Dispatcher):
    """Keeps a target where it was ordered: nothing is sent, and what is ordered is in force at once."""

    def __init__(self, channel: Channel, cells: Cells, campaign: str) -> None:
        super().__init__(channel, _Nobody(), cells, None, campaign)

    def _look(self, now: float, call: str) -> None:
        size = len(self.cells)
        self.known, self.drifted = np.ones(size, np.bool_), np.zeros(size, np.bool_)
        if self.standing is not None:
            self.applied, self.landing = self.standing.value, codes(size, Landing.CONFIRMED)

    def send(self, command: Command, now: float) -> None:
        """Put the target in force."""
        self.standing = command
        self._look(now, "send")


class _Nobody:
    """No actuator stands behind a target."""

    def apply(self, command: Command) -> NoReturn:
        raise AssertionError(f"{command.channel} is a target: there is nobody to send it to")

    def read_back(self) -> NoReturn:
        raise AssertionError("a target is not read back")


def narrowed(
    limits: Limits, links: Sequence[Link], in_force: Mapping[str, Array], tolerance: Mapping[str, float]
) -> Limits:
    """The limits, with each target kept from going where its inner loop can't follow; `links` outermost first.

    Parameters
    ----------
    limits: of this turn; all classes.
    in_force: channel -> value, shape (cells,).
    tolerance: channel -> how near to a limit is at it.

    >>> low, high, nobody = np.array([0.0]), np.array([5.0]), np.array([0])
    >>> both = {"bid": low, "pace.target": low}, {"bid": high, "pace.target": 100 * high}
    >>> free = {"bid": np.array([False]), "pace.target": np.array([False])}
    >>> by = {"bid": nobody, "pace.target": nobody}
    >>> limits = Limits(*both, by, by, ("actuator",), {}, free)
    >>> link = Link("pace.target", "pace", {"bid": 1.0})
    >>> at_its_limit = {"bid": high, "pace.target": np.array([200.0])}
    >>> narrowed(limits, [link], at_its_limit, {"bid": 1e-9}).high["pace.target"]
    array([200.])
    """
    for link in reversed(links):
        up, down = _blocked(limits, link, in_force, tolerance)
        if up.any() or down.any():
            limits = _kept(limits, link, in_force[link.channel], up, down)
    return limits


def _blocked(
    limits: Limits, link: Link, in_force: Mapping[str, Array], tolerance: Mapping[str, float]
) -> tuple[Bools, Bools]:
    """Where what the inner loop measures can't be raised, and where it can't be lowered, by any of its outputs."""
    size = len(in_force[link.channel])
    up, down = np.ones(size, np.bool_), np.ones(size, np.bool_)
    for name, sign in link.direction.items():
        near = tolerance.get(name, 0.0)
        at_high = in_force[name] >= limits.high[name] - near
        at_low = in_force[name] <= limits.low[name] + near
        up &= at_high if sign > 0 else at_low
        down &= at_low if sign > 0 else at_high
    return up, down


def _kept(limits: Limits, link: Link, present: Array, up: Bools, down: Bools) -> Limits:
    """The target's interval without the blocked directions."""
    name, by = link.channel, f"limits_of_{link.inner}"
    low, high, number = limits.low[name], limits.high[name], len(limits.names)
    here = np.clip(present, low, high)
    why = {**limits.why, by: f"the loop {link.inner} is at its limit and could not follow"}
    return replace(
        limits,
        low={**limits.low, name: np.where(down, here, low)},
        high={**limits.high, name: np.where(up, here, high)},
        low_by={**limits.low_by, name: np.where(down, number, limits.low_by[name])},
        high_by={**limits.high_by, name: np.where(up, number, limits.high_by[name])},
        names=(*limits.names, by),
        why=why,
    )


def open_at(link: Link, held: Bools, taken: Mapping[str, Bools]) -> Bools:
    """Where the inner loop does not steer: its sensor holds it, or each of its outputs is in other hands."""
    others = np.ones(len(held), np.bool_)
    for name in link.direction:
        others &= taken[name]
    return held | others
