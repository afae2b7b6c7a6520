"""A total counts every moment once: windows that overlap, are corrected or missing, and restarts in between."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cells import Cells
from controller.loop.facts import Facts, fact_names
from controller.loop.totals import START, TotalScope, counted
from controller.ports import Record

HOUR = 3600.0
SCOPE = TotalScope("units", 1 / HOUR, 3 * HOUR, 0.0, 100 * HOUR)
CELLS = Cells(("north", "south"))


def total(samples, scope=SCOPE):
    """Counted from (value, end of its window in hours), one cell."""
    facts = {name: np.array([start]) for name, start in START.items()}
    for value, at in samples:
        facts = counted(scope, facts, np.array([float(value)]), np.array([at * HOUR]))
    return float(facts["reached"][0])


def windows(rate, every, upto, length=3.0):
    """Mean rate of sliding windows, exactly, of a rate an hour given as a list of hours."""
    sums = np.concatenate([[0.0], np.cumsum(rate)])
    area = lambda at: np.interp(at, np.arange(len(sums)), sums)  # noqa: E731
    ends = np.arange(length, upto + 1e-9, every)
    return [((area(end) - area(end - length)) / length, end) for end in ends]


@pytest.mark.parametrize("every", [0.25, 1.0, 3.0])
def test_sliding_windows_add_up_to_what_happened_but_for_the_edges(every):
    rate = np.random.default_rng(1).gamma(3.0, 40.0, 90)
    found, truth = total(windows(rate, every, 90.0)), rate.sum()
    assert abs(found - truth) <= 3.0 * rate.max()
    assert found == pytest.approx(truth, rel=0.02)


def test_windows_end_to_end_add_up_exactly():
    rate = np.random.default_rng(2).gamma(3.0, 40.0, 90)
    assert total(windows(rate, 3.0, 90.0)) == pytest.approx(rate.sum(), rel=1e-12)


def test_a_window_seen_again_counts_once():
    assert total([(10, 3), (10, 3), (10, 3), (12, 6), (12, 6)]) == 30 + 36


def test_a_late_correction_takes_the_place_of_what_its_window_had_counted():
    assert total([(10, 3), (14, 3)]) == 42
    assert total([(10, 3), (10, 4), (16, 4), (16, 5)]) == 30 + 16 + 16
    assert total([(10, 3), (14, 3), (10, 3)]) == 30


def test_an_older_window_is_not_seen_again():
    assert total([(10, 3), (20, 6), (99, 3), (20, 6)]) == 30 + 60


def test_a_gap_counts_at_the_mean_of_its_ends():
    assert total([(10, 3), (20, 16)]) == 30 + 15 * 10 + 20 * 3


def test_only_the_span_counts():
    scope = replace(SCOPE, starts_at=2 * HOUR, ends_at=7 * HOUR)
    assert total([(10, 1), (10, 3), (10, 6), (10, 9), (10, 12)], scope) == 50


def test_what_is_not_known_counts_nothing():
    assert total([(np.nan, -np.inf), (np.nan, 3), (10, 6)]) == 30


def test_a_rate_at_a_moment_is_added_up_between_its_samples():
    assert total([(10, 1), (20, 2), (20, 4)], replace(SCOPE, window=0.0)) == 15 + 40


row = st.lists(st.one_of(st.just(np.nan), st.floats(0, 1e4)), min_size=2, max_size=2).map(np.array)


@st.composite
def journals(draw):
    records, moment = [], 0.0
    for index in range(draw(st.integers(0, 20))):
        moment += draw(st.sampled_from([0.0, 900.0, 3600.0, 40000.0]))
        value = draw(row)
        columns = {
            "signal.units.value": value,
            "signal.units.good_at": np.where(np.isnan(value), -np.inf, moment - 60.0),
        }
        records.append(Record("tick", index, moment, columns))
    return records


def folded(records, facts=None, cells=CELLS):
    facts = facts or Facts(cells, {}, {}, {"sales": SCOPE})
    for record in records:
        facts.fold(record)
    return facts


@given(journals(), st.integers(0, 20))
def test_a_restart_in_between_gives_the_same_bits(records, cut):
    restored = Facts(CELLS, {}, {}, {"sales": SCOPE})
    restored.restore({name: array.copy() for name, array in folded(records[:cut]).state().items()})
    one, other = folded(records[cut:], restored).values(), folded(records).values()
    assert set(one) == fact_names([], [], ["sales"])
    assert all(np.array_equal(one[name], other[name], equal_nan=True) for name in one)


@given(journals())
def test_a_record_told_twice_counts_once(records):
    twice = [record for record in records for _ in range(2)]
    one, other = folded(records).values(), folded(twice).values()
    np.testing.assert_allclose(one["reached.sales"], other["reached.sales"], rtol=1e-9)
