"""Where a campaign stands, from its journal: what the market of that run really was, what is left, what is refused."""

from dataclasses import replace

import numpy as np
import pytest

from controller.config import load
from controller.errors import SetpointError
from controller.ports import Record
from controller.signals import Reason
from controller.store import SqliteStore
from models.draws import Draws
from sim.market.build import simulated
from sim.market.settings import settings_of
from sim.runs.past import Past
from sim.runs.resumed import Ledger, Resumed
from sim.runs.runner import DAY, Run, finish, start
from sim.runs.today import Today, today
from tests.sim.evidence.kit import NOW, campaign, journal, stores

HOUR = 3600.0
ESTIMATE = 0.08
"""How far an estimate without luck may be from what luck made of it."""


def shipped(name):
    return load(f"configs/{name}.yaml")


@pytest.fixture(scope="module")
def lottery(tmp_path_factory):
    """A journal of six days, and what ran."""
    path = tmp_path_factory.mktemp("today") / "small.journal"
    return path, journal(path, days=6.0)


def near(found, truth, tolerance=ESTIMATE):
    return np.abs(found - truth) <= tolerance * np.abs(truth)


# -- the state --------------------------------------------------------------------------------------------------------


def test_the_prizes_still_out_and_the_carry_over_are_those_of_the_market_that_ran(lottery):
    path, ran = lottery
    now, truth = today(campaign(), path), ran.simulated.market.state
    resumed = start(Run(campaign=campaign(), seconds=0.0, starts=now.moment, resumed=now.resumed(campaign())))
    state = resumed.simulated.market.state
    assert now.moment == ran.now
    assert near(state["lottery.open"], truth["lottery.open"]).all()
    assert near(state["lottery.stock"], truth["lottery.stock"], 1e-9).all()
    assert near(state["lottery.line"][-1], truth["lottery.line"][-1], 1e-9).all()
    assert (
        truth["lottery.open"][0]
        > 1.5 * start(Run(campaign=campaign(), seconds=0.0)).simulated.market.state["lottery.open"]
    ), "from zero it would have been far off"


@pytest.mark.parametrize(
    ("name", "exact", "estimated"),
    [
        ("coupon_value", ("coupon.stock",), ("coupon.takers", "coupon.idle", "coupon.idle_money")),
        ("push_frequency", ("push.tired",), ("push.stock", "push.reach")),
    ],
)
def test_coupons_out_and_fatigue_too(tmp_path, name, exact, estimated):
    plan = shipped(name)
    settings = {**plan.market.settings, "step": "1h"}
    plan = replace(plan, market=replace(plan.market, settings=settings))
    ran = journal(tmp_path / "it.journal", plan, days=8.0)
    now = today(plan, tmp_path / "it.journal")
    resumed = start(Run(campaign=plan, seconds=0.0, starts=now.moment, resumed=now.resumed(plan)))
    state, truth = resumed.simulated.market.state, ran.simulated.market.state
    for key in exact:
        assert near(state[key], truth[key], 1e-9).all(), key
    for key in estimated:
        assert near(state[key], truth[key], 0.15).all(), key


def test_every_store_goes_on_from_where_it_stands(tmp_path):
    plan = stores()

    ran = journal(tmp_path / "it.journal", plan, days=4.0)
    now = today(plan, tmp_path / "it.journal")
    value = ran.simulated.market.levers["win_probability"].in_force(ran.now).value
    assert value[0] != value[1]
    assert now.applied["win_rate"].tolist() == value.tolist()
    resumed = now.resumed(plan).times(2)
    again = start(
        Run(
            campaign=now.campaign(plan),
            seconds=HOUR,
            starts=now.moment,
            cells=ran.loop.parts.cells.replicated(2),
            resumed=resumed,
        )
    )
    turn = again.turn()
    assert turn.outputs["win_rate"].applied.tolist() == [*value, *value]


