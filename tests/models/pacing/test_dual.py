"""The multiplier finds the price of a budget, stays in its range, and is the inverse of the output's share."""

import numpy as np
import pytest

from models.pacing.dual import Law, relative_gradient


def paced(law, periods=4000, seed=3):
    """Second-price auctions of unit value scale, budget a quarter of what all would cost; spending over budget."""
    rng = np.random.default_rng(seed)
    values, prices = rng.uniform(size=(2, periods))
    everything = np.where(values > prices, prices, 0.0).mean()
    rho, spent, mu = np.array([everything / 4]), 0.0, np.zeros(1)
    before = earlier = np.full(1, np.nan)
    for value, price in zip(values, prices, strict=True):
        z = price if value / (1 + mu[0]) > price else 0.0
        gradient = (rho - z) / rho
        mu = law.after(mu, gradient, before, earlier)
        earlier, before, spent = before, gradient, spent + z
    return spent / (periods * float(rho[0])), float(mu[0])


@pytest.mark.parametrize("law", [Law(step=0.02), Law(step=0.02, proportional=0.01), Law(0.02, 0.01, 0.005)])
def test_adaptive_pacing_spends_the_budget_of_repeated_auctions(law):
    spent, _ = paced(law)
    assert spent == pytest.approx(1.0, abs=0.03)


def test_a_budget_that_does_not_bind_has_no_price():
    law, mu = Law(step=0.1), np.array([0.5])
    for _ in range(30):
        gradient = relative_gradient(np.array([10.0]), np.array([6.0]))
        mu = law.after(mu, gradient, np.full(1, np.nan), np.full(1, np.nan))
    assert mu.tolist() == [0.0]


def test_a_multiplier_and_its_share_are_each_other_s_inverse():
    law, shares = Law(step=0.1, most=4.0), np.linspace(0.0, 1.0, 11)
    np.testing.assert_allclose(law.share(law.at_share(shares)), shares, atol=1e-12)
    assert (np.diff(law.at_share(shares)) < 0).all()


def test_a_steady_error_is_answered_by_the_integral_part_alone():
    gradient, mu = np.array([-0.5, 0.25]), np.array([1.0, 2.0])
    pid, plain = Law(0.3, proportional=5.0, derivative=9.0), Law(0.3)
    assert pid.after(mu, gradient, gradient, gradient).tolist() == plain.after(mu, gradient, mu, mu).tolist()


def test_the_parts_of_the_pid_add_up_to_its_position_form():
    law, rng = Law(0.1, 0.4, 0.2), np.random.default_rng(2)
    gradients = rng.uniform(-0.3, 0.3, (20, 1))
    mu = np.full(1, 4.0)
    before = earlier = np.full(1, np.nan)
    for gradient in gradients:
        mu = law.after(mu, gradient, before, earlier)
        earlier, before = before, gradient
    position = 4.0 - 0.1 * gradients.sum() - 0.4 * (gradients[-1] - gradients[0])
    position -= 0.2 * (gradients[-1] - gradients[-2])
    np.testing.assert_allclose(mu, position, rtol=1e-12)
