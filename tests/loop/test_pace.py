"""A total is reached and a budget spent by the day: from what is left, through noise, outages, restarts and limits."""

import numpy as np
import pytest

from controller.cells import Cells
from tests.support.bench import Bench

DAY = 86_400.0
REACH = """
campaign: reach
runs: {{from: 2025-06-16, to: 2025-06-25, scan: 1h}}
{cells}
sensors:
  units: {{kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units/h, window: 1h, stale_after: 6h,
          hold_for: 6h}}
actuators:
  odds: {{kind: dry_run, unit: share, start: 10%, safe: 0%, limits: [0%, 100%]}}
loops:
  sales: {{every: 1h, measure: units, target: {target}, move: {{odds: raises}}, policy: {policy}}}
mode: auto
auto_accepts: [odds]
"""
PID = "{kind: pid, gain: 0.1, integral_time: 2h}"
PACING = "{kind: pacing, step: 0.5}"


def reach(target="{reach: 20000 units, by: 2025-06-22}", policy=PID, cells=""):
    return REACH.format(target=target, policy=policy, cells=cells)


class Demand:
    """Units an hour: demand of the hour x the odds x a factor that a test sets; nothing is told while `dark`."""

    def __init__(self, cells=1, seed=None):
        self.total, self.factor, self.dark, self.night = np.zeros(cells), 1.0, False, 1.0
        self.size = np.linspace(1.0, 3.0, cells) * 400.0 / cells
        self.rng = None if seed is None else np.random.default_rng(seed)

    def __call__(self, levers, probes, time):
        half = self.night if time % DAY <= DAY / 2 else 2.0 - self.night
        rate = self.size * levers["odds"].value * self.factor * half
        if self.rng is not None:
            rate = self.rng.poisson(rate).astype(float)
        self.total = self.total + rate
        probes["units"].value = np.full(len(rate), np.nan) if self.dark else np.asarray(rate, float)


def bench(text, plant=None, start=1_750_032_000.0):
    """From Monday 2025-06-16 00:00 UTC, the campaign's first moment."""
    return Bench(text, plant or Demand(), now=start)


@pytest.mark.parametrize("policy", [PID, PACING])
@pytest.mark.parametrize("seed", [1, 2])
def test_a_total_is_reached_on_its_day(policy, seed):
    run = bench(reach(policy=policy), Demand(seed=seed))
    run.turns(7 * 24)
    assert run.plant.total[0] == pytest.approx(20000, rel=0.01)


def test_what_was_missed_is_caught_up():
    run = bench(reach())
    run.turns(48)
    run.plant.factor = 0.0
    run.turns(12)
    run.plant.factor = 1.0
    behind = run.turn().setpoints["sales"][0]
    assert behind == pytest.approx((20000 - run.plant.total[0]) / (7 * 24 - 60), rel=0.04)
    run.turns(7 * 24 - 61)
    assert run.plant.total[0] == pytest.approx(20000, rel=0.01)


def test_catching_up_asks_for_no_more_than_it_may():
    run = bench(reach("{reach: 20000 units, by: 2025-06-22, catch_up: 20%}"))
    run.plant.factor = 0.0
    asked = [turn.setpoints["sales"][0] for turn in run.turns(150)]
    assert max(asked) == pytest.approx(1.2 * 20000 / (7 * 24))


def test_after_its_day_the_output_is_held():
    run = bench(reach())
    run.turns(7 * 24)
    turns = run.turns(20)
    assert np.isnan(turns[-1].setpoints["sales"][0])
    assert len({float(turn.outputs["odds"].decided.value[0]) for turn in turns}) == 1


def test_a_restart_goes_on_with_the_same_bits():
    one, other = bench(reach()), bench(reach())
    one.turns(50)
    other.turns(30)
    other.build()
    other.turns(20)
    assert one.loop.parts.facts.values()["reached.sales"] == other.loop.parts.facts.values()["reached.sales"]
    assert one.turn().setpoints["sales"] == other.turn().setpoints["sales"]


def test_a_dark_sensor_costs_the_total_little():
    run = bench(reach())
    run.turns(48)
    run.plant.dark = True
    run.turns(4)
    run.plant.dark = False
    run.turns(7 * 24 - 52)
    assert run.plant.total[0] == pytest.approx(20000, rel=0.01)
    counted = run.loop.parts.facts.values()["reached.sales"][0]
    assert counted == pytest.approx(run.plant.total[0], rel=0.005)


