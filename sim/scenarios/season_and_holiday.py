"""A season and its holiday: five busy days, then demand doubles on the eve and halves on the day itself.

In the recorded soft drinks (Complete Journey, 2017) the day before Thanksgiving sold 2.0 times what its weekday sells,
the day itself 0.9 times and the day after 0.7 times; on the 25th of December nothing was sold, and the four days before
sold half as much again. Here: 15 % more on five days, twice as much on the eve, half on the day, in the campaign's
zone, past the middle of the run. The week's shape of the target knows nothing of it. Good: nothing is chased that is
over tomorrow.
"""

from dataclasses import replace

from controller.cells import Cells
from controller.clock import civil_at, day_start
from sim.market.disturbances import Promotion
from sim.market.world import World
from sim.scenarios._applies import follows_interest
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._gates import harmless, within_budget

DAYS = ((-6, -1, 1.15), (-1, 0, 2.0), (0, 1, 0.5))
"""First day, day after the last, and factor on demand; counted from the holiday."""


def world(stage: Stage, before: World) -> World:
    """A holiday on the day that holds three fifths of the run, and what goes before it."""
    zone = stage.campaign.runs.timezone
    day = int(civil_at(stage.moment(0.6), Cells(("all",), zones=(zone,))).business_date[0])
    spans = [Promotion(day_start(day + a, zone), day_start(day + b, zone), factor) for a, b, factor in DAYS]
    return replace(before, disturbances=(*before.disturbances, *spans))


SCENARIO = Scenario(
    about="five days sell 15 % more, then the eve of a holiday twice as much and the holiday half",
    good="nothing is chased that is over tomorrow",
    world=world,
    gates=(harmless(), within_budget),
    source="recorded soft drinks: 2.0 times as much before Thanksgiving, 0.9 on the day (Complete Journey, 2017)",
    applies=follows_interest,
)
