"""Consumers as counts: flows add up, segments are one market, replicas are separate runs."""

from dataclasses import replace

import numpy as np
import pytest

from models.consumers.counts import cut
from sim.runs.evenly import EvenLuck
from tests.models.consumers.kit import HOUR, consumers, log, lucks, offer, same


def test_rates_are_the_means_of_equally_large_segments():
    for many in (1, 4, 50):
        rates = cut(consumers(), many).rates
        assert rates.mean() == pytest.approx(1.0)
        assert (np.diff(rates) > 0).all()


def test_flows_are_whole_and_what_follows_is_never_more_than_what_was():
    flows, state = log(cut(consumers(), 4), offer([20_000.0, 3.0, 700.0], trips=0.01), steps=200)
    for flow in flows.values():
        assert np.array_equal(flow, np.floor(flow))
        assert (flow >= 0).all()
    assert (flows["won"] <= flows["units"]).all()
    assert (flows["trips"] <= flows["units"]).all()
    assert (flows["opens"] <= flows["sent"]).all()
    assert (flows["opt_outs"] <= flows["sent"]).all()
    assert np.array_equal(flows["reach"][-1], state["reach"].sum(axis=0))


def test_reach_is_what_was_less_who_left_and_more_who_came_back():
    flows, _ = log(cut(consumers(), 4), offer([50_000.0], messages=0.2), steps=300)
    assert flows["reach"][-1] == 30_000 - flows["opt_outs"].sum() + flows["opt_ins"].sum()


@pytest.mark.parametrize("parts", [[(0,), (1, 2, 3)], [(3, 1), (2, 0)]])
def test_replicas_in_one_array_equal_separate_runs_bit_for_bit(parts):
    given = offer([4000.0, 900.0, 4000.0, 1.0], trips=[0.01, 0.5, 0.02, 0.1], chance=[0.0, 0.1, 1.0, 0.5])
    whole, _ = log(cut(consumers(referral=0.3), 4), given, steps=80)
    for part in map(list, parts):
        own = given.among(part)
        luck = lucks(len(part), names=tuple(f"store-{n}" for n in part))
        flows, _ = log(cut(consumers(referral=0.3), 4), own, steps=80, luck=luck)
        same(flows, {name: flow[:, part] for name, flow in whole.items()})


def test_what_is_known_of_today_is_where_a_run_starts():
    people, given = cut(consumers(), 4), offer([10_000.0, 10_000.0])
    state = people.start(given, HOUR)
    told = {
        "fatigue": np.array([9.0, 0.0]),
        "inventory": np.array([5.0, 1.0]),
        "reach": np.array([4000.0, 8000.0]),
    }
    after = people.told(state, told)
    assert np.allclose((after["pantry"] * after["people"]).sum(axis=0) / 10_000, told["inventory"])
    assert np.allclose(after["reach"].sum(axis=0), told["reach"])
    assert np.array_equal(after["tired"], told["fatigue"])
    flows, _ = log(people, given, steps=48, start=after)
    opening = flows["opens"].sum(axis=0) / flows["sent"].sum(axis=0)
    assert opening[0] < 0.6 * opening[1]
    assert flows["units"].sum(axis=0)[0] < flows["units"].sum(axis=0)[1]


def test_a_luck_of_means_gives_the_mean_of_many_lucks():
    people, given = cut(consumers(), 4), offer([20_000.0] * 300, trips=0.01, messages=0.1)
    flows, _ = log(people, given, steps=30)
    even, _ = log(
        people, offer([20_000.0], trips=0.01, messages=0.1), steps=30, luck=lambda n: EvenLuck((1,), n)
    )
    for name, flow in even.items():
        within = 4 * np.sqrt(3 / flows[name].sum()) + 0.002
        assert flow.sum() == pytest.approx(flows[name].sum() / 300, rel=within), name


def test_whoever_looks_ahead_may_lay_other_lives_beside_the_cells():
    """Three settings tried at once over two cells: shape (settings, cells), as each alone."""
    people, tried = cut(consumers(), 4), np.array([[0.1], [0.5], [0.9]])
    plain = offer([5000.0, 700.0])
    state = people.start(plain, HOUR)
    beside = {name: np.broadcast_to(v[..., None, :], (*v.shape[:-1], 3, 2)) for name, v in state.items()}
    wide = plain.among(np.broadcast_to([0, 1], (3, 2)))
    wide = replace(wide, lift=np.broadcast_to(tried, (3, 2)))
    both, _ = log(people, wide, steps=20, start=beside, luck=lambda n: EvenLuck((3, 2), n))
    for n in range(3):
        alone, _ = log(
            people, replace(plain, lift=wide.lift[n]), steps=20, start=state, luck=lambda s: EvenLuck((2,), s)
        )
        for name, flow in alone.items():
            assert np.allclose(flow, both[name][:, n], rtol=1e-12), name