def test_cells_of_one_pool_share_the_total_by_what_they_measure():
    cells = "cells: {by: store, names: [a, b, c]}"
    run = bench(reach(cells=cells), Demand(3))
    run.turns(7 * 24)
    assert run.plant.total.sum() == pytest.approx(20000, rel=0.01)
    levers = run.levers["odds"].value
    np.testing.assert_allclose(levers, levers.mean(), rtol=0.1)


def test_pools_side_by_side_equal_each_alone():
    twins = Cells(("x/a", "y/a"), pool=np.array([0, 1]), labels=("reach", "reach"))
    both = Bench(reach(), Demand(2), cells=twins, now=1_750_032_000.0)
    both.plant.size = np.array([400.0, 300.0])
    alone = bench(reach())
    both_asked = np.array([turn.setpoints["sales"][0] for turn in both.turns(60)])
    assert both_asked.tolist() == [turn.setpoints["sales"][0] for turn in alone.turns(60)]


def test_the_setpoint_follows_the_learned_week_where_there_is_one():
    """The engine's fact `week.SENSOR`, shape (cells, 168): a test puts it where learning would."""
    run = bench(reach())
    run.plant.night = 0.5
    week = np.tile(np.r_[np.full(12, 0.5), np.full(12, 1.5)], 7)[None]
    plain = run.loop.parts.facts.values

    def with_week():
        return {**plain(), "week.units": week}

    run.loop.parts.facts.values = with_week
    asked = np.array([turn.setpoints["sales"][0] for turn in run.turns(24)])
    assert asked[1:12].max() < asked[13:24].min()
    assert asked[13:24].mean() / asked[1:12].mean() == pytest.approx(3.0, rel=0.1)
    run.turns(6 * 24)
    assert run.plant.total[0] == pytest.approx(20000, rel=0.01)


SPEND = """
campaign: spend
runs: {from: 2025-06-16, to: 2025-06-22, scan: 1h}
sensors:
  paid: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: CNY, counter: true, stale_after: 6h}
  rate: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: CNY/h, window: 1h, stale_after: 6h}
actuators:
  bid: {kind: dry_run, unit: CNY, start: 0.5 CNY, safe: 0 CNY, limits: [0 CNY, 9 CNY]}
budgets: {media: {total: 20000 CNY, plan: PLAN, paid: paid, worst_per_hour: 200 CNY}}
loops:
  pace: {every: 1h, measure: rate, target: {spend: media, band: 5%, over: 1d}, move: {bid: raises}, pays_from: media,
         policy: {kind: pacing, step: 0.5}}
guardrails: {purse: {kind: budget, budget: media, taper: 1%}}
mode: auto
auto_accepts: [bid]
"""


class Auction:
    def __init__(self, seed):
        self.paid, self.rng = 0.0, np.random.default_rng(seed)
        self.cap = np.inf

    def __call__(self, levers, probes, time):
        hour = time / 3600.0 % 24
        market = 60.0 * (1 + 0.5 * np.sin(2 * np.pi * hour / 24)) * self.rng.gamma(25.0, 1 / 25.0)
        rate = min(market * float(levers["bid"].value[0]), 200.0)
        self.paid += rate
        probes["paid"].value, probes["rate"].value = np.array([self.paid]), np.array([rate])


@pytest.mark.parametrize(("plan", "seed"), [("even", 1), ("even", 2), ("forecast", 3), ("none", 4)])
def test_a_budget_is_spent_by_the_end_and_never_beyond(plan, seed):
    run = bench(SPEND.replace("PLAN", plan), Auction(seed))
    run.turns(7 * 24 - 1)
    assert 0.985 * 20000 <= run.plant.paid <= 20000


def test_a_campaign_says_what_it_is_to_reach_and_to_spend():
    about = bench(SPEND.replace("PLAN", "even"), Auction(1)).loop.parts.about["loops"]["pace"]
    assert (about["verb"], about["written"]) == ("spend", "media, 20000 CNY")
    assert about["band"] == pytest.approx(0.05)
    about = bench(reach()).loop.parts.about["loops"]["sales"]
    assert (about["verb"], about["written"]) == ("reach", "20000 units by 2025-06-22")
