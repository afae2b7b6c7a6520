"""What each scenario is there for, seen in the market itself with its levers turned by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from controller.assembly import cells_of
from controller.clock import civil_at, day_start
from controller.config import loads
from models.draws import Draws
from sim.instruments import Feed
from sim.market.build import market_of
from sim.market.disturbances import Level, Outage, Promotion, Regime
from sim.market.world import World
from sim.runs.evenly import EvenDraws
from sim.scenarios import many_stores
from sim.scenarios._family import scenario
from tests.sim.scenarios.kit import DAY, EVERYTHING, SHIPPED, applies, coarse, stage

SIGNALS = {"cap_lottery": "units_scanned", "coupon_value": "redemptions", "push_frequency": "opens"}


def made(kind, campaign=EVERYTHING, before=None, days=14.0):
    """The stage of a scenario and its world."""
    on = stage(campaign, cells_of(campaign), days)
    return on, scenario(kind).world(on, before or World())


def days_of(kind, campaign, signal, lever, value, days=28, before=None):
    """What is counted each day of a signal in the calm market's mean, a lever at `value` from the start on."""
    campaign = coarse(campaign)
    on, world = made(kind, campaign, before)
    cells, base = cells_of(campaign), replace(world, disturbances=())
    market, _ = market_of(campaign, Draws(1), start=on.starts, cells=cells, world=base, keep=days * DAY + DAY)
    market.draws = EvenDraws(1)
    if value is not None:
        from sim.market.levers import Setting

        off = np.zeros(len(cells), np.bool_)
        market.levers[lever].take(Setting(on.starts, np.full(len(cells), value), off), on.starts)
    market.advance_to(on.starts + days * DAY)
    steps = round(DAY / market.timing.step)
    rows = np.array([market.history.at(signal, n * steps) for n in range(days + 1)])
    return np.diff(rows[:, 0])


# -- the wrong way round, and not at all ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", SIGNALS)
@pytest.mark.parametrize("effect", [0.5, 1.5])
def test_turned_up_the_market_rises_at_once_and_is_worse_off_after_weeks(name, effect):
    campaign, signal = SHIPPED[name], SIGNALS[name]
    assert applies("sign_reversal", campaign) == ""
    (lever,) = campaign.market.levers.values()
    (actuator,) = campaign.actuators.values()
    before = World(effect=effect)
    up, still = (
        days_of("sign_reversal", campaign, signal, lever, value, before=before)
        for value in (actuator.high, None)
    )
    ratio = up / still
    assert ratio[:4].max() > 1.1
    assert ratio[-1] == pytest.approx(0.85 if actuator.start == actuator.low else ratio[-1], abs=0.05)
    assert ratio[-1] < 0.95
    half = (actuator.start + actuator.high) / 2
    assert (days_of("sign_reversal", campaign, signal, lever, half, before=before) / still)[-1] < 0.985


@pytest.mark.parametrize("name", SIGNALS)
def test_where_nothing_answers_what_is_measured_stays_and_what_it_costs_rises(name):
    campaign, signal = SHIPPED[name], SIGNALS[name]
    (lever,) = campaign.market.levers.values()
    (actuator,) = campaign.actuators.values()
    up, still = (days_of("zero_gain", campaign, signal, lever, value, 14) for value in (actuator.high, None))
    assert up[2:] == pytest.approx(still[2:], rel=0.02 if signal == "opens" else 1e-9)
    if signal != "opens":
        paid = campaign.market.signals["paid"]
        dear, cheap = (days_of("zero_gain", campaign, paid, lever, v, 14) for v in (actuator.high, None))
        assert dear[-1] > 2.5 * cheap[-1]


def test_people_leave_the_cliff_s_edge_in_crowds():
    campaign = SHIPPED["push_frequency"]
    edge, beyond = (
        days_of("opt_out_cliff", campaign, "opt_outs", "push_frequency", v, 14)[-1] / v for v in (2.0, 4.0)
    )
    assert beyond > 8 * edge


# -- what is bought, brought and hunted ----------------------------------------------------------------------------


def test_a_pantry_is_paid_back_and_referral_goes_on_rising():
    campaign = SHIPPED["cap_lottery"]
    calm, pantry, referral = (
        days_of(kind, campaign, "units_scanned", "win_probability", 0.12, 42)
        for kind in ("steady", "pantry_loading", "referral_near_one")
    )
    assert pantry[1] / calm[1] > 0.96
    assert 0.85 < pantry[-1] / calm[-1] < 0.92
    assert referral[-1] / calm[-1] > 1.5
    assert (np.diff(referral / calm)[3:] > 0).all()


