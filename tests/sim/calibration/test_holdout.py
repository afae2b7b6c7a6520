"""The hold-out passes the recorded market and refuses markets that are wrong, each by the statistic that is wrong."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from controller.errors import ConfigError
from models.draws import Draws
from sim.calibration.asked import Asked
from sim.calibration.fit import Wish, fit
from sim.calibration.holdout import COVERAGE, HoldOut, Row, judged
from sim.calibration.predict import histories
from sim.calibration.reading import read
from sim.calibration.report import Order, calibrate
from sim.calibration.statistics import measured
from sim.calibration.wrong import wrong
from tests.sim.calibration import kit

TABLE = Path(str(files("sim").joinpath("data/cj_softdrinks_hourly.csv")))


@pytest.fixture(scope="module")
def recorded():
    series, _ = read(TABLE, Asked())
    before, after = series.between(0, 243), series.between(243, 365)
    return before, after, fit(before)


def row(held, name):
    return next(each for each in held.rows if each.statistic == name)


def test_the_recorded_market_is_fitted_to_august_tested_on_the_rest_and_passes(recorded):
    before, after, market = recorded
    held = judged(market, before, after)
    assert held.fitted == ("2017-01-01", "2017-08-31")
    assert held.tested == ("2017-09-01", "2017-12-31")
    assert held.failed == ()
    assert held.passed
    assert 0.80 <= row(held, COVERAGE).recorded <= 0.97
    wanted = [f"index of {day}" for day in ("Monday", "Thursday", "Sunday")]
    wanted += ["residual sd of days", "lag-1 of residuals", "variance/mean of hours in their week", COVERAGE]
    assert set(wanted) <= {each.statistic for each in held.rows}


@pytest.mark.parametrize("seed", [2, 3])
def test_it_passes_by_no_luck_of_the_seed(recorded, seed):
    before, after, _ = recorded
    assert judged(fit(before, Wish(seed=seed)), before, after, seed).passed


@pytest.mark.parametrize(
    ("name", "statistics"),
    [
        ("no weekly profile", {"index of Saturday", "share of sales in other hours"}),
        ("Poisson noise", {"variance/mean of hours in their week", "variance/mean of hours in their day"}),
        ("wrong zone, 5 h off", {"share of sales in other hours"}),
    ],
)
def test_markets_that_are_wrong_are_refused_by_name(recorded, name, statistics):
    before, after, market = recorded
    held = judged(wrong(market)[name], before, after)
    assert not held.passed
    assert statistics <= set(held.failed)


@pytest.mark.parametrize(
    ("changes", "statistic"),
    [
        ({"sd": 3.0}, "residual sd of days"),
        ({"level": 0.6}, "mean of a day"),
        ({"half_life": 0.02}, "lag-1 of residuals"),
    ],
)
def test_each_fitted_part_is_held_to_account(recorded, changes, statistic):
    before, after, market = recorded
    spoilt = replace(market, **{name: getattr(market, name) * by for name, by in changes.items()})
    assert statistic in judged(spoilt, before, after).failed


def test_nine_in_ten_histories_of_a_market_stand_inside_its_own_joint_bands(recorded):
    before, after, market = recorded
    held = judged(market, before, after)
    profile = market.profile.mean(axis=0).reshape(7, 24)
    own = histories(market, after.first, after.days, 200, Draws(99).spawn("others"))
    found = measured(own, after.known, after.weekday, profile)
    inside = [
        (found[r.statistic] >= r.low) & (found[r.statistic] <= r.high)
        for r in held.rows
        if r.statistic in found
    ]
    assert np.mean(np.all(inside, axis=0)) == pytest.approx(0.9, abs=0.07)
    alone = [(found[r.statistic] >= r.alone[0]) & (found[r.statistic] <= r.alone[1]) for r in held.rows[:-1]]
    assert np.mean(alone) == pytest.approx(0.9, abs=0.04)


def test_a_known_market_passes_and_the_statistics_are_what_they_say():
    values = kit.counted(182, seed=11, dispersion=3.0, sd=0.0, level=40.0)
    known, weekday = np.ones((182, 24), bool), np.arange(182) % 7
    found = {k: v[0] for k, v in measured(values, known, weekday, kit.profile().reshape(7, 24)).items()}
    days = kit.profile().reshape(7, 24).mean(axis=1)
    assert found["mean of a day"] == pytest.approx(40.0 * 24, rel=0.02)
    assert found["index of Saturday"] == pytest.approx(days[5], rel=0.04)
    assert found["variance/mean of hours in their week"] == pytest.approx(3.0, rel=0.08)
    assert found["variance/mean of hours in their day"] == pytest.approx(3.0, rel=0.08)
    assert abs(found["lag-1 of residuals"]) < 0.2
    assert found["residual sd of days"] == pytest.approx((3.0 / 960.0) ** 0.5, rel=0.15)
    shifted = measured(np.roll(values, 3, axis=2), known, weekday, kit.profile().reshape(7, 24))
    assert shifted["share of sales in other hours"][0] > 5 * found["share of sales in other hours"]


def test_what_is_unknown_is_no_part_of_any_statistic():
    values = kit.counted(182, seed=12)
    known, weekday = np.ones((182, 24), bool), np.arange(182) % 7
    known[50:60] = False
    known[::9, 13] = False
    spoilt = np.where(known, values, 1e6)
    clean, dirty = (measured(v, known, weekday, kit.profile().reshape(7, 24)) for v in (values, spoilt))
    for name, value in clean.items():
        assert np.array_equal(value, dirty[name]), name


def test_a_short_hold_out_and_one_without_a_weekday_are_refused(tmp_path):
    path = kit.file(tmp_path / "sales.csv", days=84)
    with pytest.raises(ConfigError, match="the hold-out has 5 days with counts"):
        calibrate(path, Asked(), Order(holdout_from=kit.MONDAY.replace(month=5, day=21)))
    with pytest.raises(ConfigError, match="the fit has 7 days"):
        calibrate(path, Asked(), Order(holdout_from=kit.MONDAY.replace(day=10)))
    values = kit.counted(84)[0]
    table = [r for r in kit.rows(values) if not (r[0] >= "2025-04-29" and date_is_sunday(r[0]))]
    with pytest.raises(ConfigError, match="fewer than two Sundays"):
        calibrate(kit.write(path, table), Asked(), Order())


def date_is_sunday(stamp):
    from datetime import datetime

    return datetime.fromisoformat(stamp).weekday() == 6


def test_an_empty_table_certifies_nothing():
    assert not HoldOut(("", ""), ("", ""), ()).passed
    assert not Row("x", float("nan"), 0.0, 1.0, (0.0, 1.0)).passed
