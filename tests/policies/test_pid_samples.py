"""Slow, irregular, noisy and wild samples: the block acts on new ones, by the time between them."""

import numpy as np
import pytest

from controller.policies.pid import PidPolicy, Settings
from models.pid.condition import middle_of_three, smoothed
from tests.policies.play import Play, scope

PI = Settings(gain=2.0, integral_time=10.0)


def play(settings, cells=1, **rest):
    return Play(PidPolicy(scope(cells), settings), cells, applied=0.5, **rest)


def test_between_samples_nothing_moves_and_the_time_counts_for_the_next():
    """Ten executions of one second with one sample are one execution of ten seconds, bit for bit."""
    often, seldom = play(PI), play(PI)
    for one in (often, seldom):
        one.turn(0.99)
    for y in (0.98, 0.97, 0.985):
        for _ in range(9):
            before = often.applied
            assert often.turn(y, fresh=False) == before
        assert often.turn(y) == seldom.turn(y, dt=10.0)


@pytest.mark.parametrize("steps", [[1.0] * 12, [3.0, 1.0, 5.0, 3.0], [12.0], [0.25, 11.75]])
def test_the_integral_is_that_of_the_time_between_samples(steps):
    run = play(PI)
    run.turn(0.99)
    for dt in steps:
        run.turn(0.99, dt=dt)
    assert run.applied == pytest.approx(0.5 + 2.0 / 10.0 * 0.01 * 12.0, rel=1e-9)


@pytest.mark.parametrize("steps", [[2.0, 2.0, 2.0], [1.0, 4.0, 0.5]])
def test_the_derivative_is_the_slope_over_the_time_between_samples(steps):
    run = play(Settings(gain=2.0, derivative_time=3.0, derivative_filter=0.0))
    run.turn(1.0)
    y = 1.0
    for dt in steps:
        y -= 0.01 * dt
        run.turn(y, dt=dt)
        assert run.policy.memory.law_state.derivative == pytest.approx(2.0 * 3.0 * 0.01)


def test_a_gap_without_believable_samples_is_in_the_slope_and_not_in_the_integral():
    run = play(Settings(gain=2.0, integral_time=10.0, derivative_time=3.0, derivative_filter=0.0))
    run.turn(1.0)
    for _ in range(9):
        run.turn(np.nan, usable=False)
    integral = run.policy.memory.law_state.integral.copy()
    run.turn(0.9)
    assert run.policy.memory.law_state.derivative == pytest.approx(2.0 * 3.0 * 0.1 / 10.0)
    assert run.policy.memory.law_state.integral - integral == pytest.approx(0.2 * 0.1 * 1.0)


def test_the_filter_is_exact_for_samples_at_any_distance():
    settings = Settings(gain=1.0, measurement_filter=20.0)
    ends = []
    for steps in ([10.0], [1.0] * 10, [0.5, 9.5]):
        run = play(settings)
        run.turn(1.0)
        for dt in steps:
            run.turn(1.2, dt=dt)
        ends.append(float(run.applied[0]))
    np.testing.assert_allclose(ends, 0.5 - 0.2 * (1 - np.exp(-0.5)), rtol=1e-12)


def test_the_filter_counts_executions_without_a_sample():
    run = play(Settings(gain=1.0, measurement_filter=20.0))
    run.turn(1.0)
    for _ in range(9):
        run.turn(1.2, fresh=False)
    run.turn(1.2)
    assert run.applied == pytest.approx(0.5 - 0.2 * (1 - np.exp(-0.5)), rel=1e-12)


def test_the_filter_quietens_noise():
    noise = 1.0 + 0.1 * np.random.default_rng(2).standard_normal(400)

    def moved(settings):
        run = play(settings)
        return np.std([float(run.turn(y)[0]) for y in noise])

    assert moved(Settings(gain=1.0, measurement_filter=20.0)) < 0.25 * moved(Settings(gain=1.0))


@pytest.mark.parametrize("wild", [0.01, 50.0])
def test_a_single_wild_sample_never_counts(wild):
    calm, hit = (play(Settings(gain=1.0, integral_time=50.0, despike=True)) for _ in range(2))
    for k in range(20):
        calm.turn(0.95)
        hit.turn(wild if k == 9 else 0.95)
        assert hit.applied == calm.applied


def test_a_real_step_gets_through_one_sample_later():
    run = play(Settings(gain=1.0, despike=True))
    for _ in range(3):
        run.turn(1.0)
    assert run.turn(0.8) == 0.5
    assert run.turn(0.8) == pytest.approx(0.7)


def test_a_restored_filter_goes_on_with_the_same_bits_and_one_that_is_new_starts_from_the_next_sample():
    settings = Settings(gain=1.0, integral_time=30.0, measurement_filter=20.0, despike=True)
    one = play(settings)
    for y in (1.0, 0.9, 1.1, 0.95):
        one.turn(y)
    two = play(settings)
    two.applied = one.applied
    two.policy.restore(one.policy.state())
    for y in (0.9, 0.97, 0.8):
        assert one.turn(y) == two.turn(y)
    plain = play(Settings(gain=1.0, integral_time=30.0))
    for y in (1.0, 0.9):
        plain.turn(y)
    two = play(settings)
    two.policy.restore(plain.policy.state())
    assert np.isnan(two.policy.samples.filtered).all()
    assert np.isfinite(two.turn(0.9)).all()


def test_a_direction_that_an_output_may_not_take_is_not_integrated_and_the_other_stays_free():
    """An actuator that may shrink and not grow (a reversal limit, an inner loop at its end) says so by its limits."""
    run = play(PI)
    run.turn(0.9)
    for _ in range(200):
        run.high = run.applied  # may not grow
        run.turn(0.9)
    assert run.applied == 0.5
    run.high, first = 1.0, run.applied
    assert run.turn(1.2)[0] < first, "and goes down at once"


def test_feedforward_acts_inside_the_limits_and_winds_nothing_up():
    run = play(PI)
    run.turn(1.0, feedforward=0.0)
    for _ in range(100):
        run.turn(1.0, feedforward=3.0)
    assert run.applied == 1.0
    run.turn(1.0, feedforward=0.0)
    assert run.applied < 1.0


def test_the_middle_and_the_filter_of_many_cells_are_those_of_each():
    luck = np.random.default_rng(5)
    a, b, c = luck.uniform(size=(3, 40))
    np.testing.assert_array_equal(middle_of_three(a, b, c), np.median([a, b, c], axis=0))
    whole = smoothed(a, b, 3.0, 7.0)
    assert all(smoothed(a[n : n + 1], b[n : n + 1], 3.0, 7.0)[0] == whole[n] for n in range(40))
