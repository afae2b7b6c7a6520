"""Demand between two moments is exact for any span; a plan begins at 0, ends at 1 and is followed by its level."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.pacing.plan import HOURS, Demand, catch_up_level

WEEKS = np.random.default_rng(1).gamma(2.0, 0.5, (3, HOURS))
WEEKS /= WEEKS.mean(axis=1, keepdims=True)


def summed(week, start, length, grain=1 / 64):
    """The same by adding up slices of a 64th of an hour."""
    hours = start + grain * (np.arange(round(length / grain)) + 0.5)
    return week[np.floor(hours % HOURS).astype(int)].sum() * grain


@given(st.integers(-400 * 64, 400 * 64), st.integers(0, 400 * 64))
def test_demand_equals_the_sum_of_its_slices(start, length):
    start, length = start / 64, length / 64
    found = Demand(WEEKS).between(np.full(3, start), np.full(3, length))
    np.testing.assert_allclose(found, [summed(week, start, length) for week in WEEKS], atol=1e-9)


@given(st.floats(0, 168), st.floats(0, 1000), st.floats(0, 1000))
def test_demand_of_two_spans_in_a_row_adds_up(start, one, two):
    at, first, second = np.full(3, start), np.full(3, one), np.full(3, two)
    parts = Demand(WEEKS).between(at, first) + Demand(WEEKS).between(at + first, second)
    np.testing.assert_allclose(Demand(WEEKS).between(at, first + second), parts, atol=1e-8)


def test_one_week_for_all_cells_and_one_a_cell_give_the_same():
    start, length = np.array([3.2, 160.0, 0.0]), np.array([100.0, 20.5, 400.0])
    one = Demand(WEEKS[0]).between(start, length)
    np.testing.assert_allclose(one, Demand(np.tile(WEEKS[0], (3, 1))).between(start, length), rtol=1e-12)


def test_a_share_grows_from_nothing_to_one_and_stays_there():
    start, length = np.full(3, 20.0), np.full(3, 500.0)
    way = np.array(
        [Demand(WEEKS).share(start, np.full(3, gone), length) for gone in np.arange(-50.0, 600.0, 0.5)]
    )
    assert (np.diff(way, axis=0) >= -1e-15).all()
    assert (way[0] == 0).all()
    assert (way[-1] == 1).all()


def test_an_even_plan_is_the_share_of_time():
    np.testing.assert_allclose(Demand(None).share(np.zeros(1), np.array([30.0]), np.array([120.0])), 0.25)


def test_a_span_without_demand_counts_as_gone():
    shut = np.r_[np.zeros(84), np.full(84, 2.0)]
    assert Demand(shut).share(np.zeros(1), np.array([2.0]), np.array([10.0])) == [1.0]


@pytest.mark.parametrize("missed", [0.0, 0.4])
def test_a_market_that_follows_the_level_ends_on_the_total_however_much_was_missed(missed):
    total, hours = 1000.0, 400
    reached = 0.0
    for hour in range(hours):
        start, rest = np.array([10.0 + hour]), np.array([hours - hour + 0.0])
        level = catch_up_level(
            total - np.array([reached]), Demand(WEEKS[0]).between(start, rest), np.full(1, 50.0)
        )
        part = Demand(WEEKS[0]).between(start, np.ones(1))
        reached += float((level * part)[0]) * (1.0 - missed if hour < 200 else 1.0)
    assert reached == pytest.approx(total, rel=1e-9)


def test_catching_up_never_asks_for_more_than_it_may():
    level = catch_up_level(np.array([1e9, 1.0]), np.array([1e-9, 0.0]), np.array([7.0, 7.0]))
    assert level.tolist() == [7.0, 7.0]
