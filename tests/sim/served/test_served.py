"""The market over HTTP: it is the market, bit for bit, stepped or at speed; its metrics, windows and clock."""

import numpy as np
import pytest

from controller.assembly import assemble, cells_of
from controller.clock import TickMaker
from controller.config import load
from controller.errors import SetpointError
from controller.gates import SimulatedGate
from controller.io.promql import reads_of
from controller.live import actuators_of, sensors_of
from controller.signals import Epoch, Landing, Quality
from controller.store import MemoryStore
from models.draws import Draws
from sim.market.build import simulated
from sim.market.disturbances import Outage, Promotion
from sim.market.levers import Setting
from sim.served.build import serve, warnings
from sim.served.pace import Pace, by_hand, running
from tests.house.places import ROOT
from tests.sim.served.served_kit import STORES, series
from tests.support.markets import DAY, HOUR, MONDAY, campaign, listening, stepped


@pytest.fixture
def one(tmp_path):
    """A stepped market of a single cell, and what is served."""
    with stepped(campaign(tmp_path)) as found:
        yield found


@pytest.fixture
def three(tmp_path):
    """A stepped market of three stores."""
    with stepped(campaign(tmp_path, stores=STORES)) as found:
        yield found


def in_process(plan, seed=1, starts=MONDAY, **more):
    found = simulated(plan, Draws(seed).spawn("market"), start=starts - DAY, **more)
    found.market.advance_to(starts)
    return found


# -- it is the same market ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("stores", [(), STORES])
def test_stepped_it_gives_the_signals_of_the_market_in_process_bit_for_bit(tmp_path, stores):
    plan = campaign(tmp_path, stores=stores)
    twin = in_process(plan, seed=7)
    labels = cells_of(plan).label_of
    with stepped(plan, seed=7) as (client, _):
        for turn, (hours, win_rate) in enumerate(((5, 0.05), (1, 0.09), (30, 0.03))):
            assert client.order(win_rate, (1, turn)).status == 200
            twin.market.levers["win_probability"].take(_plain(win_rate, len(labels), turn), twin.market.now)
            now = client.advance(hours * HOUR)
            twin.market.advance_to(now)
            found = client.get(f"/signals?from={now - 3 * HOUR}&to={now}").json["signals"]
            totals = client.get("/signals").json["signals"]
            for name in twin.market.plant.signals:
                total = twin.market.total(name, now)[0]
                window = twin.market.window(name, now, 3 * HOUR)[0] if name in twin.market.counted else total
                assert _listed(found[name]["value"], labels) == window.tolist()
                assert _listed(totals[name]["value"], labels) == total.tolist()


def _plain(value, cells, sequence):
    return Setting(0.0, np.full(cells, value), np.zeros(cells, np.bool_), Epoch(1, sequence), f"o{sequence}")


def _listed(value, labels):
    return [value[label] for label in labels] if isinstance(value, dict) else [value]


@pytest.mark.parametrize("stores", [(), STORES])
def test_the_loop_over_http_decides_as_the_loop_in_process_bit_for_bit(tmp_path, stores):
    plan = campaign(tmp_path, stores=stores)
    twin = in_process(plan)
    here = _loop(plan, twin.sensors, twin.actuators)
    with stepped(plan) as (client, _):
        live = campaign(tmp_path, client.port, stores)
        cells = cells_of(live)
        there = _loop(live, sensors_of(live, cells), actuators_of(live, cells))
        ticks = [TickMaker(cells_of(plan), HOUR) for _ in range(2)]
        moved = set()
        for hour in range(1, 73):
            now = client.advance(HOUR)
            a, b = (loop.tick(maker.at(now)) for loop, maker in zip((here, there), ticks, strict=True))
            assert np.array_equal(a.signals["units"].value, b.signals["units"].value), hour
            assert np.array_equal(a.signals["paid"].value, b.signals["paid"].value), hour
            assert np.array_equal(a.outputs["win_rate"].applied, b.outputs["win_rate"].applied), hour
            assert (b.outputs["win_rate"].landing == Landing.CONFIRMED).all(), hour
            moved.add(float(b.outputs["win_rate"].applied[0]))
        assert len(moved) > 10


def _loop(plan, sensors, actuators):
    return assemble(
        plan, sensors=sensors, actuators=actuators, draws=Draws(3), store=MemoryStore(), gate=SimulatedGate()
    )


def test_asking_changes_nothing(one):
    client, _ = one
    client.advance(3 * HOUR)
    before = client.get("/signals").body, client.get("/metrics").body
    client.get("/"), client.get("/levers/win_rate"), client.get("/signals?from=1&to=2")
    assert (client.get("/signals").body, client.get("/metrics").body) == before


# -- metrics --------------------------------------------------------------------------------------------------------


def test_the_page_parses_and_shows_the_market_s_totals(one):
    client, served = one
    client.order(0.06)
    client.advance(20 * HOUR)
    found, market = series(client), served.market
    assert found["units_scanned_total",] == market.total("units_scanned", market.now)[0][0]
    assert found["prize_paid_cny_total",] == market.total("prizes_paid", market.now)[0][0] > 0
    assert found["prize_owed_cny",] == market.total("prizes_owed", market.now)[0][0] > 0
    assert found["market_lever", "win_probability"] == 0.06
    assert found["market_feed_up", "units_scanned"] == 1
    assert found["market_last_step_timestamp_seconds",] == MONDAY + 20 * HOUR


