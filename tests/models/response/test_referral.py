"""Referral: each buyer brings K, later, and the whole is 1 / (1 - K)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import referral

DAY = 86_400.0


def spread(outside, k, half_life, dt, steps, **words):
    """Buyers of each step where `outside` come from outside and the referred buy and refer."""
    pending, seen = np.zeros_like(np.asarray(k, dtype=float)), []
    for step in range(steps):
        new = referral.due(pending, dt, half_life)
        buyers = outside(step) + new
        pending, same = referral.referred(pending, buyers, dt, k, half_life, **words)
        assert (same == new).all()
        seen.append(buyers)
    return np.array(seen), pending


@given(st.floats(0, 0.8), st.floats(0, 10 * DAY), st.sampled_from([3600.0 * 6, DAY]))
def test_one_buyer_makes_one_over_one_minus_k(k, half_life, dt):
    seen, pending = spread(lambda step: 1.0 * (step == 0), np.array([k]), half_life, dt, 1500)
    whole = seen.sum() + pending[0] * referral.amplification(k)
    assert whole == pytest.approx(float(referral.amplification(k)), rel=1e-6)


def test_a_steady_stream_is_amplified_at_any_step():
    k = np.array([0.05, 0.15, 0.4])
    for dt in (DAY, 7 * DAY):
        seen, pending = spread(lambda step: 100.0, k, 3 * DAY, dt, 400)
        assert np.allclose(seen[-1], 100 * referral.amplification(k), rtol=1e-6)
        assert np.allclose(pending, referral.settled(seen[-1], dt, k, 3 * DAY), rtol=1e-6)


def test_the_wait_is_geometric():
    pending, _ = referral.referred(np.zeros(1), np.array([100.0]), DAY, 0.2, DAY)
    waits = []
    for _ in range(4):
        pending, new = referral.referred(pending, np.zeros(1), DAY, 0.2, DAY)
        waits.append(new[0])
    assert np.allclose(waits, [10, 5, 2.5, 1.25])


@given(st.floats(0, 0.99), st.floats(0, 0.99))
def test_amplification_rises_with_k_from_one(a, b):
    low, high = sorted((a, b))
    assert 1 <= referral.amplification(low) <= referral.amplification(high)


def test_growth_without_end_must_be_asked_for():
    for k in (1.0, 1.3, np.array([0.2, 1.0])):
        with pytest.raises(ValueError, match="supercritical=True"):
            referral.referred(np.zeros(2), np.ones(2), DAY, k)
        with pytest.raises(ValueError, match="below one"):
            referral.amplification(k)
    seen, _ = spread(lambda step: 1.0 * (step == 0), np.array([1.2]), DAY, DAY, 60, supercritical=True)
    assert seen[-1] > 2 * seen[-10]


@pytest.mark.parametrize("k", [-0.1, np.nan, np.inf])
def test_no_such_k(k):
    with pytest.raises(ValueError, match="zero or more and finite"):
        referral.referred(np.zeros(1), np.ones(1), DAY, k, supercritical=True)


def test_the_disputed_value_of_the_referred_reaches_from_none_to_the_first_finding():
    assert (referral.VALUE.low, referral.VALUE.high, referral.VALUE.contested) == (0.0, 0.16, True)
