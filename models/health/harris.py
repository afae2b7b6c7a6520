"""The minimum-variance index: what no controller could take away of a loop's error, over what is there.

With a dead time of d samples nothing that is done now shows before d samples have passed. In closed loop the error is a
filtered white noise, y(t) = sum of psi(k) a(t - k); its first d terms are the same under every controller, so

    index = sum over k < d of psi(k)^2  /  sum over all k of psi(k)^2          1: minimum variance; near 0: much to win

(Harris, Can. J. Chem. Eng. 67 (1989) 856-861). From data: the error is regressed on itself d samples and more before,
y(t) on y(t - d), ..., y(t - d - m + 1); what is left over is the part that could not be helped (Desborough & Harris,
Can. J. Chem. Eng. 70 (1992) 1186-1197, whose index is 1 minus this one). The mean counts as error, not as noise. No
model of the plant is needed beside d; `dead_time` estimates it from moves and measurements.

Errors have shape (samples, cells): all cells at once, by one batched QR decomposition.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

ORDER = 10
"""Terms of the regression; 5 to 20 are usual."""
LEAST = 5
"""Samples a term without which nothing is said."""


def index_of(impulse: Array, delay: int) -> Array:
    """The index of a known closed loop, shape (cells,), or () of a single response.

    impulse: response of the error to the white noise, shape (lags, cells) or (lags,), so long that the rest is
    nothing; delay: dead time in samples, at least 1: what is done at t shows at t + delay.

    >>> float(index_of(0.8 ** np.arange(200.0), 2).round(6))  # an AR(1) left alone: 1 - 0.8 ** (2 * 2)
    0.5904
    """
    if delay < 1:
        raise ValueError(f"a dead time is at least one sample, received {delay}")
    power = np.asarray(impulse, np.float64) ** 2
    return np.asarray(power[:delay].sum(axis=0) / power.sum(axis=0))


def index(errors: Array, delay: int, order: int = ORDER) -> Array:
    """The index of loops from their errors, shape (cells,), in 0..1.

    Parameters
    ----------
    errors: set-point minus measured value in routine operation, evenly sampled, shape (samples, cells).
    delay: dead time in samples, at least 1, the same for all cells; see `dead_time`.
    order: terms of the regression.

    NaN where there are fewer than LEAST samples a term, where a value is not finite, and where nothing varies. Raises
    ValueError for a delay or an order below 1.
    """
    if delay < 1 or order < 1:
        raise ValueError(f"delay and order are at least 1, received {delay} and {order}")
    samples, cells = errors.shape
    rows = samples - delay - order + 1
    if rows < LEAST * order:
        return np.full(cells, np.nan)
    y, past = _lagged(errors, delay, order)
    known = np.isfinite(errors).all(axis=0)
    varies = np.ptp(np.where(known, errors, 0.0), axis=0) > 1e-9 * np.abs(np.where(known, errors, 0.0)).max(
        axis=0
    )
    good = known & varies
    y, past = np.where(good, y, 0.0), np.where(good, past, 0.0)
    mean = y.mean(axis=0)
    left = _left_over(y - mean, past - past.mean(axis=1, keepdims=True))
    variance = left / max(rows - order - 1, 1)
    whole = ((y - mean) ** 2).sum(axis=0) / (rows - 1) + mean**2
    found = np.divide(variance, whole, out=np.full(cells, np.nan), where=good & (whole > 0))
    return np.asarray(np.clip(found, 0.0, 1.0))


def dead_time(moves: Array, measured: Array, most: int, order: int = 2) -> tuple[Ints, Array]:
    """Samples until a move shows, shape (cells,), at least 1, and how clearly: the share of the error it explains.

    moves: output of the controller; measured: what it answers with; both evenly sampled, shape (samples, cells).
    For each dead time up to `most` the changes of what is measured are regressed on their own past and on the move so
    many samples before; the best fit wins. In closed loop this rests on moves that feedback alone did not make (a
    dither, rounding, limits). Where the second figure is under, say, 4 / samples, nothing was seen.
    """
    if most < 1:
        raise ValueError(f"the longest dead time is at least one sample, received {most}")
    moved, changed = np.diff(moves, axis=0), np.diff(measured, axis=0)
    first, ends = max(most, order), len(changed)
    y = changed[first:]
    past = np.array([changed[first - n : ends - n] for n in range(1, order + 1)])
    tried = [moved[first - delay : ends - delay][None] for delay in range(1, most + 1)]
    left = np.array([_left_over(y, np.concatenate([past, at])) for at in tried])
    without = _left_over(y, past)
    gain = np.divide(without - left.min(axis=0), without, out=np.zeros_like(without), where=without > 0)
    return left.argmin(axis=0).astype(np.int64) + 1, gain


def _lagged(values: Array, delay: int, order: int) -> tuple[Array, Array]:
    """Values, (rows, cells), and what was `delay` and more samples before each, (order, rows, cells)."""
    first, samples = delay + order - 1, len(values)
    past = np.array([values[first - delay - n : samples - delay - n] for n in range(order)])
    return values[first:], past


def _left_over(y: Array, past: Array) -> Array:
    """Sum of squares of y, (rows, cells), that no combination of the past, (order, rows, cells), explains; (cells,)."""
    basis, _ = np.linalg.qr(past.transpose(2, 1, 0))
    target = y.T[:, :, None]
    explained = basis @ (basis.transpose(0, 2, 1) @ target)
    return np.asarray(((target - explained) ** 2).sum(axis=(1, 2)))
