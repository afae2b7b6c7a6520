"""Units of a trip: the law that is asked for, one by one and together, and what they do to the wish to buy."""

import numpy as np
import pytest

from models.consumers.basket import Basket
from models.draws import Draws, keys_of

MANY = Draws(2).uniform(keys_of(tuple(str(n) for n in range(60_000))), 0, "u")
ONE, NOWHERE = np.ones(MANY.size), np.zeros(MANY.size, int)


@pytest.mark.parametrize(("units", "dispersion"), [(1 / 0.45, 3.0), (2.2, 4.4), (1.0, 1.0), (3.0, 20.0)])
def test_trips_at_random_sell_units_of_the_dispersion_asked_for(units, dispersion):
    bought = Basket(units=units, dispersion=dispersion).each(MANY, NOWHERE)
    assert bought.min() == 1
    assert bought.mean() == pytest.approx(units, rel=0.02)
    assert (bought**2).mean() / bought.mean() == pytest.approx(dispersion, rel=0.06)


def test_many_trips_together_have_the_law_of_as_many_alone():
    basket = Basket(units=2.2, dispersion=3.0)
    alone = basket.each(MANY, NOWHERE).reshape(-1, 20).sum(axis=1)
    together = basket.of(np.full(3000, 20.0), MANY[:3000])
    assert together.mean() == pytest.approx(alone.mean(), rel=0.01)
    assert together.var() == pytest.approx(alone.var(), rel=0.1)


def test_a_dispersion_a_cell_is_each_cells_own():
    own = np.array([3.0, 6.0])
    both = Basket(units=2.2, dispersion=own)
    trips, u = np.full((5, 2), 7.0), MANY[:10].reshape(5, 2)
    for cell, dispersion in enumerate(own):
        alone = Basket(units=2.2, dispersion=float(dispersion))
        assert np.array_equal(both.of(trips, u)[:, cell], alone.of(trips[:, cell], u[:, cell]))
        rows = np.arange(10) % 2
        assert np.array_equal(
            both.each(MANY[:10], rows)[rows == cell], alone.each(MANY[:10][rows == cell], rows)
        )


@pytest.mark.parametrize(
    ("units", "dispersion"), [(1.2, 1.4), (1 / 0.45, 3.0), (2.2, 20.0), (1.0, 1.0), (30.0, 40.0)]
)
def test_single_trips_are_what_the_law_of_many_says_of_one(units, dispersion):
    """By a table where the law is skew, and beyond its end."""
    basket = Basket(units=units, dispersion=dispersion)
    u = np.concatenate([MANY[:20_000], [0.0, 1 - 1e-9, 1 - 1e-10, 1 - 2.0**-53]])
    assert np.array_equal(basket.each(u, np.zeros(u.size, int)), basket.of(np.ones(u.size), u))


@pytest.mark.parametrize(("kappa", "keep"), [(0.02, 0.99), (0.1, 0.995), (0.4, 0.999), (1.0, 0.97)])
def test_damping_is_the_sum_over_all_past_baskets(kappa, keep):
    basket = Basket(units=2.2, dispersion=3.0)
    units, times = np.unique(basket.each(MANY, NOWHERE), return_counts=True)
    share = times / times.sum()
    left = kappa * keep ** np.arange(1, int(np.log(1e-6) / np.log(keep)))
    whole = (1 - np.exp(-left[:, None] * units) @ share).sum()
    expected = whole * (1 - keep) / (keep * (units @ share))
    assert basket.damping(np.array([kappa]), keep)[0] == pytest.approx(expected, rel=0.005)


def test_damping_is_below_the_plain_factor_and_nears_it_for_small_ones():
    basket, kappa = Basket(), np.array([0.0, 1e-6, 0.05, 0.5])
    damping = basket.damping(kappa, 0.998)
    assert damping[0] == 0
    assert damping[1] == pytest.approx(1e-6, rel=1e-3)
    assert (damping[2:] < kappa[2:]).all()


@pytest.mark.parametrize(
    "told", [{"units": 0.5}, {"units": np.nan}, {"units": 2.2, "dispersion": 2.0}, {"dispersion": 45.0}]
)
def test_baskets_that_do_not_exist_are_refused(told):
    with pytest.raises(ValueError, match="received"):
        Basket(**told)
