"""A loop of several actuators: one effort, used up in order, without a bump; a bad one is left alone and the rest go
on."""

import numpy as np
import pytest

from controller.cells import Cells
from controller.config import check_text
from controller.loop.split import EFFORT, Split
from controller.ports import OperatorCommand
from controller.signals import Channel, Limits, Observation, Proposal
from tests.support.bench import Bench, decided

CAMPAIGN = """
campaign: task
runs: {scan: 10m}
sensors:
  units: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units/h, stale_after: 3h, hold_for: 2h}
actuators:
  reward: {kind: dry_run, unit: CNY, start: 3 CNY, safe: 3 CNY, limits: [3 CNY, 13 CNY], resolution: 0.5 CNY}
  need_b: {kind: dry_run, unit: count, start: 3, safe: 3, limits: [1, 3]}
loops:
  tea: {every: 10m, measure: units, target: {keep_at: 100 units/h}, move: {need_b: lowers, reward: raises},
        order: [reward, need_b], policy: {kind: pid, gain: 1, integral_time: 40m}}
mode: auto
auto_accepts: [reward, need_b]
"""


class Plant:
    """Units answer to the reward and, less, to how few of B are asked for."""

    def __init__(self, cells=1):
        self.demand, self.units = np.full(cells, 90.0), None

    def __call__(self, levers, probes, time):
        effect = 1 + 0.2 * (levers["reward"].value - 3.0) / 10.0 + 0.1 * (3.0 - levers["need_b"].value) / 2.0
        aim = self.demand * effect
        self.units = aim if self.units is None else self.units + 0.5 * (aim - self.units)
        probes["units"].value = self.units.copy()


def bench(text=CAMPAIGN, cells=None):
    return Bench(text, Plant(1 if cells is None else len(cells)), cells)


def said(verb, **data):
    return OperatorCommand(verb, "kim", "because", data)


def values(turns):
    return [np.array([float(v) for v in decided(turns, name)[:, 0]]) for name in ("reward", "need_b")]


def test_the_first_alone_is_used_where_it_is_enough():
    run = bench()
    turns = run.turns(200)
    reward, need_b = values(turns)
    assert set(need_b) == {3.0}
    assert turns[-1].signals["units"].value[0] == pytest.approx(100.0, rel=0.01)
    assert 3.0 < reward[-1] < 13.0


def test_the_next_begins_when_the_first_is_used_up_and_gives_back_first():
    run = bench()
    run.plant.demand[:] = 78.0  # 1.2 x 78 is not enough
    reward, need_b = values(up := run.turns(300))
    assert ((need_b == 3.0) | (reward == 13.0)).all()
    assert up[-1].signals["units"].value[0] == pytest.approx(100.0, rel=0.01)
    assert need_b[-1] < 3.0
    run.plant.demand[:] = 95.0
    reward, need_b = values(run.turns(300))
    assert ((need_b == 3.0) | (reward == 13.0)).all()
    assert need_b[-1] == 3.0


def test_the_policy_sees_one_effort_and_the_journal_keeps_its_terms():
    run = bench()
    turn = run.turns(5)[-1]
    wish = turn.executed["tea"].wish
    assert set(wish.value) == {EFFORT}
    assert {"p", "i", "d"} <= set(wish.terms)
    record = run.store.last("tick")
    assert record.columns["effort.tea"] == wish.value[EFFORT]
    assert record.columns["effort_term.tea.i"] == wish.terms["i"]


def test_a_start_from_anywhere_moves_nothing():
    run = bench()
    run.levers["reward"].value, run.levers["need_b"].value = np.array([7.0]), np.array([1.7])
    run.build()
    reward, need_b = values(run.turns(1))
    assert (reward[0], need_b[0]) == (7.0, pytest.approx(1.7))


def test_a_person_s_hold_of_one_leaves_the_work_to_the_other():
    run = bench()
    run.turns(100)
    run.loop.obey(said("override", channel="reward", value=3.0), run.now)
    turns = run.turns(200)
    reward, need_b = values(turns)
    assert set(reward) == {3.0}
    assert turns[-1].signals["units"].value[0] == pytest.approx(99.0, rel=0.01), "all that need_b can give"
    assert need_b[-1] == 1.0
    run.loop.obey(said("resume"), run.now)
    back = values(run.turns(2))[0]
    assert abs(back[0] - 3.0) <= 1.0


def test_one_that_does_not_answer_is_left_alone_and_the_rest_go_on():
    run = bench()
    run.turns(100)
    run.levers["reward"].deaf = True
    run.plant.demand[:] = 82.0
    turns = run.turns(200)
    assert len({float(t.outputs["reward"].applied[0]) for t in turns}) == 1
    assert run.levers["need_b"].value[0] < 2.0
    run.levers["reward"].deaf = False
    turns = run.turns(200)
    assert turns[-1].signals["units"].value[0] == pytest.approx(100.0, rel=0.01)


