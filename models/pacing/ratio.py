"""The posterior of a ratio of few events: its mean, an interval, and how large a step it is good for.

A cost per sale from five sales is a number with a width. Two cases, conjugate both (Gelman et al. 2013, Bayesian Data
Analysis, sections 2.4 and 2.6); `prior` is what is believed before, `weight` how many events that belief counts as:

    share of n trials with k successes      Beta(weight p0 + k, weight (1 - p0) + n - k)
    amount per event (cost per sale)        events ~ Poisson(rate x A), rate ~ Gamma(weight + 1 + k, weight r0 + A),
                                            the ratio is 1 / rate: mean (weight r0 + A) / (weight + k)
    events per amount (sales per visit)     rate ~ Gamma(weight r0 + k, weight + A)

The interval is that of equal tails. `step_share` bounds a step by how far the error stands out of the width: a
deviation inside one width of the posterior earns less than half of the step, one far outside nearly all of it:

    share = e^2 / (e^2 + s^2)                                          the Wiener gain of an error e seen with noise s

Called by the formula sensor and policies; scipy is asked for intervals only.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Posterior(NamedTuple):
    """A ratio as it is known, shape (cells,) throughout; NaN where nothing is known."""

    mean: Array
    spread: Array
    """Standard deviation; inf where it does not exist yet (one event or less)."""


def of_share(successes: Array, trials: Array, prior: float, weight: float) -> Posterior:
    """Posterior of a share, `prior` in 0..1 counting as `weight` trials.

    >>> found = of_share(np.array([3.0, 300.0]), np.array([10.0, 1000.0]), prior=0.2, weight=10.0)
    >>> found.mean.round(3), found.spread.round(3)
    (array([0.25 , 0.299]), array([0.094, 0.014]))
    """
    a, b = weight * prior + successes, weight * (1.0 - prior) + trials - successes
    n = a + b
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = a / n
        return Posterior(mean, np.sqrt(mean * (1.0 - mean) / (n + 1.0)))


def of_amount_per_event(amount: Array, events: Array, prior: float, weight: float) -> Posterior:
    """Posterior of an amount per event, such as cost per sale; `prior` counts as `weight` events.

    >>> found = of_amount_per_event(np.array([50.0, 5000.0, 30.0]), np.array([5.0, 500.0, 0.0]), 12.0, 4.0)
    >>> found.mean.round(2), found.spread.round(2)
    (array([10.89, 10.02, 19.5 ]), array([ 3.85,  0.45, 11.26]))
    """
    shape, scale = weight + 1.0 + events, weight * prior + amount
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(shape > 1.0, scale / (shape - 1.0), np.nan)
        return Posterior(mean, np.where(shape > 2.0, mean / np.sqrt(np.maximum(shape - 2.0, 1e-300)), np.inf))


def of_events_per_amount(events: Array, amount: Array, prior: float, weight: float) -> Posterior:
    """Posterior of events per amount, such as sales per visit; `prior` counts as an amount of `weight`.

    >>> found = of_events_per_amount(np.array([5.0]), np.array([50.0]), prior=0.2, weight=50.0)
    >>> found.mean, found.spread.round(3)
    (array([0.15]), array([0.039]))
    """
    shape, scale = weight * prior + events, weight + amount
    with np.errstate(divide="ignore", invalid="ignore"):
        return Posterior(shape / scale, np.sqrt(shape) / scale)


def interval_of_share(
    successes: Array, trials: Array, prior: float, weight: float, level: float = 0.9
) -> tuple[Array, Array]:
    """Ends of the interval of equal tails that holds a share with a probability of `level`, shape (cells,) each.

    >>> low, high = interval_of_share(np.array([3.0]), np.array([10.0]), 0.5, 2.0)
    >>> low.round(3), high.round(3)
    (array([0.135]), array([0.564]))
    """
    from scipy.special import betaincinv

    a, b = weight * prior + successes, weight * (1.0 - prior) + trials - successes
    tail = (1.0 - level) / 2.0
    return np.asarray(betaincinv(a, b, tail)), np.asarray(betaincinv(a, b, 1.0 - tail))


def interval_of_amount_per_event(
    amount: Array, events: Array, prior: float, weight: float, level: float = 0.9
) -> tuple[Array, Array]:
    """Ends of the interval of equal tails of an amount per event, shape (cells,) each.

    >>> low, high = interval_of_amount_per_event(np.array([50.0]), np.array([5.0]), 12.0, 4.0)
    >>> low.round(2), high.round(2)
    (array([6.24]), array([18.06]))
    """
    from scipy.special import gammaincinv

    shape, scale = weight + 1.0 + events, weight * prior + amount
    tail = (1.0 - level) / 2.0
    return np.asarray(scale / gammaincinv(shape, 1.0 - tail)), np.asarray(scale / gammaincinv(shape, tail))


def step_share(error: Array, spread: Array) -> Array:
    """Share of a step that an error seen with a standard deviation of `spread` is good for, 0..1, shape (cells,).

    >>> step_share(np.array([1.0, 3.0, 0.0]), np.array([1.0, 1.0, 0.0]))
    array([0.5, 0.9, 1. ])
    >>> step_share(np.array([1.0, np.nan]), np.array([np.inf, 1.0]))
    array([0., 0.])
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        relative = spread / np.abs(error)
        share = 1.0 / (1.0 + relative**2)
    return np.asarray(np.where(spread == 0, 1.0, np.where(np.isfinite(share), share, 0.0)))
