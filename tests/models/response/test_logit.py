"""The choice to buy at a price: slopes from elasticities, and the shape of the answer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import logit

CHANCES, ELASTICITIES, PRICES = st.floats(0.001, 0.95), st.floats(-6, 0), st.floats(0.1, 1000)


@given(CHANCES, ELASTICITIES, PRICES)
def test_the_slope_gives_the_elasticity_it_was_made_from(chance, elasticity, price):
    beta = logit.beta_of(elasticity, chance)
    u0 = logit.base_of(chance, price, beta)
    at = logit.buy_chance(np.array([price, price * 1.000001]), u0, beta)
    assert at[0] == pytest.approx(chance, rel=1e-9)
    assert logit.elasticity(chance, beta) == pytest.approx(elasticity, abs=1e-12)
    assert np.log(at[1] / at[0]) / np.log(1.000001) == pytest.approx(elasticity, abs=1e-3)


@pytest.mark.parametrize(("mean", "parameter"), [(-2.62, logit.ELASTICITY), (-1.76, logit.TELLIS)])
def test_the_means_of_the_two_meta_analyses_are_told_and_disputed(mean, parameter):
    assert parameter.value == mean
    assert parameter.contested
    one_percent_off = logit.lift(np.array([0.04]), 4.0, elasticity=parameter.value)[0]
    assert one_percent_off - 1 == pytest.approx(-mean / 100, rel=0.03)


@given(CHANCES, ELASTICITIES)
def test_a_coupon_lifts_sales_more_the_more_it_is_worth_and_never_beyond_certainty(chance, elasticity):
    got = logit.lift(np.linspace(0, 6, 61), 4.0, chance, elasticity)
    assert got[0] == pytest.approx(1.0, rel=1e-9)
    assert (np.diff(got) >= -1e-12).all()
    assert got.max() <= 1 / chance * (1 + 1e-12)
    if elasticity < -0.001:
        assert got[-1] == pytest.approx(1 / chance)


def test_prices_at_the_ends():
    ends = logit.buy_chance(np.array([0.0, 1e-300, 1e300]), 0.0, -2.0)
    assert ends[0] == 1
    assert ends[2] == 0
    assert logit.buy_chance(np.array([0.0, 5.0]), 0.0, 0.0).tolist() == [0.5, 0.5]
    assert logit.paid(4.0, np.array([5.0]))[0] == 0


def test_each_cell_may_have_its_own_slope():
    beta = np.array([-1.0, -3.0])
    got = logit.buy_chance(np.array([2.0, 2.0]), np.zeros(2), beta)
    assert np.allclose(got, 1 / (1 + 2.0**-beta))


def test_what_cannot_be_is_refused():
    with pytest.raises(ValueError, match="zero or below"):
        logit.beta_of(0.5, 0.1)
    with pytest.raises(ValueError, match="between none and certain"):
        logit.beta_of(-2.0, 1.0)
    with pytest.raises(ValueError, match="above zero"):
        logit.base_of(0.1, 0.0, -2.0)
    for price, beta in ((-1.0, -2.0), (np.nan, -2.0), (1.0, 2.0)):
        with pytest.raises(ValueError, match="zero or more and beta"):
            logit.buy_chance(np.array([price]), 0.0, beta)
    with pytest.raises(ValueError, match="price and coupon"):
        logit.paid(4.0, np.array([-1.0]))
