"""pid counters what is known in advance: inside the limits, on time, with the right sign, and where it is told how."""

import inspect
from dataclasses import replace

import numpy as np
import pytest

from controller.cells import Cells
from controller.config import loads
from controller.errors import ConfigError
from controller.inspection.promises import unheeded
from controller.loop.calendar import Calendar
from controller.loop.split import EFFORT, Split
from controller.policies.pid import Feedforward, PidPolicy, Settings
from controller.ports import PolicyScope
from controller.quantities import QuantityError
from controller.signals import Channel, Civil, Coming, Limits, Observation, Outcome, Tick
from models.draws import Draws

HOUR = 3600.0
ODDS = Channel("odds", "share", 0.03, 0.12, 0.06, 0.03)


def policy(gain=0.5, ahead=0.0, channel=ODDS):
    told = None if gain is None else Feedforward(gain=gain, ahead=ahead)
    scope = PolicyScope(Cells(("a", "b")), {channel.name: channel}, HOUR)
    return PidPolicy(scope, Settings(gain=0.4, integral_time=6 * HOUR, feedforward=told))


def played(mine, change, sign=1.0, hours=12, low=0.03, high=0.12):
    """Values of a loop that measures its target exactly, with a change from hour 4 to 8; shape (hours, cells)."""
    value, out = np.full(2, 0.06), []
    zero = np.zeros(2, np.int64)
    for hour in range(hours):
        civil = Civil(zero + hour, zero, np.zeros(2), np.zeros(2, np.bool_))
        tick = Tick(hour, hour * HOUR, HOUR, civil)
        ahead = hour + np.arange(97)
        felt = np.where((ahead >= 4) & (ahead < 8), change, 0.0)[None].repeat(2, 0)
        coming = Coming(np.zeros((2, 97)), np.zeros(2, np.bool_), felt)
        yes = np.ones(2, np.bool_)
        seen = Observation(
            np.full(2, 100.0), np.full(2, 100.0), yes, yes, {"odds": value}, {"odds": sign}, coming=coming
        )
        at, by = ({"odds": np.full(2, low)}, {"odds": np.full(2, high)}), {"odds": zero}
        limits = Limits(*at, by, by, ("law",), {}, {"odds": ~yes})
        wish = mine.propose(tick, seen, limits, Draws(1))
        value = wish.value["odds"]
        mine.observe(Outcome(tick, seen, limits, wish, {"odds": value}, {"odds": ~yes}))
        out.append(value)
    return np.array(out)[:, 0]


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_the_counter_is_what_undoes_the_change_and_goes_when_the_event_goes(sign):
    found = played(policy(gain=0.5), -0.1, sign)
    move = sign * ODDS.span * (1 / 0.9 - 1) / 0.5
    assert found[:4] == pytest.approx(np.full(4, 0.06))
    assert found[4:8] == pytest.approx(np.full(4, 0.06 + move))
    assert found[8:] == pytest.approx(np.full(4, 0.06))
    assert (1 + 0.5 * sign * move / ODDS.span) * 0.9 == pytest.approx(1.0)


def test_it_begins_as_long_before_as_a_move_needs_and_between_two_executions_by_parts():
    early = played(policy(ahead=2 * HOUR), -0.1)
    assert np.flatnonzero(np.abs(early - 0.06) > 1e-9).tolist() == [2, 3, 4, 5]
    half = played(policy(ahead=1.5 * HOUR), -0.1)
    assert 0.06 < half[2] < half[3]


def test_it_stays_inside_the_limits_and_owes_nothing_afterwards():
    found = played(policy(gain=0.1), -0.5, high=0.08)
    assert found.max() == 0.08
    assert found[8:] == pytest.approx(np.full(4, 0.06))


def test_it_comes_and_goes_in_steps_where_the_largest_step_is_small():
    class Stepping(PidPolicy):
        def propose(self, tick, seen, limits, draws):
            ends = {"odds": seen.applied["odds"] - 0.004}, {"odds": seen.applied["odds"] + 0.004}
            return super().propose(tick, seen, replace(limits, low=ends[0], high=ends[1]), draws)

    mine = policy(gain=0.5)
    mine.__class__ = Stepping
    found = played(mine, -0.1, hours=16)
    assert np.abs(np.diff(found)).max() < 0.004 + 1e-9
    assert found.max() == pytest.approx(0.06 + 0.016)
    assert found[-1] == pytest.approx(0.06)


