"""What is known in advance: how much of it a window holds, and what policies make of it."""

from dataclasses import replace

import numpy as np
import pytest

from controller.assembly import calendar_of, cells_of
from controller.config import loads
from controller.inspection.promises import unheeded
from controller.loop.calendar import Calendar
from controller.policies.mpc import Model, MpcPolicy, Settings
from controller.policies.pid import PidPolicy
from controller.policies.pid import Settings as PidSettings
from controller.signals import Coming, Outcome
from models.draws import Draws
from tests.policies.market import HOUR, PERIOD, Market, banded
from tests.support.bench import Bench

CAMPAIGN = """
campaign: fair
runs: {scan: 1h, from: 2026-07-01, to: 2026-08-31, timezone: Asia/Shanghai}
cells: {by: store, names: [north, south], timezones: {south: UTC}}
sensors:
  units: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units/h, window: 2h, stale_after: 12h}
actuators:
  odds: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%]}
loops:
  sales: {every: 2h, measure: units, target: {keep_at: 100 units/h, band: 5%}, move: {odds: raises},
          policy: {kind: mpc, model: {gain: [0.4, 0.6], lag: [6h, 10h], dead_time: [2h, 4h]}}}
events:
  fair: {kind: price_promotion, from: 2026-07-10, to: 2026-07-11, expected: -240 units/day}
  strike: {kind: stock_out, from: 2026-07-20, to: 2026-07-20, cells: [south]}
mode: auto
auto_accepts: [odds]
"""


MPC = "{kind: mpc, model: {gain: [0.4, 0.6], lag: [6h, 10h], dead_time: [2h, 4h]}}"
STRIKE = "  strike: {kind: stock_out, from: 2026-07-20, to: 2026-07-20, cells: [south]}\n"


def test_days_are_those_of_each_cell_s_zone_and_sizes_are_shares_of_the_target():
    campaign = loads(CAMPAIGN)
    found = calendar_of(campaign, "sales", cells_of(campaign))
    assert (found.starts[0] - found.starts[0][0]).tolist() == [0.0, 8 * HOUR]
    assert (found.ends[0] - found.starts[0]).tolist() == [48 * HOUR, 48 * HOUR]
    assert found.change[0].tolist() == [-0.1, -0.1]
    assert np.isnan(found.change[1]).all()
    assert found.starts[1][0] == -np.inf


def test_a_window_has_its_part_and_events_add_up():
    two = Calendar(
        np.array([[0.0], [7200.0]]),
        np.array([[14400.0], [10800.0]]),
        np.array([[0.2], [0.4]]),
        7200.0,
        3600.0,
    )
    assert two.coming(np.array([3600.0])).change[0, :6] == pytest.approx([0.1, 0.2, 0.4, 0.4, 0.1, 0.0])


def test_before_the_first_sample_nothing_is_said():
    one = Calendar(np.zeros((1, 1)), np.full((1, 1), 1e9), np.full((1, 1), np.nan), 0.0, 3600.0)
    assert not one.coming(np.array([-np.inf])).odd[0]
    assert one.coming(np.array([5.0])).odd[0]


def test_check_says_that_nobody_reckons_with_an_event():
    (told,) = unheeded(loads(CAMPAIGN.replace(MPC, "{kind: updown}").replace(STRIKE, "")))
    assert told.path == ("events", "fair")
    assert not told.wrong
    assert "updown does not know what its actuator does; kind mpc does" in told.text
    assert not list(unheeded(loads(CAMPAIGN)))


class Fair(Market):
    """Demand rises by a fifth of the target from execution 60 to 90; told beforehand, or not."""

    told = True
    size = 0.2

    def shown(self, usable=True, target=None):
        now = 60 <= self.number < 90
        self.level = 0.65 + self.size * now
        tick, seen, limits = super().shown(usable, target)
        ahead = self.number + np.arange(97)
        change = np.where((ahead >= 60) & (ahead < 90), self.size, 0.0)[None]
        coming = Coming(change.repeat(self.cells, 0), np.zeros(self.cells, np.bool_))
        return tick, replace(seen, coming=coming if self.told else None), limits


def mpc():
    known = Model(gain=(0.45, 0.55), lag=(7 * HOUR, 9 * HOUR), dead_time=(2 * HOUR, 3 * HOUR))
    return MpcPolicy(banded(20, band=0.05, costs=False), Settings(model=known, deadband=0.5))


def auto():
    return PidPolicy(banded(20, band=0.05, costs=False), PidSettings(tune="auto"))


def missed(policy, told):
    market = Fair(policy, lag=4.0, dead=1, noise=0.02, cells=20)
    market.told = told
    market.run(110)
    return float(np.mean(np.abs(np.array(market.ys[56:98]) - 1.0) > 0.1))


@pytest.mark.parametrize("policy", [mpc, auto])
def test_an_announced_promotion_is_missed_less_than_one_that_is_not(policy):
    assert missed(policy(), told=True) < 0.7 * missed(policy(), told=False)


def test_the_output_has_moved_before_it_begins():
    market = Fair(mpc(), lag=4.0, dead=1, noise=0.0, cells=20)
    market.run(60)
    assert market.us[58].mean() < market.us[45].mean() - 0.05


@pytest.mark.parametrize("policy", [mpc, auto])
def test_what_is_of_unknown_size_is_left_out_of_learning(policy):
    one, other = (Market(policy(), noise=0.02, cells=20).run(40) for _ in range(2))
    tick, seen, limits = one.shown()
    odd = Coming(np.zeros((20, 97)), np.ones(20, np.bool_))
    strange = replace(seen, process_value=seen.process_value * 1.6, coming=odd)
    known, usual = one.policy, other.policy
    before = learned(known)
    proposal = known.propose(tick, strange, limits, Draws(1))
    known.observe(Outcome(tick, strange, limits, proposal, proposal.value, {"u": np.zeros(20, np.bool_)}))
    assert np.array_equal(learned(known), before)
    tick, seen, limits = other.shown()
    loud = replace(seen, process_value=seen.process_value * 1.6)
    proposal = usual.propose(tick, loud, limits, Draws(1))
    usual.observe(Outcome(tick, loud, limits, proposal, proposal.value, {"u": np.zeros(20, np.bool_)}))
    assert not np.array_equal(learned(usual), before)


def learned(policy):
    """What a sample alone can move."""
    state = policy.state()
    return state["surprise"] if "surprise" in state else state["bank.seen"]


def test_a_life_cut_in_two_goes_on_with_the_calendar():
    class Plant:
        def __init__(self):
            self.f = np.full(2, 0.0)

        def __call__(self, levers, probes, time):
            self.f = 0.8 * self.f + 0.2 * (levers["odds"].value - 0.03) / 0.09
            probes["units"].value = 100 * (0.8 + 0.5 * self.f)

    outputs = []
    for cut in (False, True):
        run = Bench(CAMPAIGN, Plant(), now=1783600000.0)
        run.turns(30)
        if cut:
            run.build()
        run.turns(40)
        outputs.append(run.in_force("odds").copy())
    assert np.array_equal(*outputs)
    assert PERIOD == 2 * HOUR
