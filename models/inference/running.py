"""Running mean and variance of outcomes in 0..1, as known before each sample, and the bets that rest on them.

    mean_t = (1/2 + sum x) / (t + 1)      variance_t = (1/4 + sum (x_i - mean_i)^2) / (t + 1)
    bet_t = sqrt(2 log(2 / alpha) / (variance_{t-1} t log(t + 1)))

(Waudby-Smith & Ramdas, Estimating means of bounded random variables by betting, JRSS B 86 (2024) 1-27, eqs. 15 and 26.)
All of it is known before the sample comes; that is what makes an interval valid at every look.
"""

from typing import NamedTuple

import numpy as np

from models.inference.checks import Array, Bools


class Running(NamedTuple):
    """Sums so far, shape (streams,)."""

    samples: Array
    total: Array
    squares: Array


class Before(NamedTuple):
    """What was known before each sample, shape (streams, samples)."""

    mean: Array
    bet: Array


def walk(start: Running, x: Array, taken: Bools, alpha: float) -> tuple[Before, Running]:
    """Through samples x in 0..1, shape (streams, samples): what was known before each, and the sums at each."""
    count = start.samples[..., None] + np.cumsum(taken, axis=-1)
    total = start.total[..., None] + np.cumsum(np.where(taken, x, 0.0), axis=-1)
    mean = (0.5 + total) / (count + 1.0)
    squares = start.squares[..., None] + np.cumsum(np.where(taken, (x - mean) ** 2, 0.0), axis=-1)
    known = [_shifted(first, later) for first, later in zip(start, (count, total, squares), strict=True)]
    variance = (0.25 + known[2]) / (known[0] + 1.0)
    t = known[0] + 1.0
    bet = np.sqrt(2.0 * np.log(2.0 / alpha) / (variance * t * np.log(t + 1.0)))
    return Before((0.5 + known[1]) / t, bet), Running(count, total, squares)


def _shifted(first: Array, later: Array) -> Array:
    return np.concatenate([first[..., None], later[..., :-1]], axis=-1)
