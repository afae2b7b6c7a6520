"""The probe: what it finds is what the market does, cell by cell, whatever stands beside it."""

from dataclasses import replace

import numpy as np
import pytest

from controller.assembly import cells_of
from models.plants.parts.lottery import Lottery
from sim.market.world import World
from sim.scenarios import _probe
from tests.sim.scenarios.kit import EVERYTHING, SHIPPED, stage

LOTTERY = SHIPPED["cap_lottery"]


def test_sales_in_the_long_run_are_demand_and_the_lift_of_the_lever():
    on = stage(LOTTERY, cells_of(LOTTERY))
    plain = Lottery()
    start, top = _probe.answers(on, World(), ({}, {"win_probability": 0.12}))
    lift = plain.response.settled(np.array([0.03, 0.12]))
    assert start.a_unit("units_scanned") == pytest.approx(1.0 + lift[0], rel=1e-6)
    assert top.a_unit("units_scanned") == pytest.approx(1.0 + lift[1], rel=1e-6)
    assert start.a_unit("prizes_won") == pytest.approx(0.03 * (1.0 + lift[0]), rel=1e-6)


def test_effect_and_mechanism_of_each_cell_count_and_no_other_cell_does():
    cells = cells_of(EVERYTHING).replicated(5)
    world = World(effect=np.array([0.5, 1.0, 2.0, 1.0, 0.5]), mechanism=np.array([0, 1, 2, 1, 0]))
    odds = ({"win_probability": 0.1}, {"coupon_value": 5.0})
    whole = _probe.answers(stage(EVERYTHING, cells), world, odds)
    for n in range(5):
        one = cells_of(EVERYTHING).replicated(1, first=n)
        mine = World(effect=world.effect[n : n + 1], mechanism=world.mechanism[n : n + 1])
        for all_of, alone in zip(whole, _probe.answers(stage(EVERYTHING, one), mine, odds), strict=True):
            for name, value in alone.an_hour.items():
                assert value[0] == all_of.an_hour[name][n], name
    assert whole[0].an_hour["units_scanned"][0] < whole[0].an_hour["units_scanned"][2]


def test_at_the_start_effects_change_nothing_because_that_level_is_known():
    cells = cells_of(EVERYTHING).replicated(3)
    found = _probe.answer(stage(EVERYTHING, cells), World(effect=np.array([0.0, 1.0, 2.0])))
    assert found.an_hour["units_scanned"] == pytest.approx(found.an_hour["units_scanned"][1], rel=1e-3)


@pytest.mark.parametrize(
    ("name", "demand", "effect"),
    [("cap_lottery", True, True), ("coupon_value", True, False), ("push_frequency", False, False)],
)
def test_what_is_measured_follows_demand_and_effect_or_does_not(name, demand, effect):
    assert _probe.follows(SHIPPED[name], "demand") is demand
    assert _probe.follows(SHIPPED[name], "effect") is effect


def test_everything_measured_follows_how_keen_people_are():
    assert [name for name in SHIPPED if not _probe.follows(SHIPPED[name], "interest")] == []


def test_a_change_is_heard_of_after_the_lever_s_dead_time():
    found = {lever: _probe.heard_after(EVERYTHING, lever) for lever in EVERYTHING.market.levers.values()}
    assert found == {"win_probability": 7200.0, "coupon_value": 10_800.0, "push_frequency": 3600.0}
    at_once = replace(LOTTERY, market=replace(LOTTERY.market, settings={"delay": "0s"}))
    assert _probe.heard_after(at_once, "win_probability") == 0.0


def test_people_are_shared_as_demand_is():
    from sim.scenarios import many_stores

    split = many_stores.campaign(EVERYTHING)
    cells = cells_of(split).replicated(2)
    found = _probe.people_of(stage(split, cells), World())
    assert found.reshape(2, -1).sum(axis=1) == pytest.approx([1e5, 1e5])