def test_a_slow_first_is_waited_for_before_the_next_begins():
    text = CAMPAIGN.replace("limits: [3 CNY, 13 CNY],", "limits: [3 CNY, 13 CNY], max_step: 0.5 CNY,")
    run = bench(text.replace("gain: 1, integral_time: 40m", "gain: 3, integral_time: 40m"))
    run.plant.demand[:] = 70.0
    reward, need_b = values(run.turns(100))
    assert np.diff(reward).max() == 0.5
    assert ((need_b == 3.0) | (reward == 13.0)).all()
    assert need_b[-1] < 3.0


def test_the_effort_does_not_wind_up_where_both_are_used_up():
    run = bench()
    run.plant.demand[:] = 60.0
    run.turns(300)
    assert [lever.value[0] for lever in run.levers.values()] == [13.0, 1.0]
    run.plant.demand[:] = 110.0
    _, need_b = values(run.turns(6))
    assert need_b[-1] > 1.0


@pytest.mark.parametrize("kill_at", [3, 30, 77])
def test_a_life_cut_in_two_goes_on_bit_for_bit(kill_at):
    whole, cut = bench(), bench()
    turns = whole.turns(120)
    got = cut.turns(kill_at)
    cut.build()
    got += cut.turns(120 - kill_at)
    for channel in ("reward", "need_b"):
        assert (decided(got, channel) == decided(turns, channel)).all()


def test_many_cells_equal_as_many_single_runs():
    one = Cells(("task",))

    def run(cells, demand):
        made = bench(cells=cells)
        made.plant.demand = np.array(demand)
        return [decided(turns := made.turns(120), "reward"), decided(turns, "need_b")]

    demands = [90.0, 70.0, 104.0]
    together = run(one.replicated(3), demands)
    for n, demand in enumerate(demands):
        for both, single in zip(together, run(one.replicated(1, n), [demand]), strict=True):
            assert (both[:, n : n + 1] == single).all()


def test_a_direction_that_nobody_knows_is_refused_by_its_place():
    text = CAMPAIGN.replace("need_b: lowers", "need_b: either").replace(
        "kind: pid, gain: 1, integral_time: 40m", "kind: fixed"
    )
    (problem,) = check_text(text)
    assert "must know what raising 'need_b' does" in problem.text


def test_any_wish_is_shared_out_in_full_and_within_every_limit():
    """What is handed out adds up to the wish, for any state, limits and hands."""
    luck, many = np.random.default_rng(3), 2000
    channels = [
        Channel("a", "CNY", 0.0, 5.0, 0.0, 0.0),
        Channel("b", "count", 1.0, 9.0, 9.0, 9.0, max_step=2.0),
        Channel("c", "share", 0.0, 0.5, 0.0, 0.0),
    ]
    split = Split(channels, {"a": 1.0, "b": -1.0, "c": 1.0})
    now, low, high, taken = {}, {}, {}, {}
    for channel in channels:
        one, two, three = (channel.low + channel.span * luck.uniform(size=many) for _ in range(3))
        now[channel.name], low[channel.name], high[channel.name] = (
            one,
            np.minimum(two, three),
            np.maximum(two, three),
        )
        taken[channel.name] = luck.uniform(size=many) < 0.2
    no, nobody = np.zeros(many, np.bool_), np.zeros(many, np.int64)
    by, free = dict.fromkeys(now, nobody), dict.fromkeys(now, no)
    seen = Observation(nobody * 1.0, nobody * 1.0, ~no, ~no, now, split.direction)
    view = split.view(seen, Limits(low, high, by, by, ("x",), {}, free), now, taken)
    bounds = view.limits
    asked = bounds.low[EFFORT] + luck.uniform(size=many) * (bounds.high[EFFORT] - bounds.low[EFFORT])
    value = view.shared(Proposal({EFFORT: asked})).value
    np.testing.assert_allclose(split.effort(value), asked, atol=1e-12)
    for name, mine in value.items():
        theirs = taken[name]
        assert (mine[theirs] == now[name][theirs]).all()
        assert (theirs | ((mine >= low[name]) & (mine <= high[name]))).all()


def test_the_order_of_use_must_be_said():
    (problem,) = check_text(CAMPAIGN.replace("order: [reward, need_b], ", ""))
    assert problem.text.startswith("the order in which several actuators are used must be said")


def test_a_hold_at_the_present_value_winds_nothing_up():
    """A person's hold keeps the very value that the policy had set: the policy must follow all the same."""
    text = CAMPAIGN.replace("target: {keep_at: 100", "target: {keep_at: 112")
    run = bench(text)
    run.turns(30)
    run.loop.obey(said("hold"), run.now)
    held = run.turns(200)
    asked = np.array([float(t.executed["tea"].wish.value[EFFORT][0]) for t in held])
    assert np.abs(asked[2:] - asked[2]).max() < 0.05
