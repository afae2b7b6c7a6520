"""A bank of Kalman filters, one a plant held possible, and how much each is believed.

    y = level + weather + gain f + worn g + noise

level is a random walk, weather an AR(1) that lasts some periods, f the plant's answer to what was put in (plants.py), g
the input's own slow mean: what it does in the long run beside its gain, below zero where a market wears out or turns,
above where it goes on growing. Estimated together (Kalman, J. Basic Engineering 82 (1960) 35-45; Astrom & Wittenmark,
Adaptive Control, 1995, ch. 2), in each plant by itself; plants are weighed by the likelihood of what they foretold
(Magill, IEEE Trans. Automatic Control 10 (1965) 434-439). The size of the noise is learnt; a sample beyond three
standard deviations counts as one there. Called by the policies; pure.
"""

from dataclasses import dataclass, fields, replace

import numpy as np
from numpy.typing import NDArray

from models.adaptive.plants import Array, Plants, summed

Bools = NDArray[np.bool_]
LEVEL, WEATHER, GAIN, WORN = range(4)
_PAIRS = tuple((i, j) for i in range(4) for j in range(i, 4))
AT = {pair: n for n, pair in enumerate(_PAIRS)} | {(j, i): n for n, (i, j) in enumerate(_PAIRS)}
"""Place of each entry of a covariance among the ten that are kept."""
_SLOTS = 400
_QUIETEST, _LOUDEST = 0.01, 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed before anything is seen; measured values as shares of the target, times in periods."""

    gain: float = 0.6
    """Share of the target that all of the range does."""
    gain_sd: float = 0.45
    worn_sd: float = 0.3
    level_sd: float = 0.4
    noise: float = 0.15
    """Standard deviation of a measured value about its level."""
    weather: float = 0.5
    """Share of its variance that lasts."""
    lasts: float = 12.0
    """After which the weather has fallen to 1/e."""
    drift: float = 0.1
    """Of the level, in standard deviations of the noise, each period."""
    gain_drift: float = 0.01
    """Of the gain, each period."""
    worn_lag: float = 72.0
    """Of the input's slow mean."""
    forgets: float = 0.995
    """What a sample leaves of the plants' log weights."""


@dataclass(frozen=True, slots=True, eq=False)
class Bank:
    """What is believed; never changed, only replaced."""

    mean: Array
    """Level, weather, gain and worn, shape (4, plants, cells)."""
    cov: Array
    """The ten entries of each covariance's upper triangle, row by row, shape (10, plants, cells)."""
    logw: Array
    """Log weights, the largest zero, shape (plants, cells)."""
    f: Array
    """Shape (plants, cells)."""
    g: Array
    """Shape (cells,)."""
    past: Array
    """What was put in, newest first, shape (past, cells)."""
    noise: Array
    """Variance, shape (cells,)."""
    seen: Array
    """Samples so far, shape (cells,)."""

    @classmethod
    def fresh(cls, plants: Plants, prior: Prior, cells: int) -> "Bank":
        """Before the first sample, with nothing ever put in."""
        mean, cov = np.zeros((4, plants.count, cells)), np.zeros((10, plants.count, cells))
        mean[LEVEL], mean[GAIN] = 1.0, prior.gain
        variance = prior.noise**2
        own = (prior.level_sd**2, variance * prior.weather, prior.gain_sd**2, prior.worn_sd**2)
        for index, each in enumerate(own):
            cov[AT[index, index]] = each
        flat, row = np.zeros((plants.count, cells)), np.zeros(cells)
        past = np.zeros((plants.past, cells))
        return cls(mean, cov, flat, flat.copy(), row, past, np.full(cells, variance), row.copy())

    @property
    def weights(self) -> Array:
        """How much each plant is believed, shape (plants, cells), sum one."""
        weights = np.exp(self.logw - self.logw.max(axis=0))
        return np.asarray(weights / summed(weights))

    def arrays(self) -> dict[str, Array]:
        """Its arrays with cells first, for saving."""
        return {f.name: np.moveaxis(getattr(self, f.name), -1, 0).copy() for f in fields(self)}

    @classmethod
    def of(cls, arrays: dict[str, Array]) -> "Bank":
        """The bank that `arrays` took apart."""
        return cls(
            *(
                np.ascontiguousarray(np.moveaxis(np.asarray(arrays[f.name], np.float64), 0, -1))
                for f in fields(cls)
            )
        )


def advanced(bank: Bank, plants: Plants, prior: Prior, put_in: Array, periods: int) -> Bank:
    """The bank after so many periods of a constant input, shape (cells,), with no new sample yet."""
    past, f, g = bank.past, bank.f, bank.g
    fades = float(np.exp(-1.0 / prior.worn_lag))
    for _ in range(min(periods, _SLOTS)):
        past = np.concatenate([put_in[None], past[:-1]])
        felt = (1 - plants.part) * past[plants.whole] + plants.part * past[plants.whole + 1]
        f = plants.keep * f + (1 - plants.keep) * felt
        g = fades * g + (1 - fades) * put_in
    kept = float(np.exp(-periods / prior.lasts))
    mean, cov = bank.mean.copy(), bank.cov.copy()
    mean[WEATHER] *= kept
    for other in range(4):
        cov[AT[WEATHER, other]] *= kept * kept if other == WEATHER else kept
    cov[AT[WEATHER, WEATHER]] += bank.noise * (prior.weather * (1 - kept * kept))
    cov[AT[LEVEL, LEVEL]] += bank.noise * (prior.drift**2 * periods)
    cov[AT[GAIN, GAIN]] += prior.gain_drift**2 * periods
    cov[AT[WORN, WORN]] += (prior.gain_drift / 3) ** 2 * periods
    return replace(bank, mean=mean, cov=cov, f=f, g=g, past=past)


def updated(bank: Bank, prior: Prior, measured: Array, known: Bools) -> Bank:
    """The bank after a sample, share of the target, shape (cells,), in the cells where it is known."""
    cov = bank.cov
    cross = [
        cov[AT[i, LEVEL]] + cov[AT[i, WEATHER]] + cov[AT[i, GAIN]] * bank.f + cov[AT[i, WORN]] * bank.g
        for i in range(4)
    ]
    own = cross[LEVEL] + cross[WEATHER] + cross[GAIN] * bank.f + cross[WORN] * bank.g
    spread = own + bank.noise * (1 - prior.weather)
    foretold = bank.mean[LEVEL] + bank.mean[WEATHER] + bank.mean[GAIN] * bank.f + bank.mean[WORN] * bank.g
    most = 3 * np.sqrt(spread)
    miss = np.clip(np.where(known, measured, 0.0) - foretold, -most, most)
    odd = miss * miss / spread
    logw = np.where(known, prior.forgets * bank.logw - 0.5 * (odd + np.log(spread)), bank.logw)
    louder = bank.noise * np.exp(0.02 * (summed(bank.weights * odd) - 1.0))
    return replace(
        bank,
        mean=np.stack(
            [np.where(known, bank.mean[i] + cross[i] / spread * miss, bank.mean[i]) for i in range(4)]
        ),
        cov=np.stack(
            [
                np.where(known, cov[n] - cross[i] * cross[j] / spread, cov[n])
                for n, (i, j) in enumerate(_PAIRS)
            ]
        ),
        logw=logw - logw.max(axis=0),
        noise=np.where(known, np.clip(louder, _QUIETEST**2, _LOUDEST**2), bank.noise),
        seen=bank.seen + known,
    )
