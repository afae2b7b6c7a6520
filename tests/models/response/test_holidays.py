"""Holidays: their day, the day before, and nothing else."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.response import holidays


def ordinal(*day):
    return dt.date(*day).toordinal()


@given(st.lists(st.integers(0, 400), unique=True, max_size=12), st.floats(0, 2), st.floats(0, 2))
def test_only_holidays_and_their_eves_differ(dates, own, eve):
    days = np.arange(-2, 403)
    got = holidays.factor(days, np.array(dates, dtype=np.int64), own, eve)
    for day, value in zip(days.tolist(), got, strict=True):
        assert value == (own if day in dates else eve if day + 1 in dates else 1.0)


def test_each_holiday_may_have_its_own_factors_in_any_order():
    christmas, thanksgiving = ordinal(2017, 12, 25), ordinal(2017, 11, 23)
    days = np.array([thanksgiving - 1, thanksgiving, christmas - 1, christmas, christmas + 1])
    got = holidays.factor(
        days, np.array([christmas, thanksgiving]), own=np.array([0.0, 0.58]), eve=np.array([0.89, 1.86])
    )
    assert got.tolist() == [1.86, 0.58, 0.89, 0.0, 1.0]


def test_a_holiday_that_is_also_an_eve_is_a_holiday():
    assert holidays.factor(np.array([4, 5, 6]), np.array([5, 6]), 0.5, 2.0).tolist() == [2.0, 0.5, 0.5]


def test_no_holidays_change_nothing_and_the_shape_is_kept():
    assert (
        holidays.factor(np.arange(6).reshape(2, 3), np.array([], dtype=np.int64)).tolist() == [[1.0] * 3] * 2
    )


def test_what_cannot_be_is_refused():
    day = np.array([1])
    with pytest.raises(ValueError, match="named once"):
        holidays.factor(day, np.array([3, 3]))
    with pytest.raises(ValueError, match="own must be a factor"):
        holidays.factor(day, np.array([3]), own=-1.0)
    with pytest.raises(ValueError, match="eve must be a factor"):
        holidays.factor(day, np.array([3]), eve=np.nan)
    with pytest.raises(ValueError, match="one a holiday"):
        holidays.factor(day, np.array([3, 4]), own=np.ones(3))
