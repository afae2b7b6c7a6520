"""Two fidelities of one declaration: how far counts are from agents, by the number of segments."""

import numpy as np
import pytest

from models.consumers.agents import Agents
from models.consumers.counts import cut
from models.plants.base import Knobs
from models.plants.consumers import plant_of, standard
from tests.models.consumers.kit import HOUR, lucks

STATED = {1: 0.07, 4: 0.016, 10: 0.007, 50: 0.003}
"""Bounds in the docstring of models/plants/consumers.py, share of the units sold."""
DAYS = 42


def sold(people, cells, seed):
    """Everything that was counted in the six weeks after win-rate and coupon rose, a cell."""
    plant, luck = plant_of(Knobs(sd=0.0), people), lucks(cells, seed)
    at = {
        "win_probability": 0.03,
        "coupon_value": 0.0,
        "push_frequency": 2.0,
        "demand": 900.0,
        "people": 20_000.0,
    }
    at = {name: np.full(cells, value) for name, value in at.items()}
    state, total = plant.start(at, HOUR), None
    at |= {"win_probability": np.full(cells, 0.10), "coupon_value": np.full(cells, 3.0)}
    for step in range(24 * DAYS):
        state, said = plant.step(state, at, luck(step), HOUR)
        total = said if total is None else {name: total[name] + said[name] for name in said}
    return {name: value.mean() for name, value in total.items()}


@pytest.fixture(scope="module")
def compared():
    """Sums of agents (4 populations) and of counts (40), by segments: sampling error of units .09 and .03 %."""
    who = standard(Knobs())
    return sold(Agents(who), 4, 1), {many: sold(cut(who, many), 40, 2) for many in STATED}


def test_counts_are_off_by_no_more_than_is_stated(compared):
    agents, counts = compared
    for many, bound in STATED.items():
        assert abs(counts[many]["units_scanned"] / agents["units_scanned"] - 1) < bound, many


def test_more_segments_are_closer(compared):
    agents, counts = compared
    off = [abs(counts[many]["units_scanned"] / agents["units_scanned"] - 1) for many in sorted(STATED)]
    assert off == sorted(off, reverse=True)
    assert off[0] > 0.03
    assert off[2] < 0.01


@pytest.mark.parametrize(
    ("signal", "within"),
    [
        ("baskets", 0.004),
        ("prizes_won", 0.006),
        ("prizes_paid", 0.006),
        ("coupons_paid", 0.01),
        ("pushes_sent", 0.002),
        ("opens", 0.015),
        ("opt_outs", 0.25),  # a sampling error of 6 %
        ("active_reach", 0.002),
    ],
)
def test_every_signal_of_many_segments_is_that_of_agents(compared, signal, within):
    agents, counts = compared
    assert counts[50][signal] == pytest.approx(agents[signal], rel=within)
