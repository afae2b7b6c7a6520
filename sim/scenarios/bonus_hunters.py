"""Bonus hunters: the higher the prize, the more come who are there for it alone.

They win three times as often as others (several accounts, picked caps), or redeem every coupon they get; what they buy
is counted like any other purchase, so the sensor shows success, and the cost of each lasting unit rises. When the prize
goes down they leave, as quickly as they came. At the top there is one of them for every two usual purchases. No
portable figures are published. Good: the budget due is not overspent on them.
"""

from dataclasses import replace

from controller.plan import Campaign
from models.plants.base import Plant
from models.twists.hunters import Hunters
from sim.market.world import World
from sim.scenarios._base import Scenario, Stage, levers_of
from sim.scenarios._gates import restrained, within_budget
from sim.scenarios._probe import answer, answers

LOTTERY, COUPON = "win_probability", "coupon_value"
SOLD = ("units_scanned", "baskets")
LOTTERY_SIGNALS = (*SOLD, "prizes_won", "prizes_claimed", "prizes_paid", "money_paid")
COUPON_SIGNALS = (*SOLD, "coupons_issued", "redemptions", "coupons_paid", "money_paid")


def world(stage: Stage, before: World) -> World:
    """A crowd for each prize that the loops turn."""
    crowds = []
    if LOTTERY in stage.levers:
        crowds.append(_of_lottery(stage, before))
    if COUPON in stage.levers:
        crowds.append(_of_coupons(stage, before))
    return replace(before, twists=(*before.twists, *crowds))


def _of_lottery(stage: Stage, before: World) -> Hunters:
    high = stage.span(LOTTERY)[1]
    start, top = answers(stage, before, ({}, {LOTTERY: high}))
    return Hunters(
        lever=LOTTERY,
        high=high,
        usual=start.a_unit("units_scanned"),
        counts=SOLD,
        wins=("prizes_won", "prizes_claimed"),
        pays=("prizes_paid", "money_paid"),
        price=top.an_hour["prizes_paid"] / top.an_hour["prizes_claimed"],
    )


def _of_coupons(stage: Stage, before: World) -> Hunters:
    return Hunters(
        lever=COUPON,
        high=stage.span(COUPON)[1],
        usual=answer(stage, before).a_unit("redemptions"),
        counts=(*SOLD, "coupons_issued", "redemptions"),
        wins=(),
        pays=("coupons_paid", "money_paid"),
        skill=None,
    )


def _applies(campaign: Campaign, plant: Plant) -> str:
    needed = {LOTTERY: LOTTERY_SIGNALS, COUPON: COUPON_SIGNALS}
    moved = [lever for lever in levers_of(campaign) if lever in needed]
    if not moved:
        return "no loop of this campaign moves a prize that anybody could be after"
    missing = [name for lever in moved for name in needed[lever] if name not in plant.signals]
    return f"this market does not count {', '.join(dict.fromkeys(missing))}" if missing else ""


SCENARIO = Scenario(
    about="the higher the prize stands, the more come for it alone: the sensor shows success, and prizes cost more",
    good="the budget due is not overspent on them",
    world=world,
    gates=(restrained(most=1.0), within_budget),
    applies=_applies,
)
