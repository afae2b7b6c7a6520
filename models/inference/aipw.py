"""Means of arms from data that a learning policy gathered: augmented inverse propensities, weighted adaptively.

A policy that learns stops playing what looked bad by bad luck, so the plain mean of an arm is too low and its interval
too narrow. With e_t the probability that the arm was to be played and m_{t-1} what was known of it before,

    Gamma_t = m_{t-1} + 1{played} (y_t - m_{t-1}) / e_t           unbiased at every step
    estimate = sum h_t Gamma_t / sum h_t

(Hadad, Hirshberg, Zhan, Wager & Athey, Confidence intervals for policy evaluation in adaptive experiments, PNAS 118
(2021) e2014602118, eqs. 5 and 8.) Weights h_t are known beforehand and keep the variance steady (eq. 15):

    h_t^2 / e_t = (1 - sum_{s<t} h_s^2 / e_s) lambda_t
    constant:   lambda_t = 1 / (T - t + 1), so h_t = sqrt(e_t / T)
    two_point:  lambda_t = e_t / (T - t + 1) + (1 - e_t) t^-a / (t^-a + (T^(1-a) - t^(1-a)) / (1 - a))

The interval is that of a score test: all means mu with (sum h (Gamma - mu))^2 <= z^2 V(mu), a quadratic in mu, where

    V(mu) = sum h^2 ((v + (m - mu)^2) / e - (m - mu)^2)

is the variance that the known propensities imply and v that of an outcome: mu (1 - mu) for shares, an upper bound for
other outcomes between bounds. The paper's own interval has the seen squares in place of V; with few wins of a rare arm
these are too small and it covers less than it says (docs/inference.md has the figures). Valid at the end T of a test,
fixed beforehand; for looks in between take a confidence sequence: on the plays of one arm it holds under any policy.
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from models.inference.checks import Array, Bools, Interval, between, finite, level, span

Weights = Literal["two_point", "constant", "uniform"]
DECAY = 0.7
"""a: how fast the traffic of a bad arm is thought to fade; Hadad et al. use 0.7."""


class Log(NamedTuple):
    """A log as arrays, replicas in front: arm and outcome (..., steps), propensity (..., steps, arms)."""

    arm: NDArray[np.int64]
    outcome: Array
    propensity: Array

    @classmethod
    def of(
        cls,
        arm: ArrayLike,
        outcome: ArrayLike,
        propensity: ArrayLike,
        bounds: tuple[float, float] | None = None,
    ) -> "Log":
        """A log that can be used; decisions forced after sampling, and rewards that never came, are left out before.

        Raises
        ------
        ValueError: an empty log; shapes that don't fit; an arm that has no propensity; propensities missing, below 0,
            above 1, not summing to 1, or 0 for the arm that was played; outcomes missing, infinite or out of `bounds`.
        """
        played, p = np.asarray(arm), finite("propensity", propensity)
        if played.size == 0:
            raise ValueError("log: received no decisions, allowed is one or more")
        y = finite("outcome", outcome) if bounds is None else between("outcome", outcome, *bounds)
        if y.shape != played.shape or p.shape[:-1] != played.shape or p.ndim != played.ndim + 1:
            raise ValueError(
                f"log: received arm {played.shape}, outcome {y.shape}, propensity {p.shape}; allowed are "
                "arm and outcome (..., steps), propensity (..., steps, arms)"
            )
        between("propensity", p, 0.0, 1.0)
        _sums(p)
        _played(played, p)
        return cls(played.astype(np.int64), y, p)


def arms(
    log: Log,
    *,
    weights: Weights = "two_point",
    level: float = 0.95,
    bounds: tuple[float, float] | None = (0.0, 1.0),
    decay: float = DECAY,
) -> Interval:
    """Mean outcome of each arm and its interval, shape (..., arms).

    Parameters
    ----------
    bounds: of an outcome; None: v is the variance seen on the arm, weighted as the estimate is.
    decay: a of the two-point weights, 0 <= a < 1.

    Raises
    ------
    ValueError: outcomes out of bounds; weights, level or decay out of range; with weights "uniform", an arm that
        could not have been played at some step.

    >>> half = np.full((400, 2), 0.5)
    >>> found = arms(Log.of([0, 1] * 200, [1.0, 0.0, 0.0, 0.0] * 100, half), weights="constant")
    >>> found.low.round(2), found.high.round(2)
    (array([0.43, 0.  ]), array([0.57, 0.02]))
    """
    z = float(ndtri(0.5 + _level(level) / 2.0))
    low, high = (0.0, 1.0) if bounds is None else span(bounds)
    y = (log.outcome - low) / (high - low)
    if bounds is not None:
        between("outcome", log.outcome, low, high)
    shares = np.moveaxis(log.propensity, -1, 0)
    ends = [
        _one(log.arm == k, y, e, rates(weights, e, decay), z, bounds is not None)
        for k, e in enumerate(shares)
    ]
    found = np.stack([np.stack(each) for each in ends], axis=-1)
    if bounds is not None:
        found = np.clip(found, 0.0, 1.0)
    return Interval(*(low + (high - low) * found))


def contrast(found: Interval, better: int, worse: int) -> Interval:
    """Mean of one arm less that of another, shape (...).

    Scores of two arms are asymptotically independent under these weights (Hadad et al., theorem 3), so the intervals'
    halves add as squares (Zou & Donner, Statistics in Medicine 27 (2008) 1693-1702, eq. 4).

    >>> one = Interval(np.array([0.5, 0.4]), np.array([0.47, 0.36]), np.array([0.53, 0.44]))
    >>> [round(float(end), 3) for end in contrast(one, 0, 1)]
    [0.1, 0.05, 0.15]
    """
    (a, a_low, a_high), (b, b_low, b_high) = ([end[..., k] for end in found] for k in (better, worse))
    apart = a - b
    return Interval(apart, apart - np.hypot(a - a_low, b_high - b), apart + np.hypot(a_high - a, b - b_low))


def rates(kind: Weights, e: Array, decay: float) -> Array:
    """h_t of one arm, from its propensities (..., steps); known before the step.

    >>> rates("constant", np.array([0.25, 1.0]), DECAY)
    array([0.5, 1. ])
    """
    if kind == "uniform":
        if (e == 0).any():
            raise ValueError(
                "propensity: received 0 for an arm, allowed with uniform weights are numbers above 0"
            )
        return np.ones_like(e)
    if kind == "constant":
        return np.sqrt(e)
    if kind != "two_point":
        raise ValueError(f"weights: received {kind!r}, allowed are two_point, constant, uniform")
    if not 0.0 <= decay < 1.0:
        raise ValueError(f"decay: received {decay!r}, allowed is a number from 0 to below 1")
    steps = e.shape[-1]
    t = np.arange(1, steps + 1, dtype=np.float64)
    fades = (1.0 - decay) / (1.0 - decay + steps * (t / steps) ** decay - t)
    share = np.clip(e / (1.0 + steps - t) + (1.0 - e) * fades, 0.0, 1.0)
    share[..., -1] = 1.0
    left = np.cumprod(1.0 - share[..., :-1], axis=-1)
    left = np.concatenate([np.ones_like(e[..., :1]), left], axis=-1)
    return np.asarray(np.sqrt(e * left * share))


def _known(played: Bools, y: Array, prior: float) -> Array:
    """Mean of the arm before each step; `prior` counts one half so often."""
    count, total = played.astype(np.float64), np.where(played, y, 0.0)
    before = np.cumsum(count, axis=-1) - count + prior
    sums = np.cumsum(total, axis=-1) - total + prior / 2.0
    return np.divide(sums, before, out=np.zeros_like(sums), where=before > 0)


def scores(played: Bools, y: Array, e: Array, prior: float) -> Array:
    """Gamma_t of one arm, (..., steps); `prior`: plays that one half counts as in m before the first.

    >>> scores(np.array([True, False]), np.array([1.0, 0.0]), np.array([0.5, 0.5]), 0.0)
    array([2., 1.])
    """
    known = _known(played, y, prior)
    return np.asarray(known + played * (y - known) / np.where(e > 0, e, 1.0))


def _one(played: Bools, y: Array, e: Array, h: Array, z: float, share: bool) -> Interval:
    """One arm: the estimate and the roots of (sum h (Gamma - mu))^2 = z^2 V(mu), shape (...)."""
    prior, safe = 1.0 if share else 0.0, np.where(e > 0, e, 1.0)
    known, score = _known(played, y, prior), scores(played, y, e, prior)
    total, weighted = h.sum(axis=-1), (h * score).sum(axis=-1)
    own, rest = (h**2 / safe).sum(axis=-1), h**2 * (1.0 - e) / safe
    v = np.zeros_like(own) if share else _spread(played, y)
    square = rest.sum(axis=-1) - (own if share else 0.0)
    linear = (own if share else 0.0) - 2.0 * (rest * known).sum(axis=-1)
    constant = (rest * known**2).sum(axis=-1) + own * v
    a, b, c = total**2 - z**2 * square, -2.0 * total * weighted - z**2 * linear, weighted**2 - z**2 * constant
    root = np.sqrt(np.maximum(b**2 - 4.0 * a * c, 0.0))
    closed = a > 0  # else every mean passes the test
    ends = [
        np.divide(-b + way * root, 2.0 * a, out=np.full_like(a, way * np.inf), where=closed)
        for way in (-1, 1)
    ]
    return Interval(np.divide(weighted, total, out=np.full_like(total, np.nan), where=total > 0), *ends)


def _spread(played: Bools, y: Array) -> Array:
    """Variance of the arm's outcomes as seen; inf with fewer than two."""
    count = played.sum(axis=-1)
    mean = np.where(played, y, 0.0).sum(axis=-1) / np.maximum(count, 1)
    squares = np.where(played, (y - mean[..., None]) ** 2, 0.0).sum(axis=-1)
    return np.where(count > 1, squares / np.maximum(count - 1, 1), np.inf)


def _sums(p: Array) -> None:
    total = p.sum(axis=-1)
    if (off := np.abs(total - 1.0) > 1e-6).any():
        at = tuple(int(each) for each in np.argwhere(off)[0])
        raise ValueError(
            f"propensity: received a sum of {total[at]:g} at {at}, allowed is 1 over the arms of a step"
        )


def _played(arm: NDArray[np.generic], p: Array) -> None:
    known = np.isin(arm, np.arange(p.shape[-1]))
    if not known.all():
        at = tuple(int(each) for each in np.argwhere(~known)[0])
        raise ValueError(
            f"arm: received {arm[at]} at {at}, allowed are 0 to {p.shape[-1] - 1}, as propensities have"
        )
    own = np.take_along_axis(p, arm.astype(np.int64)[..., None], axis=-1)[..., 0]
    if (own == 0).any():
        at = tuple(int(each) for each in np.argwhere(own == 0)[0])
        raise ValueError(
            f"propensity: received 0 at {at} for the arm that was played, allowed are numbers above 0"
        )


_level = level
