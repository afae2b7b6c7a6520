"""How much persons differ: relative rates under a gamma law of mean one, cut into segments or one a person.

    rate ~ Gamma(shape, scale 1 / shape)     variance 1 / shape: the smaller the shape, the more unlike they are
    mean of the bin between q and q' = count (P(shape + 1, q') - P(shape + 1, q))     P: regularised incomplete gamma

Segments of equal size are what a market counts by; a uniform a person gives each consumer a rate. Used by plants,
through nbd.py or directly; calls scipy.special; draws nothing.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def segments(shape: float, count: int) -> Floats:
    """Mean rate of each of `count` equally large segments, lightest first, of mean one; shape (count,).

    Parameters
    ----------
    shape: of the gamma law, above zero (the `r` of nbd).
    count: one or more. A curved answer to the rate is off by less, the more segments there are.

    >>> segments(1.0, 4).round(4), segments(0.779, 1)
    (array([0.137 , 0.4768, 1.    , 2.3863]), array([1.]))
    """
    from scipy.special import gammainc, gammaincinv

    _check(shape)
    if count < 1:
        raise ValueError(f"a gamma law is cut into one segment or more, received {count}")
    edges = gammaincinv(shape, np.arange(1, count) / count)
    below = np.concatenate([[0.0], gammainc(shape + 1.0, edges), [1.0]])
    return np.asarray(count * np.diff(below))


def rate(u: Floats, shape: float) -> Floats:
    """The relative rate of whoever has the uniform `u` in [0, 1), rising with it; any shape, mean one over uniforms.

    >>> rate(np.array([0.0, 0.5, 0.999]), 1.0).round(4)
    array([0.    , 0.6931, 6.9078])
    """
    from scipy.special import gammaincinv

    _check(shape)
    if not ((u >= 0) & (u < 1)).all():
        raise ValueError(f"a uniform must lie in [0, 1), received {u[~((u >= 0) & (u < 1))][:3]}")
    return np.asarray(gammaincinv(shape, u) / shape)


def _check(shape: float) -> None:
    if not (shape > 0 and np.isfinite(shape)):
        raise ValueError(f"the shape of a gamma law must be above zero and finite, received {shape}")
