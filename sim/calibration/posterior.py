"""The fitted numbers of a market: not one set but many draws, every one a market that the data allow.

Made by the fit; read by the demand, by the predictive simulation and by the file. Arrays have a leading axis draws.
"""

from dataclasses import dataclass, fields

import numpy as np

from controller.cells import Array, Ints
from models.response.seasonal import HOURS


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Posterior:
    """Draws of everything that a market needs."""

    monday: int
    """Ordinal of the Monday on which `level` begins."""
    weeks: int
    """Weeks of `level` that the data cover; what follows is the level's wander."""
    profile: Array
    """Weights of the hours of the week, mean one, shape (draws, 168)."""
    level: Array
    """Units an hour in each week, shape (draws, weeks and those ahead)."""
    sd: Array
    """Standard deviation of the log disturbance, shape (draws,), as all below."""
    half_life: Array
    """Of the disturbance, seconds."""
    walk: Array
    """Standard deviation of the log level's wander in a week."""
    dispersion: Array
    """Variance over mean of the counts at the usual level."""
    growth: Array
    """Power of the disturbance's factor with which the dispersion grows."""
    gain: Array
    """Factor on how sales answer to the levers, relative to the plant's own default."""
    delay: Array
    """Dead time of the answer, seconds; NaN where nothing was measured."""
    lag: Array
    """Half-life of the answer, seconds; NaN where nothing was measured."""
    shape: Array
    """Shape of the gamma law of purchase rates between households; NaN where nothing was measured."""

    @property
    def draws(self) -> int:
        """How many."""
        return len(self.sd)

    def rate(self, draw: Ints, ordinal: Ints, hour_of_week: Ints) -> Array:
        """Units an hour without levers and without disturbance; shapes broadcast.

        Before the first week the level is the first week's, after the last the last one's.
        """
        week = np.clip((ordinal - self.monday) // 7, 0, self.level.shape[1] - 1)
        return np.asarray(self.level[draw, week] * self.profile[draw, hour_of_week % HOURS])

    def interval(self, name: str, share: float = 0.9) -> tuple[float, float, float]:
        """Lower end, median and upper end over the draws of a quantity of shape (draws,)."""
        tail = (1.0 - share) / 2.0
        low, middle, high = np.quantile(getattr(self, name), (tail, 0.5, 1.0 - tail))
        return float(low), float(middle), float(high)


ARRAYS = tuple(field.name for field in fields(Posterior) if field.name not in ("monday", "weeks"))
"""Names of the arrays, in the order of the file."""
