"""Gain, lag and dead time of a plant from the record of a loop that was steering it, with intervals; or "can't tell".

Many hypotheses are filtered side by side, one for each lag, dead time and kind of disturbance:

    log y = level + weather + gain f + noise          f: the input after dead time and lag, shares of its range

level is a random walk, weather an AR(1); the gain is a state, known beforehand only to be within a few multiples of the
noise. Every variance is a multiple of one unknown sigma^2 with an inverse gamma prior, so that sigma integrates out and
what was foretold has a Student t law (West & Harrison, Bayesian Forecasting and Dynamic Models, 1997, ch. 4.6). The
likelihoods weigh the hypotheses; a second set without any gain says how likely it is that the lever does nothing. Under
feedback this stays right where the disturbance's kind is right, since nothing is assumed of the input but that it was
made from the past (Ljung, System Identification, 1999, ch. 13.4).

Called by `setpoint tune` and benchmarks; calls kalman. Times are in periods inside, in the caller's unit outside.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from models.identification.kalman import Filter
from models.pid.law import Array
from models.tuning.process import FirstOrder

Bools = NDArray[np.bool_]
Verdict = Literal["ok", "wrong sign", "none", "can't tell"]

LAGS = (0.5, 1.0, 2.0, 4.0, 8.0)
DEADS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0)
"""In periods, where nothing else is said."""
_KINDS = tuple((lasts, share, drift) for lasts in (2.0, 6.0) for share in (0.5, 0.9) for drift in (0.02, 0.1))
"""Periods until the weather has fallen to 1/e, its share of sigma^2, and the level's drift a period in sigma."""
_GAIN_SD = 12.0
"""Of the gain beforehand, in sigma: with a noise of 5 %, 60 % of the target over the whole range."""
_USEFUL = 0.05
"""Gain below which a lever counts as doing nothing: 5 % of the target over its whole range."""
_SHAPE = 2.0
"""Of the inverse gamma prior."""
_USUAL = 0.07
"""Sigma that the prior is centred on."""
_LEAST = 40
"""Samples without which nothing is said."""
_MOVED = 0.01
"""Standard deviation of the input, as a share of its range, below which it has not been moved."""
_NONE = 0.3
"""Probability beforehand that the lever does nothing."""
_SURE = 0.95


@dataclass(frozen=True, slots=True, eq=False)
class Identified:
    """What the record says, for each series; arrays of shape (series,) or (plants, series)."""

    verdict: tuple[Verdict, ...]
    said: tuple[str, ...]
    """Why, in one sentence each."""
    lag: Array
    """Of each plant held possible, shape (plants,), in the caller's unit of time."""
    dead_time: Array
    weight: Array
    """How likely each is, given that the lever does something; shape (plants, series)."""
    gain: Array
    """Mean of the gain in each, shape (plants, series)."""
    gain_sd: Array
    """Its scale."""
    freedom: Array
    """Degrees of freedom of the gain's Student t law, shape (series,)."""
    none: Array
    """Probability that the lever does nothing, shape (series,)."""
    wrong: Array
    """Probability that it works the other way, shape (series,)."""

    def interval(self, name: Literal["gain", "lag", "dead_time"], mass: float = 0.9) -> Array:
        """Ends of an interval of a parameter, shape (2, series)."""
        ends = ((1 - mass) / 2, (1 + mass) / 2)
        return np.array([self._quantile(name, each) for each in ends])

    def plants(self, series: int, points: int = 5) -> tuple[FirstOrder, Array]:
        """Plants that stand for what is possible in one series, and their weights: the gain's law cut into `points`."""
        from scipy.special import stdtrit

        cuts = (np.arange(points) + 0.5) / points
        t = stdtrit(self.freedom[series], cuts)
        keep = self.weight[:, series] > 1e-3
        gain = self.gain[keep, series, None] + self.gain_sd[keep, series, None] * t
        lag, dead = (np.repeat(value[keep], points) for value in (self.lag, self.dead_time))
        weight = np.repeat(self.weight[keep, series] / points, points)
        return FirstOrder(gain.ravel(), lag, dead), weight / weight.sum()

    def _quantile(self, name: str, probability: float) -> Array:
        if name == "gain":
            return self._gain_at(probability)
        values = self.lag if name == "lag" else self.dead_time
        grid = np.unique(values)
        share = np.stack([self.weight[values == each].sum(axis=0) for each in grid])
        edges = _edges(grid)
        reached = np.concatenate([np.zeros((1, share.shape[1])), np.cumsum(share, axis=0)])
        return np.array([np.interp(probability, reached[:, n], edges) for n in range(share.shape[1])])

    def _gain_at(self, probability: float) -> Array:
        """Where the mixture's distribution reaches a probability, by bisection; shape (series,)."""
        reach = 40 * self.gain_sd.max(axis=0) + np.abs(self.gain).max(axis=0)
        low, high = -reach, reach
        for _ in range(60):
            middle = (low + high) / 2
            less = self.below(middle) < probability
            low, high = np.where(less, middle, low), np.where(less, high, middle)
        return np.asarray((low + high) / 2)

    def below(self, value: Array) -> Array:
        """Probability that the gain is below a value, given that the lever does something; shape (series,)."""
        t = (value - self.gain) / np.maximum(self.gain_sd, 1e-300)
        return np.asarray((self.weight * stdtr(self.freedom, t)).sum(axis=0))


