"""Another market from one day to the next: half-way, levers do half of what they did, and are heard of twice as late.

A prize that has become ordinary, a cheaper competitor, a paper that prints a day later. Whatever was learnt or tuned on
the first half is wrong in the second. Good: the loop stays calm, and keeps what can still be kept.
"""

import math
from dataclasses import replace

from sim.market.disturbances import Regime
from sim.market.world import World
from sim.scenarios._applies import follows_effect
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._gates import harmless, within_budget
from sim.scenarios._probe import heard_after

EFFECT = 0.5
"""Of what the levers did before."""


def world(stage: Stage, before: World) -> World:
    """From the middle of the run on everything is felt half as much and as late again."""
    later = max((heard_after(stage.campaign, lever) for lever in stage.levers), default=0.0)
    change = Regime(stage.moment(0.5), math.inf, effect=EFFECT, delay=later)
    return replace(before, disturbances=(*before.disturbances, change))


SCENARIO = Scenario(
    about="from the middle of the run on the levers do half of what they did, and are heard of twice as late",
    good="the loop stays calm, and keeps what can still be kept",
    world=world,
    gates=(harmless(), within_budget),
    applies=follows_effect,
)
