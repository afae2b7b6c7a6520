"""Time: the grid, civil days through clock changes, and a wall clock that is stepped under a running loop."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from controller.cells import Cells
from controller.clock import DAY, ManualClock, TickMaker, civil_at, day_start, period_of

HOUR = 3600.0
ZONES = ("Europe/Berlin", "America/New_York")
CHANGES = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
}


def ticks(start, end, scan=60.0, zones=("UTC",)):
    cells = Cells(tuple(f"c{n}" for n in range(len(zones))), zones=zones)
    maker = TickMaker(cells, scan)
    moments = np.arange(start, end, scan)
    return [tick for moment in moments if (tick := maker.at(float(moment))) is not None]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [0, 1], ids=["spring", "autumn"])
def test_a_clock_change_neither_doubles_nor_skips_a_day(zone, change):
    day = CHANGES[zone][change]
    start = day_start(day.toordinal() - 1, zone)
    run = ticks(start, start + 3 * DAY, 600.0, (zone,))
    dates = [int(t.civil.business_date[0]) for t in run]
    firsts = [d for n, d in enumerate(dates) if n == 0 or d != dates[n - 1]]
    assert firsts == sorted(set(firsts))
    lengths = {d: dates.count(d) / 6 for d in firsts[:2]}
    assert lengths[day.toordinal()] == (23, 25)[change]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("change", [0, 1], ids=["spring", "autumn"])
def test_a_civil_day_is_one_period_and_an_hour_is_one_on_the_utc_grid(zone, change):
    start = day_start(CHANGES[zone][change].toordinal(), zone)
    moments = start + np.arange(0, 2 * DAY, 600.0)
    days = [period_of(m, DAY, zone) for m in moments]
    assert np.diff(days).max() == 1
    assert sorted({days.count(d) / 6 for d in set(days[: 6 * 20])}) in ([23.0], [24.0], [25.0])
    hours = [period_of(m, HOUR, zone) for m in moments]
    assert {hours.count(h) for h in set(hours)} == {6}


def test_each_cell_has_the_civil_fields_of_its_own_zone():
    moment = datetime(2026, 3, 29, 0, 30, tzinfo=UTC).timestamp()
    civil = civil_at(
        moment, Cells(("a", "b", "c"), zones=("Asia/Shanghai", "America/New_York", "Asia/Shanghai"))
    )
    assert civil.hour_of_week.tolist() == [6 * 24 + 8, 5 * 24 + 20, 6 * 24 + 8]
    assert (civil.business_date[0] - civil.business_date[1]) == 1


def test_holidays_are_civil_dates():
    day = date(2026, 10, 1)
    moment = datetime(2026, 9, 30, 17, 0, tzinfo=UTC).timestamp()
    civil = civil_at(moment, Cells(("a", "b"), zones=("Asia/Shanghai", "UTC")), {day})
    assert civil.holiday.tolist() == [True, False]


@pytest.mark.parametrize("step", [-HOUR, HOUR, -HOUR / 2, 90.0, -90.0])
def test_a_stepped_clock_never_gives_a_tick_without_time_in_it(step):
    clock, maker = ManualClock(1_750_000_000.0), TickMaker(Cells(("all",)), 60.0)
    seen = []
    for minute in range(300):
        clock.advance(60.0)
        if minute == 100:
            clock.step(step)
        seen.append(maker.at(clock.now()))
    made = [tick for tick in seen if tick is not None]
    assert min(tick.elapsed for tick in made) >= 60.0
    assert [t.index for t in made] == sorted({t.index for t in made})
    assert sum(tick.elapsed for tick in made[1:]) == made[-1].time - made[0].time


def test_missed_ticks_are_skipped_and_counted():
    maker = TickMaker(Cells(("all",)), 60.0)
    maker.at(600.0)
    late = maker.at(1000.0)
    assert (late.index, late.elapsed, maker.skipped) == (16, 360.0, 5)


def test_a_wake_lies_between_two_grid_points_and_has_time_in_it():
    maker = TickMaker(Cells(("all",)), 60.0)
    first = maker.at(600.0)
    woken = maker.wake(617.5)
    following = maker.at(660.0)
    assert (woken.index, woken.elapsed) == (first.index, 17.5)
    assert (following.index, following.elapsed) == (first.index + 1, 42.5)
    assert maker.wake(660.0) is None


def test_the_local_hour_follows_the_zone_through_a_year():
    zone = ZoneInfo("America/New_York")
    start = datetime(2026, 1, 1, tzinfo=UTC)
    for day in range(0, 365, 5):
        moment = start + timedelta(days=day, hours=day % 24)
        local = moment.astimezone(zone)
        civil = civil_at(moment.timestamp(), Cells(("a",), zones=("America/New_York",)))
        assert civil.hour_of_week[0] == local.weekday() * 24 + local.hour
