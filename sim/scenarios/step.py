"""A step for good: at a third of the run the market loses 15 % of its demand, and it does not come back.

What a promotion is not: nobody says when it is over, because it never is. How far a policy may go with its budget for a
target that has become dearer is for the budget to say. Good: the loop finds its new place in days and stays there.
"""

import math
from dataclasses import replace

from sim.market.disturbances import Level
from sim.market.world import World
from sim.scenarios._applies import follows_interest
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._gates import helps, within_budget

LEFT = 0.85
"""Of the demand there was."""


def world(stage: Stage, before: World) -> World:
    """Demand is lower from a third of the run on."""
    return replace(before, disturbances=(*before.disturbances, Level(stage.moment(1 / 3), math.inf, LEFT)))


SCENARIO = Scenario(
    about="the market loses 15 % of its demand at a third of the run, for good",
    good="the loop finds its new place in days and stays there, as far as the budget goes",
    world=world,
    gates=(helps(), within_budget),
    applies=follows_interest,
)
