"""Does a loop swing: the regularity of its zero crossings, afterwards; and the error between them, as it goes.

Afterwards (`regularity`): an error that swings has an autocorrelation that crosses zero at even intervals, while noise
crosses at random. With mean m and standard deviation s of the intervals between the first crossings,

    index = m / (3 s)            over 1: an oscillation of period 2 m

(Thornhill & Hagglund, Control Eng. Practice 5 (1997) 1343-1354, for the intervals; Thornhill, Huang & Zhang, J. Process
Control 13 (2003) 91-100, for the autocorrelation and the limit of a third). White noise changes its sign with chance
1/2, so its intervals are geometric, with mean 2 and deviation sqrt 2: index sqrt(2) / 3 = 0.47.

As it goes (`Swing`): the integral of |e| between two zero crossings is large for a load disturbance; many of those in a
row are an oscillation (Hagglund, Control Eng. Practice 3 (1995) 1543-1551). A sine of amplitude a and frequency w has
2 a / w between crossings, so with a = 1 % of the range of interest and w = 2 pi / T, the limit is a T / pi.

    at a crossing:  count += 1 where the integral is above a T / pi;      always:  count *= exp(-dt / supervision)

Pure arrays; errors have shape (samples, cells) or, as it goes, (cells,).
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

CROSSINGS = 11
"""Zero crossings of the autocorrelation that are looked at: ten intervals; later ones rest on few samples."""
FEWEST = 4
"""Intervals without which nothing is said."""
AMPLITUDE = 0.01
"""Amplitude of the least swing that counts."""
SUPERVISION = 50.0
"""Periods over which swings are counted."""
ALARM = 10.0
"""Count above which a loop swings."""


def autocorrelation(values: Array) -> Array:
    """Autocorrelation at lags 0, 1, ..., shape of `values`: (samples, cells); NaN where nothing varies.

    >>> autocorrelation(np.array([[1.0], [-1.0], [1.0], [-1.0]])).ravel().round(2)
    array([ 1.  , -0.75,  0.5 , -0.25])
    """
    samples = len(values)
    centred = values - values.mean(axis=0)
    spectrum = np.fft.rfft(centred, 2 * samples, axis=0)
    raw = np.fft.irfft(np.abs(spectrum) ** 2, 2 * samples, axis=0)[:samples]
    power = raw[0]
    return np.asarray(np.divide(raw, power, out=np.full_like(raw, np.nan), where=power > 1e-12 * samples))


def intervals(values: Array, most: int = CROSSINGS) -> tuple[Array, Array, Array]:
    """Mean, standard deviation and number of the intervals between the first zero crossings, shape (cells,) each.

    values: shape (samples, cells). A crossing lies where a straight line between two samples meets zero; lengths are in
    samples; NaN where there are fewer than two crossings, and for the deviation fewer than three.

    >>> mean, spread, count = intervals(np.array([[1.0], [-1.0], [1.0], [-1.0]]))
    >>> float(mean[0]), float(spread[0]), int(count[0])
    (1.0, 0.0, 2)
    """
    before, after = values[:-1], values[1:]
    crossing = ((before < 0) & (after >= 0)) | ((before >= 0) & (after < 0))
    crossing &= np.cumsum(crossing, axis=0) <= most
    gap = before - after
    place = np.arange(len(before))[:, None] + np.divide(before, gap, out=np.zeros_like(gap), where=gap != 0)
    last = np.maximum.accumulate(np.where(crossing, place, -1.0), axis=0)
    previous = np.concatenate([np.full((1, values.shape[1]), -1.0), last[:-1]])
    counted = crossing & (previous >= 0)
    length = np.where(counted, place - previous, 0.0)
    count = counted.sum(axis=0).astype(np.float64)
    mean = np.divide(length.sum(axis=0), count, out=np.full(len(count), np.nan), where=count > 0)
    square = np.where(counted, (length - np.nan_to_num(mean)) ** 2, 0.0).sum(axis=0)
    spread = np.sqrt(np.divide(square, count - 1, out=np.full(len(count), np.nan), where=count > 1))
    return mean, np.asarray(spread), count


def regularity(errors: Array) -> tuple[Array, Array]:
    """Oscillation index and period in samples, shape (cells,); NaN where crossings are too few to say.

    errors: set-point minus measured value, evenly sampled, shape (samples, cells). An index over 1 is an oscillation;
    that of a perfect one is inf.

    >>> t = np.arange(400.0)[:, None]
    >>> index, period = regularity(np.sin(2 * np.pi * t / 25))
    >>> bool(index[0] > 5), round(float(period[0]), 1)
    (True, 25.0)
    """
    mean, spread, count = intervals(np.nan_to_num(autocorrelation(errors)))
    enough = count >= FEWEST
    index = np.divide(mean, 3.0 * spread, out=np.full(len(mean), np.inf), where=spread > 0)
    return np.where(enough, index, np.nan), np.where(enough, 2.0 * mean, np.nan)


@dataclass(frozen=True, slots=True, eq=False)
class Swing:
    """Hagglund's count, as it goes; arrays of shape (cells,), never changed, only replaced."""

    integral: Array
    """Of |e| since the last zero crossing."""
    sign: Array
    """Of the last error that was not zero; 0 before the first."""
    count: Array
    """Load disturbances of late."""

    @classmethod
    def none(cls, cells: int) -> "Swing":
        """Before the first sample."""
        return cls(*np.zeros((3, cells)))

    def heard(self, error: Array, elapsed: Array, period: Array | float) -> "Swing":
        """With one more sample; where the error is not finite, nothing is heard.

        error: in shares of the range of interest (the target, say), positive or negative; shape (cells,).
        elapsed: since the last sample; period: of the swings to be looked for (the integral time, or the ultimate
        period), same unit.

        >>> state = Swing.none(1)
        >>> for k in range(200):
        ...     state = state.heard(0.02 * np.sin(2 * np.pi * np.array([k + 0.5]) / 20), np.ones(1), 20.0)
        >>> bool(state.count[0] > 10)
        True
        """
        known = np.isfinite(error)
        e = np.where(known, error, 0.0)
        crossed = (e * self.sign < 0) & known
        large = self.integral > AMPLITUDE * np.asarray(period) / np.pi
        decay = np.exp(-elapsed / (SUPERVISION * np.asarray(period)))
        count = self.count * np.where(known, decay, 1.0) + (crossed & large)
        integral = np.where(crossed, 0.0, self.integral) + np.abs(e) * np.where(known, elapsed, 0.0)
        sign = np.where(known & (e != 0), np.sign(e), self.sign)
        return replace(self, integral=integral, sign=sign, count=count)

    @property
    def swings(self) -> NDArray[np.bool_]:
        """Where a loop swings."""
        return np.asarray(self.count > ALARM)
