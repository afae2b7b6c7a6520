"""A loop that moves another loop's target: in the same turn, without a bump, and never further than it can follow."""

import numpy as np
import pytest

from controller.cells import Cells
from controller.loop.cascade import outer_first
from controller.ports import OperatorCommand
from controller.signals import Reason
from tests.support.bench import Bench, decided

CAMPAIGN = """
campaign: ads
runs: {scan: 5m}
sensors:
  spend: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: CNY/h, stale_after: 30m, hold_for: 2h}
  cost: {kind: http_json, url: "http://127.0.0.1:1/", value_path: b, unit: CNY, stale_after: 3h, hold_for: 2h}
actuators:
  bid: {kind: dry_run, unit: CNY, start: 2 CNY, safe: 1 CNY, limits: [0 CNY, 8 CNY]}
loops:
  pace: {every: 5m, measure: spend, target: {keep_at: 2000 CNY/h, limits: [500 CNY/h, 6000 CNY/h]},
         move: {bid: raises}, policy: {kind: pid, gain: 0.5, integral_time: 15m}}
  sales: {every: 1h, measure: cost, target: {keep_at: 30 CNY},
          move: {pace.target: raises}, policy: {kind: pid, gain: 0.3, integral_time: 4h}}
mode: auto
auto_accepts: [bid]
"""
CHANNEL = "pace.target"


class Plant:
    """spend = 1000 x bid x auction; cost = spend / 100 x market: both with a lag."""

    def __init__(self, cells=1):
        self.auction, self.market = np.ones(cells), np.ones(cells)
        self.spend, self.cost = None, None

    def __call__(self, levers, probes, time):
        aim = 1000.0 * levers["bid"].value * self.auction
        self.spend = aim if self.spend is None else self.spend + 0.5 * (aim - self.spend)
        cost = self.spend / 100.0 * self.market
        self.cost = cost if self.cost is None else self.cost + 0.2 * (cost - self.cost)
        probes["spend"].value, probes["cost"].value = self.spend.copy(), self.cost.copy()


def bench(text=CAMPAIGN, cells=None):
    return Bench(text, Plant(1 if cells is None else len(cells)), cells)


def said(verb, **data):
    return OperatorCommand(verb, "kim", "because", data)


def test_both_targets_are_kept():
    run = bench()
    last = run.turns(600)[-1]
    assert last.signals["cost"].value[0] == pytest.approx(30.0, rel=0.01)
    assert run.in_force(CHANNEL)[0] == pytest.approx(3000.0, rel=0.02)


def test_the_outer_loop_starts_at_the_inner_loops_present_target():
    run = bench()
    first = next(turn for turn in run.turns(13) if "sales" in turn.executed)
    assert first.outputs[CHANNEL].decided.value[0] == 2000.0


def test_a_moved_target_is_kept_in_the_same_turn():
    run = bench()
    moved = [turn for turn in run.turns(120) if "sales" in turn.executed]
    assert len({float(turn.setpoints["pace"][0]) for turn in moved}) > 5
    for turn in moved:
        assert turn.setpoints["pace"] == turn.outputs[CHANNEL].decided.value
        assert turn.executed["pace"].observation.setpoint == turn.outputs[CHANNEL].decided.value


def test_loops_execute_outer_first_whatever_their_order_in_the_file():
    assert list(bench().loop.parts.executions) == ["sales", "pace"]
    assert outer_first(bench().campaign) == ("sales", "pace")


def test_an_inner_loop_at_its_limit_stops_the_outer_one_in_the_same_turn():
    run = bench()
    run.plant.auction[:] = 0.2  # at the highest bid, 1600 CNY/h can be spent: cost 16
    turns = run.turns(400)
    assert run.in_force("bid")[0] == 8.0
    at_limit = [t for t in turns if float(t.outputs["bid"].applied[0]) == 8.0]
    first = turns.index(at_limit[0]) + 1
    stopped = decided(turns[first:], CHANNEL)[:, 0]
    assert np.diff(stopped).max() <= 0.0
    assert stopped.max() < 6000.0
    last = turns[-1]
    assert last.limits.high[CHANNEL][0] == stopped[-1]
    name = last.limits.names[last.limits.high_by[CHANNEL][0]]
    assert (name, last.limits.why[name]) == (
        "limits_of_pace",
        "the loop pace is at its limit and could not follow",
    )


def test_a_direction_that_lowers_is_understood():
    """A second lever that lowers spend: at its low end spend can't be raised."""
    text = CAMPAIGN.replace("move: {bid: raises}", "move: {bid: lowers}")
    run = Bench(text, lambda levers, probes, time: None)
    run.probes["spend"].value, run.probes["cost"].value = np.array([100.0]), np.array([5.0])
    run.levers["bid"].value = np.array([0.0])
    last = run.turns(40)[-1]
    assert last.limits.high[CHANNEL][0] == 2000.0
    assert last.limits.low[CHANNEL][0] == 500.0


def test_where_the_inner_loop_is_overridden_the_outer_one_follows_and_starts_again_without_a_bump():
    run = bench()
    run.turns(300)
    before = run.in_force(CHANNEL)[0]
    run.loop.obey(said("override", channel="bid", value=1.0), run.now)
    held = run.turns(200)
    assert {float(v) for v in decided(held, CHANNEL)[:, 0]} == {before}
    parked = [t for t in held if "sales" in t.executed]
    assert all(t.outputs[CHANNEL].decided.reason[0] == Reason.INNER_OPEN for t in parked)
    wishes = [float(t.executed["sales"].proposal.value[CHANNEL][0]) for t in parked]
    assert max(wishes[1:]) - min(wishes[1:]) < 700.0, "a loop that wound up would ask for its whole range"
    run.loop.obey(said("resume"), run.now)
    first = next(t for t in run.turns(13) if "sales" in t.executed)
    step = abs(first.outputs[CHANNEL].decided.value[0] - before)
    assert step <= 0.3 * 5500.0 * (1.0 + 0.25) * 0.7


