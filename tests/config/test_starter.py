"""The file to begin with."""

from datetime import date

from controller.config import check_text, loads
from controller.config.noise import floors
from controller.config.starter import starter
from models.draws import Draws
from sim.market.build import simulated

FIRST, LAST = date(2026, 6, 1), date(2026, 8, 31)


def test_the_starter_is_right():
    assert check_text(starter(FIRST, LAST)) == ()
    plan = loads(starter(FIRST, LAST, name="mine", timezone="Asia/Shanghai"))
    assert (plan.campaign, plan.runs.timezone, plan.runs.from_, plan.runs.to) == (
        "mine",
        "Asia/Shanghai",
        FIRST,
        LAST,
    )
    assert plan.mode == "advise"


def test_its_market_knows_every_name():
    plan = loads(starter(FIRST, LAST))
    ports = simulated(plan, Draws(1), start=plan.runs.starts_at())
    assert ports.sensors.keys() == plan.sensors.keys()
    assert ports.actuators.keys() == plan.actuators.keys()


def test_its_band_can_be_kept():
    (floor,) = floors(loads(starter(FIRST, LAST)))
    assert floor.reachable


def test_it_is_read_in_a_minute():
    lines = starter(FIRST, LAST).splitlines()
    assert len(lines) <= 60
    assert max(map(len, lines)) <= 120
