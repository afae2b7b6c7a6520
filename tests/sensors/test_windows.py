"""Which window is the newest that has settled."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.cells import Cells
from controller.clock import TickMaker
from controller.plan import Sensor
from controller.sensors._windows import settled

BERLIN = Cells(("all",), zones=("Europe/Berlin",))


def utc(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def window(now, cells=BERLIN, **declared):
    return settled(Sensor(kind="x", **declared), TickMaker(cells, 60.0).at(now), cells)


@given(st.integers(0, 2**31), st.sampled_from([60, 300, 900, 3600, 7200, 43200]), st.integers(0, 7200))
def test_windows_under_a_day_lie_on_the_grid_have_settled_and_are_the_newest_that_have(now, length, settle):
    now = now // 60 * 60.0
    start, end = window(now, window=float(length), settle=float(settle))
    assert (end - start, end % length) == (length, 0.0)
    assert end + settle <= now < end + length + settle


@pytest.mark.parametrize(
    ("now", "start", "end"),
    [
        ("2026-03-29T23:00", "2026-03-28T23:00", "2026-03-29T22:00"),  # the day of 23 hours
        ("2026-10-26T00:00", "2026-10-24T22:00", "2026-10-25T23:00"),  # the day of 25 hours
        ("2026-06-02T21:59", "2026-05-31T22:00", "2026-06-01T22:00"),
        ("2026-06-02T22:00", "2026-06-01T22:00", "2026-06-02T22:00"),
    ],
)
def test_days_are_civil_days_of_the_first_cells_zone(now, start, end):
    assert window(utc(now), window=86_400.0) == (utc(start), utc(end))


def test_weeks_begin_on_monday():
    assert window(utc("2026-06-10T12:00"), window=7 * 86_400.0) == (
        utc("2026-05-31T22:00"),
        utc("2026-06-07T22:00"),
    )


def test_a_day_settles_before_it_counts():
    assert window(utc("2026-06-02T23:00"), window=86_400.0, settle=7200.0)[1] == utc("2026-06-01T22:00")


def test_levels_and_counters_are_read_at_the_settled_moment_itself():
    now = utc("2026-06-10T12:34")
    assert window(now, settle=120.0) == (now - 120, now - 120)
    assert window(now, settle=120.0, window=3600.0, counter=True) == (now - 3720, now - 120)
