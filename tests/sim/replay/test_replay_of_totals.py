"""Totals, budgets that are spent and ratios that know their width are decided again from the journal, bit for bit."""

import numpy as np
import pytest

from controller.ports import OperatorCommand
from controller.sensors.formula import FormulaSensor
from controller.why import Names, Teller
from sim.replay.replay import replay
from tests.loop.test_pace import SPEND, Auction, Demand, reach
from tests.support.bench import Bench

START = 1_750_032_000.0
COST = """
campaign: cost
runs: {scan: 1h}
sensors:
  spend: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: CNY, window: 1d, stale_after: 3d}
  sales: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units, window: 1d, stale_after: 3d}
  cost: {kind: formula, value: spend / sales, unit: CNY, stale_after: 3d,
         posterior: {of: per_event, prior: 12 CNY, weight: 2}}
actuators:
  coupon: {kind: dry_run, unit: CNY, start: 3 CNY, safe: 0 CNY, limits: [0 CNY, 9 CNY], max_step: 1 CNY}
loops:
  worth: {every: 1h, measure: cost, target: {keep_at: 20 CNY}, move: {coupon: raises}, policy: {kind: updown}}
guardrails: {careful: {kind: certainty, sensor: cost, half_at: 10%}}
mode: auto
auto_accepts: [coupon]
"""


class Shop:
    """Ten CNY a sale; few sales at first, many later."""

    def __init__(self):
        self.sales = 2.0

    def __call__(self, levers, probes, time):
        self.sales *= 1.15
        probes["sales"].value = np.array([np.floor(self.sales)])
        probes["spend"].value = 10.0 * probes["sales"].value


def costly():
    run = Bench(COST, Shop(), now=START)
    plan = run.campaign.sensors["cost"]
    run.probes["cost"] = FormulaSensor(plan, plan.settings, run.cells)
    run.store._owner = None
    run.build()
    return run


def lived(run):
    run.turns(30)
    name = next(iter(run.levers))
    low = {"channel": name, "value": run.campaign.actuators[name].low}
    run.loop.obey(OperatorCommand("override", "kim", "because", low), run.now)
    run.turns(5)
    run.loop.obey(OperatorCommand("resume", "kim", "because"), run.now)
    run.turns(7)
    run.build()
    run.turns(30)
    return run


RUNS = {
    "reach": lambda: Bench(
        reach(policy="{kind: pacing, hysteresis: 20%, rest: 3h}"), Demand(seed=3), now=START
    ),
    "spend": lambda: Bench(SPEND.replace("PLAN", "forecast"), Auction(3), now=START),
    "cost": costly,
}


@pytest.mark.parametrize("kind", RUNS)
def test_its_last_life_is_repeated_and_told(kind):
    run = lived(RUNS[kind]())
    life = replay(run.store)[-1]
    assert life.refused == ""
    assert life.ok, life.tally
    assert life.ticks == 30
    teller = Teller(Names.of(run.store.last("start").data))
    for record in run.store.records(kinds=("tick",)):
        for each in teller.tell(record):
            assert sum(each.terms.values()) - each.held_back == pytest.approx(each.move, abs=1e-9)


def test_steps_grow_as_the_cost_per_sale_becomes_known():
    moves = np.diff([turn.outputs["coupon"].applied[0] for turn in costly().turns(30)])
    assert 0 < moves[1] < 0.1
    assert (np.diff(moves[:12]) > -1e-9).all()
    assert moves[:28].max() > 0.4