def test_it_is_written_and_read_back_to_the_last_bit(lottery):
    now = today(campaign(), lottery[0])
    again = Today.of(now.text())
    assert again.text() == now.text()
    assert (again.moment, again.since, again.spent) == (now.moment, now.since, now.spent)
    for name in ("state", "applied", "facts"):
        for key, value in getattr(now, name).items():
            assert np.array_equal(getattr(again, name)[key], value, equal_nan=True), key


def test_a_journal_that_has_grown_is_another_today(tmp_path):
    plan, path = campaign(), tmp_path / "it.journal"
    journal(path, plan, days=2.0)
    before = today(plan, path)
    journal(path, plan, days=1.0, starts=NOW + 2 * DAY)
    after = today(plan, path)
    assert after.moment == before.moment + DAY
    assert after.since == before.since
    assert after.text() != before.text()


def test_what_is_played_is_the_base_demand_that_is_handed_in(lottery):
    from sim.market.demand import Demand
    from sim.market.world import World

    double = World(demand=lambda cells, volume, spread: Demand(cells, 140.0, "week"))
    usual, more = today(campaign(), lottery[0]), today(campaign(), lottery[0], double)
    assert more.state["lottery.open"] == pytest.approx(2 * usual.state["lottery.open"])
    assert more.state["lottery.stock"] == usual.state["lottery.stock"]


# -- what the loop goes on with ---------------------------------------------------------------------------------------


def test_guardrails_remember_and_the_ledger_counts_on(lottery):
    path, ran = lottery
    now = today(campaign(), path)
    before = ran.loop.parts.facts.values()
    again = start(Run(campaign=campaign(), seconds=DAY, starts=now.moment, resumed=now.resumed(campaign())))
    assert again.loop.parts.facts.values()["spent.prizes"] == before["spent.prizes"]
    assert again.loop.parts.facts.values()["highest.win_rate"] == before["highest.win_rate"]
    turn = again.turn()
    paid = turn.signals["paid"].value[0]
    assert before["spent.prizes"][0] <= paid < before["spent.prizes"][0] + 300.0
    finish(again)
    gained = again.trace.gained("prizes_paid")[0]
    spent = again.loop.parts.facts.values()["spent.prizes"][0] - before["spent.prizes"][0]
    assert 0.8 * gained < spent <= gained


def test_a_ledger_that_is_late_never_says_less_than_before():
    sim = simulated(campaign(), Draws(1), start=NOW)
    sim.market.advance_to(NOW + 6 * HOUR)
    zero = sim.market.history.at("prizes_paid", sim.market.history.steps)
    ledger = Ledger(sim.sensors["paid"], np.array([500.0]), zero)
    from controller.clock import TickMaker

    ticks = TickMaker(sim.market.cells, 600.0)
    values = [ledger.read(ticks.at(NOW + 6 * HOUR + n * HOUR)).value[0] for n in range(1, 9)]
    assert values[0] == 500.0
    assert values[-1] > 500.0
    assert (np.diff(values) >= 0).all()


def test_windows_and_other_sensors_are_left_alone():
    sim = simulated(campaign(), Draws(1), start=NOW)
    resumed = Resumed(levers={}, state={}, facts={}, paid={"units": np.array([9.0])})
    assert resumed.sensors(sim.sensors) == sim.sensors


# -- the plan from today on -------------------------------------------------------------------------------------------


def test_what_is_left_of_the_budget_and_of_the_campaign(lottery):
    path, ran = lottery
    now = today(campaign(), path)
    paid = float(ran.loop.parts.facts.values()["spent.prizes"][0])
    assert now.spent == {"prizes": paid}
    rest = now.rest(campaign())
    assert rest.budgets["prizes"].total.amount == pytest.approx(100_000 - paid, abs=0.011)
    assert rest.runs.starts_at() == now.moment
    assert rest.runs.ends_at() == campaign().runs.ends_at()
    assert now.campaign(campaign()).actuators["win_rate"].start == pytest.approx(
        float(now.applied["win_rate"][0])
    )
    gone = replace(now, spent={"prizes": 1e6}).rest(campaign())
    assert gone.budgets["prizes"].total.minor == 1


