"""Trips and redemptions: the law of known tables is found, and bad tables are refused with their lines."""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from controller.errors import ConfigError
from models.draws import Draws
from models.response import nbd
from sim.calibration.redemption import lag
from sim.calibration.trips import heterogeneity
from tests.sim.calibration import kit

DATA = Path(str(files("sim").joinpath("data")))
DAY = 86_400.0


def test_the_recorded_trips_with_and_without_those_who_never_came():
    whole = heterogeneity(DATA / "cj_softdrinks_trips.csv", 2469, Draws(1), 32)
    assert (whole.households, whole.truncated) == (2469, False)
    assert whole.shape == pytest.approx(0.717, abs=0.002)
    assert whole.mean == pytest.approx(16.07, abs=0.01)
    assert np.quantile(whole.shapes, (0.05, 0.95)) == pytest.approx([0.688, 0.749], abs=0.01)
    assert whole.classes[0][:2] == ("0", 206.0)
    assert sum(row[1] for row in whole.classes) == pytest.approx(2469)
    assert sum(row[2] for row in whole.classes) == pytest.approx(2469)
    assert whole.worst < 0.05
    buyers = heterogeneity(DATA / "cj_softdrinks_trips.csv", None, Draws(1), 32)
    assert (buyers.households, buyers.truncated) == (2263, True)
    assert buyers.shape == pytest.approx(0.574, abs=0.002)


def test_a_known_law_is_found_with_an_interval_as_wide_as_its_error(tmp_path):
    trips = np.arange(120.0)
    expected = nbd.buyers(trips, 3000.0, 1.5, 0.2)
    people = np.round(expected).astype(int)
    table = [(f"{t:.0f}", f"{p}") for t, p in zip(trips, people, strict=True) if p]
    found = heterogeneity(kit.write(tmp_path / "t.csv", table, ("trips", "people")), None, Draws(2), 64)
    assert found.shape == pytest.approx(1.5, rel=0.03)
    error = np.log(found.shapes).std()
    step = 0.05
    r = 1.5 * np.exp(np.array([-step, 0.0, step]))
    log = nbd.log_likelihood(trips, people.astype(float), r, r / (1.5 / 0.2))
    curved = -(log[0] - 2 * log[1] + log[2]) / step**2
    assert error == pytest.approx(curved**-0.5, rel=0.3)
    assert found.worst < 0.005


@pytest.mark.parametrize(
    ("table", "people", "words"),
    [
        ([("1", "10"), ("two", "5")], None, "t.csv:3:1.*received 'two,5'"),
        ([("1", "10"), ("1", "5")], None, "1 trips stand here a second time"),
        ([("1", "10"), ("2", "-5")], None, "not a number of trips"),
        ([("1", "10"), ("2", "5")], 12, "--people 12 is fewer than the 15"),
        ([("1", "500")], None, "bought twice or more"),
        ([], None, "no rows"),
    ],
)
def test_bad_tables_of_trips_are_refused(tmp_path, table, people, words):
    path = kit.write(tmp_path / "t.csv", table, ("trips", "households"))
    with pytest.raises(ConfigError, match=words):
        heterogeneity(path, people, Draws(1), 8)


def test_the_recorded_redemptions_answer_within_days_and_fade_over_weeks():
    found = lag(DATA / "cj_daily.csv", Draws(1), 32)
    assert (found.redemptions, found.campaigns) == (1718, 4)
    dead, half = np.array(found.dead) / DAY, np.array(found.half_life) / DAY
    assert (dead < 5).all()
    assert 0.5 < np.median(dead) < 3.0
    assert 14 < np.median(half) < 26
    assert half.std() > 1.0


def test_a_known_curve_is_found(tmp_path):
    age = np.arange(60)
    curve = np.where(age >= 3, 0.5 ** ((age - 2.5) / 8.0), 0.0)
    table = [(f"{round(200 * red)}", "1000" if n < 55 else "0") for n, red in enumerate(curve)]
    found = lag(kit.write(tmp_path / "r.csv", table * 3, ("redemptions", "reach")), Draws(1), 64)
    assert np.median(found.half_life) / DAY == pytest.approx(8.0, rel=0.1)
    assert np.median(found.dead) / DAY == pytest.approx(3.0, abs=0.6)
    assert found.campaigns == 3


@pytest.mark.parametrize(
    ("table", "names", "words"),
    [
        ([("1", "10")], ("used", "reach"), "columns redemptions and reach"),
        ([("x", "10")], ("redemptions", "reach"), "r.csv:2:1.*not two numbers"),
        ([("1", "10")] * 5, ("redemptions", "reach"), "5 redemptions, at least 30"),
        ([("-1", "10")] * 50, ("redemptions", "reach"), "zero or more"),
        ([("9", "0")] * 50, ("redemptions", "reach"), "0 redemptions"),
    ],
)
def test_bad_tables_of_redemptions_are_refused(tmp_path, table, names, words):
    with pytest.raises(ConfigError, match=words):
        lag(kit.write(tmp_path / "r.csv", table, names), Draws(1), 8)
