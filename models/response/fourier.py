"""A smooth cycle, such as the year: a few sines and cosines in the logarithm.

    factor(x) = exp(sum over k of s_k sin 2 pi k x + c_k cos 2 pi k x) / its mean over a cycle     x: in cycles

The usual smooth part of a seasonal model; holidays and the week are not smooth, see holidays.py and seasonal.py.
Called by base demands and calibration; calls nothing; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_GRID = 512


def basis(phase: Floats, order: int) -> Floats:
    """Columns sin, cos of the first harmonic, of the second, ...: shape (..., 2 order) for a phase in cycles.

    >>> basis(np.array([0.0, 0.25]), 1).round(9)
    array([[0., 1.], [1., 0.]])
    """
    if order < 1:
        raise ValueError(f"a cycle needs one harmonic or more, received {order}")
    angle = 2.0 * np.pi * phase[..., None] * np.arange(1, order + 1)
    return np.stack([np.sin(angle), np.cos(angle)], axis=-1).reshape(*phase.shape, 2 * order)


def factor(phase: Floats, coefficients: Floats) -> Floats:
    """The factor at a phase in cycles, shape of `phase`; above zero, periodic, of mean one over a cycle.

    coefficients: of `basis`, in log demand; shape (2 order,), order at most 100.

    >>> factor(np.array([0.25, 0.75, 1.25]), np.array([0.2, 0.0])).round(4)
    array([1.2093, 0.8106, 1.2093])
    """
    order, odd = divmod(coefficients.size, 2)
    if odd or coefficients.ndim != 1 or not 1 <= order <= 100 or not np.isfinite(coefficients).all():
        raise ValueError(
            "coefficients must be finite pairs of sine and cosine, for 1 to 100 harmonics, received "
            f"{coefficients.size} of shape {coefficients.shape}"
        )
    whole = np.exp(basis(np.arange(_GRID) / _GRID, order) @ coefficients)
    return np.asarray(np.exp(basis(phase, order) @ coefficients) / whole.mean())
