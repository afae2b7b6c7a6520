"""Futures: which is which, whose luck each has, and that none knows of the others."""

from dataclasses import replace

import numpy as np
import pytest

from controller.assembly import cells_of
from controller.config import load
from models.draws import keys_of
from models.response.mechanisms import MECHANISMS
from sim.evidence.play import play
from sim.evidence.rows import GAINS, GRID
from sim.market.build import market_of
from sim.market.settings import Settings
from sim.market.world import World
from sim.runs.evenly import EvenDraws
from sim.runs.futures import ASSUMED, Futures, thinned
from sim.runs.scores import Scores
from tests.sim.evidence.kit import NOW, campaign, stores, task

MANY = Futures((0, 2), ("prospect", "small_discount"), (0, 1, 5))
SCORES = [f"score.{name}" for name in Scores.__slots__]


def alike(one, other):
    """Equal to the last bit, unknown at the same places."""
    return np.array_equal(one, other, equal_nan=True)


def test_futures_are_numbered_draw_by_draw_mechanism_by_mechanism_seed_by_seed():
    told = list(zip(MANY.draw_of(), MANY.mechanism_of(), MANY.seed_of(), strict=True))
    expected = [
        (draw, MECHANISMS.index(name), seed)
        for draw in (0, 2)
        for name in ("prospect", "small_discount")
        for seed in (0, 1, 5)
    ]
    assert told == expected
    assert MANY.count == len(expected)


def test_without_a_contested_mechanism_the_plant_answers_as_it_does():
    plain = Futures((0, 1), (), (3, 4))
    assert plain.mechanism_of() is None
    assert plain.world(cells_of(campaign()), None).mechanism is None
    assert plain.seed_of().tolist() == [3, 4, 3, 4]
    assert plain.draw_of().tolist() == [0, 0, 1, 1]


def test_futures_of_one_seed_have_one_luck_and_a_store_its_own():
    own = cells_of(stores())
    keys = MANY.keys(own).reshape(MANY.count, len(own))
    seeds = MANY.seed_of()
    for first in range(MANY.count):
        assert len(set(keys[first])) == len(own)
        for second in range(first):
            assert np.array_equal(keys[first], keys[second]) == (seeds[first] == seeds[second])
    assert keys[0, 0] == keys_of(("r0/north",))[0]


def test_every_future_has_pools_of_its_own_and_its_stores_the_same_market():
    own = cells_of(stores())
    cells, world = MANY.cells(own), MANY.world(own, None)
    assert cells.pools == MANY.count
    assert world.effect.reshape(-1, 2).tolist() == [[ASSUMED[d]] * 2 for d in MANY.draw_of()]
    assert world.mechanism.reshape(-1, 2).tolist() == [[m] * 2 for m in MANY.mechanism_of()]


def test_few_of_many_draws_are_spread_evenly_and_one_is_the_middle_one():
    assert thinned(1, len(ASSUMED)) == (1,)
    assert ASSUMED[thinned(1, len(ASSUMED))[0]] == 1.0
    assert thinned(2, 9) == (0, 8)
    for count in range(1, 40):
        taken = thinned(count, 32)
        assert len(taken) == min(count, 32)
        assert sorted(set(taken)) == list(taken)
        assert taken[0] >= 0
        assert taken[-1] < 32


def test_a_calibrated_market_gives_each_future_its_own_draw_and_repeats_them_side_by_side(market):
    own, some = cells_of(stores()), Futures((0, 5), (), (0, 1))
    world = some.world(own, market)
    index = np.repeat(some.draw_of(), len(own))
    assert world.effect.tolist() == market.posterior.gain[index].tolist()
    assert world.noise["sd"].tolist() == market.posterior.sd[index].tolist()
    once = world.demand(some.cells(own), 1.0, 0.0)
    twice = world.demand(some.cells(own).replicated(2), 1.0, 0.0)
    moment = 1_784_000_000.0
    assert np.array_equal(np.tile(once.at(moment), 2), twice.at(moment))
    assert once.at(moment)[0] != once.at(moment)[4]
    assert once.at(moment)[0] == once.at(moment)[2]


def test_how_much_people_differ_is_the_fitted_one_and_the_same_in_every_future(market):
    told = replace(market, posterior=replace(market.posterior, shape=np.linspace(0.6, 0.8, market.draws)))
    own = cells_of(campaign())
    for draws in ((0,), (1, 5)):
        noise = Futures(draws, (), (0,)).world(own, told).noise
        assert noise["heterogeneity"].tolist() == pytest.approx([0.7] * len(draws))
        assert Settings().knobs(noise).heterogeneity == pytest.approx(0.7)
        assert Settings(heterogeneity=2.0).knobs(noise).heterogeneity == 2.0
    assert "heterogeneity" not in Futures((0,), (), (0,)).world(own, market).noise


# -- none knows of the others --------------------------------------------------------------------------------


def alone(row, draw, mechanism, seed, **more):
    return play(task(row=row, draws=(draw,), mechanisms=(mechanism,), seeds=(seed,), **more).plain())