def test_what_is_owed_is_spent_too(tmp_path):
    plan = shipped("coupon_value")
    ran = journal(tmp_path / "it.journal", plan, days=2.0)
    now = today(plan, tmp_path / "it.journal")
    paid = float(ran.loop.parts.facts.values()["spent.coupons"][0])
    owed = float(ran.loop.parts.validators["owed"].state()["value"][0])
    assert owed > 100.0
    assert now.spent["coupons"] == pytest.approx(paid + owed)


def test_demand_that_was_recorded_at_the_start_value_keeps_its_level(lottery):
    now = today(campaign(), lottery[0])
    plan = campaign()
    recorded = replace(
        plan, market=replace(plan.market, settings={**plan.market.settings, "recorded_at": "start"})
    )
    moved = now.campaign(recorded)
    assert settings_of(moved.market).times() > settings_of(recorded.market).times()
    levels = []
    for each in (recorded, moved):
        market = simulated(each, Draws(1), start=NOW).market
        at = market.inputs(NOW)
        known = market.plant.settled({**at, "win_probability": np.full(1, 0.03)})
        levels.append(float((at["demand"] * (1.0 + known))[0]))
    assert levels[0] == pytest.approx(levels[1])
    assert now.campaign(plan).market == plan.market


# -- odd journals -----------------------------------------------------------------------------------------------------


