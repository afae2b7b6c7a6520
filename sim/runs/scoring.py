"""Scores of a run: hours in band, misses, money, moves, and the loss that tuning and reports share.

    J = mean over settled windows of max(|y - r| - band, 0) / r  +  lambda spend / budget  +  mu moves

Windows are those that the target's band is judged over (`over`), one ending every hour. y is what the market did, not
what a sensor said of it. Called by the runner and the demo; pure arrays.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools
from controller.loop.setpoints import HOURS
from controller.plan import Campaign, Loss
from controller.quantities.units import Unit


@dataclass(frozen=True, slots=True, eq=False)
class Aim:
    """What one loop is to keep, in the terms of hourly truth: counts of an hour, or a level."""

    verb: str
    level: Array
    """Per hour for counts, as it is for levels; shape (cells,)."""
    weights: Array | None
    """168 hour-of-week weights, or 168 a cell, shape (cells, 168); None: flat."""
    band: Array
    """Half-width around the level, same unit; zero where the target has none."""
    hours: int
    """Hours of the window over which the band is judged."""
    has_band: bool = True

    def reference(self, hour_of_week: Array) -> Array:
        """What each hour is to be, shape (hours, cells), from civil hours of the same shape."""
        if self.weights is None:
            return np.broadcast_to(self.level, hour_of_week.shape)
        hours = hour_of_week.astype(np.int64)
        mine = (
            self.weights[hours] if self.weights.ndim == 1 else self.weights[np.arange(hours.shape[-1]), hours]
        )
        return np.asarray(self.level * mine)


def aim_of(
    campaign: Campaign, loop: str, labels: tuple[str, ...], counted: bool, week: Array | None = None
) -> Aim:
    """The aim of a loop; `counted`: the measured signal is a count, not a level; `week` stands for a learnt shape."""
    plan = campaign.loops[loop]
    sensor = campaign.sensors[plan.sensor]
    level = np.array([campaign.level(loop, label) for label in labels])
    band = np.array([plan.target.band_in(sensor, value) for value in level])
    shape = plan.target.shape
    weights = None if shape is None else week if shape.learned else np.asarray(shape.weights)
    window = sensor.window or 3600.0
    if counted:
        span = Unit.parse(sensor.unit).seconds or window
        level, band = level * 3600.0 / span, band * 3600.0 / span
    hours = max(round((plan.target.over or window) / 3600.0), 1)
    return Aim(plan.target.verb, level, weights, band, min(hours, 52 * HOURS), plan.target.band is not None)


@dataclass(frozen=True, slots=True, eq=False)
class Deviation:
    """Every window of a run against its reference, shape (windows, cells)."""

    relative: Array
    """(y - r) / r where it counts against the target: on the wrong side only, for keep_above and keep_below."""
    band: Array
    """Half-width of the band as a share of r."""

    @property
    def inside(self) -> Bools:
        """Windows in the band."""
        return np.asarray(np.abs(self.relative) <= self.band + 1e-12)

    @property
    def beyond(self) -> Array:
        """How far each window is out of the band, as a share of r; zero inside."""
        return np.maximum(np.abs(self.relative) - self.band, 0.0)


def deviation(aim: Aim, hourly: Array, hour_of_week: Array) -> Deviation:
    """Deviation of trailing windows, one ending each hour from the first full one on.

    Parameters
    ----------
    hourly: what each hour was, shape (hours, cells).
    hour_of_week: civil hour of each, same shape.

    Windows whose reference is zero (a shape's shut hours) count as inside.

    >>> aim = Aim("keep_at", np.array([10.0]), None, np.array([1.0]), 2)
    >>> found = deviation(aim, np.array([[10.0], [12.0], [14.0]]), np.zeros((3, 1)))
    >>> found.relative.ravel().round(2), found.inside.ravel()
    (array([0.1, 0.3]), array([ True, False]))
    """
    reference = trailing_mean(aim.reference(hour_of_week), aim.hours)
    y = trailing_mean(hourly, aim.hours)
    asked = reference > 0
    r = np.where(asked, reference, 1.0)
    relative = np.where(asked, (y - r) / r, 0.0)
    if aim.verb == "keep_above":
        relative = np.minimum(relative, 0.0)
    if aim.verb == "keep_below":
        relative = np.maximum(relative, 0.0)
    share = np.divide(aim.band, aim.level, out=np.zeros_like(aim.band), where=aim.level > 0)
    return Deviation(relative, np.broadcast_to(share, relative.shape))


def trailing_mean(values: Array, hours: int) -> Array:
    """Mean of the last `hours` rows at each row from the first full window on; shape (rows - hours + 1, ...)."""
    total = np.cumsum(np.concatenate([np.zeros_like(values[:1]), values]), axis=0)
    return np.asarray((total[hours:] - total[:-hours]) / hours)


def in_order(rows: Array) -> Array:
    """Sum of rows one after the other, shape rows.shape[1:]; no bit of it depends on how many columns lie side by side.

    >>> in_order(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([4., 6.])
    """
    return np.asarray(np.cumsum(rows, axis=0)[-1])


def loss(weights: Loss, beyond: Array, spend: Array, budget: float | None, moves: Array) -> Array:
    """J, shape of `spend`; without a budget its term is zero.

    Parameters
    ----------
    beyond: mean over windows of what lies beyond the band.
    spend: money; budget: the total it is a share of.
    moves: how often an output changed.
    """
    money = spend / budget if budget else np.zeros_like(spend)
    return np.asarray(beyond + weights.lambda_ * money + weights.mu * moves)
