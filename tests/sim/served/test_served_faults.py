"""The market over HTTP shows the faults of feeds and drives as the ports in process do, bit for bit."""

import numpy as np
import pytest

from controller.assembly import assemble, cells_of
from controller.clock import TickMaker
from controller.errors import Unreachable
from controller.gates import SimulatedGate
from controller.live import actuators_of, sensors_of
from controller.signals import Command, Epoch, Landing, Quality, Verdict
from controller.store import MemoryStore
from models.draws import Draws
from sim.instruments import Cap, Drive, Feed, Lie
from sim.market.build import simulated
from sim.market.disturbances import Level, Spell
from sim.market.world import World
from tests.sim.served.served_kit import STORES, series
from tests.support.markets import DAY, HOUR, MONDAY, campaign, stepped

FEED = Feed(
    delay=600.0, settle=((0.0, 0.6), (2 * HOUR, 1.0)), dropout=0.2, burst=2 * HOUR, noise=0.2, quantum=2.0,
    resets=(MONDAY + 5 * HOUR,), lies=(Lie(starts=MONDAY + 9 * HOUR, ends=MONDAY + 15 * HOUR, factor=1.4),),
)  # fmt: skip


def world(*spells, **drive):
    return World(feeds={"*": FEED}, drives={"win_probability": Drive(**drive)}, disturbances=spells)


SPELL = Spell(MONDAY + 20 * HOUR, MONDAY + 26 * HOUR, ("units_scanned",), Feed(delay=3 * HOUR, dated=True))


def in_process(plan, about):
    found = simulated(plan, Draws(1).spawn("market"), start=MONDAY - DAY, world=about)
    found.market.advance_to(MONDAY)
    return found


@pytest.mark.parametrize("stores", [(), STORES])
def test_signals_through_faulty_feeds_are_those_in_process_bit_for_bit(tmp_path, stores):
    plan = campaign(tmp_path, stores=stores)
    about = world(SPELL, Level(MONDAY, np.inf, 0.8))
    market, labels, silent = in_process(plan, about).market, cells_of(plan).label_of, 0
    with stepped(plan, world=about) as (client, _):
        for _ in range(1, 49):
            now = client.advance(HOUR)
            market.advance_to(now)
            document = client.get(f"/signals?from={now - 3 * HOUR}&to={now}").json
            totals = client.get("/signals").json["signals"]
            assert document["down"] == [name for name in market.signals if market.is_dead(name)]
            silent += "units_scanned" in document["down"]
            for name, told in document["signals"].items():
                total, stamp = market.total(name, now)
                window = market.window(name, now, 3 * HOUR)[0] if name in market.counted else total
                assert _listed(told["value"], labels) == window.tolist(), name
                assert _listed(totals[name]["value"], labels) == total.tolist(), name
                assert told.get("as_of", document["as_of"]) == stamp, name
    assert 3 < silent < 25


def _listed(value, labels):
    return [value[label] for label in labels] if isinstance(value, dict) else [value]


@pytest.mark.parametrize(
    "drive",
    [
        {"delay": 2 * HOUR},
        {"rate": 0.01, "quantum": 0.002, "deadband": 0.001},
        {"high": 0.06, "stock": Cap(signals=("prizes_won",), total=2000.0)},
    ],
    ids=lambda drive: next(iter(drive)),
)
def test_the_loop_over_http_decides_as_the_loop_in_process_through_faults(tmp_path, drive):
    plan, about = campaign(tmp_path), world(**drive)
    twin = in_process(plan, about)
    here = _loop(plan, twin.sensors, twin.actuators)
    with stepped(plan, world=about) as (client, _):
        live = campaign(tmp_path, client.port)
        there = _loop(live, sensors_of(live, cells_of(live)), actuators_of(live, cells_of(live)))
        ticks = [TickMaker(cells_of(plan), HOUR) for _ in range(2)]
        verdicts, moved = set(), set()
        for hour in range(1, 49):
            now = client.advance(HOUR)
            a, b = (loop.tick(maker.at(now)) for loop, maker in zip((here, there), ticks, strict=True))
            for name in ("units", "paid"):
                assert np.array_equal(a.signals[name].value, b.signals[name].value, equal_nan=True), hour
                assert np.array_equal(a.signals[name].verdict, b.signals[name].verdict), hour
            mine, other = a.outputs["win_rate"], b.outputs["win_rate"]
            assert np.array_equal(mine.decided.value, other.decided.value), hour
            assert np.array_equal(mine.applied, other.applied), hour
            assert np.array_equal(mine.landing, other.landing), hour
            verdicts.add(int(b.signals["units"].verdict[0]))
            moved.add(float(mine.applied[0]))
    assert {Verdict.OK, Verdict.NO_DATA} <= verdicts
    assert len(moved) > 4


def _loop(plan, sensors, actuators):
    return assemble(
        plan, sensors=sensors, actuators=actuators, draws=Draws(3), store=MemoryStore(), gate=SimulatedGate()
    )


