"""Base demand of a calibrated market: what each cell would sell an hour if no lever were turned.

    units an hour = volume x level[draw, week] x profile[draw, hour of week] x share of the cell

The same face as the recorded demand of sim/market/demand.py, with a posterior draw for every cell, so that replicas in
one array can each stand on a market of their own. Called by the market once a step; calls the posterior, the
controller's clock for civil fields, and sim.market.demand for the sizes of cells; draws nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from controller.cells import Array, Bools, Cells, Ints
from controller.clock import civil_at
from sim.calibration.calibrated import Calibrated, spoken
from sim.market.demand import shares


@dataclass(frozen=True, slots=True, eq=False)
class CalibratedDemand:
    """Demand without levers, from a calibrated market.

    Parameters
    ----------
    cells: their zones say which hour it is, their labels how large they are.
    calibrated: the market.
    draw: posterior draw of each cell, shape (cells,), or one for all; from 0.
    volume: how many times the recorded sample the market has, above zero.
    spread: standard deviation of the log size of cells in one pool; zero: all alike.
    """

    cells: Cells
    calibrated: Calibrated
    draw: Ints
    volume: float = 1.0
    spread: float = 0.0
    share: Array = field(init=False)

    def __post_init__(self) -> None:
        if not 0 < self.volume < np.inf:
            raise ValueError(f"the volume factor must be above zero, received {self.volume}")
        draw = np.broadcast_to(np.asarray(self.draw, np.int64), (len(self.cells),))
        if not ((draw >= 0) & (draw < self.calibrated.posterior.draws)).all():
            most = self.calibrated.posterior.draws - 1
            raise ValueError(f"a posterior draw is 0 to {most}, received {draw.min()} to {draw.max()}")
        object.__setattr__(self, "draw", draw)
        object.__setattr__(self, "share", shares(self.cells, self.spread))

    def at(self, moment: float) -> Array:
        """Units an hour at a UTC moment, shape (cells,), each cell in its own zone."""
        civil = civil_at(moment, self.cells)
        rate = self.calibrated.posterior.rate(self.draw, civil.business_date, civil.hour_of_week)
        rate = np.where(self._closed(civil.business_date), 0.0, rate)
        return np.asarray(rate * self.volume * self.share)

    def statement(self) -> str:
        """What is recorded, what is fitted and what is modelled; every report prints it."""
        market, source, drawn = self.calibrated, self.calibrated.data, self.calibrated.posterior
        sd, half, size = (drawn.interval(name)[1] for name in ("sd", "half_life", "dispersion"))
        hours = "" if source.hourly else " (the hours within a day are borrowed: the data hold days)"
        people = "" if source.people is None else f", of {source.people:,} households, which are a sample"
        zone = source.zone or "a zone that nobody named"
        shut = f" Closed on {spoken(market.closed)}." if market.closed else ""
        held = (
            "passed"
            if market.passed
            else f"failed ({', '.join(market.holdout.failed)}), so it may not certify"
        )
        return (
            f"Recorded: {source.unit} of {source.name}, {source.first} to {source.last}{people}; hours of {zone} taken "
            f"as each cell's own local hours; scaled {self.volume:g} times. Fitted: week's profile{hours}, level, "
            f"disturbance (sd {sd:.2f}, half-life {half / 86_400.0:.1f} days), variance/mean {size:.1f}; "
            f"{drawn.draws} posterior draws; hold-out {held}.{shut} Modelled: everything else, above all how sales "
            f"answer to win-rate, coupon and push: a factor of {market.gain.low:g} to {market.gain.high:g} on the "
            "plant's own default. Nothing real is touched."
        )

    def _closed(self, ordinals: Ints) -> Bools:
        if not self.calibrated.closed:
            return np.zeros(len(ordinals), np.bool_)
        days, place = np.unique(ordinals, return_inverse=True)
        shut = [date.fromordinal(int(day)).strftime("%m-%d") in self.calibrated.closed for day in days]
        return np.array(shut, np.bool_)[place]


def standing_on(calibrated: Calibrated, draw: Ints) -> Callable[[Cells, float, float], CalibratedDemand]:
    """A maker of demand from (cells, volume, spread), as a world of the simulator wants it."""
    return lambda cells, volume, spread: CalibratedDemand(cells, calibrated, draw, volume, spread)
