"""Scores by hand: windows, bands, one-sided targets, the loss; and traces of a market."""

from dataclasses import replace

import numpy as np
import pytest

from controller.config import load
from controller.plan import Loss
from sim.scoring import Aim, aim_of, deviation, loss, trailing_mean
from sim.trace import Trace
from tests.sim.market_kit import DAY, HOUR, START, market

HOURLY = np.array([[8.0], [10.0], [12.0], [14.0]])
CLOCK = np.zeros((4, 1))


def aim(verb="keep_at", hours=1, band=1.0, weights=None):
    return Aim(verb, np.array([10.0]), weights, np.array([band]), hours)


def test_trailing_means_begin_with_the_first_full_window():
    assert trailing_mean(HOURLY, 2).ravel().tolist() == [9.0, 11.0, 13.0]


@pytest.mark.parametrize(
    ("verb", "relative", "inside"),
    [
        ("keep_at", [-0.2, 0.0, 0.2, 0.4], [False, True, False, False]),
        ("keep_above", [-0.2, 0.0, 0.0, 0.0], [False, True, True, True]),
        ("keep_below", [0.0, 0.0, 0.2, 0.4], [True, True, False, False]),
    ],
)
def test_only_the_wrong_side_counts(verb, relative, inside):
    found = deviation(aim(verb), HOURLY, CLOCK)
    assert found.relative.ravel() == pytest.approx(relative)
    assert found.inside.ravel().tolist() == inside
    assert found.beyond.ravel() == pytest.approx([max(abs(r) - 0.1, 0.0) for r in relative])


def test_the_edge_of_the_band_is_inside():
    assert deviation(aim(band=2.0), HOURLY, CLOCK).inside.ravel().tolist() == [True, True, True, False]


def test_a_shape_asks_more_of_some_hours_and_nothing_of_shut_ones():
    weights = np.zeros(168)
    weights[[1, 2]] = 84.0
    found = deviation(aim(weights=weights), np.array([[5.0], [840.0]]), np.array([[0.0], [1.0]]))
    assert found.relative.ravel().tolist() == [0.0, 0.0]


def test_the_loss_adds_misses_money_and_moves():
    j = loss(Loss(lambda_=0.1, mu=0.0001), np.array([0.05]), np.array([250.0]), 500.0, np.array([100.0]))
    assert j[0] == pytest.approx(0.05 + 0.05 + 0.01)
    assert loss(Loss(), np.array([0.05]), np.array([0.0]), None, np.array([0.0]))[0] == 0.05


def test_a_campaign_s_target_in_terms_of_the_market_s_hours():
    campaign = load("configs/cap_lottery.yaml")
    found = aim_of(campaign, "sales", ("a", "b"), counted=True)
    assert found.level.tolist() == pytest.approx([28000 / 24] * 2)
    assert found.band.tolist() == pytest.approx([2800 / 24] * 2)
    assert found.hours == 24
    sensor = replace(campaign.sensors["units"], unit="units/day")
    same = aim_of(
        replace(campaign, sensors=campaign.sensors | {"units": sensor}), "sales", ("a",), counted=True
    )
    assert same.level.tolist() == pytest.approx([28000 / 24])


def test_a_trace_holds_every_hour_s_truth_and_every_move():
    m = market()
    m.advance_to(START + DAY)
    trace = Trace(m, ("units_scanned", "active_reach"), START + DAY)
    for n in range(7):
        m.advance_to(START + DAY + n * 1800.0)
        trace.note(START + DAY + n * 1800.0)
    counted = [m.window("units_scanned", START + DAY + h * HOUR, HOUR)[0][0] for h in (1, 2, 3)]
    assert trace.hourly("units_scanned").ravel().tolist() == counted
    assert trace.gained("units_scanned")[0] == sum(counted)
    assert trace.hour_of_week().ravel().tolist() == [24.0, 25.0, 26.0]
    assert len(trace.hourly("active_reach")) == 3
    assert trace.moves("win_probability")[0] == 0
    assert trace.extremes("win_probability") == (0.03, 0.03)