def test_where_the_inner_sensor_is_lost_the_target_stays():
    run = bench()
    run.turns(300)
    before = run.in_force(CHANNEL)[0]
    plant = run.plant
    run.plant = lambda levers, probes, time: (
        plant(levers, probes, time), setattr(probes["spend"], "value", np.array([np.nan])),
    )  # fmt: skip
    lost = run.turns(60)
    assert {float(v) for v in decided(lost[10:], CHANNEL)[:, 0]} == {
        float(lost[10].outputs[CHANNEL].decided.value[0])
    }
    assert abs(float(lost[-1].outputs[CHANNEL].decided.value[0]) - before) < 300.0


def test_where_the_outer_sensor_is_lost_for_long_the_level_of_the_file_is_kept():
    run = bench()
    run.turns(300)
    run.probes["cost"].value = np.array([np.nan])
    plant, spend = run.plant, run.plant.spend
    run.plant = lambda levers, probes, time: setattr(probes["spend"], "value", spend.copy())
    last = run.turns(70)[-1]
    assert last.outputs[CHANNEL].decided.reason[0] == Reason.FALLBACK
    assert last.setpoints["pace"][0] == 2000.0
    assert plant.spend[0] > 2000.0


def test_a_person_may_set_the_target():
    run = bench()
    run.turns(60)
    run.loop.obey(said("override", channel=CHANNEL, value=4000.0), run.now)
    assert run.turn().setpoints["pace"][0] == 4000.0
    said_no = run.loop.obey(said("override", channel=CHANNEL, value=9000.0), run.now)
    assert "outside its limits 500 CNY/h to 6000 CNY/h" in said_no


def test_in_advise_the_file_s_target_stands_and_another_is_advised():
    run = bench(CAMPAIGN.replace("mode: auto", "mode: advise"))
    turns = run.turns(100)
    assert {float(t.setpoints["pace"][0]) for t in turns} == {2000.0}
    assert max(float(t.outputs[CHANNEL].decided.advice[0]) for t in turns) > 2000.0


@pytest.mark.parametrize("kill_at", [7, 12, 13, 61, 132])
def test_a_life_cut_in_two_goes_on_bit_for_bit(kill_at):
    whole, cut = bench(), bench()
    turns = whole.turns(200)
    got = cut.turns(kill_at)
    cut.build()
    got += cut.turns(200 - kill_at)
    for channel in (CHANNEL, "bid"):
        assert (decided(got, channel) == decided(turns, channel)).all()


def test_many_cells_equal_as_many_single_runs():
    one = Cells(("ads",))

    def run(cells, auction):
        made = bench(cells=cells)
        made.plant.auction = np.array(auction)
        return [decided(turns := made.turns(150), CHANNEL), decided(turns, "bid")]

    auctions = [1.0, 0.3, 2.0]
    together = run(one.replicated(3), auctions)
    for n, auction in enumerate(auctions):
        alone = run(one.replicated(1, n), [auction])
        for both, single in zip(together, alone, strict=True):
            assert (both[:, n : n + 1] == single).all()


THREE = CAMPAIGN.replace("move: {pace.target: raises}", "move: {pace.target: raises}").replace(
    "target: {keep_at: 30 CNY},",
    "target: {keep_at: 30 CNY, limits: [5 CNY, 60 CNY]},",
).replace(
    "mode: auto",
    "  profit: {every: 4h, measure: cost, target: {keep_at: 50 CNY}, move: {sales.target: raises},\n"
    "           policy: {kind: pid, gain: 0.3, integral_time: 12h}}\nmode: auto",
)  # fmt: skip


def test_a_limit_is_felt_through_every_loop_above():
    run = bench(THREE)
    run.plant.auction[:] = 0.2
    turns = run.turns(288 * 3)
    assert list(run.loop.parts.executions) == ["profit", "sales", "pace"]
    stopped = decided(turns[288:], "sales.target")[:, 0]
    assert np.diff(stopped).max() <= 0.0
    assert turns[-1].limits.high["sales.target"][0] == stopped[-1]


def test_a_cascade_never_winds_up():
    """Under any demand: while the inner output is at a limit the target does not go on in that direction, and an outer
    error that has turned takes it back at the next execution."""
    many = 200
    text = CAMPAIGN.replace("gain: 0.3, integral_time: 4h", "gain: 0.3, integral_time: 4h, tracking_time: 0s")
    run = bench(text, Cells(("ads",)).replicated(many))
    luck = np.random.default_rng(7)
    target, error, limited, returned = None, None, 0, 0
    for turn_number in range(600):
        if turn_number % 100 == 0:
            run.plant.auction = np.exp(luck.uniform(-3.0, 1.0, many))
            run.plant.market = np.exp(luck.uniform(-1.0, 1.0, many))
        turn = run.turn()
        if "sales" not in turn.executed:
            continue
        now, bid = turn.setpoints["pace"], turn.outputs["bid"].read_back
        wrong = 30.0 - turn.signals["cost"].value
        if target is not None:
            at_high, at_low = bid >= 8.0, bid <= 0.0
            assert not (at_high & (now > target)).any()
            assert not (at_low & (now < target)).any()
            back = at_high & (wrong < 0) & (error < 0) & (wrong <= error) & (target > 500.0)
            assert (now[back] < target[back]).all()
            limited, returned = limited + at_high.sum(), returned + back.sum()
        target, error = now, wrong
    assert limited > 1000
    assert returned > 20
