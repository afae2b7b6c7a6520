"""What inference refuses, in one wording: what is wrong, the value received and where, what is allowed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Interval(NamedTuple):
    """An estimate and the ends of its interval, one shape."""

    estimate: Array
    low: Array
    high: Array


def finite(name: str, values: ArrayLike) -> Array:
    """The values as float64; ValueError at the first that is missing or infinite.

    >>> finite("outcomes", [1.0, float("nan")])
    Traceback (most recent call last):
    ValueError: outcomes: received nan at (1,), allowed are finite numbers
    """
    array = np.asarray(values, np.float64)
    return _all(name, array, np.isfinite(array), "finite numbers")


def between(name: str, values: ArrayLike, low: float, high: float) -> Array:
    """Finite values from `low` to `high`, both allowed; ValueError otherwise."""
    array = finite(name, values)
    return _all(name, array, (array >= low) & (array <= high), f"{low:g} to {high:g}")


def counts(name: str, values: ArrayLike) -> Array:
    """Whole numbers of 0 or more, as float64; ValueError otherwise."""
    array = finite(name, values)
    return _all(name, array, (array >= 0) & (array == np.floor(array)), "whole numbers of 0 or more")


def level(value: float) -> float:
    """A probability that an interval holds, strictly between 0 and 1; ValueError otherwise."""
    if not 0.0 < value < 1.0:
        raise ValueError(f"level: received {value!r}, allowed is a probability between 0 and 1, such as 0.95")
    return float(value)


def filled(name: str, values: Array) -> Array:
    """Refuses an array without a sample."""
    if values.size == 0:
        raise ValueError(f"{name}: received none, allowed is one sample or more")
    return values


def span(between: tuple[float, float]) -> tuple[float, float]:
    """Bounds of an outcome, lower first; ValueError unless finite and apart."""
    low, high = between
    if not (np.isfinite([low, high]).all() and low < high):
        raise ValueError(
            f"between: received {between!r}, allowed are two finite numbers, the lower one first"
        )
    return float(low), float(high)


def to_unit(values: ArrayLike, low: float, high: float) -> Array:
    """Outcomes between the bounds as shares of the way from one to the other; ValueError for any outside."""
    return np.asarray((between("outcomes", values, low, high) - low) / (high - low))


def from_unit(ends: tuple[Array, Array, Array], low: float, high: float) -> Interval:
    """Estimate and ends in 0..1, back in the outcomes' unit."""
    return Interval(*(low + (high - low) * end for end in ends))


def taken_as(values: Array, taken: ArrayLike | None) -> Bools:
    """Which samples are seen, in the shape of `values`; all of them where nothing is said."""
    if taken is None:
        return np.ones(values.shape, np.bool_)
    array = np.asarray(taken)
    if array.dtype != np.bool_ or array.shape != values.shape:
        raise ValueError(
            f"taken: received {array.dtype} of shape {array.shape}, allowed is bool of shape {values.shape}"
        )
    return array


def _all(name: str, array: Array, good: Bools, allowed: str) -> Array:
    if not good.all():
        where = tuple(int(at) for at in np.argwhere(~good)[0])
        place = f" at {where}" if where else ""
        raise ValueError(f"{name}: received {array[where]:g}{place}, allowed are {allowed}")
    return array
