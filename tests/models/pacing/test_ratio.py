"""Posteriors of ratios: they cover what they say when drawn from their prior, and approach the plain ratio."""

import numpy as np
import pytest

from models.pacing import ratio

RNG = np.random.default_rng(9)
MANY = 40_000


def test_the_interval_of_a_cost_per_sale_covers_what_it_says():
    rate = RNG.gamma(4.0 + 1.0, 1.0 / (4.0 * 12.0), MANY)
    amount = RNG.uniform(10.0, 200.0, MANY)
    events = RNG.poisson(rate * amount).astype(float)
    low, high = ratio.interval_of_amount_per_event(amount, events, 12.0, 4.0)
    assert ((low <= 1 / rate) & (1 / rate <= high)).mean() == pytest.approx(0.9, abs=0.006)
    found = ratio.of_amount_per_event(amount, events, 12.0, 4.0)
    z = (1 / rate - found.mean) / found.spread
    assert float(z.mean()) == pytest.approx(0.0, abs=0.02)
    assert float((z**2).mean()) == pytest.approx(1.0, abs=0.06)


def test_the_interval_of_a_share_covers_what_it_says():
    share = RNG.beta(3.0, 7.0, MANY)
    hits = RNG.binomial(25, share).astype(float)
    low, high = ratio.interval_of_share(hits, np.full(MANY, 25.0), 0.3, 10.0)
    assert ((low <= share) & (share <= high)).mean() == pytest.approx(0.9, abs=0.006)
    z = share - ratio.of_share(hits, np.full(MANY, 25.0), 0.3, 10.0).mean
    assert float(z.mean()) == pytest.approx(0.0, abs=0.003)


def test_many_events_outweigh_the_prior():
    cost = ratio.of_amount_per_event(np.array([1e6]), np.array([1e5]), 99.0, 5.0)
    assert cost.mean[0] == pytest.approx(10.0, rel=1e-3)
    assert cost.spread[0] == pytest.approx(10.0 / np.sqrt(1e5), rel=1e-2)
    rate = ratio.of_events_per_amount(np.array([1e5]), np.array([1e6]), 99.0, 5.0)
    assert rate.mean[0] == pytest.approx(0.1, rel=1e-2)


def test_without_a_prior_and_without_events_nothing_is_known():
    found = ratio.of_amount_per_event(np.array([5.0]), np.array([0.0]), 1.0, 0.0)
    assert np.isnan(found.mean[0])
    assert np.isinf(found.spread[0])


def test_a_step_shrinks_with_the_width_and_is_whole_without_one():
    shares = ratio.step_share(np.full(4, 0.2), np.array([0.0, 0.05, 0.2, 5.0]))
    assert shares[0] == 1.0
    assert (np.diff(shares) < 0).all()
    assert shares[2] == pytest.approx(0.5)
