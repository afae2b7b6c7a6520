"""Referral near one: each buyer brings 0.9 others, a week or so later, and those bring others.

With K new buyers a buyer, one from outside makes 1 / (1 - K) in all: ten at 0.9. So the market answers weakly at first,
ten times as strongly over months, and goes on rising when the lever is long down again. No portable K is published;
0.05 to 0.4 is held for usual, 0.9 is what a success looks like. Referred bank customers stayed longer (Schmitt, Skiera
& van den Bulte 2011); whether they are worth more is disputed. Good: no slow swing builds up.
"""

from dataclasses import replace

from models.twists.contagion import Contagion
from sim.market.world import World
from sim.scenarios._applies import follows_demand
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._gates import harmless, within_budget
from sim.scenarios._probe import answer

NEAR_ONE = 0.9
"""New buyers that each buyer brings."""


def world(stage: Stage, before: World) -> World:
    """Buyers bring buyers."""
    usual = answer(stage, before).a_unit("units_scanned")
    return replace(before, twists=(*before.twists, Contagion(usual=usual, k=NEAR_ONE)))


SCENARIO = Scenario(
    about="each buyer brings 0.9 others a week or so later, and those bring others",
    good="no slow swing builds up",
    world=world,
    gates=(harmless(), within_budget),
    source="proposal; referred customers stayed longer (Schmitt et al. 2011)",
    applies=follows_demand,
    least_weeks=4.0,
)
