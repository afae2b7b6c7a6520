"""The week's profile: 168 weights (7 for daily data), drawn towards the product of weekday and hour.

    weight[weekday, hour] = p (1 + k (c / p - 1))     p = row mean x column mean     k = t^2 / (t^2 + v)

c is the mean count of a cell over the weeks, each week at its own level; v is the variance that counting gives c / p,
t^2 what c / p varies beyond that. A cell seen in few weeks leans on its weekday and its hour. Called by the fit with
the weeks as they are and with the weeks of a bootstrap; calls nothing; draws nothing.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from sim.calibration.series import Series


@dataclass(frozen=True, slots=True, eq=False)
class Weeks:
    """Counts and exposures by week, both of shape (weeks, 7, slots)."""

    counts: Array
    """Zero where unknown."""
    exposure: Array
    """The level of the week, relative to the mean, where the slot is known; else zero."""


def weeks_of(series: Series) -> Weeks:
    """The series laid out by week, with the level of each week in the exposure."""
    known = np.nan_to_num(series.by_week(series.known.astype(np.float64)))
    counts = np.where(known > 0, np.nan_to_num(series.by_week(np.where(series.known, series.values, 0.0))), 0)
    plain = _ratio(counts.sum(axis=0), known.sum(axis=0))
    expected = (known * plain).sum(axis=(1, 2))
    level = _ratio(counts.sum(axis=(1, 2)), expected)
    return Weeks(counts, known * level[:, None, None])


def profiles(weeks: Weeks, taken: Array, dispersion: float | None) -> Array:
    """Weights of mean one for each sample of weeks, shape (samples, 7, slots).

    Parameters
    ----------
    taken: how often each week is in each sample, shape (samples, weeks).
    dispersion: variance over mean of the counts, for how far to lean; None: not at all.

    >>> weeks = Weeks(np.tile(np.arange(7.0)[:, None], (4, 1, 1)), np.ones((4, 7, 1)))
    >>> profiles(weeks, np.ones((1, 4)), 1.0)[0, :, 0].round(2)
    array([0.  , 0.33, 0.67, 1.  , 1.33, 1.67, 2.  ])
    """
    flat = (len(weeks.counts), -1)
    shape = (len(taken), *weeks.counts.shape[1:])
    counts = (taken @ weeks.counts.reshape(flat)).reshape(shape)
    seen = (taken @ weeks.exposure.reshape(flat)).reshape(shape)
    weight = _ratio(counts, seen)
    if dispersion is not None and shape[2] > 1:
        weight = _leaning(weight, seen, dispersion)
    return np.asarray(weight / weight.mean(axis=(1, 2), keepdims=True))


def _leaning(cell: Array, seen: Array, dispersion: float) -> Array:
    """Cells drawn towards weekday x hour by how little is known of each."""
    rows, columns = cell.mean(axis=2, keepdims=True), cell.mean(axis=1, keepdims=True)
    product = rows * columns / np.maximum(cell.mean(axis=(1, 2), keepdims=True), 1e-300)
    ratio = _ratio(cell, product)
    counting = _ratio(np.full_like(cell, dispersion), seen * product)
    mass = seen * product
    spread = (mass * ((ratio - 1.0) ** 2 - counting)).sum(axis=(1, 2)) / mass.sum(axis=(1, 2))
    beyond = np.maximum(spread, 0.0)[:, None, None]
    keep = _ratio(np.broadcast_to(beyond, cell.shape), beyond + counting)
    return np.asarray(np.where(seen > 0, product * (1.0 + keep * (ratio - 1.0)), product))


def _ratio(above: Array, below: Array) -> Array:
    """above / below, zero where there is nothing below."""
    return np.divide(above, below, out=np.zeros_like(above, dtype=np.float64), where=below > 0)
