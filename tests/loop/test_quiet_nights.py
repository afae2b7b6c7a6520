"""A year of recorded nights without a sale is no alarm; a feed that dies in one of them is."""

from dataclasses import replace

import numpy as np
import pytest

from controller.cells import Cells
from controller.loop.validation import Rules, Validator
from controller.signals import Latch, Quality, Reading, Verdict, codes
from sim.market.recorded import soft_drinks

HOUR = 3600.0
START = 1_750_000_200.0 - 1_750_000_200.0 % HOUR
RULES = Rules(window=HOUR, settle=300.0, stale_after=3 * HOUR, fallback_after=3 * HOUR, empty_means_zero=True)


def reading(now, count, alive=True):
    """What a query over the last settled hour says: nothing at all where nothing was sold."""
    end = now - 300.0
    value, quality = (np.nan, Quality.MISSING) if count == 0 else (count, Quality.GOOD)
    about = (np.array([end]), np.array([count]), codes(1, quality), alive)
    return Reading("units", "units/h", np.array([value]), end - HOUR, end, *about)


@pytest.fixture(scope="module")
def year():
    return np.asarray(soft_drinks().units, float)


def test_the_recording_has_quiet_nights(year):
    assert (year == 0).sum() > 1000


def test_a_year_of_quiet_nights_holds_nothing(year):
    validator, moved = Validator("units", RULES, Cells(("all",))), []
    for hour, count in enumerate(year):
        signal = validator.take(reading(START + hour * HOUR + 300.0, count), START + hour * HOUR + 300.0)
        moved.append((int(signal.latch[0]), int(signal.verdict[0])))
    assert set(moved) == {(Latch.LIVE, Verdict.OK)}


def test_a_feed_that_dies_on_a_quiet_night_holds_and_falls_back(year):
    night = next(h for h in range(200, len(year)) if (year[h : h + 5] == 0).all())
    validator, latches = Validator("units", RULES, Cells(("all",))), []
    for hour in range(night + 12):
        now, dead = START + hour * HOUR + 300.0, hour >= night
        latches.append(
            int(validator.take(reading(now, 0 if dead else year[hour], alive=not dead), now).latch[0])
        )
    assert set(latches[:night]) == {Latch.LIVE}
    assert latches[night + 4] == Latch.HOLD
    assert latches[-1] == Latch.SAFE


def test_without_a_heartbeat_an_empty_answer_is_no_data_not_zero(year):
    validator = Validator("units", replace(RULES, empty_means_zero=False), Cells(("all",)))
    assert validator.take(reading(START, 0.0), START).verdict[0] == Verdict.NO_DATA