def identify(
    put_in: Array, measured: Array, *, period: float, direction: Literal["raises", "lowers"] = "raises",
    lags: tuple[float, ...] | None = None, dead_times: tuple[float, ...] | None = None,
) -> Identified:  # fmt: skip
    """What a record says of its plant.

    Parameters
    ----------
    put_in: share of the output's range in force over each period, shape (samples,) or (samples, series).
    measured: what was measured at the end of each period, as a share of the target, above zero; NaN where nothing
        believable was. Same shape.
    period: between samples, in any unit of time.
    direction: what raising the output is said to do.
    lags, dead_times: hypotheses in the same unit; None: from half a period to eight, as far as a loop of this period
        can see. Whatever delays a reading (half its window, settling) is part of the dead time.

    Raises ValueError for text, for shapes that differ, for infinite or negative values and where no sample is known.

    >>> from models.draws import Draws, keys_of
    >>> draws, key, u, y, f = Draws(1), keys_of(("a",)), np.zeros(400), np.zeros(400), 0.0
    >>> for t in range(400):
    ...     u[t] = 0.5 + 0.2 * np.sign(draws.uniform(key, t // 6, "input")[0] - 0.5)
    ...     f += (1 - np.exp(-1 / 4.0)) * (u[max(t - 2, 0)] - f)
    ...     y[t] = np.exp(0.4 * f + 0.1 * (draws.uniform(key, t, "noise")[0] - 0.5))
    >>> found = identify(u, y, period=2.0)
    >>> found.verdict[0], [float(end.round(1)) for end in found.interval("gain")[:, 0]]
    ('ok', [0.4, 0.4])
    """
    u, y = _checked(put_in, measured, period)
    whole_lags = tuple(np.asarray(lags or np.array(LAGS) * period) / period)
    whole_deads = tuple(np.asarray(dead_times or np.array(DEADS) * period) / period)
    if min(whole_lags) <= 0 or min(whole_deads) < 0:
        raise ValueError(
            f"lags, dead_times: got {lags}, {dead_times}; allowed are times above 0, and of 0 or more"
        )
    lag, dead = (each.ravel() for each in np.meshgrid(whole_lags, whole_deads, indexing="ij"))
    with_gain = _Bank.run(u, y, lag, dead)
    without = _Bank.run(u, y, lag[:1], dead[:1], gain=False)
    return _told(u, y, (lag, dead), with_gain, without, period, direction)


