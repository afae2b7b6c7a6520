"""Faults of sensors on top of those that a world already has; used by the scenarios beside this file. Pure."""

from collections.abc import Callable
from dataclasses import replace

from sim.instruments import Feed, Lie
from sim.market.world import World
from sim.scenarios._base import Stage

Settle = tuple[tuple[float, float], ...]


def later(feed: Feed, delay: float, settle: Settle = ()) -> Feed:
    """A feed that shows everything `delay` seconds later still, and counts only as `settle` lets them in besides.

    >>> later(Feed(delay=600.0, settle=((0.0, 0.5), (3600.0, 1.0))), 1200.0, ((0.0, 0.8), (7200.0, 1.0)))
    Feed(delay=1800.0, ..., settle=((0.0, 0.4), (3600.0, 0.8), (7200.0, 1.0)), ...)
    """
    return replace(feed, delay=feed.delay + delay, settle=_both(feed.settle, settle))


def lying(feed: Feed, lie: Lie) -> Feed:
    """A feed that tells a lie more."""
    return replace(feed, lies=(*feed.lies, lie))


def measured_through(stage: Stage, world: World, change: Callable[[Feed], Feed]) -> World:
    """A world in which what the campaign's loops measure comes through changed feeds."""
    usual = world.feeds.get("*", Feed())
    changed = {name: change(world.feeds.get(name, usual)) for name in stage.measured}
    return replace(world, feeds={**world.feeds, **changed})


def _both(one: Settle, other: Settle) -> Settle:
    """The share known by each age where each curve lets through its own share of the other's."""
    if not one or not other:
        return one or other
    ages = sorted({age for age, _ in (*one, *other)})
    shares = [(age, _known(one, age) * _known(other, age)) for age in ages]
    return tuple((age, share) for age, share in shares if share > 0)


def _known(settle: Settle, age: float) -> float:
    return next((share for at, share in reversed(settle) if at <= age), 0.0)
