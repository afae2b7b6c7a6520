"""Declarations of feeds, drives and what happens: perfect by default, and refused with what is allowed."""

import math

import pytest

from sim.instruments import Cap, Drive, Feed, Lie
from sim.market.disturbances import Level, Outage, Promotion, Regime, Spell, demand_factor
from sim.market.world import World
from tests.sim.instruments.faults_kit import CASES, DAY
from tests.sim.market.market_kit import START, market


def test_perfect_is_the_default():
    assert Feed().perfect
    assert not Feed(quantum=1.0).perfect
    assert Drive() == Drive()
    assert Drive().caps == ()
    assert (World().feeds, World().drives) == ({}, {})


@pytest.mark.parametrize(
    ("made", "about", "match"),
    [
        (Feed, {"delay": -1.0}, r"feed.delay: must be at least 0 and finite, received -1.0"),
        (Feed, {"delay": math.nan}, r"feed.delay: .* received nan"),
        (Feed, {"delay": math.inf}, r"feed.delay: .* finite, received inf"),
        (Feed, {"dropout": 1.0}, r"feed.dropout: must be at least 0 and below 1, received 1.0"),
        (Feed, {"burst": -1.0}, r"feed.burst"),
        (Feed, {"noise": 1.5}, r"feed.noise: must be at least 0 and at most 1, received 1.5"),
        (Feed, {"quantum": -1.0}, r"feed.quantum"),
        (Feed, {"returned": 1.0}, r"feed.returned: must be at least 0 and below 1"),
        (Feed, {"returned": 0.1, "returned_after": 60.0, "settle": ((0.0, 0.5), (120.0, 1.0))}, r"at least 120"),
        (Feed, {"reset_rate": -2.0}, r"feed.reset_rate"),
        (Feed, {"resets": (math.nan,)}, r"feed.resets: must be a finite number, received nan"),
        (Feed, {"settle": ((0.0, 0.5), (60.0, 0.9))}, r"the last share must be 1.* received 0.9"),
        (Feed, {"settle": ((0.0, 0.5), (0.0, 1.0))}, r"must rise .* received \(0.0, 1.0\) after \(0.0, 0.5\)"),
        (Feed, {"settle": ((0.0, 0.5), (60.0, 0.5), (90.0, 1.0))}, r"must rise"),
        (Feed, {"settle": ((0.0, 0.0), (60.0, 1.0))}, r"shares from above 0, received \(0.0, 0.0\) after nothing"),
        (Feed, {"settle": ((0.0, 1.5),)}, r"a share: must be at least 0 and at most 1, received 1.5"),
        (Lie, {"starts": 5.0, "ends": 5.0}, r"lie: must start at a finite moment and end later"),
        (Lie, {"starts": 0.0, "ends": 5.0, "factor": -1.0}, r"lie.factor"),
        (Lie, {"starts": 0.0, "ends": 5.0, "offset": math.inf}, r"lie.offset"),
        (Lie, {"starts": 0.0, "ends": math.inf, "frozen": True}, r"must be mended some time"),
        (Drive, {"delay": math.nan}, r"drive.delay"),
        (Drive, {"rate": 0.0}, r"drive.rate: must be above 0, received 0.0"),
        (Drive, {"rate": math.nan}, r"drive.rate"),
        (Drive, {"low": 2.0, "high": 1.0}, r"low must not be above high, received 2.0 and 1.0"),
        (Drive, {"high": math.nan}, r"drive.low, drive.high"),
        (Drive, {"deadband": -0.1}, r"drive.deadband"),
        (Drive, {"deaf": ((5.0, 1.0),)}, r"drive.deaf: must start at a finite moment"),
        (Drive, {"mute": ((math.nan, 1.0),)}, r"drive.mute"),
        (Cap, {"signals": (), "total": 1.0}, r"cap.signals: at least one"),
        (Cap, {"signals": ("prizes_won",), "total": math.nan}, r"cap.total"),
        (Level, {"starts": 0.0, "ends": 9.0, "factor": -0.5}, r"level.factor"),
        (Level, {"starts": 0.0, "ends": 9.0, "factor": 2.0, "over": math.inf}, r"level.over"),
        (Promotion, {"starts": 0.0, "ends": 9.0, "factor": math.nan}, r"promotion.factor"),
        (Outage, {"starts": 9.0, "ends": 0.0}, r"outage: must start"),
        (Regime, {"starts": 0.0, "ends": 9.0, "effect": math.nan}, r"regime.effect"),
        (Spell, {"starts": 9.0, "ends": 0.0, "signals": (), "feed": Feed()}, r"spell: must start"),
        (Spell, {"starts": 0.0, "ends": 9.0, "signals": (), "feed": Feed(returned=0.1)}, r"for good"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_with_what_is_allowed(made, about, match):
    with pytest.raises(ValueError, match=match):
        made(**about)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.file)
@pytest.mark.parametrize(
    ("world", "match"),
    [
        ({"feeds": {"unit": Feed()}}, r"no signal \['unit'\]"),
        ({"drives": {"odds": Drive()}}, r"no lever \['odds'\]"),
        ({"drives": {"*": Drive(stock=Cap(signals=("prizes",), total=1.0))}}, r"no signal \['prizes'\]"),
        ({"disturbances": (Spell(0.0, 1.0, ("unit",), Feed()),)}, r"no signal \['unit'\]"),
        ({"disturbances": (Outage(0.0, 1.0, ("unit",)),)}, r"no signal \['unit'\]"),
    ],
)
def test_a_name_that_the_market_does_not_have_is_refused(case, world, match):
    with pytest.raises(ValueError, match=match):
        case.market(**world)


def test_breaks_that_can_not_make_their_share_are_refused():
    with pytest.raises(
        ValueError, match=r"a dropout of 0.9 needs bursts of 5400 s or more on steps of 600 s"
    ):
        CASES[0].market(feeds={"units_scanned": Feed(dropout=0.9, burst=1200.0)})


def test_a_level_of_demand_is_reached_in_a_line_and_over_at_once():
    moved = market(disturbances=(Level(START + DAY / 4, START + DAY, 2.0, over=DAY / 4),))
    asked = {hour: moved.inputs(START + hour * 3600.0)["demand"][0] for hour in (0, 9, 12, 20, 24)}
    calm = {hour: market().inputs(START + hour * 3600.0)["demand"][0] for hour in asked}
    found = {hour: round(asked[hour] / calm[hour], 9) for hour in asked}
    assert found == {0: 1.0, 9: 1.5, 12: 2.0, 20: 2.0, 24: 1.0}


def test_levels_and_promotions_multiply_and_nothing_in_stock_sells_nothing():
    out = Promotion(0.0, 10.0, 0.0)
    assert demand_factor([Level(0.0, math.inf, 2.0), Promotion(0.0, 10.0, 0.5)], 5.0) == 1.0
    assert demand_factor([Level(0.0, math.inf, 2.0), out], 5.0) == 0.0
    empty = market(disturbances=(Promotion(START, START + DAY, 0.0),))
    empty.advance_to(START + DAY)
    assert empty.total("units_scanned", START + DAY)[0] == 0.0
