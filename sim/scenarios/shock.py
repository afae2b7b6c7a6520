"""A shock: a competitor's promotion takes a quarter of demand for two days, and half as much for the two days after.

Good: the loop makes up for part of it, and comes back without swinging past the target when it is over.
"""

from dataclasses import replace

from sim.market.disturbances import Promotion
from sim.market.world import World
from sim.scenarios._applies import follows_interest
from sim.scenarios._base import DAY, Scenario, Stage
from sim.scenarios._gates import helps, within_budget


def world(stage: Stage, before: World) -> World:
    """Two promotions, one after the other, at two fifths of the run."""
    begins = stage.moment(0.4)
    shocks = (
        Promotion(begins, begins + 2 * DAY, 0.75),
        Promotion(begins + 2 * DAY, begins + 4 * DAY, 0.875),
    )
    return replace(before, disturbances=(*before.disturbances, *shocks))


SCENARIO = Scenario(
    about="a competitor's promotion takes a quarter of demand for two days and an eighth for two more",
    good="part of it is made up for, and the loop comes back without swinging past the target",
    world=world,
    gates=(helps(), within_budget),
    applies=follows_interest,
    core=True,
)
