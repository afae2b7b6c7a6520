"""Forms of the controller: exact both ways, and the same response in each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.tuning.forms import Ideal, Parallel, Series

gains = st.floats(-100, 100).filter(lambda g: abs(g) > 1e-3)
times = st.floats(1e-2, 1e4)
S = 1j * np.geomspace(1e-3, 1e3, 50)


def close(one, other, rtol=1e-6):
    names = [name for name in one.__slots__ if hasattr(other, name)]
    for name in names:
        np.testing.assert_allclose(getattr(one, name), getattr(other, name), rtol=rtol)


@given(gains, times, st.floats(0, 1e3))
def test_series_to_ideal_keeps_the_response(gain, integral, derivative):
    series = Series(gain, integral, derivative)
    np.testing.assert_allclose(
        series.ideal().response(S), series.response(S), rtol=1e-9, atol=1e-9 * abs(gain)
    )


@given(gains, times, st.floats(0, 0.249))
def test_ideal_to_series_and_back(gain, integral, ratio):
    one = Ideal(gain, integral, ratio * integral)
    close(one.series().ideal(), one)
    np.testing.assert_allclose(one.series().response(S), one.response(S), rtol=1e-6, atol=1e-9 * abs(gain))


@given(gains, times, times, times)
def test_ideal_to_parallel_and_back(gain, integral, derivative, filter_time):
    one = Ideal(gain, integral, derivative, filter_time)
    close(one.parallel().ideal(), one, rtol=1e-12)
    np.testing.assert_allclose(one.parallel().response(S), one.response(S), rtol=1e-9)


def test_the_conversion_of_the_paper():
    # f = 1 + tauD / tauI; K = Kc f, Ti = tauI f, Td = tauD / f
    found = Series(np.array([1.3]), np.array([2.0]), np.array([1.2])).ideal()
    close(found, Ideal(np.array([1.3 * 1.6]), np.array([3.2]), np.array([0.75])))


def test_where_there_is_no_series_form():
    with pytest.raises(ValueError, match="only where Ti >= 4 Td"):
        Ideal(1.0, 3.9, 1.0).series()
    with pytest.raises(ValueError, match="no filter"):
        Ideal(1.0, 10.0, 1.0, 0.1).series()
    with pytest.raises(ValueError, match="no ideal form"):
        Parallel(0.0, 1.0).ideal()
    with pytest.raises(ValueError, match="integral_time: got -1"):
        Parallel(1.0, -1.0).ideal()
    with pytest.raises(ValueError, match="integral_time"):
        Ideal(1.0, 0.0)


def test_without_integral():
    assert Ideal(2.0).parallel().ki == 0
    assert np.isinf(Parallel(2.0).ideal().integral_time)
    np.testing.assert_allclose(Ideal(2.0).response(S), 2.0)


def test_the_law_takes_the_parallel_gains():
    law = Ideal(2.0, 4.0, 0.5, 0.1).law(scale=10.0)
    assert (law.kp, law.ki, law.kd, law.filter_time) == (20.0, 5.0, 10.0, 0.1)
    with pytest.raises(ValueError, match="one filter"):
        Ideal(2.0, 4.0, 0.5, np.array([0.1, 0.2])).law()
