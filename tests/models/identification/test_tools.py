"""The smaller tools of identification, held to published figures and to each other."""

import numpy as np
import pytest

from models.identification import arx
from models.identification.changes import Cusum, PageHinkley
from models.identification.dither import dithered, sequence
from models.identification.kalman import Filter
from models.identification.recursive import Recursive


def run_lengths(shift, cells=4000, most=4000):
    rng = np.random.default_rng(3)
    one, first = Cusum.begin(cells), np.full(cells, most)
    for n in range(1, most + 1):
        one = one.told(rng.normal(shift, 1.0, cells))
        first = np.where(one.alarm & (first == most), n, first)
        if (first < most).all():
            break
    return first


@pytest.mark.parametrize(("shift", "published"), [(0.0, 465.0), (0.5, 38.0), (1.0, 10.4), (2.0, 4.01)])
def test_the_cusum_s_run_lengths_are_those_of_the_published_table(shift, published):
    # Lucas & Crosier, Technometrics 24 (1982) 199-205, table 1: two-sided, k = 0.5, h = 5.
    found = run_lengths(shift)
    assert found.mean() == pytest.approx(
        published, abs=4 * found.std() / np.sqrt(len(found)) + 0.01 * published
    )


def test_no_sample_changes_nothing_and_cells_do_not_know_each_other():
    one = Cusum.begin(2).told(np.array([3.0, np.nan]))
    assert one.up.tolist() == [2.5, 0.0]
    assert one.cleared(np.array([True, False])).up.tolist() == [0.0, 0.0]


@pytest.mark.parametrize("shift", [1.0, -1.0])
def test_page_and_hinkley_see_a_shift_without_being_told_the_mean(shift):
    rng = np.random.default_rng(4)
    one = PageHinkley.begin(200, tolerance=0.25, limit=12.0)
    for _ in range(150):
        one = one.told(7.0 + rng.normal(size=200))
    assert one.alarm.mean() < 0.05
    for _ in range(40):
        one = one.told(7.0 + shift + rng.normal(size=200))
    assert one.alarm.mean() > 0.9


def test_recursive_least_squares_are_those_of_the_batch():
    rng = np.random.default_rng(5)
    h, y = rng.normal(size=(300, 3)), rng.normal(size=300)
    one = Recursive.begin(1, 3, forgets=1.0, variance=1e9)
    for row, value in zip(h, y, strict=True):
        one = one.told(row[None], np.array([value]))
    assert one.theta[0] == pytest.approx(np.linalg.lstsq(h, y, rcond=None)[0], abs=1e-6)


def test_it_follows_a_drift_and_does_not_wind_up_without_excitation():
    rng = np.random.default_rng(6)
    one = Recursive.begin(1, 2, forgets=0.97)
    for t in range(400):
        row = np.array([[1.0, rng.normal()]])
        one = one.told(row, row @ np.array([0.0, 2.0 if t < 200 else 3.0]))
    assert one.theta[0, 1] == pytest.approx(3.0, abs=0.01)
    for _ in range(5000):
        one = one.told(np.array([[1.0, 0.0]]), np.array([0.0]))
    assert np.trace(one.cov[0]) <= one.most
    assert one.told(np.array([[np.nan, 1.0]]), np.array([1.0])).theta == pytest.approx(one.theta)


def test_the_filter_s_mean_of_a_constant_is_the_mean():
    y = np.array([1.0, 2.0, 6.0])
    one = Filter.begin(np.zeros((1, 1)), np.full((1, 1), 1e9))
    for value in y:
        one, _, _ = one.told(np.ones((1, 1)), np.array([value]), 1.0, np.array([True]))
    assert one.mean[0, 0] == pytest.approx(3.0)
    assert one.cov[0, 0, 0] == pytest.approx(1 / 3)


@pytest.mark.parametrize("bits", range(3, 12))
def test_a_sequence_is_of_maximal_length_and_nearly_white(bits):
    one = sequence(bits)
    spectrum = np.abs(np.fft.fft(one)) ** 2
    assert len(one) == 2**bits - 1
    assert spectrum[1:] == pytest.approx(len(one) + 1)  # flat, as only a maximal-length sequence is
    assert abs(one.sum()) == 1


def test_a_test_signal_never_leaves_limits_nor_grid():
    rng = np.random.default_rng(7)
    low, high = np.full(500, 0.03), np.full(500, 0.12)
    output = low + np.round(rng.uniform(0, 0.09, 500), 3)
    found = dithered(output, rng.choice([-1.0, 1.0], 500), 0.0057, low, high, 0.001)
    steps = (found - low) / 0.001
    assert (found >= low - 1e-12).all()
    assert (found <= high + 1e-12).all()
    assert steps == pytest.approx(np.round(steps), abs=1e-6)
    assert set(np.round(np.abs(found - output), 4)) == {0.0, 0.005}


def test_arx_refuses_what_says_nothing():
    u, y = np.ones(100), np.arange(100.0)
    with pytest.raises(ValueError, match="u: got 1 throughout"):
        arx.fit(u, y, period=1.0)
    with pytest.raises(ValueError, match="got shapes"):
        arx.fit(u[:10], y[:10], period=1.0)
    with pytest.raises(ValueError, match="NaN"):
        arx.fit(np.arange(100.0), np.full(100, np.nan), period=1.0)
