"""The fit: from a series to posterior draws of a market.

Runs of weeks are resampled for the profile, single ones for the dispersion; disturbance and level come from their
likelihood over the days; gain, lag and heterogeneity are handed in, since a series of sales alone can't tell them.
Called by report.py and by the tests; calls the files of one idea each beside this one. Chance is keyed by `seed`.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Ints
from models.counts import MOST_DISPERSED
from models.draws import Draws
from sim.calibration.dispersion import dispersions, first_guess
from sim.calibration.luck import normals, resampled, uniforms
from sim.calibration.mood import moods
from sim.calibration.posterior import Posterior
from sim.calibration.profile import profiles, weeks_of
from sim.calibration.series import WEEK, Series
from sim.market.recorded import soft_drinks

HOURS_A_DAY = 24
AHEAD = 26
"""Weeks beyond the data in which the level wanders; then it stays."""
RUN = 8
"""Weeks that are resampled together, at most a quarter of all: people shop at other hours in another season."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is asked of a fit, and what other tables have told."""

    draws: int = 32
    seed: int = 1
    gain: tuple[float, float] = (0.0, 2.0)
    """Interval of the factor on how sales answer."""
    delay: tuple[float, ...] = ()
    """Draws of the dead time, seconds, from a redemption curve; empty: unknown."""
    lag: tuple[float, ...] = ()
    """Draws of the half-life, seconds, likewise."""
    shape: tuple[float, ...] = ()
    """Draws of the shape of the purchase rates, from a table of trips; empty: unknown."""


def fit(series: Series, wish: Wish | None = None) -> Posterior:
    """Posterior draws of the market that a series comes from."""
    wish = wish or Wish()
    draws = Draws(wish.seed).spawn("calibration")
    known, weeks = series.known, weeks_of(series)
    whole = np.ones((1, len(weeks.counts)))
    shape = profiles(weeks, whole, 1.0)[0]
    guess = None
    if series.slots > 1:
        guess = float(np.clip(first_guess(series.values, known, shape[series.weekday]), 1.0, MOST_DISPERSED))
        shape = profiles(weeks, whole, guess)[0]
    expected = _expected(series, shape)
    counts = np.where(
        known.any(axis=1), np.where(known, np.nan_to_num(series.values), 0.0).sum(axis=1), np.nan
    )
    found = moods(counts, expected, hours_of(shape), draws, wish.draws, guess)
    length = max(min(RUN, len(weeks.counts) // 4), 1)
    taken = resampled(draws, wish.draws, len(weeks.counts), "weeks", length)
    size, growth = found.dispersion, np.zeros(wish.draws)
    if series.slots > 1:
        within = found.sd**2, 0.5 ** (3600.0 / found.half_life)
        single = resampled(draws, wish.draws, len(weeks.counts), "single weeks")[:, series.week]
        share = profiles(weeks, whole, None)[0][
            series.weekday
        ]  # so that one week's worth of squares is used up
        size, growth = dispersions(
            series.values, known, share, expected, found.day, found.level, within, single
        )
    return Posterior(
        monday=series.monday,
        weeks=len(weeks.counts),
        profile=_hourly(profiles(weeks, taken, float(size.mean()))),
        level=_levels(series, found.level, found.walk, expected, shape, draws),
        sd=found.sd,
        half_life=found.half_life,
        walk=found.walk,
        dispersion=size,
        growth=growth,
        gain=_spread(wish.gain, draws, wish.draws),
        delay=_told(wish.delay, wish.draws),
        lag=_told(wish.lag, wish.draws),
        shape=_told(wish.shape, wish.draws),
    )


def hours_of(shape: Array) -> Array:
    """Share of each hour in a day's sales, shape (24,), from weights of shape (7, 24) or (7, 1).

    Days alone do not say when in the day people buy: then the hours are those of the package's recorded table.
    """
    if shape.shape[1] == 1:
        shape = soft_drinks().profile().reshape(WEEK, HOURS_A_DAY)
    return np.asarray(shape.sum(axis=0) / shape.sum())


def _hourly(weights: Array) -> Array:
    """Weights of the 168 hours, shape (draws, 168), from (draws, 7, slots)."""
    if weights.shape[2] == 1:
        borrowed = soft_drinks().profile().reshape(WEEK, HOURS_A_DAY)
        weights = weights * borrowed / borrowed.mean(axis=1, keepdims=True)
    return np.asarray(weights.reshape(len(weights), -1))


def _expected(series: Series, shape: Array) -> Array:
    """Count of each day by the profile at the mean level, over the slots that are known, shape (days,)."""
    part = np.where(series.known, shape[series.weekday], 0.0)
    total = np.where(series.known, np.nan_to_num(series.values), 0.0).sum()
    return np.asarray(part.sum(axis=1) * (total / part.sum()))


def _levels(series: Series, log: Array, walk: Array, expected: Array, shape: Array, draws: Draws) -> Array:
    """Units an hour in each week and in those ahead, shape (draws, weeks + AHEAD), from the log level of each day."""
    part = np.where(series.known, shape[series.weekday], 0.0).sum()
    base = (
        float(expected.sum()) / part * series.slots / HOURS_A_DAY
    )  # units an hour where weight and level are one
    middle: Ints = np.array(
        [np.flatnonzero(series.week == week).mean().round() for week in range(int(series.week[-1]) + 1)]
    ).astype(np.int64)
    known = log[:, middle]
    steps = np.stack([normals(draws, len(walk), "wander", week) for week in range(AHEAD)], axis=1)
    ahead = log[:, -1:] + np.cumsum(steps * walk[:, None], axis=1)
    return np.asarray(base * np.exp(np.concatenate([known, ahead], axis=1)))


def _spread(interval: tuple[float, float], draws: Draws, count: int) -> Array:
    """Draws over an interval, one a stratum, in an order of their own."""
    order = np.argsort(uniforms(draws, count, "order of gain"))
    low, high = interval
    return np.asarray(low + (high - low) * (order + uniforms(draws, count, "gain")) / count)


def _told(values: tuple[float, ...], count: int) -> Array:
    """As many draws as are wanted of those given; NaN where none are."""
    if not values:
        return np.full(count, np.nan)
    return np.resize(np.array(values, np.float64), count)
