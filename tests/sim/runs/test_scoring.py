"""Scores by hand: windows, bands, one-sided targets, the loss; and traces of a market."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from controller.assembly import cells_of
from controller.cells import Cells
from controller.config import load
from controller.plan import Loss
from controller.signals import Latch, Verdict
from sim.runs.scoring import Aim, aim_of, deviation, in_order, loss, trailing_mean
from sim.runs.trace import Trace
from tests.sim.market.market_kit import DAY, HOUR, START, market

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


# -- moves that nobody could see the need of --------------------------------------------------------------------------


class Turned:
    """A turn as a trace looks at it."""

    def __init__(self, latch, verdict=Verdict.OK):
        signal = type("Signal", (), {"latch": np.array([latch]), "verdict": np.array([verdict])})
        self.signals = {"units": signal}


@pytest.mark.parametrize(
    ("values", "turn", "blind"),
    [
        ((0.03, 0.05), Turned(Latch.HOLD), 1),
        ((0.03, 0.05), Turned(Latch.SAFE), 1),
        ((0.03, 0.05), Turned(Latch.LIVE, Verdict.NO_DATA), 1),
        ((0.03, 0.05), Turned(Latch.LIVE), 0),
        ((0.05, 0.03), Turned(Latch.HOLD), 0),
        ((0.05, 0.05), Turned(Latch.HOLD), 0),
        ((0.04, 0.02), Turned(Latch.HOLD), 0),
        ((0.04, 0.01), Turned(Latch.HOLD), 1),
    ],
)
def test_only_a_move_away_from_the_safe_value_while_nothing_can_be_read_is_blind(values, turn, blind):
    trace = Trace(market(), (), START)
    trace.levers["win_probability"] = [np.array([value]) for value in values]
    trace.look(turn, "win_probability", "units", 0.03)
    assert trace.blind.tolist() == [blind]


def test_the_first_turn_has_no_move_behind_it():
    trace = Trace(market(), (), START)
    trace.levers["win_probability"] = [np.array([0.05])]
    trace.look(Turned(Latch.HOLD), "win_probability", "units", 0.03)
    assert trace.blind.tolist() == [0]


def test_blind_moves_are_counted_in_the_cell_that_made_them():
    trace = Trace(market(Cells(("a", "b"))), (), START)
    trace.levers["win_probability"] = [np.array([0.03, 0.03]), np.array([0.05, 0.05])]
    turn = Turned(Latch.HOLD)
    turn.signals["units"].latch = np.array([Latch.HOLD, Latch.LIVE])
    turn.signals["units"].verdict = np.array([Verdict.OK, Verdict.OK])
    trace.look(turn, "win_probability", "units", 0.03)
    assert trace.blind.tolist() == [1, 0]


# -- scores of replicas -----------------------------------------------------------------------------------------------


@given(arrays(np.float64, (50, 4), elements=st.floats(0, 1e6)))
def test_a_sum_over_time_does_not_depend_on_what_lies_beside_it(rows):
    together = in_order(rows)
    for n in range(4):
        assert in_order(rows[:, n : n + 1].copy())[0] == together[n]


def test_scores_are_those_of_each_replica_and_money_is_its_cells_sum():
    from sim.runs.runner import Run, finish, start
    from sim.runs.scores import scores
    from tests.sim.evidence.kit import stores

    plan = replace(stores(), mode="auto")
    own = cells_of(plan)
    whole = finish(start(Run(campaign=plan, seconds=2 * DAY, cells=own.replicated(2))))
    found = scores(plan, whole, 2)
    paid = whole.gained("prizes_paid").reshape(2, 2)
    assert found.spend.tolist() == paid.sum(axis=1).tolist()
    assert found.high.tolist() == whole.extremes("win_probability")[1].reshape(2, 2).max(axis=1).tolist()
    assert found.moves.tolist() == whole.moves("win_probability").reshape(2, 2).mean(axis=1).tolist()
    assert found.opt_outs.tolist() == [0.0, 0.0]
    alone = scores(
        plan, finish(start(Run(campaign=plan, seconds=2 * DAY, cells=own.replicated(1, first=1)))), 1
    )
    assert alone.loss[0] == found.loss[1]


def test_people_who_opt_out_are_counted_where_a_market_has_them():
    from sim.runs.runner import Run, finish, start
    from sim.runs.scores import scores

    plan = load("configs/push_frequency.yaml")
    trace = finish(start(Run(campaign=plan, seconds=2 * DAY, sparse=True)))
    assert scores(plan, trace, 1).opt_outs[0] == trace.gained("opt_outs")[0] > 0
