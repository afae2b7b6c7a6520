"""Which discount of a bandit would have been best in replay, and by how much; or that the journal can't tell.

For each discount g the belief about an arm before epoch t is Beta(a + S, b + F), with S and F its earlier wins and
losses, discounted by g an epoch, and the epoch is scored by how likely it made what came (beta-binomial):

    S_t = sum_{u<t} g^(t-1-u) s_u        score_t = sum over arms of log BetaBinomial(s_t | n_t, a + S_t, b + F_t)

One-step-ahead predictive log-likelihood is a proper score: in the mean, the truer belief scores higher (Dawid, JRSS A
147 (1984) 278-292). The wins of arms count as they were played, so the score is fair under any policy. Each discount is
compared with no forgetting at all, epoch by epoch; the standard error allows for neighbouring epochs that move together
(Newey & West, Econometrica 55 (1987) 703-708), and the margin for the number of discounts tried (Bonferroni).
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.signal import lfilter
from scipy.special import betaln, gammaln, ndtri

from models.inference.checks import Array, counts, level

GRID = (0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 1.0)
Verdict = Literal["forget", "keep", "cannot tell"]
LEAST = 20
"""Epochs with plays that a verdict needs; proposal."""


class Forgetting(NamedTuple):
    """What the replay says; arrays of shape (discounts,)."""

    discounts: Array
    score: Array
    """Sum of the log-likelihood, in nats."""
    gain: Array
    """Score above that of no forgetting."""
    error: Array
    """Standard error of `gain`; 0 for no forgetting itself."""
    best: float
    """Discount of the highest score, whatever the noise."""
    verdict: Verdict
    """`forget`: a discount beats no forgetting beyond noise; `keep`: every discount falls short of it so."""


def scores(
    wins: ArrayLike, plays: ArrayLike, discount: float, prior: tuple[float, float] = (1.0, 1.0)
) -> Array:
    """Log-likelihood of each epoch as foretold from the epochs before, shape (epochs,).

    Parameters
    ----------
    wins, plays: of each epoch and arm, (epochs, arms); an arm that was not played has 0 and 0.

    >>> scores([[1.0], [1.0]], [[1.0], [1.0]], 1.0).round(4)  # log 1/2, then log 2/3
    array([-0.6931, -0.4055])
    """
    s, n = _log(wins, plays)
    if not 0.0 < discount <= 1.0:
        raise ValueError(f"discount: received {discount!r}, allowed is above 0 up to 1")
    if not min(prior) > 0:
        raise ValueError(f"prior: received {prior!r}, allowed are two numbers above 0")
    won, lost = (_before(each, discount) for each in (s, n - s))
    a, b = prior[0] + won, prior[1] + lost
    ways = gammaln(n + 1.0) - gammaln(s + 1.0) - gammaln(n - s + 1.0)
    return np.asarray((ways + betaln(a + s, b + n - s) - betaln(a, b)).sum(axis=1), np.float64)


def forgetting(
    wins: ArrayLike,
    plays: ArrayLike,
    *,
    discounts: tuple[float, ...] = GRID,
    prior: tuple[float, float] = (1.0, 1.0),
    level: float = 0.95,
) -> Forgetting:
    """Scores of all discounts, and what may be concluded.

    Raises
    ------
    ValueError: counts that are broken or missing; more wins than plays; an empty log; discounts without 1.0, out of
        range or fewer than two; a prior or level out of range.

    >>> rates = np.repeat([[2.0, 18.0]], 30, axis=0)
    >>> found = forgetting(np.concatenate([rates, rates[:, ::-1]]), np.full((60, 2), 20.0))
    >>> found.verdict, found.best
    ('forget', 0.5)
    """
    s, n = _log(wins, plays)
    if 1.0 not in discounts or len(set(discounts)) < 2:
        raise ValueError(f"discounts: received {discounts!r}, allowed are two or more, 1.0 among them")
    each = np.stack([scores(s, n, discount, prior) for discount in discounts])
    played = (n > 0).any(axis=1)
    gains = (each - each[discounts.index(1.0)])[:, played]
    gain, error = gains.sum(axis=1), _error(gains)
    score = each.sum(axis=1)
    others = np.asarray(discounts) != 1.0
    margin = float(ndtri(1.0 - (1.0 - _level(level)) / others.sum())) * error
    verdict: Verdict = "cannot tell"
    if played.sum() >= LEAST and (gain > margin)[others].any():
        verdict = "forget"
    elif played.sum() >= LEAST and (gain < -margin)[others].all():
        verdict = "keep"
    best = float(np.asarray(discounts)[int(np.argmax(score))])
    return Forgetting(np.asarray(discounts), score, gain, error, best, verdict)


def _before(each: Array, discount: float) -> Array:
    """Discounted sum of the epochs before, shape kept."""
    sums = lfilter([1.0], [1.0, -discount], each, axis=0)
    return np.concatenate([np.zeros_like(each[:1]), sums[:-1]])


def _error(gains: Array) -> Array:
    """Standard error of the sum over epochs, lags up to (epochs)^(1/3) weighted as Newey & West do."""
    size = gains.shape[1]
    away = gains - gains.mean(axis=1, keepdims=True)
    variance, lags = (away**2).sum(axis=1), int(np.ceil(size ** (1.0 / 3.0)))
    for lag in range(1, min(lags, size - 1) + 1):
        together = (away[:, lag:] * away[:, :-lag]).sum(axis=1)
        variance = variance + 2.0 * (1.0 - lag / (lags + 1.0)) * together
    return np.asarray(np.sqrt(np.maximum(variance, 0.0)))


def _log(wins: ArrayLike, plays: ArrayLike) -> tuple[Array, Array]:
    s, n = counts("wins", wins), counts("plays", plays)
    if s.ndim != 2 or s.shape != n.shape:
        raise ValueError(f"wins, plays: received {s.shape}, {n.shape}, allowed is one shape (epochs, arms)")
    if n.sum() == 0:
        raise ValueError("plays: received an empty log, allowed is one play or more")
    if (s > n).any():
        at = tuple(int(each) for each in np.argwhere(s > n)[0])
        raise ValueError(
            f"wins: received {s[at]:g} of {n[at]:g} plays at {at}, allowed are no more than the plays"
        )
    return s, n


_level = level
