"""Quantiles of counts against scipy's slow and exact ones: accuracy, monotony, moments."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.counts import EXPANDS_AT, binomial, negative_binomial, poisson
from models.draws import Draws, keys_of

U = np.linspace(1e-6, 1 - 1e-6, 4001)


def full(value):
    return np.full(U.shape, float(value))


def off(found, exact):
    return (found != exact).mean(), np.abs(found - exact).max()


@pytest.mark.parametrize("mean", [0.0, 0.01, 0.7, 3.0, 3.99])
def test_poisson_is_exact_where_skew(mean):
    assert np.array_equal(poisson(U, full(mean)), stats.poisson(mean).ppf(U).clip(0))


@pytest.mark.parametrize("mean", [4.1, 12.0, 60.0, 900.0, 1e6])
def test_poisson_expansion_keeps_its_stated_error(mean):
    share, most = off(poisson(U, full(mean)), stats.poisson(mean).ppf(U))
    assert share <= 1 / 200
    assert most <= 1


@pytest.mark.parametrize("dispersion", [1.5, 3.0, 4.4, 20.0, 50.0])
@pytest.mark.parametrize("skewness", [4.0, 1.0, 0.21, 0.19, 0.1, 0.01])
def test_negative_binomial_keeps_its_stated_error(dispersion, skewness):
    mean = (2 * dispersion - 1) ** 2 / (dispersion * skewness)
    exact = stats.nbinom(mean / (dispersion - 1), 1 / dispersion).ppf(U)
    share, most = off(negative_binomial(U, full(mean), dispersion), exact)
    limit = (0.0, 0) if skewness > EXPANDS_AT else (1 / 200, 1)
    assert (share, most) <= limit


@pytest.mark.parametrize("trials", [0, 1, 7, 60, 5000])
@pytest.mark.parametrize("chance", [0.0, 1e-4, 0.03, 0.45, 0.5, 0.8, 1.0])
def test_binomial_keeps_its_stated_error(trials, chance):
    exact = stats.binom(trials, chance).ppf(U).clip(0)
    share, most = off(binomial(U, full(trials), full(chance)), exact)
    assert share <= 1 / 200
    assert most <= 1


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 3000), st.floats(1, 50))
def test_counts_never_fall_as_the_uniform_rises(mean, dispersion):
    assert (np.diff(negative_binomial(U, full(mean), dispersion)) >= 0).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 3000), st.floats(0, 1))
def test_binomial_stays_among_its_trials(trials, chance):
    k = binomial(U, full(trials), full(chance))
    assert (np.diff(k) >= 0).all()
    assert k.min() >= 0
    assert k.max() <= trials


@pytest.mark.parametrize("mean", [0.3, 5.0, 70.0, 800.0])
def test_mean_and_dispersion_come_out_as_asked(mean):
    u = Draws(3).uniform(keys_of(tuple(str(n) for n in range(40_000))), tick=0, channel="units")
    k = negative_binomial(u, np.full(u.shape, mean), 4.4)
    assert k.mean() == pytest.approx(mean, rel=5 * np.sqrt(4.4 / mean / 40_000))
    assert k.var() / k.mean() == pytest.approx(4.4, rel=0.1)


@pytest.mark.parametrize("extreme", [0.0, 2.0**-53, 1 - 2.0**-53])
def test_the_ends_of_the_uniform_give_finite_counts(extreme):
    u = np.array([extreme])
    for k in (
        poisson(u, np.array([2.0])),
        poisson(u, np.array([2e5])),
        negative_binomial(u, np.array([2.0]), 50.0),
        negative_binomial(u, np.array([700.0]), 50.0),
        binomial(u, np.array([100.0]), np.array([0.9])),
    ):
        assert np.isfinite(k).all()
        assert (k >= 0).all()


def test_values_out_of_range_are_refused():
    one = np.array([0.5])
    with pytest.raises(ValueError, match="mean must be finite"):
        poisson(one, np.array([np.nan]))
    with pytest.raises(ValueError, match="chance must be finite"):
        binomial(one, one, np.array([1.1]))
    with pytest.raises(ValueError, match="dispersion"):
        negative_binomial(one, one, 0.5)
