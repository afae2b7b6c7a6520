"""pid with tune: auto finds its market while it steers, moves nothing without need, and gives up a dead lever."""

import numpy as np
import pytest

from controller.checks.policies import check_policy
from controller.policies._tuner import Model
from controller.policies.pid import Settings
from controller.signals import Channel
from tests.policies.market import Market, auto, banded, scope


@pytest.mark.parametrize("settings", [Settings(tune="auto"), Settings(tune="auto", dither=0.05)], ids=repr)
def test_it_keeps_the_contract_of_policies(settings):
    check_policy("pid", settings)


@pytest.mark.parametrize(("gain", "lag", "dead"), [(0.5, 4.0, 1), (0.9, 1.0, 0), (0.4, 8.0, 3)])
def test_it_brings_a_market_into_its_band_and_keeps_it_there_through_a_disturbance(gain, lag, dead):
    market = Market(auto(), gain, lag, dead).run(120)
    settled = np.mean(market.ys[60:])
    market.run(120, level=0.85)
    assert 0.9 <= settled <= 1.1
    assert 0.9 <= np.mean(market.ys[180:]) <= 1.1
    assert np.mean(market.us[180:]) < np.mean(market.us[60:120]) - 0.05


def test_a_falling_lever_is_turned_the_other_way():
    market = Market(auto(), gain=-0.5, level=1.2, sign=-1.0).run(120)
    assert 0.9 <= np.mean(market.ys[60:]) <= 1.1


def test_of_two_values_that_both_keep_the_target_the_cheaper_is_taken_where_it_costs():
    paid = Market(auto(banded(costs=True)), noise=0.01).run(150)
    free = Market(auto(banded(costs=False)), noise=0.01).run(150)
    assert 0.9 <= np.mean(paid.ys[80:]) < np.mean(free.ys[80:]) <= 1.1


def test_the_first_execution_proposes_the_value_in_force():
    market = Market(auto(), u=0.37)
    assert market.turn().value["u"] == [0.37]


def test_a_value_that_somebody_set_stays_until_the_market_asks_for_another():
    market = Market(auto(), noise=0.001).run(150)
    steady = float(market.u[0])
    market.turn(set_to=steady + 0.01)
    assert market.turn().value["u"] == pytest.approx([steady + 0.01])


def test_learning_more_moves_nothing_where_the_market_is_where_it_should_be():
    market = Market(auto(banded(costs=False)), noise=0.01, level=1.0, u=0.3, gain=0.0)
    before = market.belief("gain_sd").copy()
    market.run(60)
    assert (market.belief("gain_sd") != before).all()
    assert {float(u[0]) for u in market.us} == {0.3}


def test_it_learns_the_gain_within_its_own_interval():
    market = Market(auto(), gain=0.8, level=0.5)
    market.run(80).run(80, level=0.7)
    gain, sd = market.belief("gain"), market.belief("gain_sd")
    assert abs(gain - 0.8) < 2 * sd
    assert sd < 0.25


def test_the_gain_in_use_keeps_the_margins_for_what_is_believed():
    market = Market(auto())
    for _ in range(60):
        market.turn()
        assert market.belief("ms") <= 1.6 + 0.02


def test_a_saved_state_goes_on_bit_for_bit():
    one = Market(auto()).run(50)
    other = Market(auto(), seed=1).run(50)
    fresh = auto()
    fresh.restore({name: array.copy() for name, array in other.policy.state().items()})
    other.policy = fresh
    one.run(50)
    other.run(50)
    assert np.array_equal(np.array(one.us), np.array(other.us))
    for name, array in one.policy.state().items():
        assert np.array_equal(array, other.policy.state()[name]), name


def test_a_state_of_other_plants_or_of_another_range_is_not_taken():
    saved = Market(auto()).run(30).policy.state()
    wider = banded(channel=Channel("u", "share", 0.0, 2.0, 0.0, 0.0))
    for policy in (auto(model=Model(lag=(3600.0, 7200.0))), auto(wider)):
        policy.restore(saved)
        assert not np.isfinite(policy.state()["origin"]).any()


def test_cells_are_steered_as_if_each_were_alone():
    gains = np.array([0.3, 0.6, 1.2])
    names = ("a", "b", "c")
    together = Market(auto(banded(3, names=names)), gain=gains, cells=3, noise=0.0, level=0.6).run(80)
    for n, name in enumerate(names):
        alone = Market(auto(banded(1, names=(name,))), gain=gains[n], noise=0.0, level=0.6).run(80)
        assert np.array_equal(np.array(together.us)[:, n], np.array(alone.us)[:, 0])


def test_a_dead_lever_goes_back_to_its_safe_value_and_says_so():
    market = Market(auto(), gain=0.0).run(300)
    assert np.mean(market.us[-50:]) < 0.2 < max(float(u[0]) for u in market.us)
    assert any(p.terms["back_off"][0] < 0 for p in market.proposals)


def test_a_lever_of_the_wrong_sign_is_found_out_and_not_turned_further():
    market = Market(auto(), gain=-0.4, level=0.8).run(200)
    assert market.belief("wrong") > 0.5
    assert np.mean(market.us[-50:]) < 0.1


def test_without_a_believable_sample_it_holds_and_learns_nothing():
    market = Market(auto()).run(40)
    gain, force = market.belief("gain").copy(), market.u.copy()
    for _ in range(5):
        market.turn(usable=False)
    assert np.array_equal(market.u, force)
    assert np.array_equal(market.belief("gain"), gain)


@pytest.mark.parametrize("target", [0.0, np.nan, np.inf])
def test_a_target_without_a_per_cent_holds(target):
    market = Market(auto()).run(40)
    force = market.u.copy()
    for _ in range(5):
        market.turn(target=target)
    assert np.array_equal(market.u, force)


def test_terms_add_up_to_the_move():
    market = Market(auto()).run(100)
    for before, proposal in zip(market.us, market.proposals, strict=True):
        assert sum(proposal.terms.values()) == pytest.approx(proposal.value["u"] - before, abs=1e-12)


def test_values_lie_on_the_actuators_grid():
    for grid in ({"resolution": 0.05}, {"levels": (0.0, 0.3, 0.7, 1.0)}):
        lever = Channel("u", "share", low=0.0, high=1.0, start=0.0, safe=0.0, **grid)
        market = Market(auto(banded(channel=lever))).run(60)
        points = np.array(grid.get("levels", np.arange(21) * 0.05))
        gaps = np.abs(np.array(market.us) - points).min(axis=1)
        assert gaps.max() < 1e-9
        assert len(np.unique(np.array(market.us).round(6))) > 2


def test_dither_is_bounded_and_only_there_while_the_gain_is_unknown():
    still = Market(auto(scope()), level=1.0, noise=0.005).run(60)
    shaken = Market(auto(scope(), dither=0.1), level=1.0, noise=0.005).run(60)
    assert np.ptp(np.array(still.us)) == 0.0
    assert 0.0 < np.ptp(np.array(shaken.us)) <= 0.3
