"""Runs of Thompson sampling on two Bernoulli arms, all replicas at once, with the exact propensity of each decision.

Priors are uniform. P(theta_0 > theta_1) of two Beta posteriors is carried along by the recurrences of Cook (Exact
calculation of beta inequalities, MD Anderson technical report UTMDABTR-005-05, 2005): with h(a, b, c, d) that
probability and g = B(a + c, b + d) / (B(a, b) B(c, d)),

    h(a + 1, b, c, d) = h + g / a    h(a, b + 1, c, d) = h - g / b    and the same for c, d with the other sign
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betaln


class Runs(NamedTuple):
    """What a log holds; (runs, steps), propensities (runs, steps, 2)."""

    arm: np.ndarray
    outcome: np.ndarray
    propensity: np.ndarray


def thompson(means, runs, steps, seed, floor=0.0):
    """Logs of `runs` campaigns; with `floor`, each arm keeps at least that share of the traffic."""
    rng = np.random.default_rng(seed)
    wins, losses = np.ones((2, runs, 2))
    first = np.full(runs, 0.5)
    log = Runs(np.empty((runs, steps), np.int64), np.empty((runs, steps)), np.empty((runs, steps, 2)))
    means, rows = np.asarray(means), np.arange(runs)
    for step in range(steps):
        p = floor + (1.0 - 2.0 * floor) * first
        arm = (rng.random(runs) >= p).astype(np.int64)
        won = rng.random(runs) < means[arm]
        log.arm[:, step], log.outcome[:, step] = arm, won
        log.propensity[:, step, 0], log.propensity[:, step, 1] = p, 1.0 - p
        first = np.clip(first + moved(wins, losses, arm, won), 1e-12, 1.0 - 1e-12)
        np.add.at(wins, (rows, arm), won)
        np.add.at(losses, (rows, arm), ~won)
    return log


def moved(wins, losses, arm, won):
    """How P(theta_0 > theta_1) moves with one more outcome."""
    (a, c), (b, d) = wins.T, losses.T
    g = np.exp(betaln(a + c, b + d) - betaln(a, b) - betaln(c, d))
    by = np.where(arm == 0, np.where(won, a, b), np.where(won, c, d))
    return np.where(won == (arm == 0), 1.0, -1.0) * g / by
