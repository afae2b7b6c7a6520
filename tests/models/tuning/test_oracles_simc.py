"""SIMC and the half rule against the figures of Skogestad (2003), to the printed digits."""

import numpy as np
import pytest

from models.tuning.forms import Ideal
from models.tuning.half_rule import first_order, second_order
from models.tuning.margins import margins
from models.tuning.process import FirstOrder, Integrating, Process
from models.tuning.simc import improved_simc_pi, improved_simc_pid, simc_pi, simc_pid

TWO_LAGS = Process(1.0, lags=(1.0, 0.2))
WRONG_WAY = Process(1.0, lags=(2.0, 1.0, 0.4, 0.2, 0.05, 0.05, 0.05), leads=(-0.3, 0.08))
FOUR_LAGS = Process(1.0, lags=(1.0, 1.0, 1.0, 1.0))


def printed(value, digits):
    """Half a unit of the last printed digit."""
    return pytest.approx(
        float(digits), abs=0.5 * 10.0 ** -len(digits.partition(".")[2]) * (1 + 1e-9)
    ) == float(np.squeeze(value))


ROBUSTNESS = [
    ("gain_margin", "3.14", "2.96"),
    ("phase_margin", "61.4", "46.9"),
    ("ms", "1.59", "1.70"),
    ("mt", "1.00", "1.30"),
    ("phase_crossover", "1.57", "1.49"),
    ("gain_crossover", "0.50", "0.51"),
    ("delay_margin", "2.14", "1.59"),
]


@pytest.mark.parametrize(("figure", "lagged", "integrating"), ROBUSTNESS)
@pytest.mark.parametrize("lag", [0.5, 1.0, 8.0])
def test_robustness_of_simc_pi(figure, lagged, integrating, lag):
    first = margins(Ideal(0.5 * lag / 2.0, lag), FirstOrder(2.0, lag=lag, dead_time=1.0))
    assert printed(getattr(first, figure), lagged)
    model = Integrating(3.0, dead_time=1.0)
    assert printed(getattr(margins(simc_pi(model), model), figure), integrating)


def test_simc_takes_the_lag_as_integral_time_up_to_eight_dead_times():
    found = simc_pi(FirstOrder(np.full(3, 2.0), np.array([4.0, 8.0, 20.0]), 1.0))
    np.testing.assert_allclose(found.gain, [1.0, 2.0, 5.0])
    np.testing.assert_allclose(found.integral_time, [4.0, 8.0, 8.0])


@pytest.mark.parametrize(
    ("process", "lag", "dead_time", "gain", "integral", "ms"),
    [
        (TWO_LAGS, "1.1", "0.1", "5.5", "0.8", "1.56"),
        (WRONG_WAY, "2.5", "1.47", "0.85", "2.5", "1.66"),
        (FOUR_LAGS, "1.5", "2.5", "0.30", "1.5", "1.46"),
    ],
)
def test_half_rule_and_pi(process, lag, dead_time, gain, integral, ms):
    model = first_order(process)
    found = simc_pi(model)
    assert printed(model.lag, lag)
    assert printed(model.dead_time, dead_time)
    assert printed(found.gain, gain)
    assert printed(found.integral_time, integral)
    assert printed(margins(found, process).ms, ms)


@pytest.mark.parametrize(
    ("process", "lags", "dead_time", "gain", "times", "ms"),
    [
        (WRONG_WAY, ("2", "1.2"), "0.77", "1.30", ("2", "1.2"), "1.72"),
        (FOUR_LAGS, ("1.5", "1"), "1.5", "0.50", ("1.5", "1.0"), "1.43"),
    ],
)
def test_half_rule_and_series_pid(process, lags, dead_time, gain, times, ms):
    model = second_order(process)
    found = simc_pid(model)
    assert all(printed(v, d) for v, d in zip((model.lag, model.second_lag), lags, strict=True))
    assert printed(model.dead_time, dead_time)
    assert printed(found.gain, gain)
    assert all(
        printed(v, d) for v, d in zip((found.integral_time, found.derivative_time), times, strict=True)
    )
    assert printed(margins(found, process).ms, ms)


def test_an_integrating_process_splits_its_lag_too():
    model = first_order(Process(1.0, lags=(1.0, 1.0), integrators=1))
    assert (model.slope, model.dead_time) == (1.0, 1.5)
    model = second_order(Process(1.0, lags=(1.0, 1.0), integrators=1))
    assert (model.lag, model.dead_time) == (1.5, 0.5)


@pytest.mark.parametrize(
    ("lags", "leads", "gain", "lag"),
    [
        ((10.0, 2.0), (3.0,), 1.5, 10.0),  # T1: a lead a little longer than a lag leaves a gain
        ((10.0, 0.9), (1.1,), 1.1, 10.0),  # T1a: the closed loop (1) lies between
        ((10.0, 0.5), (0.7,), 1.0, 10.0),  # T1b: both faster than the closed loop
        ((100.0, 40.0), (35.0,), 0.875, 100.0),  # T2: a lead far slower than the closed loop
        ((10.0, 4.0), (1.0,), 1.0, 11.5),  # T3: a shorter lag is left, 3, of which half is added
    ],
)
def test_leads_are_cancelled_by_the_rules_of_the_paper(lags, leads, gain, lag):
    dead = 2.5 if 10 < lag < 12 else 1.0
    model = first_order(
        Process(1.0, lags=lags, leads=leads, dead_time=dead - (1.5 if 10 < lag < 12 else 0.0))
    )
    assert model.gain == pytest.approx(gain)
    assert model.lag == pytest.approx(lag)
    assert model.dead_time == pytest.approx(dead)


def test_the_improved_rules():
    model = FirstOrder(1.0, lag=8.0, dead_time=1.5)
    assert improved_simc_pi(model).gain == pytest.approx(8.5 / 3)
    assert improved_simc_pi(model).integral_time == pytest.approx(8.5)
    assert improved_simc_pid(model).derivative_time == pytest.approx(0.5)
    assert improved_simc_pid(model).gain == pytest.approx(8 / 3)


def test_what_the_rules_refuse():
    with pytest.raises(ValueError, match="closed_loop: got None with dead time 0"):
        simc_pi(FirstOrder(1.0, lag=1.0, dead_time=0.0))
    with pytest.raises(ValueError, match="PI takes no second lag"):
        simc_pi(Integrating(1.0, dead_time=1.0, lag=1.0))
    with pytest.raises(ValueError, match="pure dead time"):
        simc_pi(FirstOrder(1.0, lag=0.0, dead_time=1.0))
    with pytest.raises(ValueError, match="one plant at a time"):
        first_order(Process(np.ones(2), lags=(1.0,)))
    with pytest.raises(ValueError, match="real time constants"):
        first_order(Process(1.0, lags=(1 + 1j, 1 - 1j)))
