"""Rates of segments and of persons under a gamma law of mean one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.response.gamma_rates import rate, segments
from models.response.nbd import penetration

SHAPES = st.floats(0.05, 50)


@given(SHAPES, st.integers(1, 60))
def test_segments_have_mean_one_and_rise(shape, count):
    got = segments(shape, count)
    assert got.shape == (count,)
    assert got.mean() == pytest.approx(1.0, abs=1e-12)
    assert (got >= 0).all()
    assert (np.diff(got) >= -1e-12).all()


@given(SHAPES, st.integers(1, 12))
def test_finer_segments_average_to_the_coarser(shape, count):
    fine = segments(shape, 4 * count).reshape(count, 4).mean(axis=1)
    assert np.allclose(fine, segments(shape, count), rtol=1e-9, atol=1e-12)


@settings(max_examples=25)
@given(st.floats(0.2, 20))
def test_segments_are_the_means_of_single_persons(shape):
    u = (np.arange(40_000) + 0.5) / 40_000
    people = rate(u, shape)
    assert (np.diff(people) >= 0).all()
    assert np.allclose(people.reshape(8, -1).mean(axis=1), segments(shape, 8), rtol=5e-3, atol=1e-6)
    assert people.var() == pytest.approx(1 / shape, rel=1e-2)


def test_more_segments_come_nearer_to_the_law_from_above():
    """Buyers in a year by the law, and by persons of a segment who are all alike."""
    truth = penetration(0.717, 16.3, 60.0)
    off = [(-np.expm1(-segments(0.717, n) * 0.717 / 16.3 * 60.0)).mean() / truth - 1 for n in (1, 4, 10, 50)]
    assert off[0] > 0.35
    assert (np.diff(off) < 0).all()
    assert 0 < off[-1] < 1e-3


def test_bad_shapes_counts_and_uniforms_are_refused():
    for shape in (0.0, -1.0, np.inf, np.nan):
        with pytest.raises(ValueError, match="above zero"):
            segments(shape, 3)
    with pytest.raises(ValueError, match="one segment or more"):
        segments(1.0, 0)
    for u in (1.0, -0.1, np.nan):
        with pytest.raises(ValueError, match=r"\[0, 1\)"):
            rate(np.array([u]), 1.0)
    assert np.isfinite(rate(np.array([0.0, 1 - 2.0**-53]), 0.05)).all()
