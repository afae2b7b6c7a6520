"""Grid points are the floats that people write, and error feedback owes nothing in the long run."""

from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.loop.grid import Grid, quantise
from controller.signals import Channel


def channel(low=0.0, high=1.0, resolution=None, levels=None):
    return Channel("lever", "count", low, high, low, low, resolution=resolution, levels=levels)


@given(st.integers(0, 10_000), st.sampled_from([(0, 4), (3, 4), (17, 4), (0, 2), (5, 1), (1, 3)]))
def test_points_are_exactly_what_is_written(step, shape):
    low, places = shape
    resolution = Decimal(1).scaleb(-places)
    start = low * resolution
    grid = Grid.of(channel(float(start), 1e6, float(resolution)))
    written = float(start + step * resolution)
    beside = np.array([written, np.nextafter(written, np.inf), np.nextafter(written, -np.inf)])
    for rounded in (grid.down(beside), grid.up(beside), grid.nearest(beside)):
        assert (rounded == written).all()


@given(
    st.floats(-1e6, 1e6),
    st.sampled_from([0.0001, 0.01, 0.25, 0.3, 1.0, 7.0]),
    st.sampled_from([0.0, 0.03, 1.0]),
)
def test_down_and_up_enclose_within_one_step(value, resolution, low):
    grid = Grid.of(channel(low, 1e6, resolution))
    down, up = float(grid.down(np.array(value))), float(grid.up(np.array(value)))
    slack = 2 * grid.slack + abs(value) * 1e-14
    assert down - slack <= value <= up + slack
    assert up - down <= resolution + slack
    nearest = float(grid.nearest(np.array(value)))
    assert abs(nearest - value) <= resolution / 2 + slack
    assert float(grid.down(np.array(nearest))) == nearest == float(grid.up(np.array(nearest)))


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6, unique=True), st.floats(-200, 200))
def test_levels_are_the_only_points(levels, value):
    levels = sorted(round(level, 3) + 0.0 for level in levels)
    levels = sorted(set(levels))
    grid = Grid.of(channel(-100.0, 100.0, levels=tuple(levels)))
    down, up, nearest = (float(f(np.array([value]))[0]) for f in (grid.down, grid.up, grid.nearest))
    assert down in {-np.inf, *levels}
    assert up in {np.inf, *levels}
    assert nearest in levels
    assert abs(nearest - value) == min(abs(level - value) for level in levels)


def test_infinities_and_nan_pass_and_are_not_made_into_points():
    odd = np.array([np.inf, -np.inf, np.nan])
    for grid in (Grid.of(channel(resolution=0.1)), Grid.of(channel(levels=(0.0, 1.0))), Grid()):
        for rounded in (grid.down(odd), grid.up(odd)):
            assert np.array_equal(rounded, odd, equal_nan=True)


@pytest.mark.parametrize("resolution", [0.0, -1.0, float("nan"), float("inf")])
def test_a_resolution_that_is_none_is_refused(resolution):
    with pytest.raises(ValueError, match="resolution must be above zero"):
        Grid.of(channel(resolution=resolution))


@pytest.mark.parametrize("levels", [(), (1.0, 0.0), (0.0, 0.0), (0.0, float("nan"))])
def test_levels_that_do_not_rise_are_refused(levels):
    with pytest.raises(ValueError, match="levels must rise"):
        Grid.of(channel(levels=levels))


@given(
    st.lists(st.floats(0.0, 0.2), min_size=1, max_size=60),
    st.sampled_from([None, 0.0001, 0.01, 0.03]),
)
def test_quantised_values_lie_on_the_grid_inside_and_owe_less_than_a_step(wishes, resolution):
    lever = channel(0.0, 0.12, resolution)
    grid, owed = Grid.of(lever), np.zeros(1)
    low, high = grid.up(np.array([0.03])), grid.down(np.array([0.12]))
    for wish in wishes:
        taken, owed = quantise(np.array([wish]), owed, low, high, lever)
        assert low <= taken <= high
        assert grid.nearest(taken) == taken
        assert abs(owed[0]) <= (resolution or 0.0) / 2 + 1e-12


@given(st.floats(0.031, 0.119))
def test_the_mean_of_what_is_taken_approaches_the_wish(wish):
    lever = channel(0.0, 0.12, 0.01)
    owed, taken = np.zeros(1), []
    for _ in range(200):
        value, owed = quantise(np.array([wish]), owed, np.array([0.03]), np.array([0.12]), lever)
        taken.append(value[0])
    assert abs(np.mean(taken) - wish) <= 0.005 / 200 + 1e-9


def test_what_the_limits_cut_off_is_not_owed():
    lever = channel(0.0, 1.0, 0.1)
    owed = np.zeros(1)
    for _ in range(50):
        _, owed = quantise(np.array([5.0]), owed, np.array([0.0]), np.array([0.5]), lever)
    assert quantise(np.array([0.2]), owed, np.array([0.0]), np.array([0.5]), lever)[0] == 0.2


def test_a_continuous_value_passes_through_bit_for_bit():
    values = np.array([0.1, 0.30000000000000004, 1 / 3])
    taken, owed = quantise(values, np.zeros(3), np.zeros(3), np.ones(3), channel())
    assert np.array_equal(taken, values)
    assert not owed.any()


@pytest.mark.parametrize("wish", [np.nan, np.inf, -np.inf])
def test_a_wish_that_is_not_finite_is_refused_and_never_clamped(wish):
    with pytest.raises(ValueError, match="lever: a wish must be finite"):
        quantise(np.array([wish]), np.zeros(1), np.zeros(1), np.ones(1), channel(resolution=0.1))