def ticks(path, plan, records):
    """A journal of ticks made by hand."""
    store = SqliteStore(path)
    store.claim("test")
    cells = [*(plan.cells.names or (plan.campaign,))]
    store.append(Record("start", 0, NOW, {}, {"campaign": plan.campaign, "cells": cells}))
    for n, (moment, columns, data) in enumerate(records):
        day = {"civil.business_date": np.full(len(cells), 739_000 + int(moment // 24))}
        store.append(Record("tick", n, NOW + moment * HOUR, {**columns, **day}, data))
    store.close()


def tick(hours, value=None, paid=10.0, owed=None, reason=Reason.FOLLOWED, epochs=()):
    columns = {"signal.paid.value": np.array([paid]), "signal.paid.good_at": np.array([NOW + hours * HOUR])}
    columns["reason.win_rate"] = np.array([reason], np.int8)
    if value is not None:
        columns["applied.win_rate"] = np.array([value])
    if owed is not None:
        columns["signal.owed.value"] = np.array([owed])
    return hours, columns, {"epochs": dict.fromkeys(epochs, "1.1")}


def stock(path, plan, records):
    ticks(path, plan, records)
    return float(today(plan, path).state["lottery.stock"][0])


def test_a_value_that_could_not_be_read_is_the_last_one_known(tmp_path):
    plan = campaign()
    known = stock(tmp_path / "a", plan, [tick(0, 0.03), tick(1, 0.08), tick(30, 0.08), tick(40, 0.08)])
    unread = stock(tmp_path / "b", plan, [tick(0, 0.03), tick(1, 0.08), tick(30, np.nan), tick(40)])
    assert unread == known > 0.06
    assert today(plan, tmp_path / "b").applied["win_rate"].tolist() == [0.08]


def test_while_an_output_is_suspended_nothing_is_offered(tmp_path):
    plan = campaign()
    off = [tick(0, 0.03), tick(1, 0.03, reason=Reason.SUSPENDED), tick(72, 0.03, reason=Reason.SUSPENDED)]
    assert stock(tmp_path / "a", plan, off) < 0.01


def test_where_a_daemon_was_down_its_orders_ran_out(tmp_path):
    lease = "lease: 3h, lease_by: target"
    records = [tick(0, 0.09, epochs=("win_rate",)), tick(1, 0.09, epochs=("win_rate",)), tick(120, 0.09)]
    enforced = stock(tmp_path / "a", campaign(lease=lease), records)
    assert enforced < 0.04
    assert stock(tmp_path / "b", campaign(), records) > 0.08
    by_hand = [(hours, columns, {}) for hours, columns, _ in records]
    assert stock(tmp_path / "c", campaign(lease=lease), by_hand) > 0.08, "nobody's order stood there"


def test_money_that_was_never_read_is_not_taken_for_nothing(tmp_path):
    plan = campaign()
    ticks(tmp_path / "a", plan, [tick(0, 0.03, paid=np.nan), tick(1, 0.03, paid=np.nan)])
    with pytest.raises(
        SetpointError, match="it holds no good reading of paid, so what is left of the budget prizes"
    ):
        today(plan, tmp_path / "a")


def test_money_that_can_not_be_read_just_now_is_what_it_was(tmp_path):
    plan = campaign()
    ticks(tmp_path / "a", plan, [tick(0, 0.03, paid=700.0), tick(1, 0.03, paid=np.nan)])
    assert today(plan, tmp_path / "a").spent == {"prizes": 700.0}


def test_a_ledger_that_counted_before_is_counted_from_its_first_reading(tmp_path):
    rails = "\nguardrails: {purse: {kind: budget, budget: prizes, count_from: first_reading}}\nactuators:"
    plan = campaign(actuators=rails)
    ticks(tmp_path / "a", plan, [tick(0, 0.03, paid=50_000.0), tick(1, 0.03, paid=50_700.0)])
    assert today(plan, tmp_path / "a").spent == {"prizes": 700.0}


def test_of_another_campaign_of_none_and_of_other_cells(tmp_path, lottery):
    path, _ = lottery
    with pytest.raises(
        SetpointError, match=r"it is the journal of 'small' with cells .'small'., expected 'other'"
    ):
        today(replace(campaign(), campaign="other"), path)
    with pytest.raises(SetpointError, match=r"expected 'small' with \['north', 'south'\]"):
        today(stores(), path)
    ticks(tmp_path / "a", campaign(), [])
    with pytest.raises(SetpointError, match="it holds no tick"):
        today(campaign(), tmp_path / "a")
    (tmp_path / "c").write_text("hour,units\n2026-07-13 00,5\n")
    with pytest.raises(SetpointError, match=r"not a database|no journal|can't be read"):
        today(campaign(), tmp_path / "c")
    SqliteStore(tmp_path / "b").close()
    with pytest.raises(SetpointError, match="it holds no start of a campaign"):
        today(campaign(), tmp_path / "b")


def test_ticks_of_other_cells_are_refused_by_number(tmp_path):
    two = (0, {"applied.win_rate": np.array([0.03, 0.04])}, {})
    ticks(tmp_path / "a", campaign(), [tick(0, 0.03), two])
    with pytest.raises(SetpointError, match="record 2 is of 2 cells, expected 1"):
        today(campaign(), tmp_path / "a")
    with pytest.raises(
        SetpointError, match=r"it: fact highest.win_rate: \(2,\) cells .* divided otherwise then"
    ):
        Past(campaign(), "it", NOW).remember({"facts/all/highest.win_rate": np.ones(2)})


def test_where_people_act_one_by_one_there_is_no_today(tmp_path):
    plan = campaign(market="kind: consumers, fidelity: agents, people: 500, volume: 1")
    ticks(tmp_path / "a", plan, [tick(0, 0.03), tick(1, 0.03)])
    with pytest.raises(SetpointError, match=r"market.fidelity: .* received agents, allowed: counts"):
        today(plan, tmp_path / "a")


def test_facts_of_records_that_were_forgotten_come_from_the_snapshot():
    past = Past(campaign(), "it", NOW + DAY)
    kept = past.facts.state()
    known = {f"facts/all/{name}": value for name, value in kept.items()}
    past.remember(
        {**known, "facts/all/highest.win_rate": np.array([0.11]), "loop/sales/integral": np.ones(1)}
    )
    assert past.facts.values()["highest.win_rate"].tolist() == [0.11]
