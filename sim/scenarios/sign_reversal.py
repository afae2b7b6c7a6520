"""The wrong way round: a lever lifts the market at once and wears it out over weeks, by more than it lifts.

Facebook's data scientists sent far fewer on-site notifications: use of the app fell at once, and was higher after a
year (Analytics at Meta, "Notifications: why less is more", December 2022). A loop that trusts the fast answer turns the
lever up, sees the market fall, and turns it up further. Here the market loses 15 % in the long run where the lever
stands at its highest, its own lift counted in, and less where it stands lower, with a half-life of four days; turned
down, it gains. Good: the loop stops turning up what does not help, and the money is still there.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from controller.cells import Array
from models.twists.backlash import LOST, Backlash
from sim.market.world import World
from sim.scenarios._applies import both, follows_interest, has_range
from sim.scenarios._base import Scenario, Stage, actuator_of, measured_of
from sim.scenarios._gates import harmless, keeps_people, restrained, within_budget
from sim.scenarios._probe import answers

PLACES = 9
"""Values of a lever, beside its start, at which its lift is tried."""
MOST_LIFTED = 0.05
"""Lifts under it count as that: a lever turned off must not make people endlessly keen."""


def world(stage: Stage, before: World) -> World:
    """A backlash to every lever that the loops move."""
    moved = [lever for lever in stage.levers if stage.span(lever)[0] < stage.span(lever)[1]]
    return replace(before, twists=(*before.twists, *(_backlash(stage, before, lever) for lever in moved)))


def _backlash(stage: Stage, before: World, lever: str) -> Backlash:
    """In the long run what is measured falls in a straight line as the lever rises, whatever the lever's own lift."""
    low, high = stage.span(lever)
    start = stage.campaign.actuators[actuator_of(stage.campaign, lever)].start
    places = tuple(sorted({start, *np.linspace(low, high, PLACES).tolist()}))
    usual, *found = _measured(stage, before, lever, (start, *places))
    lifts = [each / usual for each in found]
    left = [1.0 - LOST.value * (place - start) / (high - low) for place in places]
    keenness = np.array(
        [share / np.maximum(lift, MOST_LIFTED) for share, lift in zip(left, lifts, strict=True)]
    )
    return Backlash(lever=lever, places=places, keenness=keenness)


def _measured(stage: Stage, before: World, lever: str, values: Sequence[float]) -> list[Array]:
    """What loops that move a lever measure in the long run with it at each value: their sum, shape (cells,)."""
    names = measured_of(stage.campaign, lever)
    found = answers(stage, before, [{lever: value} for value in values])
    return [np.maximum(np.sum([each.an_hour[name] for name in names], axis=0), 1e-9) for each in found]


SCENARIO = Scenario(
    about="turning the levers up lifts the market at once and wears it out over weeks, by more than it lifted",
    good="the loop stops turning up what does not help, and the money is still there",
    world=world,
    gates=(restrained(), keeps_people(), harmless(), within_budget),
    source="fewer notifications: less use at once, more after a year (Analytics at Meta 2022); sizes are a proposal",
    applies=both(follows_interest, has_range),
    least_weeks=4.0,
    core=True,
)
