"""Swings are told from noise: by even zero crossings afterwards, by the error between them as it goes."""

import numpy as np
import pytest

from models.health.oscillation import AMPLITUDE, Swing, intervals, regularity

RNG = np.random.default_rng(11)


def test_intervals_of_white_noise_are_geometric():
    """A sign changes with chance 1/2: mean 2, and the crossings' own places add to the deviation of sqrt 2."""
    noise = np.sign(RNG.standard_normal((200_000, 1)))
    mean, spread, count = intervals(noise, most=10**9)
    assert mean[0] == pytest.approx(2.0, rel=0.02)
    assert spread[0] == pytest.approx(np.sqrt(2.0), rel=0.02)
    assert mean[0] / (3 * spread[0]) == pytest.approx(0.47, abs=0.01)
    assert count[0] == pytest.approx(100_000, rel=0.01)


def test_noise_is_no_oscillation_and_a_sine_in_noise_is_one():
    t = np.arange(500.0)[:, None]
    noise = RNG.standard_normal((500, 200))
    quiet, _ = regularity(noise)
    swings, period = regularity(np.sin(2 * np.pi * t / 24) + 0.5 * noise)
    assert (quiet > 1).mean() < 0.1
    assert (swings > 1).mean() > 0.95
    assert np.median(period) == pytest.approx(24.0, rel=0.03)


def test_a_slow_drift_is_no_oscillation():
    walk = np.cumsum(RNG.standard_normal((500, 200)), axis=0)
    index, _ = regularity(walk)
    assert (np.nan_to_num(index) > 1).mean() < 0.2


@pytest.mark.parametrize(
    "values", [np.zeros((50, 1)), np.ones((50, 1)), np.linspace(-1, 1, 50)[:, None] ** 3]
)
def test_nothing_is_said_where_crossings_are_too_few(values):
    assert np.isnan(regularity(values)[0]).all()


def test_cells_do_not_disturb_each_other():
    t = np.arange(300.0)[:, None]
    both = np.concatenate([np.sin(t / 3), RNG.standard_normal((300, 1))], axis=1)
    together = regularity(both)[0]
    alone = [regularity(both[:, [n]])[0][0] for n in range(2)]
    assert together.tolist() == pytest.approx(alone, rel=1e-9)


def swung(amplitude, period=40, samples=1000):
    state = Swing.none(1)
    for k in range(samples):
        error = amplitude * np.sin(2 * np.pi * (np.array([k]) + 0.5) / period)
        state = state.heard(error, np.ones(1), float(period))
    return state


def test_a_sine_counts_from_the_amplitude_on_that_the_limit_is_made_for():
    assert swung(1.02 * AMPLITUDE).swings[0]
    assert swung(0.98 * AMPLITUDE).count[0] == 0.0


def test_one_disturbance_is_no_oscillation_and_swings_are_forgotten():
    state = (
        Swing.none(1).heard(np.full(1, 0.5), np.full(1, 10.0), 20.0).heard(np.full(1, -0.1), np.ones(1), 20.0)
    )
    assert state.count[0] == 1.0
    assert not state.swings[0]
    later = swung(0.05)
    assert later.swings[0]
    for _ in range(3000):
        later = later.heard(np.full(1, 0.001), np.ones(1), 40.0)
    assert not later.swings[0]


def test_what_is_not_a_number_is_not_heard():
    before = swung(0.05)
    after = before.heard(np.array([np.nan]), np.ones(1), 40.0)
    assert (after.integral, after.sign, after.count) == (before.integral, before.sign, before.count)
