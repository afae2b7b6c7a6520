"""An outage: the feed of what is measured dies for a whole day, and again for a night a few days later.

The first begins at noon of the campaign's zone, when everybody looks; the second at ten in the evening, when nobody
does and a dead feed looks like a quiet shop. What is paid and owed can still be read. Good: nothing is turned up on no
reading; the output is held, then the safe value stands, and steering begins again when the feed is back.
"""

from dataclasses import replace

from controller.cells import Cells
from controller.clock import civil_at, day_start
from sim.market.disturbances import Outage
from sim.market.world import World
from sim.scenarios._applies import measures
from sim.scenarios._base import DAY, Scenario, Stage
from sim.scenarios._gates import harmless, still_when_blind, within_budget

HOUR = 3600.0
BREAKS = ((0.3, 12 * HOUR, DAY), (0.65, 22 * HOUR, 10 * HOUR))
"""Share of the run, local time of day at which it begins, and how long it lasts."""


def world(stage: Stage, before: World) -> World:
    """Two breaks of the feeds of all that is measured."""
    breaks = []
    for share, time, length in BREAKS:
        begins = _midnight(stage, share) + time
        breaks.append(Outage(begins, begins + length, stage.measured))
    return replace(before, disturbances=(*before.disturbances, *breaks))


def _midnight(stage: Stage, share: float) -> float:
    zone = stage.campaign.runs.timezone
    day = civil_at(stage.moment(share), Cells(("all",), zones=(zone,))).business_date[0]
    return day_start(int(day), zone)


SCENARIO = Scenario(
    about="the feed of what is measured dies for a day, and for a night a few days later",
    good="nothing is turned up on no reading, and steering begins again when the feed is back",
    world=world,
    gates=(still_when_blind, harmless(), within_budget),
    applies=measures,
    core=True,
)