@pytest.mark.parametrize(("name", "most"), [("cap_lottery", 2.2), ("coupon_value", 2.4)])
def test_a_market_that_excites_itself_answers_the_more_strongly_the_higher_the_lever(name, most):
    campaign = SHIPPED[name]
    (lever,) = campaign.market.levers.values()
    (actuator,) = campaign.actuators.values()
    low, high = actuator.start + 0.1 * (actuator.high - actuator.start), actuator.high
    lifts = []
    for value in (low, high):
        calm, burst = (
            days_of(k, campaign, "units_scanned", lever, value, 14) for k in ("steady", "win_streak_burst")
        )
        lifts.append(burst[-1] / calm[-1])
    assert 1.0 < lifts[0] < lifts[1]
    assert 1.5 < lifts[1] < most


def test_hunters_make_units_dearer():
    campaign = SHIPPED["cap_lottery"]
    cost = []
    for kind in ("steady", "bonus_hunters"):
        units, paid = (
            days_of(kind, campaign, signal, "win_probability", 0.12, 21)[-1]
            for signal in ("units_scanned", "prizes_paid")
        )
        cost.append(paid / units)
    assert cost[1] > 1.4 * cost[0]


# -- what happens, when --------------------------------------------------------------------------------------------


def test_a_step_is_for_good_and_a_shock_is_over():
    on, world = made("step")
    assert world.disturbances == (Level(on.moment(1 / 3), math.inf, 0.85),)
    _, world = made("shock")
    assert [one.factor for one in world.disturbances] == [0.75, 0.875]
    assert max(one.ends for one in world.disturbances) < on.ends


def test_a_holiday_lies_on_civil_days_of_the_campaign_s_zone():
    berlin = replace(EVERYTHING.runs, from_=None)
    for campaign in (EVERYTHING, SHIPPED["cap_lottery"], replace(EVERYTHING, runs=berlin)):
        on, world = made("season_and_holiday", campaign)
        zone = campaign.runs.timezone
        season, eve, day = world.disturbances
        assert (season.factor, eve.factor, day.factor) == (1.15, 2.0, 0.5)
        assert season.ends == eve.starts
        assert eve.ends == day.starts
        assert day.starts == day_start(int(civil_at(day.starts, cells_of(campaign)).business_date[0]), zone)
        assert on.starts <= season.starts
        assert day.ends <= on.ends
        assert isinstance(day, Promotion)


def test_the_feed_dies_at_noon_for_a_day_and_at_night():
    on, world = made("outage", SHIPPED["cap_lottery"])
    noon, night = world.disturbances
    local = [(one.starts - day_start(_day(on, one.starts), "Asia/Shanghai")) / 3600 for one in (noon, night)]
    assert local == [12.0, 22.0]
    assert [(one.ends - one.starts) / 3600 for one in (noon, night)] == [24.0, 10.0]
    assert all(isinstance(one, Outage) and one.signals == ("units_scanned",) for one in (noon, night))


def _day(on, moment):
    return int(civil_at(moment, on.cells).business_date[0])


def test_half_way_levers_do_half_and_are_heard_of_twice_as_late():
    for name, delay in (("cap_lottery", 7200.0), ("shortest", 7200.0)):
        on, world = made("regime_change", SHIPPED[name])
        assert world.disturbances == (Regime(on.moment(0.5), math.inf, effect=0.5, delay=delay),)
    slow = SHIPPED["cap_lottery"]
    slow = replace(slow, market=replace(slow.market, settings={**slow.market.settings, "delay": "90m"}))
    assert made("regime_change", slow)[1].disturbances[0].delay == 5400.0


