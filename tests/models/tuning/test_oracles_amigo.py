"""AMIGO and the ultimate cycle on the worked processes of Astrom & Hagglund (2004), to the printed digits."""

import numpy as np
import pytest

from models.tuning.amigo import amigo_pi, amigo_pid
from models.tuning.forms import Ideal
from models.tuning.loop import around
from models.tuning.margins import margins
from models.tuning.process import FirstOrder, Integrating, Process
from models.tuning.state_space import step_response
from models.tuning.step_fit import fit_step
from models.tuning.ultimate import ultimate, ziegler_nichols_pi, ziegler_nichols_pid
from models.tuning.verdict import judge

CASCADE = Process(1.0, lags=(1.0, 0.1, 0.01, 0.001))
FOUR_LAGS = Process(1.0, lags=(1.0, 1.0, 1.0, 1.0))
DELAYED = Process(1.0, lags=(0.05, 0.05), dead_time=1.0)

TABLE = [
    (CASCADE, ".0752 1.041", "4.127 .540 1.37", "6.432 .362 .0368 1.30", "110.1 .1987"),
    (FOUR_LAGS, "1.425 2.927", ".416 2.678 1.32", "1.124 2.415 .622 1.61", "4.000 6.283"),
    (DELAYED, "1.014 .0932", ".175 .369 1.45", ".241 .476 .119 1.43", "1.020 2.199"),
]


def same(found, row):
    for value, digits in zip(found, row.split(), strict=True):
        half = 0.5 * 10.0 ** -len(digits.partition(".")[2])
        assert float(np.squeeze(value)) == pytest.approx(float(digits), abs=half * (1 + 1e-9)), (
            value,
            digits,
        )


def model_of(process):
    dt = 2e-4 if process is not FOUR_LAGS else 2e-3
    curve = step_response(process, dt, int(30 / dt))
    return fit_step(np.arange(curve.shape[1]) * dt, curve)


@pytest.mark.parametrize(
    ("process", "model", "pi", "pid", "swing"), TABLE, ids=["cascade", "four lags", "delayed"]
)
def test_worked_processes(process, model, pi, pid, swing):
    fitted = model_of(process)
    same((fitted.dead_time, fitted.lag), model)
    c = amigo_pi(fitted)
    same((c.gain, c.integral_time, margins(c, process).ms), pi)
    c = amigo_pid(fitted)
    same((c.gain, c.integral_time, c.derivative_time, margins(c, process).ms), pid)
    found = ultimate(process)
    same((found.gain, found.period), swing)


def test_integrating_rules():
    model = Integrating(2.0, dead_time=3.0)
    c = amigo_pi(model)
    same((c.gain * 6, c.integral_time / 3, margins(c, model).ms), ".35 13.4 1.41")
    c = amigo_pid(model)
    same((c.gain * 6, c.integral_time / 3, c.derivative_time / 3, margins(c, model).ms), ".45 8 .5 1.41")


def test_the_fit_agrees_with_the_cascade_solved_by_hand():
    from scipy.optimize import brentq

    lags = np.array(CASCADE.lags)
    parts = np.array([lag**3 / np.prod([lag - other for other in lags if other != lag]) for lag in lags])

    def curve(t, order):
        return float(order == 0) - np.sum(parts * (-1 / lags) ** order * np.exp(-t / lags))

    steepest = brentq(lambda t: curve(t, 2), 0.01, 2)
    dead = steepest - curve(steepest, 0) / curve(steepest, 1)
    fitted = model_of(CASCADE)
    assert fitted.dead_time[0] == pytest.approx(dead, rel=1e-5)
    assert fitted.lag[0] + dead == pytest.approx(
        brentq(lambda t: curve(t, 0) - 1 + np.exp(-1), 0.1, 5), rel=1e-5
    )


def test_the_fit_agrees_with_the_double_lag_solved_by_hand():
    tau = 0.05
    fitted = model_of(DELAYED)
    assert fitted.dead_time[0] == pytest.approx(1 + tau * (3 - np.e), rel=1e-5)  # tangent at t = tau
    assert fitted.lag[0] == pytest.approx(tau * (2.1461932 - 3 + np.e), rel=1e-4)  # (1 + x) exp(-x) = 1 / e


