"""The mean of any outcomes with an interval that is valid at every look: the normal mixture.

    radius = se sqrt((1 + 1/k) (log(1 + k) + 2 log(1/alpha)))            k = rho^2 x samples

(Robbins 1970; Howard, Ramdas, McAuliffe & Sekhon, Annals of Statistics 49 (2021) 1055-1080, eq. 14, for outcomes that
are sub-Gaussian with a known deviation: exact from the first sample on. Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas,
Time-uniform central limit theory, Annals of Statistics 52 (2024), theorem 2.2, with the deviation that was seen: valid
from a first look of some size on.) rho is set so that the interval is narrowest at the planned size; at any other size
it is as valid and a little wider. For shares of few events take `counted`, which is exact.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import lambertw

from models.inference.checks import Array, Interval, finite, level, taken_as

FIRST = 100
"""Samples before the first look with a deviation that had to be estimated; proposal."""


def widening(size: ArrayLike, planned: float, level: float = 0.95) -> Array:
    """How many standard errors the radius is, by samples seen; narrowest near `planned` samples. No sample: inf.

    >>> widening([10, 100, 1000, 10_000], planned=1000).round(2)
    array([8.94, 3.82, 3.04, 3.25])
    """
    samples, alpha = np.asarray(size, np.float64), 1.0 - _level(level)
    if not 0 < planned < np.inf:
        raise ValueError(f"planned: received {planned!r}, allowed is a number of samples above 0")
    best = float(-lambertw(-(alpha**2) / np.e, -1).real - 1.0)
    k = best * samples / planned
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.sqrt((1.0 + 1.0 / k) * (np.log1p(k) - 2.0 * np.log(alpha)))
    return np.asarray(np.where(samples > 0, found, np.inf))


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """Count, mean and sum of squares about it, shape (streams,); never changed, only replaced."""

    count: Array
    mean: Array
    squares: Array

    @classmethod
    def none(cls, shape: tuple[int, ...]) -> "Moments":
        """Nothing seen yet."""
        return cls(*(np.zeros(shape) for _ in range(3)))

    def seen(self, values: ArrayLike, taken: ArrayLike | None = None) -> "Moments":
        """With more samples, shape (streams, samples); `taken`, bool: where False, none. ValueError: not finite."""
        x = finite("outcomes", values)
        took = taken_as(x, taken)
        count = took.sum(axis=-1).astype(np.float64)
        total = np.where(took, x, 0.0).sum(axis=-1)
        mean = np.divide(total, count, out=np.zeros(count.shape), where=count > 0)
        return self.joined(Moments(count, mean, np.where(took, (x - mean[..., None]) ** 2, 0.0).sum(axis=-1)))

    def joined(self, other: "Moments") -> "Moments":
        """Both together (Chan, Golub & LeVeque, American Statistician 37 (1983) 242-247, eq. 2.1)."""
        count = self.count + other.count
        share = np.divide(other.count, count, out=np.zeros(count.shape), where=count > 0)
        apart = other.mean - self.mean
        squares = self.squares + other.squares + apart**2 * self.count * share
        return Moments(count, self.mean + apart * share, squares)

    @property
    def variance(self) -> Array:
        """Of one outcome; NaN with fewer than two."""
        known = self.count > 1
        return np.asarray(
            np.divide(self.squares, self.count - 1.0, out=np.full(known.shape, np.nan), where=known)
        )


def interval(
    seen: Moments,
    planned: float,
    *,
    level: float = 0.95,
    deviation: float | None = None,
    first: int = FIRST,
) -> Interval:
    """The mean, and ends that hold it at every look with probability `level`, shape (streams,).

    Parameters
    ----------
    planned: samples at which it is narrowest.
    deviation: standard deviation (or sub-Gaussian scale; (high - low) / 2 for bounded outcomes), where it is known;
        otherwise it is estimated, and the interval is infinite before `first` samples and while all are equal.

    >>> x = np.tile([9.0, 11.0], 500)
    >>> [round(float(end[0]), 3) for end in interval(Moments.none((1,)).seen([x]), planned=1000)]
    [10.0, 9.904, 10.096]
    """
    if deviation is not None and not 0 < deviation < np.inf:
        raise ValueError(f"deviation: received {deviation!r}, allowed is a finite number above 0")
    variance = seen.variance if deviation is None else np.full(seen.count.shape, deviation**2)
    ready = (seen.count > 0) if deviation is not None else (seen.count >= max(first, 2)) & (variance > 0)
    se = np.sqrt(np.divide(variance, seen.count, out=np.full(ready.shape, np.inf), where=ready))
    radius = np.where(ready, se, np.inf) * widening(np.where(ready, seen.count, 1.0), planned, level)
    return Interval(seen.mean, seen.mean - radius, seen.mean + radius)


_level = level
