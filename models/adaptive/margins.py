"""How far the adaptive loop is from the edge, for each pair of a plant that is believed and a plant that is true.

The law (law.py) is linear between two changes of its numbers. With F from a measured value to the foretold disturbance,
f_h and D_h the answer and the foretold answer of the plant believed (Plants.response, Plants.foretold), and a true
plant of gain q times the one divided by:

    C P = q F f_t / (D_h - F f_h)        Ms = max |1 / (1 + C P)|

(Astrom & Hagglund, Advanced PID Control, ISA 2006, ch. 4.) F is that of the filter's steady gains. Called by the
policies, once, for a table; a loop that is unstable has Ms = inf, told by the turns of 1 + C P around zero.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.adaptive.bank import Prior
from models.adaptive.plants import Array, Complex, Plants

RATIOS = np.geomspace(0.1, 10.0, 33)
"""True gain over the gain in use, at which the table holds Ms."""
MS = 1.6
"""Largest sensitivity that is asked for."""
UNSTABLE = 100.0
"""What stands for Ms of an unstable loop."""
_POINTS = 500


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Ms of every believed plant (first axis) with every true one (second) at each of RATIOS (third)."""

    ms: Array
    most: Array
    """The largest ratio up to which Ms is within MS, shape (plants, plants); the lowest of RATIOS where it never is."""

    def at(self, plant: NDArray[np.int64], ratio: Array) -> Array:
        """Ms where the plant believed is the true one, shape (cells,); between the ratios by straight lines."""
        place = np.interp(np.log(np.maximum(ratio, RATIOS[0])), np.log(RATIOS), np.arange(len(RATIOS)))
        below = np.minimum(place.astype(np.int64), len(RATIOS) - 2)
        low, high = self.ms[plant, plant, below], self.ms[plant, plant, below + 1]
        return np.asarray(low + (high - low) * (place - below))


def table(plants: Plants, prior: Prior) -> Table:
    """Ms of every pair; UNSTABLE where the loop is.

    >>> found = table(Plants.over((4.0,), (1.75,), 12.0), Prior())
    >>> found.at(np.array([0, 0]), np.array([1.0, 2.0])).round(2), found.most.round(1)
    (array([1.28, 1.7 ]), array([[1.8]]))
    """
    w = np.geomspace(1e-3, np.pi, _POINTS)
    z = np.exp(1j * w)
    f, d = plants.response(z), plants.foretold(z)
    seen = disturbance(plants, prior, z)
    own = d - seen * f
    ms = np.empty((plants.count, plants.count, len(RATIOS)))
    for h in range(plants.count):
        rest = own[h] + RATIOS[:, None] * (seen[h] * f)[:, None, :]
        turns = np.angle(rest[..., 1:] / rest[..., :-1]).sum(axis=-1) / np.pi
        peak = np.abs(own[h] / rest).max(axis=-1)
        ms[h] = np.where(np.abs(turns) < 0.5, np.clip(peak, 1.0, UNSTABLE), UNSTABLE)
    within = np.logical_and.accumulate(ms <= MS, axis=-1).sum(axis=-1)
    return Table(ms, RATIOS[np.maximum(within - 1, 0)])


def weather_ahead(plants: Plants, prior: Prior) -> Array:
    """Mean of what the weather is to be over each plant's horizon, as a share of what it is; shape (plants, 1)."""
    kept = float(np.exp(-1.0 / prior.lasts))
    return np.asarray(kept * (1 - kept**plants.horizon) / (1 - kept) / plants.horizon)


def steady_gains(prior: Prior) -> tuple[float, float]:
    """Kalman gains of level and weather in the long run, by iterating the filter's own equations."""
    kept = float(np.exp(-1.0 / prior.lasts))
    cov, gains = np.diag([1.0, prior.weather]), np.zeros(2)
    for _ in range(2000):
        cov = cov * np.array([[1.0, kept], [kept, kept * kept]])
        cov = cov + np.diag([prior.drift**2, prior.weather * (1 - kept * kept)])
        cross = cov.sum(axis=0)
        spread = cross.sum() + 1 - prior.weather
        gains, cov = cross / spread, cov - np.outer(cross, cross) / spread
    return float(gains[0]), float(gains[1])


def disturbance(plants: Plants, prior: Prior, z: Complex) -> Complex:
    """F: from a measured value to the disturbance that is foretold over the horizon; shape (plants, points)."""
    one, two = steady_gains(prior)
    kept = float(np.exp(-1.0 / prior.lasts))
    # level' = level / z + one e, weather' = kept weather / z + two e, e = y - (level + kept weather) / z
    level, weather = one / (1 - 1 / z), two / (1 - kept / z)
    error = 1 / (1 + level / z + kept * weather / z)
    return np.asarray((level + weather_ahead(plants, prior) * weather) * error)
