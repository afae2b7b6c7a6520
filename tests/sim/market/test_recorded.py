"""The recorded table: what is in it, what is measured of it, and how a market's calendar finds its hours."""

import csv
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import numpy as np
import pytest

from controller.cells import Cells
from models.draws import Draws, keys_of
from sim.market.demand import Demand, shares
from sim.market.recorded import HOURS, dispersion, hour_of_year, soft_drinks

ROWS = list(
    csv.DictReader(files("sim").joinpath("data/cj_softdrinks_hourly.csv").read_text("utf-8").splitlines())
)


def test_missing_hours_are_zero_and_nothing_is_lost():
    table = soft_drinks()
    inside = [row for row in ROWS if row["hour"] >= "2017-01-02"]
    assert len(ROWS) == 6690
    assert table.units.shape == (52 * HOURS,)
    assert table.units.sum() == sum(int(row["units"]) for row in inside)
    assert (table.units == 0).sum() >= 52 * HOURS - len(inside)
    assert np.isfinite(table.units).all()


def test_hours_are_local_already():
    """The busiest hour is the afternoon's in winter and summer alike, and the hour that spring skips has no row."""
    busiest = []
    for month in ("01", "07", "11"):
        units = np.zeros(24)
        for row in ROWS:
            if row["hour"][5:7] == month:
                units[int(row["hour"][11:])] += int(row["units"])
        busiest.append(int(units.argmax()))
    assert set(busiest) <= {16, 17, 18}
    assert "2017-03-12 02" not in {row["hour"] for row in ROWS}


def test_christmas_is_shut():
    days = soft_drinks().days().reshape(-1, 24)
    christmas = (date(2017, 12, 25) - date(2017, 1, 2)).days
    assert days[christmas].sum() == 0
    assert (np.delete(days, christmas, axis=0).sum(axis=1) > 0).all()


def test_days_keep_the_total_and_the_weekday_and_lose_counting_noise():
    table = soft_drinks()
    days = table.days()
    assert days.sum() == pytest.approx(table.units.sum(), rel=0.005)
    raw, calm = table.units.reshape(-1, 24).sum(axis=1), days.reshape(-1, 24).sum(axis=1)
    assert calm.std() < raw.std()
    assert np.corrcoef(raw, calm)[0, 1] > 0.98


def test_dispersion_is_recovered_from_counts_of_a_known_one():
    from models.counts import negative_binomial

    u = Draws(1).uniform(keys_of(tuple(str(n) for n in range(20_000))), 0, "d")
    expected = np.tile([2.0, 9.0, 30.0, 60.0], 5000)
    assert dispersion(negative_binomial(u, expected, 4.5), expected) == pytest.approx(4.5, rel=0.05)
    assert 3.5 < soft_drinks().dispersion() < 5.5


@pytest.mark.parametrize("year", [2017, 2024, 2026, 2027, 2032])
def test_a_civil_hour_finds_its_weekday_and_season(year):
    day = datetime(year, 1, 1, tzinfo=UTC)
    while day.year == year:
        hour_of_week = day.weekday() * 24 + 7
        index = int(hour_of_year(np.array([day.toordinal()]), np.array([hour_of_week]))[0])
        recorded = datetime(2017, 1, 2, tzinfo=UTC) + timedelta(hours=index)
        assert (recorded.weekday(), recorded.hour) == (day.weekday(), 7)
        apart = abs((recorded.timetuple().tm_yday - day.timetuple().tm_yday + 182) % 365 - 182)
        assert apart <= 8
        day += timedelta(days=11)


def test_demand_is_the_volume_times_the_record_in_each_cell_s_own_zone():
    moment = datetime.fromisoformat("2026-06-03T17:30:00+08:00").timestamp()
    cells = Cells(("shanghai", "berlin"), zones=("Asia/Shanghai", "Europe/Berlin"))
    demand = Demand(cells, volume=40.0, base="hours").at(moment)
    recorded = soft_drinks().units
    week = [
        hour_of_year(np.array([date(2026, 6, 3).toordinal()]), np.array([48 + hour]))[0] for hour in (17, 11)
    ]
    assert np.array_equal(demand, 40.0 * recorded[week] / 2)


def test_shares_sum_to_one_a_pool_and_are_the_same_in_every_replica():
    cells = Cells(tuple(f"s{n}" for n in range(50))).replicated(3)
    sizes = shares(cells, spread=0.8)
    assert np.allclose(cells.total(sizes), 1.0)
    assert np.array_equal(sizes[:50], sizes[50:100])
    assert sizes[:50].std() > 0.3 * sizes[:50].mean()
    assert np.allclose(shares(cells, 0.0), 1 / 50)


def test_the_statement_says_scale_zone_source_and_what_is_modelled():
    said = Demand(Cells(("all",)), volume=80.0).statement()
    for word in (
        "80 times",
        "US Eastern",
        "calls it simulated",
        "2,469 households",
        "Modelled",
        "Nothing real",
    ):
        assert word in said
    with pytest.raises(ValueError, match="volume factor"):
        Demand(Cells(("all",)), volume=0.0)
