"""A calm market: nothing happens but chance, the week and the recorded level of the days.

What every other scenario is read against. Good: the target is kept more often than by doing nothing, for money that the
budget holds.
"""

from sim.market.world import World
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._gates import helps, within_budget


def world(stage: Stage, before: World) -> World:
    """Nothing is changed."""
    return before


SCENARIO = Scenario(
    about="nothing happens but chance and the week",
    good="the target is kept more often than by doing nothing, and the budget holds",
    world=world,
    gates=(helps(), within_budget),
    source="recorded soft drinks, or the calibrated market",
    core=True,
)
