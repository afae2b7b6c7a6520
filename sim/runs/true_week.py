"""The week that a market's demand really has, against which a target whose shape is learnt is scored.

Called by whoever scores a run; so all policies of a comparison are held against the same hours, whatever each of them
learnt. Pure.
"""

import numpy as np

from controller.cells import Array
from controller.clock import civil_at
from controller.plan import Campaign
from models.forecast.hours import HOURS
from sim.market.market import Market

WEEKS = 12


def true_week(campaign: Campaign, loop: str, market: Market) -> Array | None:
    """Weights of mean one of base demand, shape (cells, 168), over twelve weeks; None where no shape is learnt."""
    shape = campaign.loops[loop].target.shape
    if shape is None or not shape.learned:
        return None
    cells, start = len(market.cells), market.first * market.timing.step
    total, rows = np.zeros((cells, HOURS)), np.arange(cells)
    for hour in range(WEEKS * HOURS):
        moment = start + hour * 3600.0
        total[rows, civil_at(moment, market.cells).hour_of_week] += market.demand.at(moment)
    return np.asarray(total / total.mean(axis=1, keepdims=True))
