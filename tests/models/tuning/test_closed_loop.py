"""The loop in time: against identities, against the delayed equation solved by hand, and the best PI."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import Polynomial

from models.pid.state import Sample, State
from models.pid.step import step
from models.tuning.best_pi import best_pi, gain_at_ms
from models.tuning.closed_loop import simulate
from models.tuning.forms import Ideal
from models.tuning.margins import margins
from models.tuning.process import FirstOrder, Integrating, Process
from models.tuning.simc import simc_pi

EVEN = FirstOrder(1.0, lag=1.0, dead_time=1.0)
SLOW = FirstOrder(1.0, lag=8.0, dead_time=1.0)
FOUR_LAGS = Process(1.0, lags=(1.0, 1.0, 1.0, 1.0))


def by_steps(speed, pieces=40):
    """IAE and overshoot of e' = -speed e(t - 1), e = 1 at first: polynomials on one interval after another."""
    piece, iae, least = Polynomial([1.0]), 1.0, 1.0
    t = np.linspace(0, 1, 4001)
    for _ in range(pieces):
        piece = Polynomial([piece(1.0)]) - speed * piece.integ()
        iae += np.trapezoid(np.abs(piece(t)), t)
        least = min(least, piece(t).min())
    return iae, -least


@pytest.mark.parametrize("model", [EVEN, SLOW])
def test_simc_setpoint_step_is_the_delayed_equation(model):
    # the integral time cancels the lag, so L = 0.5 exp(-s) / s for both
    run = simulate(simc_pi(model), model, duration=60, dt=0.02, setpoint=1.0)
    iae, overshoot = by_steps(0.5)
    assert run.iae[0] == pytest.approx(iae, rel=1e-4)
    assert run.overshoot[0] == pytest.approx(overshoot, rel=1e-3)


def test_by_steps_is_right_where_it_is_known():
    assert by_steps(np.exp(-1))[0] == pytest.approx(np.e, rel=1e-6)  # no overshoot: IAE = 1 / speed


@settings(max_examples=12, deadline=None)
@given(
    st.floats(0.2, 1.0),
    st.floats(1.0, 3.0),
    st.floats(0.3, 3.0),
    st.sampled_from([0.0, 0.2]),
    st.sampled_from([0.0, 0.1]),
)
def test_after_a_load_step_the_error_adds_up_to_minus_ti_over_k(share, ti, lag, td, tf):
    model = Process(2.0, lags=(lag, 0.5 * lag), dead_time=1.0)
    gain = share * 0.4 * gain_at_ms(model, np.array([ti]), 1.6)[0] + 0.05
    c = Ideal(gain, ti, td, tf)
    run = simulate(c, model, duration=60 * ti / gain / 2 + 60, dt=0.1, load=1.0)
    assert run.ie[0] == pytest.approx(-ti / gain, rel=1e-4)


def test_the_error_of_the_simulation_falls_with_the_square_of_the_step():
    iae = [
        simulate(Ideal(0.5, 1.0), EVEN, duration=40, dt=dt, setpoint=1.0).iae[0] for dt in (0.1, 0.05, 0.025)
    ]
    assert (iae[0] - iae[1]) / (iae[1] - iae[2]) == pytest.approx(4, rel=0.35)


def test_many_loops_with_their_own_dead_time_are_each_as_alone():
    dead, gains = np.array([0.0, 0.5, 1.3]), np.array([0.4, 0.5, 0.6])
    many = simulate(
        Ideal(gains, 2.0), Process(1.0, lags=(1.0, 0.5), dead_time=dead), duration=30, dt=0.03, load=1.0
    )
    for plant in range(3):
        model = Process(1.0, lags=(1.0, 0.5), dead_time=dead[plant])
        one = simulate(Ideal(gains[plant], 2.0), model, duration=30, dt=0.03, load=1.0)
        length = one.output.shape[1]
        np.testing.assert_allclose(many.output[plant, :length], one.output[0], atol=1e-12)


def test_dead_time_and_wrong_way_show_in_the_curve():
    run = simulate(
        Ideal(0.2, 3.0),
        Process(1.0, lags=(1.0, 1.0), leads=(-0.5,), dead_time=1.0),
        duration=150,
        dt=0.02,
        setpoint=1.0,
    )
    assert np.all(run.output[0, run.times[0] <= 1.0] == 0)
    assert run.output[0].min() < 0
    assert run.output[0, -1] == pytest.approx(1, abs=0.01)


