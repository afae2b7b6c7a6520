"""The opt-out cliff: beyond so many messages a week people switch them off twenty times as readily.

Asked at how many messages a week they would switch them off, 10 % of people say at one, 37 % at two to five, 33 % at
six to ten (Localytics 2017); 17,500 users of a shop's app left the more, the more they were told (Wohllebe et al.
2021). The edge lies at two fifths more than people are used to at the start. Who has left does not come back within a
campaign. Good: the loop gives the target up before it gives the people up.
"""

from dataclasses import replace

from controller.plan import Campaign
from models.plants.base import Plant
from models.twists.cliff import LEVER, Cliff
from sim.market.world import World
from sim.scenarios._base import Scenario, Stage, actuator_of, levers_of, span_of
from sim.scenarios._gates import harmless, keeps_people, within_budget

MORE, LEAST = 1.4, 1.0
"""The edge: times the frequency at the start, and messages a week at least."""
NEEDED = ("pushes_sent", "opens", "opt_outs", "active_reach")


def world(stage: Stage, before: World) -> World:
    """A cliff a little above what people are used to."""
    start = stage.campaign.actuators[actuator_of(stage.campaign, LEVER)].start
    edge = max(MORE * start, LEAST)
    return replace(before, twists=(*before.twists, Cliff(threshold=edge)))


def _applies(campaign: Campaign, plant: Plant) -> str:
    if LEVER not in levers_of(campaign):
        return "no loop of this campaign moves how many messages people get"
    if span_of(campaign, LEVER)[1] <= 0:
        return "this campaign never sends a message"
    missing = [name for name in NEEDED if name not in plant.signals]
    return f"this market does not count {', '.join(missing)}" if missing else ""


SCENARIO = Scenario(
    about="at two fifths more messages than they are used to people switch them off twenty times as readily, for good",
    good="the target is given up before the people are",
    world=world,
    gates=(keeps_people(), harmless(), within_budget),
    source="37 % would switch off at two to five a week (Localytics 2017); Wohllebe et al. 2021; the edge: proposal",
    applies=_applies,
    least_weeks=4.0,
)
