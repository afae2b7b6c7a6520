"""Small markets for tests."""

from datetime import UTC, datetime

from controller.cells import Cells
from models.draws import Draws
from models.plants.base import Knobs
from models.plants.campaign import build
from sim.market.demand import Demand
from sim.market.market import Market, Timing

START = datetime(2026, 6, 1, tzinfo=UTC).timestamp()
HOUR, DAY = 3600.0, 86_400.0
LEVERS = {"win_probability": 0.03, "coupon_value": 2.0, "push_frequency": 1.0}


def market(cells=None, seed=1, levers=None, disturbances=(), keys=None, knobs=None, **timing):
    return Market(
        build(knobs or Knobs()),
        Demand(cells or Cells(("all",))),
        Draws(seed),
        start=START,
        levers=LEVERS | (levers or {}),
        timing=Timing(**timing),
        disturbances=disturbances,
        keys=keys,
    )
