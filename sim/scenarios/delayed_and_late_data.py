"""Delayed and late data: all that is measured shows three hours late, and a tenth of it comes in only a day later.

Readings bear the stamp of when they came, as feeds do that are loaded in batches, so nothing looks stale; the newest
window always looks a tenth too low. Good: the loop is slower, and does not swing.
"""

from sim.market.world import World
from sim.scenarios._applies import measures
from sim.scenarios._base import DAY, Scenario, Stage
from sim.scenarios._feeds import later, measured_through
from sim.scenarios._gates import harmless, within_budget

DELAY = 3 * 3600.0
"""Seconds by which everything shows late."""
SETTLE = ((0.0, 0.9), (DAY, 1.0))
"""Age in seconds, and the share of a count that is known by then."""


def world(stage: Stage, before: World) -> World:
    """What is measured comes later than it did, and less of it at first."""
    return measured_through(stage, before, lambda feed: later(feed, DELAY, SETTLE))


SCENARIO = Scenario(
    about="all that is measured shows three hours late, and a tenth of it comes in a day later",
    good="the loop is slower and does not swing",
    world=world,
    gates=(harmless(), within_budget),
    applies=measures,
)
