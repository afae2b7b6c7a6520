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

from models.inference.checks import Array, Interval, between, finite, level, span

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
        cls, arm: ArrayLike, outcome: ArrayLike, propensity: ArrayLike, bounds: tuple[float, float] | None = None
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
    ValueError: outcomes out of bounds; an arm with weights "uniform" that could not have been played at some step.

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
    ends = [_one(log.arm == k, y, log.propensity[..., k], weights, decay, z, bounds) for k in range(log.propensity.shape[-1])]
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


def _one(played: NDArray[np.bool_], y: Array, e: Array, weights: Weights, decay: float, z: float, bounds: object) -> Interval:
    """One arm, outcomes in 0..1 or as they are: estimate and the roots of the quadratic, shape (...)."""
    if weights == "uniform" and (e == 0).any():
        raise ValueError("propensity: received 0 for an arm, allowed with uniform weights are numbers above 0")
    known = _known(played, y)
    safe = np.where(e > 0, e, 1.0)
    score = known + played * (y - known) / safe
    h = np.where(e > 0, _weights(weights, e, decay), 0.0)
    total, weighted = h.sum(axis=-1), (h * score).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        estimate = weighted / total
    squares = h**2 / safe
    rest = squares - h**2  # weight of (m - mu)^2
    if bounds is None:
        v = _spread(played, y, h, safe)
        own = squares.sum(axis=-1)
        return _roots((rest.sum(axis=-1), 0.0 * v, own * v), rest, known, total, weighted, z, estimate)
    own = squares.sum(axis=-1)
    return _roots((rest.sum(axis=-1) - own, own, np.zeros_like(own)), rest, known, total, weighted, z, estimate)


def _roots(variance, rest, known, total, weighted, z, estimate):  # type: ignore[no-untyped-def]
    """V(mu) = A mu^2 + B mu + C with the parts of (m - mu)^2 added, then the ends of (weighted - total mu)^2 <= z^2 V."""
    square, linear, constant = variance
    linear = linear - 2.0 * (rest * known).sum(axis=-1)
    constant = constant + (rest * known**2).sum(axis=-1)
    a = total**2 - z**2 * square
    b = -2.0 * total * weighted - z**2 * linear
    c = weighted**2 - z**2 * constant
    root = np.sqrt(np.maximum(b**2 - 4.0 * a * c, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        low, high = (-b - root) / (2.0 * a), (-b + root) / (2.0 * a)
    bounded = a > 0
    return Interval(estimate, np.where(bounded, low, -np.inf), np.where(bounded, high, np.inf))
