"""Quantiles of counts against scipy's slow and exact ones: accuracy, monotony, moments."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from models.counts import BLOCK, EXPANDS_AT, binomial, negative_binomial, poisson
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
    with pytest.raises(ValueError, match="dispersion"):
        negative_binomial(one, one, np.array([np.nan]))
    with pytest.raises(ValueError, match="trials must be finite"):
        binomial(one, np.array([np.inf]), one)


def grid(size=2000):
    """Uniforms, means from .02 to 3,000, trials and chances, all from keyed draws."""
    keys = keys_of(tuple(str(n) for n in range(size)))
    u, mean, trials, chance = (Draws(3).uniform(keys, 0, name) for name in ("u", "mean", "trials", "chance"))
    mean = np.exp(12 * mean - 4)
    return u, mean, np.floor(mean * (1 + 20 * trials)), chance**3


@pytest.mark.parametrize(
    ("law", "digest"),
    [
        ("poisson", "9ded8a2988218b63"),
        (1.5, "4d02af34e3ff2894"),
        (4.4, "72d8d1ff52344e17"),
        (50.0, "24adc5e468175201"),
        ("binomial", "8c7b104ab5863a70"),
    ],
)
def test_counts_of_the_first_version_stand(law, digest):
    """A journal replays: these digests were taken from the code of the first release."""
    u, mean, trials, chance = grid()
    if law == "poisson":
        k = poisson(u, mean)
    else:
        k = binomial(u, trials, chance) if law == "binomial" else negative_binomial(u, mean, law)
    assert hashlib.blake2b(k.astype("<i8").tobytes(), digest_size=8).hexdigest() == digest


@pytest.mark.parametrize("cut", [1, 7, 500, 1999])
def test_a_count_depends_on_its_own_numbers_alone(cut):
    u, mean, trials, chance = grid()
    for law in (
        lambda s: negative_binomial(u[s], mean[s], 4.4),
        lambda s: binomial(u[s], trials[s], chance[s]),
    ):
        whole = law(slice(None))
        parts = [law(slice(start, start + cut)) for start in range(0, 2000, max(cut, 40))]
        for start, part in zip(range(0, 2000, max(cut, 40)), parts, strict=True):
            assert np.array_equal(part, whole[start : start + cut])


def test_blocks_leave_no_seam():
    u = np.tile(U, 3)[: 2 * BLOCK + 17]
    mean = np.exp(3 * np.sin(np.arange(u.size)))
    whole = negative_binomial(u, mean, 3.0)
    order = np.argsort(mean)
    assert np.array_equal(negative_binomial(u[order], mean[order], 3.0), whole[order])


def test_a_dispersion_each_gives_what_each_alone_would():
    u, mean, _, _ = grid()
    each = np.array([1.0, 1.5, 4.4, 50.0])[np.arange(u.size) % 4]
    mixed = negative_binomial(u, mean, each)
    for dispersion in np.unique(each):
        own = each == dispersion
        assert np.array_equal(mixed[own], negative_binomial(u[own], mean[own], float(dispersion)))


def test_a_dispersion_a_cell_fits_segments_by_cells():
    u = np.linspace(0.01, 0.99, 24).reshape(6, 4)
    each = np.array([1.0, 2.0, 3.0, 4.0])
    k = negative_binomial(u, np.full((6, 4), 9.0), each)
    assert k.shape == (6, 4)
    for n, dispersion in enumerate(each):
        assert np.array_equal(k[:, n], negative_binomial(u[:, n], np.full(6, 9.0), float(dispersion)))


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 200), st.floats(0, 0.1), st.floats(1, 20))
def test_counts_never_fall_as_the_mean_rises(mean, more, dispersion):
    low, high = (negative_binomial(U, full(m), dispersion) for m in (mean, mean * (1 + more)))
    assert (high - low).min() >= -1
    if (2 * dispersion - 1) ** 2 / dispersion >= EXPANDS_AT * mean * (1 + more):  # exact on both sides
        assert (high >= low).all()


def test_no_cells_have_no_counts():
    nothing = np.zeros(0)
    assert poisson(nothing, nothing).shape == (0,)
    assert binomial(nothing, nothing, nothing).shape == (0,)
    assert negative_binomial(nothing, nothing, 3.0).shape == (0,)
    assert negative_binomial(nothing, nothing, nothing).shape == (0,)