def test_a_counter_that_begins_anew_falls_on_the_page(tmp_path):
    about = World(feeds={"*": Feed(resets=(MONDAY + 90 * 60.0,))})
    with stepped(campaign(tmp_path), world=about) as (client, served):
        client.advance(90 * 60.0)
        before = series(client)["units_scanned_total",]
        client.advance(600.0)
        after = series(client)["units_scanned_total",]
        assert after < before / 10
        assert after == served.market.history.between("units_scanned", 153, 154)[0]


def test_a_store_with_a_source_of_its_own_is_left_out_while_it_fails(tmp_path):
    plan = campaign(tmp_path, stores=STORES)
    about = World(feeds={"units_scanned": Feed(dropout=0.5, apart=True)})
    found = set()
    with stepped(plan, world=about) as (client, served):
        live = campaign(tmp_path, client.port, STORES)
        sensor, maker = sensors_of(live, cells_of(live))["units"], TickMaker(cells_of(live), HOUR)
        for _ in range(12):
            now = client.advance(HOUR)
            silent = served.market.silent("units_scanned")
            heard = tuple(store for store, gone in zip(STORES, silent, strict=True) if not gone)
            shown = {name[1] for name in series(client) if name[0] == "units_scanned_total"}
            assert shown == set(heard)
            assert set(
                client.get("/signals").json["signals"].get("units_scanned", {"value": {}})["value"]
            ) == set(heard)
            if heard:
                quality = sensor.read(maker.at(now)).quality
                assert ((quality == Quality.MISSING) == silent).all()
            found.add(heard)
    assert len(found) > 3


# -- levers ---------------------------------------------------------------------------------------------------------


def test_a_deaf_target_answers_503_loses_the_order_and_can_be_read(tmp_path):
    about = World(drives={"*": Drive(deaf=((MONDAY, MONDAY + HOUR),))})
    with stepped(campaign(tmp_path), world=about) as (client, _):
        lost = client.order(0.09)
        assert (lost.status, "the order is lost" in lost.json["error"]) == (503, True)
        assert client.get("/levers/win_rate").json["value"] == 0.03
        client.advance(HOUR)
        assert client.order(0.09).json["value"] == 0.09


def test_a_mute_target_answers_503_and_takes_the_order_once(tmp_path):
    about = World(drives={"*": Drive(mute=((MONDAY, MONDAY + HOUR),))})
    with stepped(campaign(tmp_path), world=about) as (client, _):
        assert client.order(0.09).status == client.get("/levers/win_rate").status == 503
        assert series(client)["market_lever", "win_probability"] == 0.09
        client.advance(HOUR)
        assert client.get("/levers/win_rate").json["value"] == 0.09
        assert client.order(0.05).status == 422  # the id is known: it was taken
        assert client.order(0.09).status == 200


def test_what_is_gone_is_said(tmp_path):
    about = World(
        drives={"*": Drive(budget=Cap(signals=("prizes_paid", "prizes_owed"), total=50.0, since=MONDAY))}
    )
    with stepped(campaign(tmp_path), world=about) as (client, _):
        assert client.get("/levers/win_rate").json["stopped"] is False
        client.advance(DAY)
        told = client.get("/levers/win_rate").json
        assert (told["stopped"], told["value"]) == (True, 0.0)
    with stepped(campaign(tmp_path)) as (client, _):
        assert "stopped" not in client.get("/levers/win_rate").json


def test_an_order_on_its_way_is_read_back_as_what_is_in_force(tmp_path):
    with stepped(campaign(tmp_path), world=World(drives={"*": Drive(delay=HOUR)})) as (client, _):
        live = campaign(tmp_path, client.port)
        actuator = actuators_of(live, cells_of(live))["win_rate"]
        one = np.full(1, 0.09)
        command = Command("a", "win_rate", one, Epoch(1, 1), MONDAY, 3 * HOUR, np.full(1, 0.03))
        assert actuator.apply(command).landing == [Landing.UNCONFIRMED]
        assert actuator.read_back().value == 0.03
        client.advance(HOUR)
        assert actuator.read_back().value == 0.09


def test_a_target_that_can_not_be_read_is_unreachable_for_the_loop(tmp_path):
    about = World(drives={"*": Drive(mute=((MONDAY + HOUR, MONDAY + 2 * HOUR),))})
    with stepped(campaign(tmp_path), world=about) as (client, _):
        live = campaign(tmp_path, client.port)
        actuator, one = actuators_of(live, cells_of(live))["win_rate"], np.full(1, 0.09)
        actuator.apply(Command("a", "win_rate", one, Epoch(1, 1), MONDAY, 3 * HOUR, np.full(1, 0.03)))
        client.advance(HOUR)
        with pytest.raises(Unreachable, match="503"):
            actuator.read_back()
        client.advance(HOUR)
        assert actuator.read_back().value == 0.09
