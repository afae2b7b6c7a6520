"""BG/NBD: against the published figures, and against sums over persons done another way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.response import bg_nbd

SHAPE, WEEKS = st.floats(0.1, 5), st.floats(0.5, 50)


def one(x):
    return np.array([float(x)])


def test_the_published_figures_follow_from_the_published_parameters():
    """CDNOW: 1.226 in Fader, Hardie & Lee's example; 1.444, 25.76 and 0.969 in the walkthrough of R's BTYD."""
    assert bg_nbd.dropout() == pytest.approx(0.2463, abs=5e-5)
    assert bg_nbd.expected_next(one(39), one(2), one(30.43), one(38.86))[0] == pytest.approx(1.226, abs=5e-4)
    assert bg_nbd.expected(one(52), r=0.2426)[0] == pytest.approx(1.444, abs=5e-4)
    assert bg_nbd.expected_next(one(52), one(26), one(30.86), one(31), r=0.2426)[0] == pytest.approx(
        25.76, abs=5e-3
    )
    assert bg_nbd.active(one(26), one(30.86), one(31))[0] == pytest.approx(0.969, abs=5e-4)


@settings(max_examples=60)
@given(SHAPE, WEEKS, st.floats(0.15, 5), st.floats(0.3, 8), st.floats(0.1, 300))
def test_expected_purchases_are_the_mean_over_persons(r, alpha, a, b, t):
    """Given p, a person makes (1 - (alpha / (alpha + p t))^r) / p purchases; p has a beta law."""
    from scipy.integrate import quad
    from scipy.special import betaln

    def given_p(p):
        return -np.expm1(-r * np.log1p(p * t / alpha)) / p if p else r * t / alpha

    mean = quad(given_p, 0, 1, weight="alg", wvar=(a - 1, b - 1), epsrel=1e-10)[0] / np.exp(betaln(a, b))
    assert bg_nbd.expected(one(t), r, alpha, a, b)[0] == pytest.approx(mean, rel=1e-6)


def closed_form(t, r, alpha, a, b):
    from scipy.special import hyp2f1

    z = t / (alpha + t)
    return (a + b - 1) / (a - 1) * (1 - (1 - z) ** r * hyp2f1(r, b, a + b - 1, z))


@given(st.floats(0.1, 1), WEEKS, st.sampled_from([0.3, 0.793, 1.9]), st.floats(1, 8), st.floats(0.1, 100))
def test_expected_purchases_are_the_printed_closed_form(r, alpha, a, b, t):
    assert bg_nbd.expected(one(t), r, alpha, a, b)[0] == pytest.approx(
        closed_form(t, r, alpha, a, b), rel=1e-8
    )


@pytest.mark.parametrize(
    ("r", "alpha", "a", "b", "t"),
    [
        (1.598192308394439, 0.5, 3.598192308394439, 5.0, 290.0),
        (0.243, 4.414, 1.0, 2.426, 39.0),
        (0.243, 4.414, 0.4, 0.6, 39.0),
        (186.239883, 2.25271397, 0.610463292, 124.35486, 120.214873),
    ],
)
def test_where_the_closed_form_has_a_hole_or_overflows_there_is_a_value_beside_its_neighbours(
    r, alpha, a, b, t
):
    near = [bg_nbd.expected(one(t), r, alpha, a * by, b)[0] for by in (0.999, 1.0, 1.001)]
    assert near[0] > near[1] > near[2] > 0
    assert near[1] == pytest.approx((near[0] + near[2]) / 2, rel=1e-5)


def test_many_customers_are_as_each_alone():
    x = np.arange(1300.0) % 300
    last, seen = np.linspace(0, 30, 1300) * (x > 0), np.full(1300, 39.0)
    got = bg_nbd.expected_next(one(39), x, last, seen)
    assert np.isfinite(got).all()
    for i in (0, 511, 512, 1299):
        alone = bg_nbd.expected_next(one(39), x[i : i + 1], last[i : i + 1], seen[i : i + 1])
        assert got[i] == pytest.approx(alone[0], rel=1e-12)


@given(SHAPE, WEEKS, st.floats(0.15, 5), st.floats(0.3, 8))
def test_purchases_begin_at_none_rise_and_rise_less(r, alpha, a, b):
    total = bg_nbd.expected(np.linspace(0, 300, 60), r, alpha, a, b)
    assert total[0] == 0
    assert (np.diff(total) >= -1e-9).all()
    assert (np.diff(total, 2) <= 1e-9).all()


def test_the_chances_of_counts_sum_to_one_and_have_the_expected_mean():
    x, t = np.arange(3000.0), one(39)
    p = bg_nbd.pmf(x, t)
    assert p.sum() == pytest.approx(1.0, abs=1e-9)
    assert x @ p == pytest.approx(bg_nbd.expected(t)[0], rel=1e-6)
    assert bg_nbd.pmf(np.arange(3.0), one(0)) == pytest.approx([1.0, 0.0, 0.0], abs=1e-15)


@pytest.mark.parametrize("x", [0, 1, 2, 5])
def test_the_likelihood_of_records_adds_up_to_the_chance_of_their_count(x):
    """Over all times of the purchases before the last, and over the time of the last."""
    from math import factorial

    from scipy.integrate import quad

    seen = 39.0
    if x == 0:
        total = np.exp(bg_nbd.log_likelihood(one(0), one(0), one(seen)))[0]
    else:
        total = quad(
            lambda last: (
                np.exp(bg_nbd.log_likelihood(one(x), one(last), one(seen)))[0]
                * last ** (x - 1)
                / factorial(x - 1)
            ),
            0,
            seen,
        )[0]
    assert total == pytest.approx(bg_nbd.pmf(one(x), one(seen))[0], rel=1e-7)


def test_whoever_was_long_silent_is_less_likely_active_the_more_so_the_more_they_bought():
    silent = np.linspace(0, 38, 39)
    often = bg_nbd.active(np.full(39, 20.0), 39 - silent, np.full(39, 39.0))
    seldom = bg_nbd.active(np.full(39, 2.0), 39 - silent, np.full(39, 39.0))
    assert (np.diff(often) < 0).all()
    assert ((often > 0) & (often < 1)).all()
    assert often[-1] < seldom[-1] < 1
    assert bg_nbd.active(one(0), one(0), one(39))[0] == 1


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="within the time seen"):
        bg_nbd.active(one(2), one(40), one(39))
    with pytest.raises(ValueError, match="above zero and finite"):
        bg_nbd.expected(one(1), a=0.0)
    with pytest.raises(ValueError, match="time must be"):
        bg_nbd.expected(one(np.nan))
