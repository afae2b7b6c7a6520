"""Chances of Thompson sampling, against closed forms, other quadrature and draws."""

import numpy as np
import pytest
from scipy.special import betaln

from models.bandits.propensity import NotExact, propensities
from models.posteriors.beta_binomial import BetaBinomial
from models.posteriors.gamma_poisson import GammaPoisson
from models.posteriors.normal_gamma import NormalGamma


def beta(alphas, betas):
    won, lost = np.atleast_2d(alphas) - 1.0, np.atleast_2d(betas) - 1.0
    return BetaBinomial.none(*won.shape).seen(won, won + lost)


def beats(a1, b1, a2, b2):
    """P(second > first) of two Betas with whole a2 (Evan Miller, Formulas for Bayesian A/B testing, eq. 6)."""
    i = np.arange(int(a2))
    return float(np.exp(betaln(a1 + i, b1 + b2) - np.log(b2 + i) - betaln(1 + i, b2) - betaln(a1, b1)).sum())


@pytest.mark.parametrize("arms", [1, 2, 5, 20])
def test_arms_believed_alike_are_taken_alike(arms):
    np.testing.assert_allclose(
        propensities(beta(np.full(arms, 3.0), np.full(arms, 9.0))), 1 / arms, atol=1e-12
    )


@pytest.mark.parametrize(
    "two", [(2, 1, 1, 1), (1, 1, 2, 1), (3, 50, 9, 40), (200, 9000, 190, 9100), (5, 2, 400, 300)]
)
def test_two_shares_have_the_chance_of_the_closed_form(two):
    a1, b1, a2, b2 = two
    found = propensities(beta([a1, a2], [b1, b2]))
    assert found[0, 1] == pytest.approx(beats(*two), abs=1e-9)


def test_cells_are_each_their_own():
    both = beta([[3, 9], [20, 4]], [[50, 40], [30, 6]])
    alone = [propensities(both.cells([cell]))[0] for cell in range(2)]
    np.testing.assert_array_equal(propensities(both), alone)


@pytest.mark.parametrize("arms", [10, 80])
def test_many_concentrated_arms_are_within_a_billionth_of_a_finer_rule(arms):
    random = np.random.default_rng(4)
    trials = random.integers(1, 5000, (1, arms)).astype(float)
    posterior = BetaBinomial.none(1, arms).seen(random.binomial(trials.astype(int), 0.02), trials)
    x = np.unique(np.concatenate([np.linspace(0, 1, 20_001), np.linspace(0, 0.1, 60_001)]))
    middle, step = (x[1:] + x[:-1]) / 2, np.diff(x)
    below = posterior.below(middle[:, None])
    log = np.log(np.maximum(below, 1e-300))
    fine = (posterior.density(middle[:, None]) * np.exp(log.sum(1, keepdims=True) - log) * step[:, None]).sum(
        0
    )
    np.testing.assert_allclose(propensities(posterior)[0], fine, atol=2e-7)
    assert propensities(posterior).sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("kind", [GammaPoisson, NormalGamma])
def test_rates_and_amounts_agree_with_draws(kind):
    if kind is GammaPoisson:
        posterior = kind.none(1, 3).seen([[3.0, 5.0, 1.0]], [[20.0, 24.0, 4.0]])
    else:
        posterior = kind.none(1, 3).seen([[5, 9, 2]], [[5.0, 12.0, 1.0]], [[9.0, 25.0, 3.0]])
    u = np.random.default_rng(8).uniform(size=(40_000, 3))
    drawn = np.concatenate([posterior.quantile(row[None, :]) for row in u])
    share = np.bincount(drawn.argmax(axis=1), minlength=3) / len(u)
    np.testing.assert_allclose(propensities(posterior)[0], share, atol=4 * 0.5 / np.sqrt(len(u)))


def test_mean_weight_of_each_arm_is_one_under_delay_and_shuffled_feedback():
    """An arm taken with chance p counts 1/p: one in the mean, whatever the order in which feedback is learnt."""
    random, runs, epochs = np.random.default_rng(6), 3000, 8
    rates, state, waiting = np.array([0.5, 0.4, 0.3]), BetaBinomial.none(runs, 3), []
    weights = np.zeros((epochs, 3))
    for epoch in range(epochs):
        p = propensities(state)
        arm = (random.uniform(size=(runs, 1)) > p.cumsum(axis=1)[:, :-1]).sum(axis=1)
        taken = np.eye(3)[arm]
        weights[epoch] = (taken / p).mean(axis=0)
        waiting.append((taken * random.binomial(1, rates[arm])[:, None], taken))
        if epoch % 3 == 2:
            random.shuffle(waiting)
            for won, tried in waiting:
                state = state.seen(won, tried)
            waiting.clear()
    np.testing.assert_allclose(weights.mean(axis=0), 1.0, atol=0.06)


def test_a_belief_that_no_nodes_settle_is_refused():
    with pytest.raises(NotExact, match="not settled"):
        propensities(beta([[1e12, 1.0, 3.0]], [[1.5e12, 1.0, 4.0]]))
