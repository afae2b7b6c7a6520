"""Two campaigns on two different plants, and their markets in worlds with faults."""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from controller.assembly import cells_of
from controller.cells import Cells
from controller.config import load
from models.draws import Draws
from models.plants.base import Lever, Signal
from sim.market.build import market_of, simulated
from sim.market.demand import Demand
from sim.market.market import Market
from sim.market.world import World
from sim.runs.runner import first_moment

HOUR, DAY, STEP = 3600.0, 86_400.0, 600.0


@dataclass(frozen=True)
class Case:
    """One campaign and the names in it that tests need."""

    file: str
    signal: str
    sensor: str
    lever: str
    actuator: str
    high: float

    @property
    def campaign(self):
        return _campaign(self.file)

    @property
    def starts(self):
        return first_moment(self.campaign)

    def built(self, replicas=1, first=0, seed=1, **world):
        """A market with its ports that begins at `starts`; its cells are replicas of the campaign's."""
        return simulated(
            self.campaign,
            Draws(seed),
            start=self.starts,
            cells=self._cells(replicas, first),
            world=World(**world),
        )

    def _cells(self, replicas, first):
        return cells_of(self.campaign).replicated(replicas, first=first)

    def market(self, replicas=1, first=0, seed=1, **world):
        """The market alone, all of ten days of which can be read back."""
        return market_of(
            self.campaign,
            Draws(seed),
            start=self.starts,
            cells=self._cells(replicas, first),
            keep=10 * DAY,
            world=World(**world),
        )[0]


@cache
def _campaign(file):
    return load(f"configs/{file}.yaml")


CASES = (
    Case("cap_lottery", "units_scanned", "units", "win_probability", "win_rate", 0.12),
    Case("push_frequency", "opens", "opens", "push_frequency", "push", 5.0),
)


def steps(market, signal):
    """What each step truly counted, shape (steps, cells)."""
    rows = [market.history.at(signal, n) for n in range(market.history.steps + 1)]
    return np.diff(rows, axis=0)


def windows(market, signal, seconds, upto, count):
    """The last `count` windows of `seconds` up to a moment, as known now, shape (count, cells)."""
    ends = upto - seconds * np.arange(count)[::-1]
    return np.array([market.window(signal, end, seconds)[0] for end in ends])


class Even:
    """A plant that counts the same in each step, whatever is done to it: what is told of it is the feed's own."""

    levers: ClassVar = {"odds": Lever("share", 0.0, 1.0, 0.0, "none")}
    signals: ClassVar = {
        "units": Signal("count", "units", "always 600"),
        "stock": Signal("level", "units", "always 600"),
    }

    def start(self, inputs, dt):
        return {}

    def step(self, state, inputs, luck, dt):
        same = np.full_like(inputs["demand"], 600.0)
        return state, {"units": same, "stock": same}


def even(cells, **about):
    """A market of that plant that begins at zero."""
    cells = Cells(tuple(f"c{n}" for n in range(cells))) if isinstance(cells, int) else cells
    return Market(Even(), Demand(cells), Draws(1), start=0.0, levers={}, **about)
