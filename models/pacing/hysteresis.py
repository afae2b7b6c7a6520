"""Bucketised hysteresis: for budgets too small to be steered finely, move only when the error has changed its bucket.

A small budget spends in few, large events: the error of a window is mostly noise, and an output that answers each of
them swings without end. So the error e is sorted into buckets of a width h, and the bucket in force is left only when
e lies beyond its edge by a margin m; what is answered is the middle of the bucket in force, not the error:

    bucket b    kept while |e - b h| <= h/2 + m, else round(e / h)
    answered    b h

The middle bucket answers nothing, so noise inside it moves nothing. The idea of buckets with hysteresis before a
proportional law is that of Apparaju, Niu and Qi 2025 (arXiv 2509.25429, "Feedback Control for Small Budget Pacing"),
who report 13 % less pacing error and 54 % less volatility of the multiplier than their production loop; the equations
here are our own. Called by the pacing policy and benchmarks; pure arrays.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

MARGIN = 0.25
"""Part of a bucket's width by which its edge must be passed."""


def bucket_of(error: Array, before: Array, width: float, margin: float = MARGIN) -> Array:
    """The bucket in force after an error, a whole number as float, shape (cells,); `before`: NaN for none yet.

    >>> before = np.array([0.0, 0.0, 2.0, np.nan])
    >>> bucket_of(np.array([0.14, 0.16, 0.24, 0.31]), before, width=0.2)
    array([0., 1., 1., 2.])
    """
    known = np.isfinite(before)
    middle = np.where(known, before, 0.0) * width
    stays = known & (np.abs(error - middle) <= width * (0.5 + margin))
    return np.where(stays, before, np.round(error / width))


def answered(bucket: Array, width: float) -> Array:
    """The error that is answered: the middle of the bucket.

    >>> answered(np.array([0.0, 1.0, -2.0]), 0.2)
    array([ 0. ,  0.2, -0.4])
    """
    return np.asarray(bucket * width)