def test_only_what_loops_measure_is_late_or_lies_on_top_of_the_feeds_there_are():
    before = World(feeds={"*": Feed(delay=600.0), "opens": Feed(delay=1200.0, noise=0.1)})
    on, late = made("delayed_and_late_data", before=before)
    assert set(late.feeds) == {"*", "units_scanned", "redemptions", "opens"}
    assert late.feeds["*"] == before.feeds["*"]
    assert late.feeds["units_scanned"].delay == 600.0 + 3 * 3600.0
    assert (late.feeds["opens"].delay, late.feeds["opens"].noise) == (1200.0 + 3 * 3600.0, 0.1)
    assert late.feeds["units_scanned"].settle == ((0.0, 0.9), (DAY, 1.0))
    _, lying = made("sensor_lie", before=late)
    (lie,) = lying.feeds["opens"].lies
    assert (lie.factor, lie.starts, lie.ends) == (1.2, on.moment(0.4), math.inf)
    assert lying.feeds["opens"].delay == late.feeds["opens"].delay


def test_what_is_late_twice_is_known_by_the_share_of_the_share():
    before = World(feeds={"*": Feed(settle=((3600.0, 0.5), (7200.0, 1.0)))})
    _, late = made("delayed_and_late_data", before=before)
    assert late.feeds["opens"].settle == ((3600.0, 0.45), (7200.0, 0.9), (DAY, 1.0))


def test_a_formula_s_sensors_are_measured_too():
    text = """
campaign: formula
runs: {from: 2026-07-13, to: 2026-10-04}
sensors:
  sent: {kind: csv_file, file: x.csv, unit: count/day, window: 1d}
  opened: {kind: csv_file, file: x.csv, unit: count/day, window: 1d}
  rate: {kind: formula, value: "opened / max(sent, 1)", unit: share}
actuators: {push: {kind: dry_run, unit: push/week, start: 2 push/week, safe: 1 push/week,
                   limits: [0.5 push/week, 5 push/week], lease: 3h, lease_by: target}}
loops: {rate: {every: 6h, measure: rate, target: {keep_at: 8%}, move: {push: lowers},
               policy: {kind: pid, gain: 1, integral_time: 1d}}}
market: {kind: push_frequency, signals: {sent: pushes_sent, opened: opens}, levers: {push: push_frequency}}
"""
    on, world = made("outage", loads(text))
    assert on.measured == ("opens", "pushes_sent")
    assert world.disturbances[0].signals == on.measured


# -- many stores ---------------------------------------------------------------------------------------------------


def test_eight_stores_share_the_target_as_demand_is_shared():
    split = many_stores.campaign(EVERYTHING)
    cells = cells_of(split)
    on, world = made("many_stores", split)
    market, _ = market_of(split, Draws(1), start=on.starts, cells=cells, world=world)
    levels = np.array([split.level("sales", name) for name in cells.label_of])
    assert levels.sum() == pytest.approx(EVERYTHING.level("sales"))
    assert levels / levels.sum() == pytest.approx(market.demand.share)
    assert levels.max() > 2 * levels.min()
    target, sensor = split.loops["sales"].target, split.sensors["units"]
    assert target.band_in(sensor, levels[0]) == pytest.approx(0.1 * levels[0])
    assert split.sensors["opens"].min_count == 1
    assert 0.5 <= world.effect.min() < world.effect.max() <= 2.0


def test_a_store_is_as_strong_in_every_future():
    split = many_stores.campaign(EVERYTHING)
    cells = cells_of(split).replicated(3)
    world = many_stores.world(stage(split, cells), World(effect=np.repeat([1.0, 2.0, 1.0], 8)))
    one, two, three = world.effect.reshape(3, 8)
    assert np.array_equal(one, three)
    assert np.allclose(two, 2.0 * one)


def test_a_band_in_units_is_shared_too():
    sales = EVERYTHING.loops["sales"]
    from controller.quantities import Amount

    units = replace(sales, target=replace(sales.target, band=Amount.parse("3000 units/day")))
    split = many_stores.campaign(replace(EVERYTHING, loops={"sales": units}))
    level = split.level("sales", "store-3")
    assert split.loops["sales"].target.band_in(split.sensors["units"], level) == pytest.approx(0.1 * level)


@pytest.mark.parametrize(
    ("name", "match"),
    [
        ("cap_lottery", "one rate for one population"),
        ("coupon_value", "gains are in raw units"),
        ("push_frequency", ""),
    ],
)
def test_stores_are_refused_where_the_law_or_the_policy_cannot(name, match):
    why = applies("many_stores", SHIPPED[name])
    assert match in why
    assert bool(why) is bool(match)


def test_a_campaign_with_stores_of_its_own_is_left_alone():
    assert "has cells of its own" in applies("many_stores", many_stores.campaign(EVERYTHING))