CAMPAIGNS = [file for file in sorted((ROOT / "configs").glob("*.yaml")) if file.stem != "daemon"]


@pytest.mark.parametrize("file", CAMPAIGNS, ids=lambda file: file.stem)
def test_a_shipped_campaign_s_queries_name_metrics_that_its_served_market_has(file):
    plan = load(file)
    if plan.market is None:
        pytest.skip("no market in this file")
    with stepped(plan) as (client, _):
        shown = {name for name, *_ in series(client)}
    for name, sensor in plan.sensors.items():
        if sensor.kind == "prometheus":
            for selector in reads_of(sensor.settings.query).selectors:
                assert selector.partition("{")[0] in shown, name


def test_stores_are_told_apart_by_a_label_named_after_what_they_are(three):
    client, served = three
    client.advance(5 * HOUR)
    page = client.get("/metrics").body.decode()
    assert 'units_scanned_total{store="north"}' in page
    found, total = series(client), served.market.total("units_scanned", served.market.now)[0]
    assert [found["units_scanned_total", store] for store in STORES] == total.tolist()


def test_counters_never_fall(one):
    client, _ = one
    seen = []
    for _ in range(10):
        client.advance(HOUR)
        seen.append(
            [value for (name, *_), value in sorted(series(client).items()) if name.endswith("_total")]
        )
    assert (np.diff(seen, axis=0) >= 0).all()
    assert (np.diff(seen, axis=0).sum(axis=0) > 0).all()


def test_a_dead_feed_is_not_on_the_page_and_with_all_dead_there_is_no_page(tmp_path):
    outages = (
        Outage(MONDAY + HOUR, MONDAY + 3 * HOUR, ("units_scanned",)),
        Outage(MONDAY + 2 * HOUR, MONDAY + 3 * HOUR),
    )
    with stepped(campaign(tmp_path), disturbances=outages) as (client, _):
        assert client.get("/signals").json["down"] == []
        client.advance(HOUR)
        found = series(client)
        assert ("units_scanned_total",) not in found
        assert found["market_feed_up", "units_scanned"] == 0
        assert found["baskets_total",] > 0
        told = client.get("/signals").json
        assert told["down"] == ["units_scanned"]
        assert "units_scanned" not in told["signals"]
        client.advance(HOUR)
        assert client.get("/metrics").status == 503
        client.advance(HOUR)
        assert series(client)["units_scanned_total",] > 0


def test_a_sensor_on_a_dead_feed_has_no_reading_and_then_one_again(tmp_path):
    plan = campaign(tmp_path)
    with stepped(plan, disturbances=[Outage(MONDAY + HOUR, MONDAY + 2 * HOUR)]) as (client, _):
        live = campaign(tmp_path, client.port)
        sensor = sensors_of(live, cells_of(live))["units"]
        maker = TickMaker(cells_of(live), HOUR)
        with pytest.raises(SetpointError, match="signals"):
            sensor.read(maker.at(client.advance(HOUR)))
        assert sensor.read(maker.at(client.advance(HOUR))).quality == [Quality.GOOD]


# -- windows and time -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("question", "status", "words"),
    [
        (f"from={MONDAY}", 400, "together"),
        ("from=a&to=b", 400, "not a time in ISO form"),
        ("from=1&to=nan", 400, "to:"),
        ("from=1e999&to=2", 400, "is not finite"),
        ("since=1", 400, "together"),
        (f"from={MONDAY}&from={MONDAY}&to=1", 400, "twice"),
        (f"from={MONDAY}&to={MONDAY}", 422, "earlier"),
        (f"from={MONDAY}&to={MONDAY + 2}", 422, "in the future"),
        (f"from={MONDAY - 2 * DAY}&to={MONDAY}", 422, "younger"),
    ],
)
def test_a_window_without_an_answer_is_said(one, question, status, words):
    client, _ = one
    answer = client.get(f"/signals?{question}")
    assert (answer.status, words in answer.json["error"]) == (status, True), answer.body


def test_a_window_may_be_asked_for_in_iso_form(one):
    client, _ = one
    client.advance(2 * HOUR)
    iso = client.get("/signals?from=2026-06-01T00:00:00Z&to=2026-06-01T02:00:00Z").json
    assert iso == client.get(f"/signals?from={MONDAY}&to={MONDAY + 2 * HOUR}").json
    assert (iso["from"], iso["as_of"]) == (MONDAY, MONDAY + 2 * HOUR)


def test_what_is_forgotten_is_said(one):
    client, _ = one
    for _ in range(10):
        client.advance(DAY)
    answer = client.get(f"/signals?from={MONDAY}&to={MONDAY + HOUR}")
    assert answer.status == 422
    assert "too long ago" in answer.json["error"]
    assert client.get("/signals").status == client.get("/metrics").status == 200


