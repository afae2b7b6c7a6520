"""What a new user sees first: the file of `setpoint init` helps on its own market, and asks for what can be kept."""

from datetime import date

import pytest

from controller.config import loads
from controller.config.canonical import journalled
from controller.config.starter import starter
from sim.evidence.feasible import feasible
from sim.evidence.play import Task, play

PLAN = loads(starter(date(2026, 11, 30), date(2027, 2, 28)))
ASKED = {
    "config": journalled(PLAN), "scenario": "steady", "weeks": 2.0, "seed": 1, "seeds": (0, 1), "draws": (0, 1, 2),
    "mechanisms": ("expected_value", "prospect"),
}  # fmt: skip


@pytest.fixture(scope="module")
def found():
    return {row: play(Task(row=row, **ASKED).plain()) for row in ("config", "fixed", "best fixed")}


def test_the_starter_s_loop_does_better_than_doing_nothing_in_every_future(found):
    assert (found["config"]["score.loss"] < found["fixed"]["score.loss"]).all()


def test_it_asks_for_what_can_be_kept(found):
    (can,) = feasible(PLAN, found["best fixed"], ASKED["weeks"])
    assert can.within, can.sentence