def test_without_being_told_it_does_nothing():
    assert played(policy(gain=None), -0.5) == pytest.approx(np.full(12, 0.06))


def test_next_to_all_that_falls_away_is_no_reason_for_a_number_that_is_none():
    assert np.isfinite(played(policy(), -1.0)).all()


@pytest.mark.parametrize("gain", [0.0, -0.5, np.inf, np.nan])
def test_a_lever_of_no_effect_is_refused(gain):
    with pytest.raises(QuantityError, match=r"feedforward\.gain must be above zero"):
        Feedforward(gain=gain)


def test_the_calendar_tells_of_each_execution_s_own_time_whatever_the_window():
    day = Calendar(np.array([[10 * HOUR]]), np.array([[13 * HOUR]]), np.array([[0.2]]), 24 * HOUR, 2 * HOUR)
    told = day.coming(np.array([8 * HOUR]))
    assert told.felt[0, :5] == pytest.approx([0.0, 0.2, 0.1, 0.0, 0.0])
    assert told.change[0, 2] == pytest.approx(0.2 * 2 / 24)


def test_what_is_fed_into_single_actuators_reaches_a_shared_effort():
    price = Channel("price", "CNY", 5.0, 7.0, 7.0, 7.0)
    split = Split((ODDS, price), {"odds": 1.0, "price": -1.0})
    zero, yes = np.zeros(1, np.int64), np.ones(1, np.bool_)
    values = {"odds": np.array([0.06]), "price": np.array([6.0])}
    told = {"odds": np.array([0.009]), "price": np.array([-0.4])}
    seen = Observation(np.ones(1), np.ones(1), yes, yes, values, split.direction, told)
    ends = (
        {"odds": np.array([0.03]), "price": np.array([5.0])},
        {"odds": np.array([0.12]), "price": np.array([7.0])},
    )
    by, off = {"odds": zero, "price": zero}, {"odds": ~yes, "price": ~yes}
    view = split.view(seen, Limits(*ends, by, by, (), {}, off), values, off)
    assert view.observation.feedforward[EFFORT] == pytest.approx([(0.1 + 0.2) / 2])
    plain = split.view(replace(seen, feedforward={}), Limits(*ends, by, by, (), {}, off), values, off)
    assert plain.observation.feedforward == {}


TEXT = """
campaign: fair
sensors: {units: {kind: http_json, url: "http://127.0.0.1:1/", value_path: a, unit: units/h, window: 1h}}
actuators: {odds: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%]}}
loops:
  sales: {every: 1h, measure: units, target: {keep_at: 100 units/h}, move: {odds: raises},
          policy: {kind: pid, gain: 0.5, integral_time: 6h}}
events: {fair: {kind: holiday, from: 2026-07-10, to: 2026-07-11, expected: 20%}}
"""
WITH = TEXT.replace("integral_time: 6h", "integral_time: 6h, feedforward: {gain: 0.6, ahead: 2h}")


def test_check_says_that_pid_needs_to_be_told_and_is_silent_where_it_was():
    (told,) = unheeded(loads(TEXT))
    assert "pid with tune: auto or feedforward" in told.text
    assert list(unheeded(loads(WITH))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gain: 0.6", "gain: 0", "feedforward.gain must be above zero"),
        ("gain: 0.6, ", "", "this key is required"),
        ("gain: 0.6", "gain: high", "wrong type, received 'high', allowed: a number"),
        ("ahead: 2h", "ahead: 2", "a duration needs its unit, received 2"),
        ("gain: 0.5, integral_time: 6h", "tune: auto", "so feedforward can't be given beside it"),
    ],
)
def test_a_wrong_setting_is_told_where_it_stands(old, new, said):
    with pytest.raises(ConfigError) as caught:
        loads(WITH.replace(old, new), file="fair.yaml")
    assert "loops.sales.policy" in str(caught.value)
    assert said in str(caught.value)
    assert str(caught.value).startswith("fair.yaml:7:")


def test_its_manual_says_how():
    assert "feedforward: {gain: 0.6, ahead: 4h}" in (inspect.getdoc(inspect.getmodule(PidPolicy)) or "")
