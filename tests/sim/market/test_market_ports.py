"""The market behind the loop's own ports: windows, units, outages; ids, epochs, leases, fallbacks."""

import numpy as np
import pytest

from controller.cells import Cells
from controller.clock import TickMaker
from controller.errors import Refused, SensorError, SetpointError
from controller.plan import Sensor
from controller.ports import Actuator as ActuatorPort
from controller.ports import Sensor as SensorPort
from controller.signals import Command, Epoch, Landing, Quality
from sim.market.disturbances import Outage
from sim.market.ports import MarketActuator, MarketSensor
from tests.sim.market.market_kit import HOUR, START, market

CELLS = Cells(("north", "south"))


def tick(moment):
    return TickMaker(CELLS, 60.0).at(moment)


def sensor(signal="units_scanned", m=None, **plan):
    plan = {"kind": "prometheus", "unit": "units/h", "window": HOUR} | plan
    return MarketSensor("units", Sensor(**plan), m or market(CELLS), signal)


def order(value, epoch=(1, 1), name="c1", at=START, lease=None, fallback=0.03, suspend=None):
    off = None if suspend is None else np.full(2, suspend)
    return Command(name, "win_rate", np.full(2, value), Epoch(*epoch), at, lease, np.full(2, fallback), off)


def lever(m=None):
    return MarketActuator("win_rate", m or market(CELLS), "win_probability")


def test_both_are_ports():
    assert isinstance(sensor(), SensorPort)
    assert isinstance(lever(), ActuatorPort)


def test_a_window_is_read_settled_with_its_count_and_its_own_time():
    m = market(CELLS)
    seen = sensor(m=m, settle=600.0).read(tick(START + 5 * HOUR + 660.0))
    assert (seen.window_start, seen.window_end) == (START + 4 * HOUR, START + 5 * HOUR)
    assert np.array_equal(seen.value, m.window("units_scanned", START + 5 * HOUR, HOUR)[0])
    assert np.array_equal(seen.samples, seen.value)
    assert (seen.sampled_at == seen.window_end).all()
    assert (seen.quality == Quality.GOOD).all()


@pytest.mark.parametrize(("unit", "factor"), [("units/h", 1 / 4), ("units/day", 6.0), ("units", 1.0)])
def test_a_rate_is_given_in_the_sensor_s_unit(unit, factor):
    m = market(CELLS)
    seen = sensor(m=m, unit=unit, window=4 * HOUR).read(tick(START + 6 * HOUR))
    assert np.allclose(seen.value, factor * m.window("units_scanned", START + 6 * HOUR, 4 * HOUR)[0])


def test_a_counter_is_the_total_since_the_start():
    m = market(CELLS)
    paid = sensor("prizes_paid", m, unit="CNY", window=None, counter=True, settle=600.0)
    values = [paid.read(tick(START + h * HOUR)).value for h in range(2, 30)]
    assert (np.diff(values, axis=0) >= 0).all()
    assert values[-1].min() > 0
    assert np.isnan(paid.read(tick(START + 31 * HOUR)).samples).all()


def test_before_the_first_window_is_full_nothing_is_known():
    seen = sensor().read(tick(START + 1800.0))
    assert np.isnan(seen.value).all()
    assert (seen.quality == Quality.MISSING).all()
    assert (sensor().read(tick(START + HOUR)).quality == Quality.GOOD).all()


def test_a_dead_feed_is_an_error_only_while_it_is_dead():
    out = Outage(START + 2 * HOUR, START + 3 * HOUR, ("units_scanned",))
    units = sensor(m=market(CELLS, disturbances=(out,)))
    units.read(tick(START + 2 * HOUR - 60))
    with pytest.raises(SensorError, match="units_scanned is down"):
        units.read(tick(START + 2 * HOUR))
    assert (units.read(tick(START + 3 * HOUR)).quality == Quality.GOOD).all()


@pytest.mark.parametrize(
    ("signal", "plan", "match"),
    [
        ("units_scanned", {"unit": "CNY"}, "units_scanned is in units"),
        ("prizes_paid", {"unit": "units/h"}, "prizes_paid is in money"),
        ("units_scanned", {"window": 900.0}, "multiple of the market's step"),
    ],
)
def test_a_sensor_that_can_not_be_is_refused(signal, plan, match):
    with pytest.raises(SetpointError, match=match):
        sensor(signal, **plan)


def test_a_command_is_in_force_at_once_and_felt_from_the_next_step():
    m = market(CELLS, knobs=None)
    act = lever(m)
    receipt = act.apply(order(0.08, at=START + 300.0))
    assert (receipt.value == 0.08).all()
    assert (receipt.landing == Landing.CONFIRMED).all()
    assert m.levers["win_probability"].offered(START)[0] == 0.03
    assert m.levers["win_probability"].offered(START + 600.0)[0] == 0.08
    assert (act.read_back().value == 0.08).all()
    assert (act.read_back().epoch, act.read_back().command_id) == (Epoch(1, 1), "c1")


def test_the_same_command_twice_is_one_command():
    act = lever()
    act.apply(order(0.08, lease=HOUR))
    again = act.apply(order(0.08, lease=10 * HOUR))
    assert again.command_id == "c1"
    assert act.market.levers["win_probability"].in_force(START).lease_ends == START + HOUR


def test_an_older_epoch_never_overwrites_a_newer_one():
    act = lever()
    act.apply(order(0.08, epoch=(2, 1), name="new"))
    for epoch in ((1, 99), (2, 1), (2, 0)):
        with pytest.raises(Refused, match="not newer than"):
            act.apply(order(0.05, epoch=epoch, name=f"old{epoch}"))
    assert (act.read_back().value == 0.08).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -0.01, 1.5])
def test_a_value_out_of_the_lever_s_range_is_refused(value):
    act = lever()
    with pytest.raises(Refused, match="must lie in"):
        act.apply(order(value))
    with pytest.raises(Refused, match="must lie in"):
        act.apply(order(0.05, fallback=value))
    assert (act.read_back().value == 0.03).all()


def test_when_the_lease_runs_out_the_fallback_stands():
    m = market(CELLS)
    act = lever(m)
    act.apply(order(0.10, lease=HOUR, fallback=0.04))
    m.advance_to(START + HOUR - 1)
    assert (act.read_back().value == 0.10).all()
    m.advance_to(START + HOUR)
    assert (act.read_back().value == 0.04).all()
    assert (m.levers["win_probability"].offered(START + HOUR) == 0.04).all()


def test_a_renewed_lease_keeps_the_value():
    m = market(CELLS)
    act = lever(m)
    for n in range(5):
        act.apply(order(0.10, (1, n + 1), f"c{n}", START + n * HOUR / 2, lease=HOUR))
    m.advance_to(START + 2.5 * HOUR)
    assert (act.read_back().value == 0.10).all()
    m.advance_to(START + 3 * HOUR)
    assert (act.read_back().value == 0.03).all()


def test_a_suspended_lever_offers_nothing_and_keeps_its_value():
    m = market(CELLS)
    act = lever(m)
    act.apply(order(0.10, suspend=True))
    assert (act.read_back().value == 0.10).all()
    m.advance_to(START + 2 * HOUR)
    assert (m.total("prizes_won", m.time)[0] == 0).all()
    assert (m.total("units_scanned", m.time)[0] > 0).all()
