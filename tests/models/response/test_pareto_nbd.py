"""Pareto/NBD: against the published figures, and against the integral over the time of stopping."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.response import pareto_nbd

SHAPE, WEEKS = st.floats(0.1, 4), st.floats(0.5, 50)


def one(x):
    return np.array([float(x)])


def test_the_published_figures_follow_from_the_published_parameters():
    """CDNOW: 0.052 a week; 1.473, 25.46 and 0.9979 in the walkthrough of R's BTYD (r .5534, alpha 10.58, s .6061)."""
    fit = (0.5534, 10.5802, 0.6061, 11.6562)
    assert pareto_nbd.rate() == pytest.approx(0.052, abs=5e-4)
    assert pareto_nbd.expected(one(52), *fit)[0] == pytest.approx(1.473, abs=5e-4)
    assert pareto_nbd.expected_next(one(52), one(26), one(30.86), one(31), *fit)[0] == pytest.approx(
        25.46, abs=6e-3
    )
    assert pareto_nbd.active(one(26), one(30.86), one(31), *fit)[0] == pytest.approx(0.9979, abs=5e-5)


@settings(max_examples=60)
@given(SHAPE, WEEKS, SHAPE, WEEKS, st.integers(0, 300), st.floats(0, 1), st.floats(0.1, 80))
def test_the_chance_to_be_active_is_the_integral_over_the_stop(r, alpha, s, beta, x, part, seen):
    from scipy.integrate import quad

    last = part * seen if x else 0.0

    def stopped(at):
        later = np.log((alpha + seen) / (alpha + at)) * (r + x) + np.log((beta + seen) / (beta + at)) * s
        return s / (beta + at) * np.exp(min(later, 700.0))

    whole = stopped(last) * seen
    if not whole < 1e100:
        assert pareto_nbd.active(one(x), one(last), one(seen), r, alpha, s, beta)[0] < 1e-9
        return
    odds = quad(stopped, last, seen, epsrel=1e-9, limit=500, points=[last + (seen - last) / (x + 1)])[0]
    got = pareto_nbd.active(one(x), one(last), one(seen), r, alpha, s, beta)[0]
    assert got == pytest.approx(1 / (1 + odds), rel=1e-5, abs=1e-12)
    assert 0 < got <= 1


@given(SHAPE, WEEKS, SHAPE, WEEKS)
def test_purchases_begin_at_none_rise_and_rise_less(r, alpha, s, beta):
    total = pareto_nbd.expected(np.linspace(0, 300, 60), r, alpha, s, beta)
    assert total[0] == 0
    assert (np.diff(total) > 0).all()
    assert (np.diff(total, 2) <= 1e-9).all()
    assert total[-1] <= r / alpha * 300


def test_a_lifetime_shape_of_one_lies_between_its_neighbours():
    low, at, high = (pareto_nbd.expected(one(52), s=s)[0] for s in (1.001, 1.0, 0.999))
    assert low < at < high
    assert at == pytest.approx((low + high) / 2, rel=1e-5)


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="within the time seen"):
        pareto_nbd.active(one(2), one(40), one(39))
    with pytest.raises(ValueError, match="above zero and finite"):
        pareto_nbd.expected(one(1), s=np.inf)
    with pytest.raises(ValueError, match="time must be"):
        pareto_nbd.expected(one(-1))
