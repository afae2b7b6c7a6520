"""The oracle: better than anybody, within the same limits, and without a look at the luck to come."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from controller.assembly import cells_of
from controller.config import load
from controller.signals import Limits
from models.draws import Draws
from sim.evidence import rows
from sim.evidence.oracle import LOOKS, TRIED, _least, costs_of, horizon_of, oracles
from sim.evidence.play import play
from sim.runs.runner import DAY, Run, finish, start
from tests.sim.evidence.kit import campaign, task

SHIPPED = ("cap_lottery", "coupon_value", "push_frequency")


def shipped(name):
    """A campaign that ships, on a market of hourly steps."""
    plan = load(f"configs/{name}.yaml")
    return replace(plan, market=replace(plan.market, settings={**plan.market.settings, "step": "1h"}))


def running(plan=None, seed=1, days=1.0):
    """A run of the small campaign with an oracle at work, turned for some days."""
    plan = replace(plan or campaign(), mode="auto")
    cells = cells_of(plan).replicated(2)
    made = {}

    def knowing(sim):
        made.update(oracles(plan, sim.market, 7 * DAY))
        return made

    ran = start(Run(campaign=plan, seconds=days * DAY, seed=seed, cells=cells, policies=knowing, sparse=True))
    finish(ran)
    return ran, made["sales"]


@pytest.mark.parametrize("name", SHIPPED)
def test_no_other_policy_is_better_in_the_calm_market_of_what_ships(name):
    lottery = ("prospect",) if name == "cap_lottery" else ()
    losses = {
        row: play(
            task(
                shipped(name),
                row=row,
                weeks=1.0,
                seeds=(0,),
                mechanisms=lottery,
                gains=(1.0, 9.0) if row == "simple_pid" else None,
            ).plain()
        )["score.loss"].mean()
        for row in ("config", "fixed", "updown", "simple_pid", "oracle")
    }
    assert min(losses, key=losses.get) == "oracle", losses


def test_it_looks_at_the_state_and_not_at_the_luck():
    ran, oracle = running()
    market = ran.simulated.market
    tried = np.array([[0.03, 0.03], [0.07, 0.07], [0.12, 0.12]])
    known = oracle.cost(market.now, tried)
    market.draws = Draws(99)
    assert np.array_equal(oracle.cost(market.now, tried), known)
    market.state = {**market.state, "log": market.state["log"] + 0.3}
    assert not np.array_equal(oracle.cost(market.now, tried), known)


def test_trying_changes_nothing_in_the_market():
    ran, oracle = running()
    market = ran.simulated.market
    before = {name: value.copy() for name, value in market.state.items()}
    steps = market.history.steps
    oracle.cost(market.now, np.full((TRIED, 2), 0.12))
    assert market.history.steps == steps
    assert all(np.array_equal(market.state[name], value) for name, value in before.items())


def test_what_was_before_the_start_is_not_held_against_anybody():
    ran, oracle = running(days=0.0)
    market = ran.simulated.market
    asked = oracle._asked(market.now, 12)
    assert np.array_equal(oracle._past(market.now, asked), asked[: oracle.aim.hours])
    ran, oracle = running(days=0.5)
    market = ran.simulated.market
    past = oracle._past(market.now, asked)
    seen = ran.trace.hourly("units_scanned")
    assert np.array_equal(past[-12:], seen)
    assert np.array_equal(past[:-12], asked[: len(past) - 12])


def test_a_window_longer_than_the_market_is_old_is_no_trouble():
    ran, _ = running(campaign(band="band: 10%, over: 7d"))
    low, high = ran.trace.extremes("win_probability")
    assert (low >= 0.03).all()
    assert (high < 0.12).any()


def test_it_moves_within_the_limits_and_by_steps():
    ran, _ = running(campaign(keep_at="60000 units/day"), days=2.0)
    values = np.array(ran.trace.levers["win_probability"])
    assert values.max() == pytest.approx(0.12)
    assert values.min() >= 0.03
    assert np.abs(np.diff(values, axis=0)).max() <= 0.02 + 1e-9


def test_it_stays_where_a_move_is_not_worth_what_a_move_costs():
    moves = [
        finish_with(replace(campaign(), loss=replace(campaign().loss, mu=mu))).moves("win_probability").sum()
        for mu in (0.0, 1.0)
    ]
    assert moves[0] > 10
    assert moves[1] == 0


def finish_with(plan):
    """The trace of a run of two days."""
    return running(plan, days=2.0)[0].trace


@settings(max_examples=15)
@given(
    low=st.floats(0.03, 0.12),
    high=st.floats(0.03, 0.12),
    held=st.floats(0.0, 0.2),
    target=st.floats(1e3, 1e5),
)
def test_a_proposal_lies_in_the_limits_whatever_they_are(low, high, held, target):
    low, high = min(low, high), max(low, high)
    ran, oracle = RUNNING
    oracle = replace(oracle, aim=replace(oracle.aim, level=np.full(2, target / 24)), horizon=7200.0)
    ends = {"low": {"win_rate": np.full(2, low)}, "high": {"win_rate": np.full(2, high)}}
    limits = Limits(**ends, low_by={}, high_by={}, suspend={}, names=(), why={}, dropped=())
    seen = type("Seen", (), {"applied": {"win_rate": np.full(2, held)}})
    value = oracle.propose(ran.ticks.last, seen, limits, Draws(1)).value["win_rate"]
    assert ((value >= low) & (value <= high)).all()


RUNNING = running(days=0.25)


def test_money_and_moves_weigh_what_they_weigh_in_the_whole_run():
    plan = campaign()
    costs = costs_of(plan, horizons=10.0)
    assert costs.signals == ("prizes_paid",)
    assert costs.per_move / 10 == pytest.approx(plan.loss.mu)
    assert costs.per_money * 100_000 / 10 == pytest.approx(plan.loss.lambda_)
    assert costs_of(replace(plan, budgets={}), 10.0).per_money == 0.0


def test_it_looks_far_enough_for_its_dead_time_and_not_for_ever():
    loop = campaign().loops["sales"]
    assert horizon_of(loop) == LOOKS
    assert horizon_of(replace(loop, target=replace(loop.target, over=None))) == 12 * 3600.0
    assert horizon_of(replace(loop, every=DAY)) == 2 * DAY


@given(st.floats(-0.5, 1.5), st.floats(0.1, 50.0))
def test_the_least_of_a_parabola_is_found_between_the_values_tried(at, bend):
    tried = np.linspace(0.0, 1.0, TRIED)
    found = _least(tried, (bend * (tried - at) ** 2)[:, None])
    assert found[0] == pytest.approx(np.clip(at, 0.0, 1.0), abs=1e-6)


@given(st.lists(st.floats(0, 1e6), min_size=TRIED, max_size=TRIED))
def test_whatever_the_costs_it_stays_beside_the_least_of_them(costs):
    tried = np.linspace(0.0, 1.0, TRIED)
    found = _least(tried, np.array(costs)[:, None])[0]
    assert 0.0 <= found <= 1.0
    assert abs(found - tried[int(np.argmin(costs))]) <= 1 / (TRIED - 1) + 1e-9


def test_every_loop_has_one_of_its_own():
    assert rows.ROWS[-1] == "oracle"
    plan = campaign()
    told = play(task(plan, row="oracle").plain())
    assert told["about"].startswith("knows the market and its state, not its luck")
