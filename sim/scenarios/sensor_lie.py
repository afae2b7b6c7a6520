"""A sensor that lies: from two fifths of the run on everything measured reads a fifth too high, and looks healthy.

Codes scanned twice, a shop counted twice, a new version of an export. A fifth is too little to be implausible, and no
reading stands still; nothing in the feed gives it away. A loop then takes back what it gave, for a target that seems
kept. Good: the harm stays within the size of the lie, and no money is spent for it.
"""

import math

from sim.instruments import Lie
from sim.market.world import World
from sim.scenarios._applies import measures
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._feeds import lying, measured_through
from sim.scenarios._gates import harmless, within_budget

FACTOR = 1.2
"""What is read, over what is."""


def world(stage: Stage, before: World) -> World:
    """A lie about all that is measured, without end."""
    lie = Lie(starts=stage.moment(0.4), ends=math.inf, factor=FACTOR)
    return measured_through(stage, before, lambda feed: lying(feed, lie))


SCENARIO = Scenario(
    about="from two fifths of the run on everything measured reads a fifth too high, and looks healthy",
    good="the harm stays within the size of the lie",
    world=world,
    gates=(harmless(margin=0.1), within_budget),
    applies=measures,
)
