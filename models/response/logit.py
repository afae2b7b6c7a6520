"""The choice to buy at a price: a logit in the logarithm of the price that is really paid.

    P(buy) = 1 / (1 + exp(-(u0 + beta ln price)))     elasticity of sales to price = beta (1 - P)

A coupon lowers the price paid. So one number from a meta-analysis, the elasticity at a usual chance, sets `beta`, and
the usual chance at the usual price sets `u0`. Price in any currency, the same throughout; the chance is of one occasion
(a visit, a day), whatever the caller takes for one. Called by plants and agents; calls scipy.special; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

from models.response.parameter import Parameter

Floats = NDArray[np.float64]
Value = float | Floats

ELASTICITY = Parameter(
    -2.62,
    -4.0,
    -0.5,
    "% of sales per % of price",
    "mean of 1,851 estimates of 81 studies (Bijmolt, van Heerde & Pieters, JMR 42:2, 2005); -1.76 in the earlier mean "
    "of 367 (Tellis, JMR 25:4, 1988); prices taken as given or as set by demand move it most; the range is a proposal",
    True,
)
TELLIS = Parameter(
    -1.76, -4.0, -0.5, "% of sales per % of price", "mean of 367 estimates (Tellis, JMR 25:4, 1988)", True
)
CHANCE = Parameter(
    0.1, 0.01, 0.5, "share of occasions", "proposal: one occasion in ten ends in a purchase of the category"
)


def beta_of(elasticity: Value, chance: Value) -> Floats:
    """The slope that gives an elasticity where the chance to buy is `chance`; shapes broadcast.

    >>> beta_of(-2.62, np.array([0.1, 0.5])).round(3)
    array([-2.911, -5.24 ])
    """
    _chance(chance)
    if not np.less_equal(elasticity, 0).all():
        raise ValueError(f"an elasticity of sales to price must be zero or below, received {elasticity}")
    return np.asarray(elasticity / (1.0 - np.asarray(chance)))


def base_of(chance: Value, price: Value, beta: Value) -> Floats:
    """The `u0` with which the chance to buy at a price above zero is `chance`; shapes broadcast.

    >>> u0 = base_of(0.1, 4.0, -2.9)
    >>> buy_chance(np.array([4.0]), u0, -2.9).round(6)
    array([0.1])
    """
    _chance(chance)
    if not np.greater(price, 0).all():
        raise ValueError(f"a price to start from must be above zero, received {price}")
    return np.asarray(np.log(chance) - np.log1p(-np.asarray(chance)) - beta * np.log(price))


def paid(price: Value, coupon: Value) -> Floats:
    """The price less a coupon's face value; never below nothing, since no shop gives money back.

    >>> paid(4.0, np.array([0.0, 1.0, 9.0]))
    array([4., 3., 0.])
    """
    if not (np.greater_equal(price, 0).all() and np.greater_equal(coupon, 0).all()):
        raise ValueError(f"price and coupon must be zero or more, received {price} and {coupon}")
    return np.maximum(np.subtract(price, coupon), 0.0)


def buy_chance(price: Floats, u0: Value, beta: Value) -> Floats:
    """Chance to buy at a price of zero or more, in [0, 1], shapes broadcast; falls with the price, one for a gift.

    >>> buy_chance(np.array([0.0, 3.0, 4.0, 8.0]), 1.82, -2.9).round(4)
    array([1.    , 0.2033, 0.0997, 0.0146])
    """
    from scipy.special import expit, xlogy

    if not (np.greater_equal(price, 0).all() and np.less_equal(beta, 0).all()):
        raise ValueError(f"price must be zero or more and beta zero or below, received {price} and {beta}")
    return np.asarray(expit(u0 + xlogy(beta, price)))


def elasticity(chance: Value, beta: Value) -> Floats:
    """Per cent of sales for one per cent of price, where the chance to buy is `chance`; zero or below.

    >>> elasticity(np.array([0.1, 0.9]), -2.9).round(2)
    array([-2.61, -0.29])
    """
    return np.asarray(beta * (1.0 - np.asarray(chance)))


def lift(
    coupon: Floats, price: Value, chance: Value = CHANCE.value, elasticity: Value = ELASTICITY.value
) -> Floats:
    """Sales with a coupon over sales at the full price, shapes broadcast; one for none, at most one over `chance`.

    >>> lift(np.array([0.0, 0.4, 4.0]), 4.0).round(3)
    array([ 1.   ,  1.312, 10.   ])
    """
    beta = beta_of(elasticity, chance)
    u0 = base_of(chance, price, beta)
    return buy_chance(paid(price, coupon), u0, beta) / chance


def _chance(chance: Value) -> None:
    if not (np.greater(chance, 0) & np.less(chance, 1)).all():
        raise ValueError(f"a chance to buy must lie between none and certain, received {chance}")
