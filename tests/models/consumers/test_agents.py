"""Agents: one log however the work is cut, exact chances, draws for those concerned alone, and 13 bytes a person."""

import sys
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from models.consumers.agents import Agents, bytes_a_consumer
from models.consumers.agents_fast import MissingNumba, fast
from models.consumers.chance import Keyed
from models.consumers.fading import Fading
from models.consumers.layout import GRAIN, Layout
from models.consumers.loops import PlainLoops
from models.plants.parts.push import Push
from tests.models.consumers.kit import HOUR, consumers, log, lucks, offer, same

PEOPLE = np.array([2 * GRAIN + 9, 5, 800, 1, GRAIN, 333], float)
BRINGING = {"referral": 0.6}


def varied():
    """An offer that differs from cell to cell, busy enough for several trips a step."""
    n = np.arange(PEOPLE.size)
    return offer(
        PEOPLE, trips=0.02 + 0.02 * n, lift=0.2 * n, chance=0.05 + 0.03 * n, messages=0.02 + 0.07 * n
    )


@pytest.fixture(scope="module")
def whole():
    flows, state = log(Agents(consumers(**BRINGING)), varied())
    assert state["new.person"].size > 300
    assert all(flow.sum() > 0 for flow in flows.values())
    return flows


@pytest.mark.parametrize("room", [GRAIN // 4, GRAIN])
def test_the_log_is_the_same_in_any_chunking(whole, room):
    flows, _ = log(Agents(consumers(**BRINGING), PlainLoops(room)), varied())
    same(flows, whole)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_compiled_log_is_the_same_on_any_number_of_threads(whole, threads):
    try:
        people = fast(consumers(**BRINGING), threads)
    except (MissingNumba, ValueError) as missing:
        pytest.skip(str(missing))
    flows, _ = log(people, varied())
    same(flows, whole)


@pytest.mark.parametrize("order", [(5, 4, 3, 2, 1, 0), (2,), (0, 3)])
def test_the_log_of_a_cell_is_the_same_among_any_others_in_any_order(whole, order):
    order = list(order)
    given = varied().among(order)
    names = tuple(f"store-{n}" for n in order)
    flows, _ = log(Agents(consumers(**BRINGING)), given, luck=lucks(len(order), names=names))
    same(flows, {name: flow[:, order] for name, flow in whole.items()})


def test_nobody_is_passed_over_by_the_bounds():
    """The log is that of a scan which lets everyone through."""

    class Everyone(PlainLoops):
        def scan(self, heads, place, limits):
            cell = np.repeat(np.arange(place.count.size), place.count)
            return cell, np.arange(cell.size) - place.first[cell]

    flows, _ = log(Agents(consumers()), varied(), steps=25)
    all_asked, _ = log(Agents(consumers(), Everyone()), varied(), steps=25)
    same(flows, all_asked)


def test_trips_have_the_mean_and_variance_of_poisson():
    """300 steps of 1,500 persons at one rate: fails by chance once in 10,000."""
    who = consumers(shape=1e6, kappa=0.0, streak=0.0)
    flows, _ = log(Agents(who), offer([1500.0], trips=0.6, lift=0.0, pushed=0.0), steps=300)
    trips = flows["trips"].ravel()
    assert trips.mean() == pytest.approx(900.0, abs=4 * np.sqrt(900 / 300))
    assert trips.var() == pytest.approx(900.0, rel=4 * np.sqrt(2 / 300))
    assert flows["units"].var() / flows["units"].mean() == pytest.approx(3.0, rel=4 * np.sqrt(2 / 300))
    assert (flows["won"].sum() / flows["units"].sum()) == pytest.approx(0.08, rel=0.02)


class Counted(Keyed):
    """Notes how many each channel is drawn for."""

    asked: ClassVar[dict[str, int]] = {}

    def trips(self, cell, person):
        self.asked["trips"] = self.asked.get("trips", 0) + person.size
        return super().trips(cell, person)

    def __call__(self, channel, cell, person, ordinal=None):
        self.asked[channel] = self.asked.get(channel, 0) + person.size
        return super().__call__(channel, cell, person, ordinal)


def test_a_channel_is_drawn_only_for_those_it_concerns():
    Counted.asked.clear()
    people = Agents(consumers(), chance=lambda luck: Counted(luck, PlainLoops()))
    flows, _ = log(people, offer([20_000.0], trips=0.002), steps=30)
    asked = Counted.asked
    assert asked["units"] == asked["won"] == flows["trips"].sum()
    assert asked["opens"] == asked["opt_outs"] == flows["sent"].sum()
    assert flows["trips"].sum() <= asked["trips"] < 0.03 * 20_000 * 30
    assert "referral" not in asked


def test_the_standard_model_takes_13_bytes_a_person():
    who = consumers()
    state = Agents(who).start(offer([1_000_000.0], trips=0.002), HOUR)
    assert {name: state[name].dtype.itemsize for name in ("pantry", "streak", "memory", "reached")} == {
        "pantry": 4,
        "streak": 4,
        "memory": 4,
        "reached": 1,
    }
    assert 13.0 <= bytes_a_consumer(state) < 13.01


def test_who_buys_has_more_at_home_and_who_wins_a_streak():
    who, given = consumers(), offer([4000.0], trips=0.01, chance=0.3)
    people = Agents(who)
    state = people.start(given, HOUR)
    before = {name: state[name].copy() for name in ("pantry", "streak", "memory", "reached")}
    after, flows = people.step(state, given, lucks(1)(0), HOUR)
    home = Fading(who.pantry)
    more = home.level(after["pantry"], np.zeros(4000)) - home.level(before["pantry"], np.zeros(4000))
    assert more.sum() == pytest.approx(flows["units"][0], rel=1e-3)
    assert 0 < (more > 0.5).sum() <= flows["trips"][0]
    streak = Fading(who.streak_half_life)
    won = streak.level(after["streak"], np.zeros(4000)) - streak.level(before["streak"], np.zeros(4000))
    assert won.sum() == pytest.approx(0.3 * flows["won"][0], rel=1e-3)
    assert set(np.flatnonzero(won > 0.1)) <= set(np.flatnonzero(more > 0.5))
    memory = Fading(who.push.memory)
    told = memory.level(after["memory"], np.zeros(4000)) - memory.level(before["memory"], np.zeros(4000))
    assert (told > 0.5).sum() == flows["sent"][0]
    assert (before["reached"] & ~after["reached"]).sum() >= flows["opt_outs"][0] - 1


def test_a_full_pantry_keeps_people_at_home_and_a_streak_brings_them():
    given, who = offer([3000.0], trips=0.02, chance=0.0), consumers()
    people = Agents(who)
    base = log(people, given, steps=3)[0]["trips"].sum()
    state = people.start(given, HOUR)
    mean = Fading(who.pantry).level(state["pantry"], np.zeros(3000)).mean()
    full = people.told(state, {"inventory": np.array([4 * mean])})
    assert log(people, given, steps=3, start=full)[0]["trips"].sum() < 0.8 * base
    carried = dict(people.start(given, HOUR))
    for name in ("streak", "top"):
        carried[name] = Fading(who.streak_half_life).of(np.full(carried[name].size, 1.0), 0.0)
    assert log(people, given, steps=3, start=carried)[0]["trips"].sum() > 1.7 * base


def test_messages_reach_fewer_as_people_switch_them_off_and_some_come_back():
    who = consumers(push=replace(Push(), hazard=0.01, join_half_life=30 * 86_400.0))
    given = offer([5000.0, 5000.0], messages=np.array([0.2, 0.0]))
    flows, state = log(Agents(who), given, steps=200)
    reach = flows["reach"]
    assert 2990 - flows["opt_outs"][0, 0] <= reach[0, 0] < 3000
    assert reach[-1, 0] < 2000
    assert np.array_equal(reach[:, 1], np.full(200, 3000.0))
    assert reach[-1].sum() == state["reached"].sum()
    assert (flows["opens"] <= flows["sent"]).all()
    quiet = offer([5000.0, 5000.0], messages=0.0)
    later, state = log(Agents(who), quiet, steps=200, start=state)
    assert reach[-1, 0] + 100 < later["reach"][-1, 0] <= 3000
    assert later["reach"][-1].sum() == state["reached"].sum()


def test_everyone_reached_and_nobody_away_is_a_market_too():
    who = consumers(push=replace(Push(), opted_in=1.0, hazard=0.5, join_half_life=3600.0))
    flows, state = log(Agents(who), offer([40.0, 1.0], messages=1.0), steps=60)
    assert (flows["reach"] <= [40, 1]).all()
    assert flows["reach"][-1].sum() == state["reached"].sum()


def test_a_step_moves_the_state_in_place_and_says_so():
    people, given = Agents(consumers()), offer([500.0], trips=0.2)
    state = people.start(given, HOUR)
    after, _ = people.step(state, given, lucks(1)(0), HOUR)
    assert after["pantry"] is state["pantry"]
    assert "in place" in (sys.modules[Agents.__module__].__doc__ or "")


def test_equal_cells_are_the_same_people_and_differ_by_luck_alone():
    given = offer([3000.0, 3000.0])
    state = Agents(consumers()).start(given, HOUR)
    for name in ("pantry", "memory", "reached"):
        assert np.array_equal(state[name][:3000], state[name][3000:])
    flows, _ = log(Agents(consumers()), given, luck=lucks(2, names=("a", "b")))
    assert not np.array_equal(flows["trips"][:, 0], flows["trips"][:, 1])


def test_paired_luck_keeps_two_markets_together():
    """A lever that adds a twentieth never makes anybody buy less, while nothing is remembered of it."""
    who = consumers(kappa=0.0, streak=0.0)
    low, _ = log(Agents(who), offer([4000.0], lift=0.5))
    high, _ = log(Agents(who), offer([4000.0], lift=0.575))
    assert (high["trips"] >= low["trips"]).all()
    assert high["trips"].sum() > low["trips"].sum()


def test_a_population_of_a_law_needs_no_luck_to_be_right():
    state = Agents(consumers()).start(offer([10_000.0]), HOUR)
    place = Layout.of(state["people"], 0.717)
    rate = place.rate(np.zeros(10_000, int), np.arange(10_000))
    reached = state["reached"]
    assert reached.sum() == 6000
    assert rate[reached].mean() == pytest.approx(1.0, abs=0.04)
