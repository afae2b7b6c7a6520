from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from controller.config import load
from controller.errors import SetpointError
from models.tuning.process import FirstOrder
from sim.tuning import market
from sim.tuning.plants import Plants

CONFIGS = Path(__file__).parents[3] / "configs"


@pytest.fixture(scope="module")
def lottery():
    return load(CONFIGS / "cap_lottery.yaml")


@pytest.fixture(scope="module")
def plants(lottery):
    return market.plants_of(lottery, "sales")


def test_the_answer_is_as_strong_as_the_market_is_assumed_to_be(plants):
    # Futures are draw-major within a place of the lever: six ways to answer, of which the first is the plant's own.
    gain = plants.gain.reshape(len(market.PLACES), 3, -1)
    # A little less than double, since the same step is a smaller share of more sales.
    assert gain[:, 1] == pytest.approx(1.85 * gain[:, 0], rel=0.15)
    assert (gain[:, 2] > gain[:, 1]).all()


def test_a_lottery_that_saturates_answers_less_at_higher_odds(plants):
    by_place = plants.gain.reshape(len(market.PLACES), -1).mean(axis=1)
    assert (np.diff(by_place) < 0).all()


def test_a_longer_window_of_the_sensor_is_part_of_the_plant(lottery, plants):
    units = replace(lottery.sensors["units"], window=12 * 3600.0)
    slow = market.plants_of(replace(lottery, sensors={**lottery.sensors, "units": units}), "sales")
    wait = (slow.dead_time + slow.lag).mean() - (plants.dead_time + plants.lag).mean()
    assert wait == pytest.approx(4.5 * 3600, rel=0.15)  # half of the nine hours more
    assert slow.gain == pytest.approx(plants.gain, rel=0.01)


def test_a_market_that_does_not_answer_is_silent(lottery):
    from sim.market.settings import settings_of

    assert settings_of(lottery.market).effect == 1.0
    dead = replace(lottery.market, settings={**lottery.market.settings, "effect": 0.0})
    assert market.plants_of(replace(lottery, market=dead), "sales").silent == 1.0


def test_fatigue_after_the_peak_does_not_hide_the_answer():
    push = load(CONFIGS / "push_frequency.yaml")
    found = market.steps(push, "activity")
    assert (found.curves[:, -1] < 0.95 * found.curves.max(axis=1)).all()
    assert market.plants_of(push, "activity").gain == pytest.approx(found.curves.max(axis=1))


def test_a_loop_on_a_sensor_that_is_worked_out_can_t_be_tried(lottery):
    loop = replace(lottery.loops["sales"], measure="owed")
    bare = replace(lottery.market, signals={"units": "units_scanned"})
    with pytest.raises(SetpointError, match=r"loops\.sales: owed by win_rate can't be tried"):
        market.plants_of(replace(lottery, loops={"sales": loop}, market=bare), "sales")


def test_intervals_are_weighted_and_silence_is_counted():
    some = Plants(np.array([0.0, 1.0, 2.0]), np.ones(3), np.ones(3), np.array([0.5, 0.25, 0.25]), "")
    assert some.silent == 0.5
    assert some.wrong(-1.0) == 0.5
    low, high = some.answering.interval("gain")
    assert 1.0 <= low < high <= 2.0
    assert isinstance(some.answering.model(), FirstOrder)
