"""Margins: against closed forms, under changes of unit, against the simulation, and the sentence about them."""

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from models.tuning.closed_loop import simulate
from models.tuning.forms import Ideal
from models.tuning.margins import margins
from models.tuning.process import FirstOrder, Integrating, Process
from models.tuning.verdict import judge

numbers = st.floats(0.1, 10.0)
FIGURES = ("ms", "mt", "gain_margin", "phase_margin")


def test_pure_integral_control_of_a_lag_is_exact():
    # L = a / (s (s + 1)): |L| = 1 at w2 = (sqrt(1 + 4 a2) - 1) / 2, never at -180 degrees
    a = np.array([0.5, 1.0, 4.0])
    found = margins(Ideal(a, 1.0), Process(1.0, lags=(1.0, 1.0)))
    w = np.sqrt((np.sqrt(1 + 4 * a**2) - 1) / 2)
    np.testing.assert_allclose(found.gain_crossover, w, rtol=1e-6)
    np.testing.assert_allclose(found.phase_margin, 90 - np.degrees(np.arctan(w)), rtol=1e-6)
    np.testing.assert_allclose(found.delay_margin, (np.pi / 2 - np.arctan(w)) / w, rtol=1e-6)
    # Mt of a second order of damping z = 1 / (2 sqrt(a)): 1 / (2 z sqrt(1 - z2)) where z < 1 / sqrt(2)
    z = 1 / (2 * np.sqrt(a))
    peak = np.where(z < np.sqrt(0.5), 1 / (2 * z * np.sqrt(np.maximum(1 - z**2, 1e-9))), 1.0)
    np.testing.assert_allclose(found.mt, peak, rtol=1e-4)
    assert np.all(np.isinf(found.gain_margin))
    assert np.all(found.stable)


@settings(max_examples=30, deadline=None)
@given(numbers, numbers, numbers, numbers, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_units_of_time_and_gain_change_nothing(gain, ti, lag, dead, clock, scale):
    one = margins(Ideal(gain, ti), FirstOrder(1.0, lag, dead))
    other = margins(Ideal(gain / scale, ti * clock), FirstOrder(scale, lag * clock, dead * clock))
    assert one.stable == other.stable
    for figure in FIGURES:
        np.testing.assert_allclose(getattr(one, figure), getattr(other, figure), rtol=1e-4)
    np.testing.assert_allclose(other.delay_margin, one.delay_margin * clock, rtol=1e-4)
    np.testing.assert_allclose(other.gain_crossover * clock, one.gain_crossover, rtol=1e-4)


@settings(max_examples=30, deadline=None)
@given(numbers, numbers, numbers, numbers)
@example(0.5, 0.5, 0.5, 1.0)  # |L| is 1 at a point of the grid, but for the last bit
def test_margins_are_where_stability_ends(gain, ti, lag, dead):
    c, model = Ideal(gain, ti), FirstOrder(1.0, lag, dead)
    found = margins(c, model)
    assume(found.stable[0])
    for edge, way in ((0.999, True), (1.001, False)):
        assert margins(Ideal(gain * found.gain_margin[0] * edge, ti), model).stable[0] == way
        longer = FirstOrder(1.0, lag, dead + edge * found.delay_margin[0])
        assert margins(c, longer).stable[0] == way


@settings(max_examples=20, deadline=None)
@given(st.floats(0.5, 20.0), st.floats(1.0, 1.9), st.floats(1.01, 1.3))
def test_more_gain_is_less_robust(lag, start, more):
    gains = 0.5 * lag * np.array([start, start * more, start * more**2])
    found = margins(Ideal(gains, min(lag, 8.0)), FirstOrder(1.0, lag, 1.0))
    assert np.all(np.diff(found.ms[found.stable]) > 0)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(numbers, min_size=1, max_size=4),
    st.integers(0, 2),
    numbers,
    numbers,
    st.floats(0, 5),
    st.floats(0.01, 1),
)
def test_stability_is_that_of_the_closed_loop_roots(lags, integrators, gain, ti, td, tf):
    den = np.append(1.0, np.zeros(integrators + 1))  # s (Tf s + 1) s^n prod(tau s + 1)
    for lag in [*lags, tf]:
        den = np.convolve(den, [lag, 1])
    num = gain * np.array([td + tf, 1 + tf / ti, 1 / ti])  # of K (1 + 1 / (Ti s) + Td s / (Tf s + 1))
    roots = np.roots(np.polyadd(den, num))
    assume(np.min(np.abs(roots.real) / np.abs(roots)) > 1e-3)
    found = margins(Ideal(gain, ti, td, tf), Process(1.0, lags=tuple(lags), integrators=integrators))
    assert found.stable[0] == np.all(roots.real < 0)


