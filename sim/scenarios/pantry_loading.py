"""The full pantry: a third of what is bought beyond the usual is missing in the weeks to come.

Of the bump of a promotion about a third is taken from later weeks (van Heerde, Leeflang & Wittink 2004); the dip is 4
to 25 % of the effect and hard to see in raw store data (the same, 2000); others find 2 to 6 % (Gupta 1988, Leeflang et
al. 2008). Here a third, the dearest of them, missing with a half-life of two weeks. A loop that books the bump as its
own pays for it twice. Good: no more is paid than the lasting part is worth, and the target is kept no worse.
"""

from dataclasses import replace

from models.twists.pantry import Pantry
from sim.market.world import World
from sim.scenarios._applies import follows_demand
from sim.scenarios._base import Scenario, Stage
from sim.scenarios._gates import harmless, within_budget
from sim.scenarios._probe import answer

SHARE = 1 / 3
"""Of what is bought beyond the usual is borrowed from later weeks."""


def world(stage: Stage, before: World) -> World:
    """A pantry around the market."""
    usual = answer(stage, before).a_unit("units_scanned")
    return replace(before, twists=(*before.twists, Pantry(usual=usual, share=SHARE)))


SCENARIO = Scenario(
    about="a third of what is bought beyond the usual is only bought earlier, and missing in the weeks to come",
    good="no more is paid than the lasting part is worth, and the target is kept no worse than by doing nothing",
    world=world,
    gates=(harmless(), within_budget),
    source="a third of the bump (van Heerde et al. 2004); dips of 4 to 25 % (2000), 2 to 6 % in other data",
    applies=follows_demand,
    least_weeks=4.0,
)
