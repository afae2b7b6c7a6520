"""The negative binomial law of purchases: against published fits, and as a law."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import nbd

POSTER = np.array([48, 37, 30, 24, 20, 16, 13, 11, 9, 7, 6, 5, 5, 3, 3, 2, 2, 2, 1, 1, 2, 1, 1, 1.0])
"""People with 0, 1, 2, ... contacts with a poster in a week (Greene 1982, in Fader & Hardie's course notes)."""
SHAPES, RATES = st.floats(0.05, 20), st.floats(0.01, 50)


def test_the_published_fit_to_poster_contacts_is_found():
    k = np.arange(24.0)
    r, alpha = nbd.fit(k, POSTER)
    assert (round(r, 3), round(alpha, 3)) == (0.969, 0.218)
    best = nbd.log_likelihood(k, POSTER, np.array([r, 0.969, 0.5]), np.array([alpha, 0.218, 0.218]))
    assert best[0] == pytest.approx(-649.7, abs=0.05)
    assert best[0] >= best[1] > best[2]


def test_the_fit_is_the_top_of_the_likelihood_with_and_without_non_buyers():
    for k, people in ((np.arange(24.0), POSTER), (np.arange(1.0, 24.0), POSTER[1:])):
        r, alpha = nbd.fit(k, people)
        near_r, near_alpha = np.meshgrid(r * np.linspace(0.9, 1.1, 21), alpha * np.linspace(0.9, 1.1, 21))
        around = nbd.log_likelihood(k, people, near_r, near_alpha)
        assert around.shape == (21, 21)
        assert around.argmax() == 10 * 21 + 10


def test_toothpaste_has_the_published_shape():
    r, alpha = nbd.fit_penetration(0.56, 2.6)
    assert (round(r, 3), round(r / alpha, 3)) == (0.779, 1.456)


def test_penetration_and_purchases_a_buyer_grow_as_the_tables_of_a_public_program_say():
    """A fifth buys in 12 weeks, 2.1 times each: dmedri/nbdprogram prints these at 1, 4, 24 and 48 weeks."""
    r, alpha = nbd.fit_penetration(0.2, 2.1, period=12.0)
    weeks = np.array([1.0, 4.0, 24.0, 48.0])
    share = nbd.penetration(r, alpha, weeks)
    assert np.allclose(share, [0.032, 0.1, 0.277, 0.355], atol=5e-4)
    assert np.allclose(nbd.mean(r, alpha, weeks) / share, [1.106, 1.401, 3.036, 4.729], atol=5e-4)


@given(SHAPES, RATES, st.floats(0.01, 30))
def test_it_is_a_law_with_its_mean_variance_and_penetration(r, alpha, t):
    average = t * r / alpha
    size = int(60 * (average + 1) * max(1.0, 1 / r)) + 50
    if size > 200_000:
        return
    k = np.arange(float(size))
    p = nbd.pmf(k, r, alpha, t)
    assert ((p >= 0) & (p <= 1)).all()
    assert p.sum() == pytest.approx(1.0, abs=1e-8)
    assert k @ p == pytest.approx(nbd.mean(r, alpha, t), rel=1e-6)
    assert (k - average) ** 2 @ p == pytest.approx(average * (1 + average / r), rel=1e-5)
    assert nbd.penetration(r, alpha, t) == pytest.approx(1 - p[0], abs=1e-12)


def test_a_huge_shape_is_poissons_law_and_no_time_is_no_purchase():
    from scipy.stats import poisson

    k = np.arange(12.0)
    assert np.allclose(nbd.pmf(k, 1e9, 1e9 / 3.0), poisson.pmf(k, 3.0), rtol=1e-6)
    assert nbd.pmf(k, 0.7, 2.0, 0.0) == pytest.approx([1.0] + [0.0] * 11, abs=1e-15)


@given(SHAPES, RATES)
def test_penetration_rises_with_time_and_stays_below_all(r, alpha):
    share = nbd.penetration(r, alpha, np.linspace(0, 500, 200))
    assert share[0] == 0
    assert (np.diff(share) >= 0).all()
    assert (share <= 1).all()


@given(SHAPES, RATES)
def test_what_is_expected_next_is_right_on_the_whole(r, alpha):
    """Averaged over what was seen, the forecasts give the mean back."""
    k = np.arange(20_000.0)
    seen = nbd.pmf(k, r, alpha, 1.0)
    if seen.sum() < 1 - 1e-9:
        return
    assert seen @ nbd.next_mean(k, 1.0, r, alpha, 2.0) == pytest.approx(2 * r / alpha, rel=1e-6)


@given(st.floats(0.2, 5), st.floats(0.1, 3), st.floats(0.5, 400))
def test_fits_give_back_the_law_that_made_the_table(r, alpha, period):
    k = np.arange(2500.0)
    people = nbd.buyers(k, 1e4, r, alpha)
    for start in (0, 1):
        table = k[start:], people[start:]
        assert np.allclose(nbd.fit(*table, period=period), (r, alpha * period), rtol=1e-4)
        assert np.allclose(nbd.fit_moments(*table, period=period), (r, alpha * period), rtol=1e-3)


def test_a_row_for_zero_without_people_means_that_all_bought():
    k, people = np.arange(24.0), np.concatenate([[0.0], POSTER[1:]])
    assert nbd.fit(k, people)[0] > nbd.fit(k[1:], people[1:])[0]
    assert nbd.fit(k, people, truncated=True) == nbd.fit(k[1:], people[1:])


@pytest.mark.parametrize(
    ("counts", "people", "says"),
    [
        ([0, 1, 2], [1, 1], "two columns"),
        ([0, 1, 1], [1, 1, 1], "each there once"),
        ([0, 1.5], [1, 1], "whole"),
        ([0, -1], [1, 1], "zero or more"),
        ([0, 1], [1, np.nan], "finite"),
        ([0, 1], [0, 0], "not all zero"),
        ([1], [50], "bought twice"),
        ([0], [50], "bought once"),
        ([0, 1, 2], [25, 50, 25], "no wider than Poisson"),
        ([1, 2, 3, 1000], [9000, 10, 10, 1], "logarithmic series"),
    ],
)
def test_a_table_without_a_law_is_refused(counts, people, says):
    with pytest.raises(ValueError, match=says):
        nbd.fit(np.array(counts, dtype=float), np.array(people, dtype=float))


def test_moments_without_a_law_and_impossible_panel_figures_are_refused():
    with pytest.raises(ValueError, match="variance must be above the mean"):
        nbd.fit_moments(np.array([0.0, 1.0, 2.0]), np.array([25.0, 50.0, 25.0]))
    with pytest.raises(ValueError, match="nobody who bought nothing"):
        nbd.fit(np.array([0.0, 1.0, 2.0]), np.array([25.0, 50.0, 25.0]), truncated=True)
    for share, each in ((0.9, 1.5), (0.0, 2.0), (0.5, np.nan)):
        with pytest.raises(ValueError, match="penetration"):
            nbd.fit_penetration(share, each)


@pytest.mark.parametrize("bad", [(0.0, 1.0, 1.0), (1.0, -1.0, 1.0), (1.0, 1.0, -1.0), (np.nan, 1.0, 1.0)])
def test_a_law_with_impossible_parameters_is_refused(bad):
    for law in (nbd.mean, nbd.penetration):
        with pytest.raises(ValueError, match="finite"):
            law(*bad)
    with pytest.raises(ValueError, match="whole"):
        nbd.pmf(np.array([0.5]), 1.0, 1.0)
