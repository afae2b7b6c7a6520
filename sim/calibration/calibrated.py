"""A calibrated market: posterior draws, where they come from, what was treated, and whether the hold-out was passed.

The noun that a file holds (file.py writes and reads it) and that a simulation stands on (demand.py). Frozen; knows
neither the loop nor the command.
"""

from dataclasses import dataclass
from datetime import date

from controller.cells import Array, Ints
from controller.clock import day_start
from sim.calibration.holdout import HoldOut
from sim.calibration.posterior import Posterior
from sim.calibration.series import Treatment


@dataclass(frozen=True, slots=True)
class Gain:
    """How strongly sales answer to the levers, as far as the data can say: a factor on the plant's own default."""

    low: float
    high: float
    identified: bool
    text: str
    """Why, in words."""


@dataclass(frozen=True, slots=True)
class Source:
    """The data that a market was fitted to."""

    name: str
    digest: str
    """sha256 of the file."""
    rows: int
    unit: str
    zone: str
    """IANA zone of the civil hours; empty: nobody said."""
    hourly: bool
    first: str
    last: str
    """First and last day, as dates."""
    days: int
    """Days with counts."""
    people: int | None = None
    """Households behind the data, where a table of trips says so."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Calibrated:
    """One market."""

    data: Source
    treated: tuple[Treatment, ...]
    closed: tuple[str, ...]
    """Days of the year on which nothing is sold, as MM-DD."""
    posterior: Posterior
    """Fitted to all of the data."""
    gain: Gain
    holdout: HoldOut
    """Of the same fit to the first part of the data."""
    seed: int = 1
    digest: str = ""
    """sha256 of the market's file."""

    @property
    def source(self) -> str:
        """The data in a few words."""
        return f"{self.data.unit} of {self.data.name}, {self.data.first} to {self.data.last}"

    @property
    def until(self) -> float:
        """UTC seconds at which the last day of the data ends, in their zone."""
        last = date.fromisoformat(self.data.last).toordinal()
        return day_start(last + 1, self.data.zone or "UTC")

    @property
    def draws(self) -> int:
        """How many posterior draws."""
        return self.posterior.draws

    @property
    def failed(self) -> tuple[str, ...]:
        """Statistics of the hold-out outside their band."""
        return self.holdout.failed

    @property
    def passed(self) -> bool:
        """Whether the hold-out was passed."""
        return self.holdout.passed

    def certifies(self) -> bool:
        """Whether evidence from this market may let a campaign run by itself; `refusal` says why not."""
        return self.passed

    def refusal(self) -> str:
        """Why this market may not certify; empty if it may."""
        if self.passed:
            return ""
        failed = [row for row in self.holdout.rows if not row.passed]
        told = "; ".join(f"{r.statistic} {r.recorded:.3g}, band {r.low:.3g} to {r.high:.3g}" for r in failed)
        return f"the market fitted to {self.data.name} fails its hold-out and may not certify: {told}"

    def plant_noise(self, index: Ints) -> dict[str, Array]:
        """What the plant's disturbance and counts are under posterior draw `index` of each cell, shape (cells,).

        `sd` of the log disturbance, its `half_life` in seconds, `dispersion` of the counts (variance over mean), and
        `growth`: the power of the disturbance's factor with which the dispersion grows.
        """
        drawn = self.posterior
        return {name: getattr(drawn, name)[index] for name in ("sd", "half_life", "dispersion", "growth")}

    def effect(self, index: Ints) -> Array:
        """Factor on how sales answer to the levers, relative to the plant's default, under draw `index` of each cell.

        Shape (cells,), over the interval of `gain`.
        """
        return self.posterior.gain[index]

    def lag(self, index: Ints) -> dict[str, Array]:
        """`delay` and `half_life` of the answer, seconds, shape (cells,); NaN where no redemptions told them."""
        return {"delay": self.posterior.delay[index], "half_life": self.posterior.lag[index]}

    def heterogeneity(self, index: Ints) -> Array:
        """Shape of the gamma law of purchase rates, shape (cells,); NaN where no trips told it."""
        return self.posterior.shape[index]


def spoken(days: tuple[str, ...]) -> str:
    """Days of the year as people say them.

    >>> spoken(("01-01", "12-25"))
    '1 January, 25 December'
    """
    dates = [date.fromisoformat(f"2000-{day}") for day in days]
    return ", ".join(f"{day.day} {day:%B}" for day in dates)
