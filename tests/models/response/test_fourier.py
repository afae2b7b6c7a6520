"""A smooth cycle: periodic, above zero, of mean one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import fourier

COEFFICIENTS = st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=6)


@given(COEFFICIENTS, st.integers(-3, 3))
def test_it_repeats_stays_above_zero_and_has_mean_one(pairs, cycles):
    c = np.array(pairs).ravel()
    phase = np.arange(1000) / 1000
    got = fourier.factor(phase, c)
    assert (got > 0).all()
    assert got.mean() == pytest.approx(1.0, rel=1e-9)
    assert np.allclose(fourier.factor(phase + cycles, c), got, rtol=1e-9)


def test_the_basis_finds_its_own_coefficients():
    phase = np.arange(365) / 365.0
    c = np.array([0.2, -0.1, 0.05, 0.02])
    columns = np.column_stack([np.ones(365), fourier.basis(phase, 2)])
    found = np.linalg.lstsq(columns, np.log(fourier.factor(phase, c)), rcond=None)[0]
    assert np.allclose(found[1:], c)
    assert fourier.basis(phase.reshape(5, 73), 2).shape == (5, 73, 4)


@pytest.mark.parametrize(
    "bad", [np.array([0.1]), np.array([]), np.array([0.1, np.nan]), np.zeros(202), np.ones((2, 2))]
)
def test_what_are_no_pairs_is_refused(bad):
    with pytest.raises(ValueError, match="pairs of sine and cosine"):
        fourier.factor(np.zeros(1), bad)


def test_no_harmonic_is_refused():
    with pytest.raises(ValueError, match="one harmonic"):
        fourier.basis(np.zeros(1), 0)