def test_the_law_of_the_daemon_does_what_the_simulation_says():
    c, model, dt = Ideal(0.8, 3.0, 0.4, 0.2), FirstOrder(1.0, lag=3.0, dead_time=1.0), 0.01
    law, state, fade = c.law(), State.fresh(1), np.exp(-dt / 3.0)
    y, line, seen = np.zeros(1), [np.zeros(1)] * 100, []
    for _ in range(4000):
        sample = Sample(setpoint=1.0, measured=y, elapsed=dt, low=-np.inf, high=np.inf)
        state, move = step(law, state, sample)
        line.append(move.value)
        y = fade * y + (1 - fade) * line.pop(0)
        seen.append(y[0])
    run = simulate(c, model, duration=40, dt=dt, setpoint=1.0)
    np.testing.assert_allclose(seen[:-1], run.output[0, 1:4000], atol=0.01)


BEST = [
    (EVEN, 1.4, 0.384, 1.03, 2.690),
    (EVEN, 1.59, 0.513, 1.03, None),
    (SLOW, 1.4, 2.545, 4.24, None),
    (SLOW, 1.59, 3.383, 3.80, 1.138),
    (FOUR_LAGS, 1.4, 0.424, 2.21, 5.210),
    (FOUR_LAGS, 1.59, 0.637, 2.46, None),
]


@pytest.mark.parametrize(("model", "ms", "gain", "ti", "iae"), BEST)
def test_gain_and_iae_at_a_given_robustness(model, ms, gain, ti, iae):
    low, high = gain_at_ms(
        model, np.array([ti - 0.005, ti + 0.005]), ms
    )  # the time is printed to two decimals
    assert low - 5e-4 <= gain <= high + 5e-4
    if iae is not None:
        at = Ideal(gain_at_ms(model, np.array([ti]), ms)[0], ti)
        assert simulate(at, model, duration=120, dt=0.02, load=1.0).iae[0] == pytest.approx(iae, abs=5e-4)


@pytest.mark.parametrize(("model", "ms"), [(EVEN, 1.4), (SLOW, 1.59), (FOUR_LAGS, 1.59)])
def test_the_best_is_at_its_wish_and_no_neighbour_is_better(model, ms):
    found = best_pi(model, ms)
    assert margins(found.controller, model).ms[0] == pytest.approx(ms, rel=1e-4)
    for factor in (0.8, 1.25):
        ti = found.controller.integral_time * factor
        other = Ideal(gain_at_ms(model, np.array([ti]), ms)[0], ti)
        assert simulate(other, model, duration=150, dt=0.05, load=1.0).iae[0] > found.iae


def test_the_best_setpoint_pi_of_a_slow_process_cancels_its_lag():
    assert best_pi(SLOW, 1.59, "setpoint").controller.integral_time == pytest.approx(8, rel=0.03)


def test_the_best_pi_of_an_integrating_process_stays_at_its_wish():
    model = Integrating(1.0, dead_time=1.0)
    found = best_pi(model, 1.7)
    assert margins(found.controller, model).ms[0] == pytest.approx(1.7, rel=1e-4)
    assert found.iae <= 16.0 * 1.02  # SIMC: Ti / K = 8 / 0.5 at Ms 1.70


def test_what_is_refused():
    with pytest.raises(ValueError, match="more lags than leads"):
        simulate(Ideal(1.0, 1.0), Process(1.0, lags=(1.0,), leads=(0.5,)), duration=1, dt=0.1)
    with pytest.raises(ValueError, match="duration, dt"):
        simulate(Ideal(1.0, 1.0), EVEN, duration=1, dt=0.0)
    with pytest.raises(ValueError, match="ms: got 1"):
        gain_at_ms(EVEN, np.array([1.0]), 1.0)
    with pytest.raises(ValueError, match="never swings"):
        gain_at_ms(Process(1.0, lags=(1.0,)), np.array([1.0]), 1.4)
    with pytest.raises(ValueError, match="one at a time"):
        best_pi(FirstOrder(np.ones(2), 1.0, 1.0), 1.4)
    with pytest.raises(ValueError, match="needs a step of the setpoint"):
        _ = simulate(Ideal(0.5, 1.0), EVEN, duration=5, dt=0.1, load=1.0).overshoot