@settings(max_examples=15, deadline=None)
@given(numbers, numbers, st.floats(0, 1), st.floats(0.05, 1), numbers, st.floats(0.2, 0.9), numbers)
def test_peaks_are_those_of_a_far_denser_grid(gain, ti, td, tf, period, damping, dead):
    pole = period * complex(damping, np.sqrt(1 - damping**2))
    model = Process(0.3, lags=(pole, pole.conjugate(), 0.2), leads=(-0.1,), dead_time=dead)
    found = margins(Ideal(gain, ti, td, tf), model)
    assume(found.stable[0])
    w = np.geomspace(1e-4, 300, 400_001)
    response = Ideal(gain, ti, td, tf).response(1j * w) * model.response(1j * w)
    assert found.ms[0] == pytest.approx(np.max(1 / np.abs(1 + response)), rel=1e-4)
    assert found.mt[0] == pytest.approx(max(1.0, np.max(np.abs(response / (1 + response)))), rel=1e-4)


def test_margins_bound_one_another():
    gains, ti = np.meshgrid([0.1, 0.4, 0.8], [0.5, 1.0, 4.0])
    found = margins(Ideal(gains.ravel(), ti.ravel()), FirstOrder(1.0, 1.0, 1.0))
    sound = found.stable
    assert np.all(found.gain_margin[sound] >= found.ms[sound] / (found.ms[sound] - 1) - 1e-6)
    least = np.degrees(2 * np.arcsin(1 / (2 * found.ms[sound])))
    assert np.all(found.phase_margin[sound] >= least - 1e-6)


@pytest.mark.parametrize("factor", [0.97, 1.03])
def test_the_simulation_agrees_about_the_edge(factor):
    model = FirstOrder(1.0, 3.0, 1.0)
    edge = margins(Ideal(1.0, 3.0), model).gain_margin[0]
    run = simulate(Ideal(factor * edge, 3.0), model, duration=200, dt=0.02, load=1.0)
    late, early = np.abs(run.output[0, -1000:]).max(), np.abs(run.output[0, 1000:2000]).max()
    assert (late < early) == (factor < 1)


def test_one_loop_is_the_same_alone_as_among_many():
    lags = np.geomspace(0.05, 50, 7)
    many = margins(Ideal(0.4 * lags, lags, 0.1), FirstOrder(1.0, lags, 1.0))
    for plant, lag in enumerate(lags):
        one = margins(Ideal(0.4 * lag, lag, 0.1), FirstOrder(1.0, lag, 1.0))
        for figure in FIGURES:
            np.testing.assert_allclose(getattr(many, figure)[plant], getattr(one, figure)[0], rtol=1e-4)


def test_a_loop_that_needs_its_gain_says_so():
    found = margins(Ideal(2.0, 4.0), Process(1.0, lags=(0.05,), integrators=1))
    assert found.gain_floor[0] == 0
    found = margins(Ideal(0.5, 10.0, 4.0), Process(1.0, lags=(0.05,), integrators=2))
    assert found.stable[0]
    floor = found.gain_floor[0]
    assert 0 < floor < 1
    assert margins(Ideal(0.5 * floor * 1.01, 10.0, 4.0), Process(1.0, lags=(0.05,), integrators=2)).stable[0]
    assert not margins(
        Ideal(0.5 * floor * 0.99, 10.0, 4.0), Process(1.0, lags=(0.05,), integrators=2)
    ).stable[0]
    assert "falls below" in judge(found)[0]


def test_too_little_integral_time_on_an_integrating_process_is_unstable():
    lag = Process(1.0, lags=(1.0,), integrators=1)  # stable only for Ti > 1
    assert margins(Ideal(1.0, 1.05), lag).stable[0]
    assert not margins(Ideal(1.0, 0.95), lag).stable[0]


def test_an_oscillating_process_is_judged_by_its_peak():
    z = 0.01
    pole = complex(z, np.sqrt(1 - z**2))
    found = margins(Ideal(0.001, 1.0), Process(1.0, lags=(pole, pole.conjugate())))
    assert found.stable[0]
    assert not margins(Ideal(0.03, 1.0), Process(1.0, lags=(pole, pole.conjugate()))).stable[
        0
    ]  # K / Ti > 2 z


def test_sentences():
    model = FirstOrder(1.0, 8.0, 1.0)
    robust, fragile, unstable = judge(margins(Ideal(np.array([4.0, 8.0, 20.0]), 8.0), model), unit="h")
    assert robust.startswith("Robust (Ms 1.59)")
    assert "2.14 h longer" in robust
    assert fragile.startswith("Warning, fragile")
    assert unstable.startswith("Unstable")
    calm = judge(margins(Ideal(0.5), Process(1.0, lags=(1.0,))))[0]
    assert "no error of gain or dead time alone" in calm


def test_what_a_process_refuses():
    with pytest.raises(ValueError, match="unstable process"):
        Process(1.0, lags=(-1.0,))
    with pytest.raises(ValueError, match="dead_time"):
        FirstOrder(1.0, 1.0, -1.0)
    with pytest.raises(ValueError, match="finite"):
        Integrating(np.nan, 1.0)
    with pytest.raises(ValueError, match="conjugate"):
        Process(1.0, lags=(1 + 1j,))
    with pytest.raises(ValueError, match="conjugate"):
        Process(1.0, lags=(1 + 1j, 2 - 1j))
    with pytest.raises(ValueError, match="does not answer"):
        FirstOrder(0.0, 1.0, 1.0)