def test_four_equal_lags_swing_at_four_and_two_pi():
    found = ultimate(FOUR_LAGS)
    assert found.gain[0] == pytest.approx(4, rel=1e-9)
    assert found.period[0] == pytest.approx(2 * np.pi, rel=1e-9)


@pytest.mark.parametrize(
    ("process", "rule", "ms"),
    [
        (CASCADE, ziegler_nichols_pid, 2.79),
        (FOUR_LAGS, ziegler_nichols_pi, 2.82),
        (FOUR_LAGS, ziegler_nichols_pid, 2.05),
    ],
)
def test_ziegler_nichols_is_warned_about(process, rule, ms):
    found = margins(rule(ultimate(process)), process)
    assert found.ms[0] == pytest.approx(ms, abs=0.005)
    assert judge(found)[0].startswith("Warning, fragile")


def test_ziegler_nichols_pi_is_sluggish_but_not_fragile_on_dead_time():
    assert margins(ziegler_nichols_pi(ultimate(DELAYED)), DELAYED).ms[0] == pytest.approx(1.85, abs=0.005)


@pytest.mark.parametrize(
    ("process", "rule", "peak"), [(CASCADE, ziegler_nichols_pi, 45.6), (DELAYED, ziegler_nichols_pid, 35.5)]
)
def test_ziegler_nichols_can_be_unstable_though_its_sensitivity_is_finite(process, rule, peak):
    c = rule(ultimate(process))
    found = margins(c, process)
    assert not found.stable[0]
    assert np.isinf(found.ms[0])
    assert judge(found)[0].startswith("Unstable")
    w = np.geomspace(0.1, 1000, 400_001)[None]
    assert np.max(1 / np.abs(1 + around(c, process).response(w))) == pytest.approx(peak, abs=0.05)


def test_the_unstable_one_has_a_root_on_the_right():
    c = ziegler_nichols_pi(ultimate(CASCADE))
    den = np.ones(1)
    for lag in CASCADE.lags:
        den = np.convolve(den, [lag, 1])
    closed = np.append(den * c.integral_time, 0.0)
    closed[-2:] += c.gain * np.append(c.integral_time, 1.0)
    assert np.roots(closed).real.max() > 0


def test_rules_take_many_plants_at_once():
    lags = np.array([1.0, 3.0, 10.0])
    many = amigo_pid(FirstOrder(2.0, lag=lags, dead_time=1.5))
    for plant, lag in enumerate(lags):
        one = amigo_pid(FirstOrder(2.0, lag=lag, dead_time=1.5))
        assert (many.gain[plant], many.integral_time[plant]) == (one.gain, one.integral_time)


def test_what_is_refused():
    with pytest.raises(ValueError, match="AMIGO divides by it"):
        amigo_pi(FirstOrder(1.0, lag=1.0, dead_time=0.0))
    with pytest.raises(ValueError, match="reduce the model first"):
        amigo_pi(Integrating(1.0, dead_time=1.0, lag=1.0))
    with pytest.raises(ValueError, match="never swings"):
        ziegler_nichols_pi(ultimate(Process(1.0, lags=(1.0,))))
    t = np.linspace(0, 1, 100)
    with pytest.raises(ValueError, match="still moving"):
        fit_step(t, 1 - np.exp(-t))
    with pytest.raises(ValueError, match="end where they began"):
        fit_step(t, np.ones(100))
    with pytest.raises(ValueError, match="NaN or inf"):
        fit_step(t, np.full(100, np.nan))


def test_a_process_that_answers_downwards_gets_gains_of_its_sign():
    process = Process(-2.0, lags=(1.0, 1.0, 1.0, 1.0))
    assert ultimate(process).gain[0] == pytest.approx(-2)
    curve = step_response(process, 0.01, 3000)
    fitted = fit_step(np.arange(3000) * 0.01, curve)
    assert fitted.gain[0] == pytest.approx(-2, rel=1e-6)
    assert margins(amigo_pi(fitted), process).stable[0]
    with pytest.raises(ValueError, match="same sign"):
        margins(Ideal(1.0, 1.0), process)