@pytest.mark.parametrize("row", ["config", "updown", "simple_pid", "oracle"])
def test_a_future_does_not_depend_on_which_others_are_in_the_array(row):
    gains = GAINS[2] if row == "simple_pid" else None
    whole = task(row=row, gains=gains, scenario="shock")
    told, futures = play(whole.plain()), whole.futures
    for n in (0, 3, 6):
        name = MECHANISMS[futures.mechanism_of()[n]]
        part = alone(
            row, int(futures.draw_of()[n]), name, int(futures.seed_of()[n]), gains=gains, scenario="shock"
        )
        for score in SCORES:
            assert alike(part[score], told[score][n : n + 1]), (n, score)


def test_a_fixed_value_beside_eight_others_scores_as_it_does_alone():
    whole = task(row="best fixed")
    told, futures = play(whole.plain()), whole.futures
    assert told["grid.fractions"].tolist() == list(GRID)
    assert told["grid.spend"].shape == told["grid.sales"].shape == (len(GRID), futures.count)
    part = alone("best fixed", 2, "prospect", 1)
    assert alike(part["grid.spend"][:, 0], told["grid.spend"][:, 7])
    assert alike(part["grid.sales"][:, 0], told["grid.sales"][:, 7])
    place = list(GRID).index(told["grid.best"])
    assert alike(told["score.spend"], told["grid.spend"][place])


def test_stores_of_a_future_stay_together():
    whole = task(stores())
    told = play(whole.plain())
    part = play(task(stores(), draws=(2,), mechanisms=("prospect",), seeds=(1,)).plain())
    for score in SCORES:
        assert alike(part[score], told[score][-1:]), score


def test_a_calibrated_future_does_not_depend_on_the_others_either(market_file, market):
    given = {"market": str(market_file), "market_digest": market.digest, "mechanisms": ("small_discount",)}
    plan = campaign(market="kind: cap_lottery")
    told = play(task(plan, row="best fixed", draws=(0, 3), **given).plain())
    part = play(task(plan, row="best fixed", draws=(3,), seeds=(1,), **given).plain())
    assert alike(part["grid.spend"][:, 0], told["grid.spend"][:, 3])
    assert alike(part["grid.sales"][:, 0], told["grid.sales"][:, 3])


# -- the same luck, and the level that is known --------------------------------------------------------------


def test_the_level_at_the_start_value_is_the_same_for_every_effect_and_mechanism():
    some = task(row="fixed", draws=(0, 1, 2), mechanisms=MECHANISMS)
    told, seeds = play(some.plain()), some.futures.seed_of()
    for score in ("score.loss", "score.outside", "score.spend"):
        by_seed = [told[score][seeds == seed] for seed in (0, 1)]
        assert all(len(set(values)) == 1 for values in by_seed), score
        assert by_seed[0][0] != by_seed[1][0], score


@pytest.mark.parametrize("recorded_at", ["off", "start"])
@pytest.mark.parametrize("name", ["cap_lottery", "coupon_value", "push_frequency", "consumers"])
def test_so_it_is_in_every_market_wherever_its_demand_was_recorded(name, recorded_at):
    plan = (
        campaign(market="kind: consumers, volume: 70")
        if name == "consumers"
        else load(f"configs/{name}.yaml")
    )
    settings = {**plan.market.settings, "step": "1h", "recorded_at": recorded_at}
    plan = replace(plan, market=replace(plan.market, settings=settings))
    effects = np.array([0.0, 0.5, 1.0, 1.0, 1.0, 3.0])
    world = World(effect=effects, mechanism=np.array([0, 0, 0, 1, 2, 2]))
    cells = cells_of(plan).replicated(len(effects))
    market, _ = market_of(plan, EvenDraws(0), start=NOW, cells=cells, world=world)
    market.advance_to(NOW + 2 * 86_400.0)
    sold = market.history.at("units_scanned", market.history.steps)
    drift = 1e-4 if name == "push_frequency" else 1e-9  # people opt out meanwhile, and the answer with them
    assert sold == pytest.approx(np.full(len(effects), sold[2]), rel=drift)


def test_away_from_it_they_differ():
    some = task(row="best fixed", draws=(0, 1, 2), mechanisms=MECHANISMS, seeds=(0,))
    top = play(some.plain())["grid.sales"][-1]
    assert len(set(top)) == some.futures.count
    by_effect = top.reshape(3, 3)
    assert (np.diff(by_effect, axis=0) > 0).all()


def test_policies_meet_the_same_luck_until_they_part():
    from sim.runs.runner import Run, finish, start

    some = task()
    own = cells_of(campaign())
    ran = {}
    for kind in ("pid", "fixed"):
        plan = replace(campaign() if kind == "pid" else campaign(policy="{kind: fixed}"), mode="auto")
        about = {"cells": some.futures.cells(own), "keys": some.futures.keys(own)}
        run = Run(
            campaign=plan, seconds=48 * 3600.0, world=some.futures.world(own, None), sparse=True, **about
        )
        ran[kind] = finish(start(run))
    moved = np.abs(np.diff(np.array(ran["pid"].levers["win_probability"]), axis=0)).sum(axis=1)
    first = ran["pid"].moments[int(np.flatnonzero(moved)[0]) + 1] - ran["pid"].starts
    until = int(first // 3600.0) + 2  # people hear of it two hours later
    units = [ran[kind].hourly("units_scanned") for kind in ("pid", "fixed")]
    assert np.array_equal(units[0][:until], units[1][:until])
    assert not np.array_equal(units[0], units[1])
