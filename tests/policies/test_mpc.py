"""The predictive policy: what it promises as a policy, and what it does to a market."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from controller.checks.policies import check_policy
from controller.config import load, loads
from controller.errors import NotAvailable, SetpointError
from controller.policies.mpc import Model, MpcPolicy, Settings
from controller.ports import PolicyScope, Tolerance
from controller.quantities import QuantityError
from controller.signals import Channel
from models.mpc.steady import cheapest
from sim.evidence.margins import margin_gates
from tests.policies.market import HOUR, PERIOD, Market, banded, scope

KNOWN = Model(gain=(0.4, 0.6), lag=(6 * HOUR, 10 * HOUR), dead_time=(2 * HOUR, 4 * HOUR))
CONFIGS = Path(__file__).parents[2] / "configs"


def policy(at=None, model=KNOWN, **settings):
    return MpcPolicy(at or banded(costs=False), Settings(model=model, **settings))


def test_it_keeps_the_contract_of_policies():
    model = Model(gain=(0.3, 0.6), lag=(HOUR, 4 * HOUR), dead_time=(0.0, HOUR))
    check_policy("mpc", Settings(model=model, deadband=0.0))


@pytest.mark.parametrize(("gain", "lag", "dead"), [(0.5, 4.0, 1), (0.4, 3.0, 2), (0.6, 5.0, 1)])
def test_it_keeps_a_market_in_its_band_with_few_moves(gain, lag, dead):
    market = Market(policy(), gain=gain, lag=lag, dead=dead, noise=0.03).run(80)
    assert np.mean(np.abs(np.array(market.ys[-40:]) - 1.0) < 0.1) > 0.9
    assert np.mean(np.diff(np.array(market.us[-40:]), axis=0) != 0) < 0.2


def test_without_a_deadband_the_target_itself_is_reached_although_the_model_is_wrong():
    market = Market(policy(deadband=0.0), gain=0.45, lag=3.0, dead=2, noise=0.0).run(80)
    assert market.ys[-1][0] == pytest.approx(1.0, abs=1e-3)
    market.run(60, level=0.6)
    assert market.ys[-1][0] == pytest.approx(1.0, abs=1e-3)


def test_it_waits_for_what_is_on_its_way():
    market = Market(policy(deadband=0.0, smoothness=1.0), dead=1, noise=0.0).run(60)
    before = market.u.copy()
    market.run(1, level=0.6)
    market.run(1)
    first = market.u - before
    market.run(3)
    assert first[0] > 0.05
    assert abs(market.u[0] - before[0]) < 3 * first[0]


def test_a_lever_that_lowers_is_turned_the_other_way():
    market = Market(policy(), gain=-0.5, level=1.3, sign=-1.0).run(60)
    assert np.mean(np.abs(np.array(market.ys[-20:]) - 1.0) < 0.1) > 0.8


def test_an_output_that_somebody_set_is_what_was_put_in():
    market = Market(policy(deadband=0.0), noise=0.0).run(40)
    for _ in range(6):
        market.turn(set_to=0.9)
    surprise = market.policy.memory.surprise[0]
    assert surprise == pytest.approx(
        0.7 - (0.6 - 0.5) * 0.9, abs=0.04
    )  # the model is the strongest that is possible
    market.run(40)
    assert market.ys[-1][0] == pytest.approx(1.0, abs=1e-3)


def test_of_two_actuators_the_cheaper_is_used_first_and_both_where_one_is_not_enough():
    odds, push = (Channel(name, "share", 0.0, 1.0, 0.0, 0.0) for name in ("odds", "push"))
    base = scope()
    two = PolicyScope(base.cells, {"odds": odds, "push": push}, PERIOD, Tolerance(np.zeros(1), PERIOD))
    models = {"odds": KNOWN, "push": replace(KNOWN, gain=(0.2, 0.2))}
    made = MpcPolicy(two, Settings(models=models, cost={"odds": 100.0, "push": 10.0}))
    rest = cheapest(made.answers.gain, np.array([100.0, 10.0]), np.array([0.1, 0.5]))
    assert rest.tolist() == [[0.0, 0.5], [0.5, 1.0]]
    assert made.several


def test_a_model_is_asked_for_and_one_that_is_too_vague_is_refused():
    with pytest.raises(QuantityError, match=r"mpc needs model\.gain"):
        Settings()
    with pytest.raises(QuantityError, match="begins at none"):
        Settings(model=replace(KNOWN, gain=(0.0, 0.5)))
    with pytest.raises(QuantityError, match="one of the two"):
        Settings(model=KNOWN, models={"u": KNOWN})
    with pytest.raises(QuantityError, match="no filter keeps Ms"):
        policy(
            model=Model(gain=(0.01, 1.0), lag=(0.3 * HOUR, 60 * HOUR), dead_time=(0.0, 150 * HOUR)),
            smoothness=0.0,
        )


def test_models_must_be_those_of_the_loop():
    with pytest.raises(NotAvailable, match="models names 'v', its loop moves u"):
        MpcPolicy(scope(), Settings(models={"u": KNOWN, "v": KNOWN}))


def test_a_campaign_with_it_is_read_checked_and_judged(tmp_path):
    text = (CONFIGS / "push_frequency.yaml").read_text()
    known = "{gain: [0.4, 3], lag: [6h, 8h], dead_time: [30m, 4h]}"
    old = next(line for line in text.splitlines() if "policy:" in line)
    good = text.replace(old, f"    policy: {{kind: mpc, model: {known}}}")
    path = tmp_path / "push.yaml"
    path.write_text(good)
    (gate,) = margin_gates(load(path), None, 3)
    assert gate.passed, gate.said
    narrow = good.replace("gain: [0.4, 3]", "gain: [0.05, 0.06]")
    path.write_text(narrow)
    (gate,) = margin_gates(load(path), None, 3)
    assert not gate.passed
    assert "the model is too narrow" in gate.said
    with pytest.raises(SetpointError, match=r"model.*gain"):
        loads(good.replace("gain: [0.4, 3]", "gain: strong"), folder=str(CONFIGS))
