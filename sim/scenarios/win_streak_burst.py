"""Bursts: what people win, redeem or open brings further purchases for the rest of the day, and those bring more.

Clicks and purchases excite each other (Xu, Duan & Whinston 2014); no portable figures are published. Here half of all
that happens was brought by others with the lever at its highest, and less of it where less is won. So the market
answers the more strongly the higher the lever stands, and by fits and starts. Good: the loop rides out the bursts and
does not answer each of them with a turn.
"""

from dataclasses import replace

import numpy as np

from controller.plan import Campaign
from models.plants.base import Plant
from models.twists.streaks import Streaks
from sim.market.world import World
from sim.scenarios._applies import both, follows_interest
from sim.scenarios._base import Scenario, Stage, levers_of
from sim.scenarios._gates import harmless, within_budget
from sim.scenarios._probe import answers, people_of

EXCITES = {"win_probability": "prizes_won", "coupon_value": "redemptions", "push_frequency": "opens"}
"""Lever -> what more of it makes happen oftener, for others to see."""
BRANCHING = 0.5
"""Share of what happens that others have brought, with the lever at its highest."""


def world(stage: Stage, before: World) -> World:
    """A market that is excited by what each of the loops' levers makes happen."""
    streaks = [_streaks(stage, before, lever) for lever in stage.levers if _excites(stage.plant, lever)]
    return replace(before, twists=(*before.twists, *streaks))


def _streaks(stage: Stage, before: World, lever: str) -> Streaks:
    signal = EXCITES[lever]
    start, top = answers(stage, before, ({}, {lever: stage.span(lever)[1]}))
    oftener = top.an_hour[signal] / np.maximum(start.an_hour[signal], 1e-12)
    branching = BRANCHING / np.maximum(oftener, 1.0)
    if signal != "opens":
        return Streaks(signal=signal, usual=start.a_unit(signal), branching=branching)
    usual = start.a_person(signal) * people_of(stage, before)
    return Streaks(signal=signal, usual=usual, branching=branching, follows="interest")


def _excites(plant: Plant, lever: str) -> bool:
    return EXCITES.get(lever, "") in plant.signals


def _applies(campaign: Campaign, plant: Plant) -> str:
    if any(_excites(plant, lever) for lever in levers_of(campaign)):
        return ""
    return "no loop of this campaign moves a lever that people win, redeem or open anything by"


SCENARIO = Scenario(
    about="whatever is won, redeemed or opened brings further purchases for the rest of the day, and those bring more",
    good="the loop rides out the bursts and does not answer each of them with a turn",
    world=world,
    gates=(harmless(), within_budget),
    source="clicks and purchases excite each other (Xu et al. 2014); sizes are a proposal",
    applies=both(follows_interest, _applies),
)