@dataclass(frozen=True, slots=True, eq=False)
class _Bank:
    """Evidence, mean and variance of the gain, each of shape (plants, series)."""

    log_evidence: Array
    gain: Array
    variance: Array
    freedom: Array
    """Shape (series,)."""

    @classmethod
    def run(cls, u: Array, y: Array, lag: Array, dead: Array, gain: bool = True) -> "_Bank":
        """Filter every hypothesis over all samples."""
        lasts, share, drift = np.array(_KINDS).T
        plants, kinds, series = len(lag), len(lasts), u.shape[1]
        shape = (plants, kinds, series)
        kept, weather, drifting = (each[None, :, None] for each in (np.exp(-1 / lasts), share, drift))
        ones = np.ones(shape)
        variance = np.stack([25 * ones, weather * ones, (_GAIN_SD**2 if gain else 0.0) * ones])
        one = Filter.begin(np.zeros((3, *shape)), variance)
        keeps = np.stack([ones, kept * ones, ones])
        added = np.stack([drifting**2 * ones, weather * (1 - kept**2) * ones, 0 * ones])
        logs, misses, count = np.zeros(shape), np.full(shape, 2 * (_SHAPE - 1) * _USUAL**2), np.zeros(series)
        known = np.isfinite(y)
        target = np.log(np.where(known, y, 1.0))
        for t, f in enumerate(felt(u, lag, dead)):
            seen = known[t]
            h = np.stack([ones, ones, np.broadcast_to(f[:, None, :], shape)])
            one = one.passed(keeps, added)
            one, miss, spread = one.told(h, target[t], 1 - weather, np.broadcast_to(seen, shape))
            logs = logs - 0.5 * np.where(seen, np.log(spread), 0.0)
            misses = misses + np.where(seen, miss * miss / spread, 0.0)
            count = count + seen
        freedom = 2 * _SHAPE + count
        evidence = logs - 0.5 * freedom * np.log(misses)
        scale = misses / freedom
        weight = np.exp(evidence - evidence.max(axis=1, keepdims=True))
        total = weight.sum(axis=1, keepdims=True)
        inner = weight / total
        mean = (inner * one.mean[2]).sum(axis=1)
        spread = (inner * (one.cov[2, 2] * scale + (one.mean[2] - mean[:, None]) ** 2)).sum(axis=1)
        summed = np.log(total[:, 0]) + evidence.max(axis=1)
        return cls(summed - np.log(kinds), mean, spread, freedom)


def felt(u: Array, lag: Array, dead: Array) -> Array:
    """The input after dead time and lag, as felt at the end of each period; shape (samples, plants, series).

    `u` of shape (samples, series) was in force over each period; what was before the first is taken to be the same.
    Times in periods; a dead time between two periods weighs both.
    """
    keep = np.exp(-1 / lag)[:, None]
    whole = np.floor(dead).astype(np.int64)
    part = (dead - whole)[:, None]
    padded = np.concatenate([np.repeat(u[:1], int(whole.max()) + 1, axis=0), u])
    first = int(whole.max()) + 1
    f, found = np.repeat(u[:1], len(lag), axis=0), np.empty((len(u), len(lag), u.shape[1]))
    for t in range(len(u)):
        delayed = (1 - part) * padded[first + t - whole] + part * padded[first + t - whole - 1]
        f = keep * f + (1 - keep) * delayed
        found[t] = f
    return found


