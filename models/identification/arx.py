"""ARX: what comes next as a sum of what came and what was put in, by least squares; the delay chosen by BIC.

    y[t] = a y[t-1] + b u[t-1-d] + c + e         gain b / (1 - a), lag -period / ln a, dead time d period

(Ljung, System Identification, 1999, ch. 10; BIC: Schwarz, Annals of Statistics 6 (1978) 461-464). Quick and simple; its
noise is white only by assumption, so under feedback and slow disturbances prefer closed_loop. Called by notebooks.
"""

from dataclasses import dataclass

import numpy as np

from models.pid.law import Array


@dataclass(frozen=True, slots=True)
class Arx:
    """A first-order fit; intervals are twice the standard error."""

    gain: float
    gain_error: float
    lag: float
    """Of the process's unit of time; inf where a is 1 or more, 0 where it is 0 or less."""
    dead_time: float
    residual: float
    """Standard deviation of e."""


def fit(u: Array, y: Array, *, period: float, most: int = 20) -> Arx:
    """Fit one series, u and y of shape (samples,); dead times of 0 to `most` periods are tried.

    ValueError for fewer than 20 samples beyond them, for NaN, and for a constant u or y, which say nothing.

    >>> rng = np.random.default_rng(0)
    >>> u = np.repeat(rng.choice([-1.0, 1.0], 100), 5)
    >>> y = np.zeros(500)
    >>> for t in range(4, 500): y[t] = 0.8 * y[t - 1] + 0.4 * u[t - 4] + 0.05 * rng.normal()
    >>> found = fit(u, y, period=2.0)
    >>> round(found.gain, 1), found.dead_time, round(found.lag, 0)
    (2.0, 6.0, 9.0)
    """
    u, y = np.asarray(u, np.float64), np.asarray(y, np.float64)
    _check(u, y, most)
    tried = [_one(u, y, d, most + 1) for d in range(most + 1)]
    delay = int(np.argmin([bic for bic, _, _, _ in tried]))
    _, theta, cov, sd = tried[delay]
    a, b = float(theta[0]), float(theta[1])
    lag = 0.0 if a <= 0 else np.inf if a >= 1 else -period / np.log(a)
    slope = np.array([b / (1 - a) ** 2, 1 / (1 - a), 0.0]) if a != 1 else np.full(3, np.inf)
    error = 2 * float(np.sqrt(max(slope @ cov @ slope, 0.0)))
    return Arx(b / (1 - a) if a != 1 else np.inf, error, float(lag), delay * period, sd)


def _one(u: Array, y: Array, d: int, first: int) -> tuple[float, Array, Array, float]:
    """BIC, parameters, their covariance and the residual's standard deviation at one delay."""
    rows = np.arange(max(first, 1), len(y))
    h = np.column_stack([y[rows - 1], u[rows - 1 - d], np.ones(len(rows))])
    theta, _, _, _ = np.linalg.lstsq(h, y[rows], rcond=None)
    rest = y[rows] - h @ theta
    variance = float(rest @ rest) / max(len(rows) - 3, 1)
    cov = variance * np.linalg.pinv(h.T @ h)
    bic = len(rows) * float(np.log(max(variance, 1e-300)))
    return bic, np.asarray(theta, np.float64), np.asarray(cov, np.float64), float(np.sqrt(variance))


def _check(u: Array, y: Array, most: int) -> None:
    if u.ndim != 1 or u.shape != y.shape or len(u) < most + 20:
        raise ValueError(
            f"u, y: got shapes {u.shape}, {y.shape}; allowed are two alike, of {most + 20} samples or more"
        )
    if not (np.isfinite(u).all() and np.isfinite(y).all()):
        raise ValueError("u, y: got NaN or inf, allowed are finite numbers; cut the record where it has gaps")
    for name, series in (("u", u), ("y", y)):
        if np.ptp(series) == 0:
            raise ValueError(
                f"{name}: got {series[0]:g} throughout; what never moves says nothing of the plant"
            )
