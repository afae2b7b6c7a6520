"""Base demand: what each cell would sell an hour if no lever were turned.

    units an hour = volume x recorded(hour of year, in the cell's zone) x share of the cell

Called by the market once a step; calls sim.market.recorded and the controller's clock for civil fields; draws only the
sizes of cells, once. Says in one sentence what is recorded and what is modelled.
"""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from controller.cells import Array, Cells
from controller.clock import civil_at
from models.draws import Draws, keys_of
from sim.market.recorded import SOURCE, WEEKS, hour_of_year, soft_drinks

Base = Literal["days", "hours", "week"]

_RECORDED = {
    "days": "the weekly profile, the level of each day and the dispersion of the counts",
    "hours": "every single hour, its chance included, and the dispersion of the counts drawn around it",
    "week": "the weekly profile and the dispersion of the counts",
}


@dataclass(frozen=True, slots=True, eq=False)
class Demand:
    """Demand without levers.

    Parameters
    ----------
    cells: their zones say which hour it is, their labels how large they are.
    volume: how many times the recorded households the market has, above zero.
    base: `days`: profile and level of each day; `hours`: the recorded hours as they are; `week`: the profile alone.
    spread: standard deviation of the log size of cells in one pool; zero: all alike.

    >>> demand = Demand(Cells(("all",)), volume=80.0)
    >>> demand.at(1_780_308_000.0).round()
    array([946.])
    """

    cells: Cells
    volume: float = 80.0
    base: Base = "days"
    spread: float = 0.0
    hourly: Array = field(init=False)
    share: Array = field(init=False)

    def __post_init__(self) -> None:
        if not 0 < self.volume < np.inf:
            raise ValueError(f"the volume factor must be above zero, received {self.volume}")
        object.__setattr__(self, "hourly", _rates(self.base) * self.volume)
        object.__setattr__(self, "share", shares(self.cells, self.spread))

    def at(self, moment: float) -> Array:
        """Units an hour at a UTC moment, shape (cells,)."""
        civil = civil_at(moment, self.cells)
        hour = hour_of_year(civil.business_date, civil.hour_of_week)
        return np.asarray(self.hourly[hour] * self.share)

    def statement(self) -> str:
        """What is recorded and what is modelled; every report prints it."""
        return (
            f"Recorded: {SOURCE}; of it {_RECORDED[self.base]} (variance/mean {soft_drinks().dispersion():.1f}), "
            f"scaled {self.volume:g} times. Modelled: everything else, above all how sales answer to win-rate, coupon "
            "and push. Nothing real is touched."
        )


def shares(cells: Cells, spread: float) -> Array:
    """Each cell's share of its pool's demand, shape (cells,); the same for a label in every replica."""
    if not spread:
        return 1.0 / cells.spread(cells.total(cells.full(1.0)))
    from scipy.special import ndtri

    size = np.exp(spread * ndtri(Draws(0).uniform(keys_of(cells.label_of), 0, "size of cell")))
    return np.asarray(size / cells.spread(cells.total(size)))


def _rates(base: Base) -> Array:
    """Units an hour of the recorded households, shape (8736,)."""
    table = soft_drinks()
    if base == "days":
        return table.days()
    return table.units if base == "hours" else np.tile(table.profile() * table.units.mean(), WEEKS)