def _told(
    u: Array, y: Array, times: tuple[Array, Array], found: _Bank, none: _Bank, period: float, direction: str
) -> Identified:
    """Weights, probabilities and verdicts."""
    best = found.log_evidence.max(axis=0)
    weight = np.exp(found.log_evidence - best)
    total = weight.sum(axis=0)
    odds = np.log(total / len(weight)) + best - none.log_evidence[0]
    nothing = 1 / (1 + np.exp(np.clip(odds, -500, 500)) * (1 - _NONE) / _NONE)
    sd = np.sqrt(found.variance)
    made = Identified(
        verdict=(), said=(), lag=times[0] * period, dead_time=times[1] * period, weight=weight / total,
        gain=found.gain, gain_sd=sd, freedom=found.freedom, none=nothing, wrong=nothing * 0,
    )  # fmt: skip
    sign = -1.0 if direction == "lowers" else 1.0
    useful = np.full(u.shape[1], _USEFUL)
    less, more = made.below(-useful), 1 - made.below(useful)
    right, wrong = (more, less) if sign > 0 else (less, more)
    right, wrong = right * (1 - nothing), wrong * (1 - nothing)
    nothing = np.asarray(1 - right - wrong)
    each = [
        _verdict(
            float(np.std(u[:, n])),
            int(np.isfinite(y[:, n]).sum()),
            _spread(y[:, n]),
            probabilities,
            direction,
        )
        for n, probabilities in enumerate(zip(right, wrong, nothing, strict=True))
    ]
    return replace(
        made, verdict=tuple(verdict for verdict, _ in each), said=tuple(said for _, said in each), none=nothing,
        wrong=np.asarray(wrong),
    )  # fmt: skip


def _verdict(
    moved: float, count: int, varied: float, probabilities: tuple[float, float, float], direction: str
) -> tuple[Verdict, str]:
    """The sign first, then whether there is anything; what can't be seen is said to be so."""
    unseen = _unseen(moved, count, varied)
    if unseen:
        return "can't tell", unseen
    right, wrong, nothing = probabilities
    if wrong > _SURE:
        return (
            "wrong sign",
            f"the lever does not do what was said ({direction}), but the opposite: {wrong:.0%} sure",
        )
    if right > _SURE:
        return "ok", f"the lever {direction} what is measured: {right:.1%} sure"
    if nothing > _SURE:
        return "none", f"the lever does nothing that matters: {nothing:.0%} sure"
    odds = f"the lever works as said with {right:.0%}, the other way with {wrong:.0%}, not at all with {nothing:.0%}"
    return "can't tell", odds


def _unseen(moved: float, count: int, varied: float) -> str:
    """Why the record can't say anything; empty where it may."""
    if count < _LEAST:
        return f"too few samples: {count}, {_LEAST} at least are needed"
    if moved < _MOVED:
        return f"the output hardly moved (by {moved:.1%} of its range), so nothing could answer to it"
    if varied == 0:
        return "what is measured never changed: it is no measurement of anything that answers"
    return ""


def _spread(y: Array) -> float:
    known = y[np.isfinite(y)]
    return float(np.ptp(known)) if known.size else 0.0


def _edges(grid: Array) -> Array:
    """Ends of the cells around the points of a rising grid, so that a discrete law reads as a continuous one."""
    if len(grid) == 1:
        return np.repeat(grid, 2)
    middle = (grid[1:] + grid[:-1]) / 2
    return np.concatenate([[max(grid[0] - (middle[0] - grid[0]), 0.0)], middle, [2 * grid[-1] - middle[-1]]])


def _checked(put_in: Array, measured: Array, period: float) -> tuple[Array, Array]:
    try:
        u, y = np.asarray(put_in, np.float64), np.asarray(measured, np.float64)
    except (TypeError, ValueError) as fault:
        raise ValueError(f"put_in, measured: got {fault}, allowed are arrays of numbers") from fault
    if u.shape != y.shape or u.ndim not in (1, 2) or not u.size:
        raise ValueError(
            f"put_in, measured: got shapes {u.shape}, {y.shape}; allowed: (samples,) or (samples, series)"
        )
    if not np.isfinite(u).all():
        raise ValueError(
            "put_in: got NaN or inf, allowed are shares of the output's range: it is known what was in force"
        )
    if np.isinf(y).any() or (y <= 0).any():
        raise ValueError(
            "measured: got values of 0 or less, or inf; allowed are shares of the target above 0, and NaN"
        )
    if not np.isfinite(y).any():
        raise ValueError("measured: got no sample at all, allowed: at least one that is known")
    if not (period > 0 and np.isfinite(period)):
        raise ValueError(f"period: got {period}, allowed is a time above 0")
    return (u[:, None], y[:, None]) if u.ndim == 1 else (u, y)
