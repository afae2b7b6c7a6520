"""Limits, drift and answers: what is counted is what happened, at the published rates."""

import numpy as np
import pytest

from models.health.drift import Drift, Sums, run_length
from models.health.response import Response
from models.health.saturation import Standing, at_limits, shares

RNG = np.random.default_rng(3)


def lengths(shift, limit=5.0, cells=3000, most=6000):
    """Samples until the alarm, one a cell."""
    state, found = Sums.none(cells), np.full(cells, np.nan)
    for k in range(1, most):
        state = state.seen(RNG.standard_normal(cells) + shift)
        found = np.where(np.isnan(found) & (state.direction(limit) != 0), k, found)
        if np.isfinite(found).all():
            break
    return found


@pytest.mark.parametrize(("shift", "published"), [(0.0, 465.0), (0.5, 38.0), (1.0, 10.4), (2.0, 4.01)])
def test_run_lengths_are_the_published_ones(shift, published):
    """Montgomery, table of the tabular cusum with k = 1/2, h = 5."""
    found = lengths(shift)
    assert found.mean() == pytest.approx(published, rel=0.06)
    assert run_length(shift) == pytest.approx(published, rel=0.04)


def test_the_direction_of_a_shift_is_told():
    up, down, none = (Sums.none(1) for _ in range(3))
    for _ in range(20):
        up, down, none = up.seen(np.ones(1)), down.seen(-np.ones(1)), none.seen(np.full(1, np.nan))
    assert (up.direction()[0], down.direction()[0], none.direction()[0]) == (1.0, -1.0, 0.0)


def test_one_wild_sample_is_no_drift():
    assert Sums.none(1).seen(np.array([1e9])).direction()[0] == 0.0


def drifted(gain, level, samples=400, cells=200):
    """A model that says 1 x move; a plant that does gain x move + level."""
    state = Drift.none(cells)
    for _ in range(samples):
        moves = RNG.standard_normal(cells)
        error = (gain - 1.0) * moves + level + 0.5 * RNG.standard_normal(cells)
        state = state.seen(error, moves, np.full(cells, 0.5), np.ones(cells))
    return state


def test_a_weaker_plant_shows_in_the_gain_and_new_demand_in_the_level():
    weaker, busier = drifted(0.5, 0.0), drifted(1.0, 0.5)
    assert (weaker.gain.direction() == -1).mean() > 0.95
    assert (busier.level.direction() == 1).mean() > 0.95
    assert (busier.gain.direction() != 0).mean() < 0.6, (
        "what is left is the rate of false alarms in 400 samples"
    )


def test_standing_at_a_limit_is_counted_on_each_side():
    values = np.array([[0.0, 0.04], [0.0, 0.12], [0.5, 0.12], [1.0, 0.12]])
    low, high = shares(values, np.array([0.0, 0.03]), np.array([1.0, 0.12]))
    assert low.tolist() == [0.5, 0.0]
    assert high.tolist() == [0.25, 0.75]


def test_an_output_that_can_not_move_stands_at_no_limit():
    assert not np.any(at_limits(np.array([0.03]), 0.03, 0.03))


def test_a_grain_below_a_limit_is_at_it():
    assert at_limits(np.array([0.1196]), 0.03, 0.12, grain=0.001)[1][0]
    assert not at_limits(np.array([0.1190]), 0.03, 0.12, grain=0.001)[1][0]


def test_shares_fade_with_their_time_constant():
    state = Standing.none(1)
    for _ in range(10):
        state = state.seen(np.array([True]), np.array([False]), 1.0, 10.0)
    assert state.low[0] == pytest.approx(1 - np.exp(-1))


def answered(slope, samples=200, cells=400, noise=0.5, moves=1.0):
    state = Response.none(cells)
    for _ in range(samples):
        move = moves * RNG.standard_normal(cells)
        state = state.seen(move, slope * move + noise * RNG.standard_normal(cells), 1.0)
    return state


def test_the_slope_and_its_error_are_those_of_least_squares():
    found = answered(2.0)
    assert found.slope.mean() == pytest.approx(2.0, abs=0.01)
    assert found.slope.std() == pytest.approx(found.error.mean(), rel=0.1)
    assert found.error.mean() == pytest.approx(0.5 / np.sqrt(200), rel=0.05)


def test_a_lever_is_dead_where_it_was_moved_and_nothing_came_of_it():
    assert answered(0.0).dead(least=0.2, far=20.0).mean() > 0.95
    assert answered(1.0).dead(least=0.2, far=20.0).mean() == 0.0


def test_a_lever_that_was_not_moved_is_not_called_dead():
    assert not answered(0.0, moves=0.0).dead(least=0.2, far=20.0).any()
    assert not answered(0.0, samples=1).dead(least=0.2, far=0.0).any()


def test_what_is_not_a_number_teaches_nothing():
    before = answered(1.0, cells=1)
    after = before.seen(np.array([np.nan]), np.ones(1), 0.9)
    assert (after.xx, after.count) == (before.xx, before.count)