@pytest.mark.parametrize(
    "body", [{"seconds": 0}, {"seconds": -5}, {"seconds": 1e9}, {"seconds": "1"}, {}, {"to": 1}]
)
def test_time_passes_by_hand_forwards_and_in_reason(one, body):
    client, _ = one
    assert client.post("/advance", body).status in (400, 422)
    assert client.advance(1.5) == MONDAY + 1.5


class Wall:
    """A clock that is set, and is no ManualClock: markets at a speed of their own follow it."""

    def __init__(self, time):
        self.time = time

    def now(self):
        return self.time

    def monotonic(self):
        return self.time


def test_at_speed_an_hour_passes_in_a_second_and_the_wire_speaks_the_wall_s_time(tmp_path):
    wall = Wall(5000.0)
    served = serve(campaign(tmp_path), Pace(wall, 5000.0, MONDAY, 3600.0))
    with listening(served) as (client, _):
        assert client.post("/advance", {"seconds": 1}).status == 409
        assert client.order(0.09, lease=2.0, fallback=0.04, issued_at=5000.0).json["lease_until"] == 5002.0
        wall.time = 5001.5
        assert client.get("/").json["market_time"] == MONDAY + 1.5 * HOUR
        found = client.get("/signals?from=5000&to=5001").json
        assert (found["from"], found["to"], found["market_time"]) == (5000.0, 5001.0, MONDAY + HOUR)
        hour = served.market.window("units_scanned", MONDAY + HOUR, HOUR)[0][0]
        assert found["signals"]["units_scanned"]["value"] == hour
        assert series(client)["market_last_step_timestamp_seconds",] == 5001.5
        assert client.get("/levers/win_rate").json["value"] == 0.09
        wall.time = 5002.0
        assert client.get("/levers/win_rate").json["value"] == 0.04


def test_a_clock_that_steps_back_stops_the_market_and_one_that_leaps_is_caught_up_with(tmp_path):
    wall = Wall(5000.0)
    with listening(serve(campaign(tmp_path), Pace(wall, 5000.0, MONDAY, 3600.0))) as (client, served):
        wall.time = 5010.0
        there = client.get("/signals").json
        wall.time = 5003.0
        assert client.get("/signals").json == there
        wall.time = 5200.0
        assert client.get("/").json["market_time"] == MONDAY + 200 * HOUR
        assert served.market.time == MONDAY + 200 * HOUR


def test_however_time_is_cut_the_market_is_the_same(tmp_path):
    plan, bodies = campaign(tmp_path), []
    for bites in ([DAY], [HOUR] * 24, [777.0] * 111 + [DAY - 111 * 777.0]):
        with stepped(plan) as (client, _):
            for seconds in bites:
                client.advance(seconds)
            bodies.append(client.get("/signals").body)
    assert bodies[0] == bodies[1] == bodies[2]


def test_a_disturbance_handed_in_is_met(tmp_path):
    plan, found = campaign(tmp_path), []
    for factor in (1.0, 0.5):
        with stepped(plan, disturbances=[Promotion(MONDAY, MONDAY + DAY, factor)]) as (client, _):
            now = client.advance(DAY)
            found.append(
                client.get(f"/signals?from={MONDAY}&to={now}").json["signals"]["units_scanned"]["value"]
            )
    assert found[1] == pytest.approx(found[0] / 2, rel=0.05)


def test_a_pace_begins_where_windows_lie_on_the_market_s_grid():
    at_one = running(Wall(MONDAY + 1234.5), 1.0, 600.0)
    assert (at_one.wall, at_one.market, at_one.due()) == (MONDAY + 1200.0, MONDAY + 1200.0, MONDAY + 1234.5)
    fast = running(Wall(MONDAY + 1234.5), 3600.0, 600.0)
    assert (fast.wall, fast.market, fast.due()) == (MONDAY + 1234.0, MONDAY, MONDAY + 1800.0)
    placed = running(Wall(9e9 + 0.25), 3600.0, 600.0, starts=MONDAY + 1800.0)
    assert (placed.wall, placed.market) == (9e9, MONDAY)
    assert by_hand(MONDAY + 5.0).due() == MONDAY


# -- what can't be served -------------------------------------------------------------------------------------------


def test_a_port_outside_the_market_is_refused(tmp_path):
    plan = campaign(tmp_path)
    del plan.market.signals["paid"]
    for pace in (
        Pace(Wall(MONDAY), MONDAY, MONDAY),
        Pace(Wall(MONDAY), MONDAY, MONDAY, 2.0),
        by_hand(MONDAY),
    ):
        with pytest.raises(SetpointError, match=r"market.signals: paid stands for nothing in the market"):
            serve(plan, pace)


def test_what_a_daemon_will_find_odd_at_another_speed_is_said(tmp_path):
    plan = campaign(tmp_path)
    assert warnings(plan, Pace(Wall(MONDAY), MONDAY, MONDAY)) == []
    told = warnings(plan, Pace(Wall(MONDAY), MONDAY, MONDAY, 3600.0))
    assert len(told) == 1
    assert told[0].startswith(
        "sensors.units.window: 1h at speed 3600 is 150d of this market, which keeps 4w; "
    )
