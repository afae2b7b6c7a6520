"""Every response equation: monotone, bounded, right in its limits, and the same however time is cut."""

import importlib
import pkgutil

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import models.response
from models.draws import Draws, keys_of
from models.response import adstock, dead_time, disturbance, fatigue, hill, opt_out, seasonal
from models.response.parameter import Parameter

DOSES = np.linspace(0.0, 50.0, 501)
DAY = 86_400.0


def test_every_default_says_where_it_comes_from():
    found = 0
    for info in pkgutil.walk_packages(models.response.__path__, "models.response."):
        for value in vars(importlib.import_module(info.name)).values():
            if isinstance(value, Parameter):
                found += 1
                assert value.source
                assert value.unit
                assert value.holds(value.value)
    assert found >= 10


def test_a_default_outside_its_range_is_refused():
    with pytest.raises(ValueError, match="own range"):
        Parameter(3.0, 0.0, 1.0, "1", "none")


@given(st.floats(0.01, 20), st.floats(0.3, 4))
def test_hill_rises_from_nothing_to_one(half, slope):
    y = hill.hill(DOSES, half, slope)
    assert y[0] == 0
    assert (np.diff(y) >= 0).all()
    assert ((y >= 0) & (y <= 1)).all()
    assert hill.hill(np.array([half]), half, slope)[0] == pytest.approx(0.5)
    assert hill.hill(np.array([1e9]), half, slope)[0] > 0.99


def test_hill_takes_a_negative_dose_for_none_and_keeps_nan():
    y = hill.hill(np.array([-1.0, np.nan]), 1.0, 1.0)
    assert y[0] == 0
    assert np.isnan(y[1])


@pytest.mark.parametrize("bad", [(0.0, 1.0), (1.0, 0.0), (np.nan, 1.0)])
def test_hill_refuses_what_is_no_curve(bad):
    with pytest.raises(ValueError, match="above zero"):
        hill.hill(DOSES, *bad)


def test_carry_over_does_not_depend_on_the_cut_of_time():
    stock = whole = np.array([1.0, 0.0])
    dose = np.array([3.0, 0.5])
    for _ in range(60):
        stock = adstock.carry_over(stock, dose, 3600.0, 60.0)
    whole = adstock.carry_over(whole, dose, 3600.0, 3600.0)
    assert np.allclose(stock, whole, rtol=1e-12)
    assert np.allclose(whole, [2.0, 0.25])


def test_carry_over_settles_at_a_constant_dose():
    assert adstock.carry_over(np.array([0.0]), np.array([0.07]), 60.0, 1e5)[0] == pytest.approx(0.07)
    assert adstock.carry_over(np.array([5.0]), np.array([0.07]), 0.0, 1.0)[0] == 0.07


@pytest.mark.parametrize("dt", [60.0, 600.0, 3600.0])
def test_dead_time_is_exact_for_steps_that_divide_it(dt):
    doses = np.arange(40.0)
    past = dead_time.line(7200.0, dt, np.array([-1.0]))
    seen = []
    for dose in doses:
        past, out = dead_time.delayed(past, np.array([dose]))
        seen.append(out[0])
    steps = int(7200 / dt)
    assert seen == [-1.0] * min(steps, 40) + list(doses[: max(40 - steps, 0)])


def test_dead_time_of_nothing_passes_through_and_odd_steps_are_refused():
    past, out = dead_time.delayed(dead_time.line(0.0, 60.0, np.zeros(1)), np.array([4.0]))
    assert out[0] == 4.0
    assert len(past) == 0
    with pytest.raises(ValueError, match="multiple of the step"):
        dead_time.steps_of(3600.0, 700.0)


def test_fatigue_builds_up_fades_and_lowers_opens():
    rate = np.array([3.0 / (7 * DAY)])
    up = fatigue.remembered(np.zeros(1), rate, 5 * DAY, 30 * DAY)
    more = fatigue.remembered(up, rate, 5 * DAY, 300 * DAY)
    assert 0 < up[0] < more[0] == pytest.approx(rate[0] * 5 * DAY / np.log(2))
    assert fatigue.remembered(more, np.zeros(1), 5 * DAY, 300 * DAY)[0] == pytest.approx(0.0, abs=1e-9)
    chances = fatigue.open_chance(DOSES)
    assert (np.diff(chances) < 0).all()
    assert ((chances > 0) & (chances < 1)).all()


def test_opt_out_grows_with_messages_and_fatigue_and_is_a_chance():
    few, many = (
        opt_out.opt_out_chance(DOSES, np.full(501, 1.0)),
        opt_out.opt_out_chance(DOSES, np.full(501, 4.0)),
    )
    assert (few < many).all()
    assert (np.diff(few) > 0).all()
    assert ((many > 0) & (many <= 1)).all()
    assert opt_out.opt_out_chance(DOSES, np.zeros(501)).max() == 0


def test_more_messages_pay_only_up_to_a_point():
    """The inverted U: opens a week, at the fatigue that each frequency settles at."""
    frequency = np.linspace(0, 40, 81)
    tired = fatigue.remembered(np.zeros(81), frequency / (7 * DAY), 5 * DAY, 1e9)
    opens = frequency * fatigue.open_chance(tired)
    best = opens.argmax()
    assert 0 < best < 80
    assert opens[-1] < 0.5 * opens[best]


def test_the_disturbance_is_stationary_correlated_and_of_mean_one():
    keys = keys_of(tuple(str(n) for n in range(4000)))
    draws, x, sd, last = Draws(5), np.zeros(4000), 0.2, np.zeros(4000)
    for tick in range(60):
        last, x = x, disturbance.ar1(x, draws.uniform(keys, tick, "d"), sd, 3600.0, 1800.0)
    assert x.std() == pytest.approx(sd, rel=0.05)
    assert np.corrcoef(last, x)[0, 1] == pytest.approx(0.5**0.5, abs=0.03)
    assert disturbance.factor(x, sd).mean() == pytest.approx(1.0, abs=0.02)


def test_the_disturbance_stays_finite_at_the_ends_of_the_uniform():
    ends = np.array([0.0, 1.0 - 2.0**-53])
    assert np.isfinite(disturbance.ar1(np.zeros(2), ends, 0.1, 3600.0, 600.0)).all()


def test_a_week_is_read_back_and_bad_weeks_are_refused():
    week = np.arange(1.0, 169.0)
    got = seasonal.weights(np.tile(week, 4))
    assert got.mean() == pytest.approx(1.0)
    assert np.allclose(got * week.mean(), week)
    for bad in (np.ones(167), np.zeros(168), np.full(168, np.nan), np.array([])):
        with pytest.raises(ValueError, match="weekly profile"):
            seasonal.weights(bad)
