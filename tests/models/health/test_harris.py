"""The minimum-variance index, on loops whose index is known exactly."""

import numpy as np
import pytest

from models.health.harris import dead_time, index, index_of

SAMPLES, CELLS = 6000, 16
RNG = np.random.default_rng(7)


def noise(samples=SAMPLES, cells=CELLS):
    return RNG.standard_normal((samples, cells))


def filtered(white, impulse):
    return np.apply_along_axis(lambda column: np.convolve(column, impulse)[: len(white)], 0, white)


def integral_loop(gain, delay, disturbance, samples=SAMPLES, cells=CELLS, white=None):
    """y(t) = u(t - delay) + d(t), d an AR(1); u(t) = u(t - 1) - gain y(t). Returns y and u."""
    white = noise(samples, cells) if white is None else white
    samples, cells = white.shape
    y, u, d = (np.zeros((samples, cells)) for _ in range(3))
    for t in range(samples):
        d[t] = disturbance * d[t - 1] + white[t] if t else white[t]
        y[t] = d[t] + (u[t - delay] if t >= delay else 0.0)
        u[t] = (u[t - 1] if t else 0.0) - gain * y[t]
    return y, u


@pytest.mark.parametrize("delay", [1, 3])
def test_a_loop_at_minimum_variance_has_index_one(delay):
    """Under it the error is a moving average of the last `delay` noises (Harris 1989)."""
    y = filtered(noise(), [1.0, 0.7, 0.4][:delay])
    assert index_of(np.array([1.0, 0.7, 0.4][:delay]), delay) == 1.0
    assert index(y, delay).mean() == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(("pole", "delay"), [(0.9, 2), (0.8, 3), (0.5, 1)])
def test_a_disturbance_left_alone_has_the_index_of_its_pole(pole, delay):
    exact = 1.0 - pole ** (2 * delay)
    y = filtered(noise(), pole ** np.arange(200.0))
    assert index_of(pole ** np.arange(400.0), delay) == pytest.approx(exact, abs=1e-9)
    assert index(y, delay).mean() == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize("gain", [0.1, 0.3, 0.5])
def test_a_detuned_loop_has_the_index_of_its_own_impulse_response(gain):
    """The response is that of the same loop to a single unit of noise; nothing is estimated."""
    white = np.zeros((400, 1))
    white[0] = 1.0
    impulse, _ = integral_loop(gain, 2, 0.95, white=white)
    exact = float(index_of(impulse[:, 0], 2))
    y, _ = integral_loop(gain, 2, 0.95)
    assert index(y, 2, order=20).mean() == pytest.approx(exact, abs=0.03)
    assert exact < 0.95


def test_an_offset_counts_as_error():
    y = noise()
    assert index(y + 1.0, 1).mean() == pytest.approx(0.5, abs=0.02)


def test_nothing_is_said_of_few_constant_or_missing_samples():
    y = noise(200, 3)
    y[:, 1] = 0.3
    y[50, 2] = np.nan
    found = index(y, 2)
    assert np.isfinite(found).tolist() == [True, False, False]
    assert np.isnan(index(noise(40, 2), 2)).all()


def test_cells_do_not_disturb_each_other():
    y = noise(300, 5)
    assert index(y, 2) == pytest.approx(np.concatenate([index(y[:, [n]], 2) for n in range(5)]), abs=1e-12)


@pytest.mark.parametrize(("delay", "order"), [(0, 5), (1, 0)])
def test_a_delay_or_order_below_one_is_refused(delay, order):
    with pytest.raises(ValueError, match=f"received {delay} and {order}"):
        index(noise(100, 1), delay, order)


@pytest.mark.parametrize("delay", [1, 2, 5])
def test_the_dead_time_is_found_in_closed_loop_with_a_little_dither(delay):
    white, dither = noise(1500), 0.5 * noise(1500)
    y, u, d = (np.zeros_like(white) for _ in range(3))
    for t in range(len(white)):
        d[t] = 0.9 * d[t - 1] + 0.3 * white[t]
        y[t] = d[t] + (u[t - delay] if t >= delay else 0.0)
        u[t] = 0.5 * u[t - 1] - 0.1 * y[t] + dither[t]
    found, clear = dead_time(u, y, most=8)
    assert (found == delay).all()
    assert (clear > 0.1).all()


def test_without_an_answer_no_dead_time_is_clear():
    _, clear = dead_time(noise(1500), np.cumsum(noise(1500), axis=0), most=8)
    assert (clear < 0.02).all()
