"""The noise floor of a band: what counting noise alone leaves reachable."""

import dataclasses
import math

import pytest

from controller.config import loads
from controller.config.noise import floor_of, floors, relative_noise
from controller.plan import Sensor
from tests.config.sample import TEXT, changed


def with_band(band, over="1d", level="28000 units/day"):
    text = changed("band: 5%, over: 1d", f"band: {band}, over: {over}").replace("28000 units/day", level)
    return floor_of(loads(text), "sales")


def test_a_day_of_28000_units_scatters_by_0_6_percent():
    floor = with_band("5%")
    assert floor.noise == pytest.approx(1 / math.sqrt(28000))
    assert floor.reachable
    assert (
        str(floor)
        == "loops.sales: counting noise 0.6% in 1d, band 5%: at best 100% of the windows lie inside"
    )


def test_an_unreachable_band_is_called_so_and_the_next_is_named():
    floor = with_band("5%", over="1h", level="120 units/day")
    assert not floor.reachable
    assert "unreachable: widen it to 43.3%" in str(floor)
    assert with_band("43.3%", over="1h", level="120 units/day").reachable
    assert not with_band("43.1%", over="1h", level="120 units/day").reachable


def test_the_share_of_windows_inside_is_that_of_poisson_counts():
    """100 units an hour within 10 %: the counts 90 to 110, summed from the distribution itself."""
    floor = with_band("10%", over="1h", level="2400 units/day")
    exact = sum(math.exp(k * math.log(100.0) - 100.0 - math.lgamma(k + 1)) for k in range(90, 111))
    assert floor.inside == pytest.approx(exact, abs=0.03)


def test_recorded_dispersion_raises_the_floor():
    plan = loads(TEXT)
    assert floors(plan, dispersion=9.0)[0].noise == pytest.approx(3 * floors(plan)[0].noise)


def test_the_lowest_cell_decides():
    text = changed("keep_at: 28000 units/day", "keep_at: {north: 28000 units/day, others: 280 units/day}")
    floor = floor_of(loads(text), "sales")
    assert floor.cell == "others"
    assert floor.noise == pytest.approx(1 / math.sqrt(280))


@pytest.mark.parametrize(
    ("sensor", "level", "noise"),
    [
        (Sensor(kind="x", unit="units", window=3600.0), 400.0, 0.05),
        (Sensor(kind="x", unit="units/h"), 400.0, 0.05),
        (Sensor(kind="x", unit="share", window=3600.0, min_count=900), 0.1, 0.1),
        (Sensor(kind="x", unit="share"), 0.1, None),
        (Sensor(kind="x", unit="CNY/h"), 400.0, None),
        (Sensor(kind="x", unit="users"), 400.0, None),
        (Sensor(kind="x", unit="orders/visit"), 400.0, None),
    ],
)
def test_what_can_be_known_of_the_noise(sensor, level, noise):
    found = relative_noise(sensor, level, 3600.0)
    assert found == (None if noise is None else pytest.approx(noise))


def test_a_band_in_points_is_one_of_the_share():
    text = changed("{keep_above: 8%}", "{keep_above: 8%, band: 0.8 points, over: 1d}")
    floor = floor_of(loads(text), "redeem")
    assert floor.band == pytest.approx(0.1)
    assert floor.noise == pytest.approx(math.sqrt(0.92 / 0.08 / 2400))


def test_no_band_no_floor():
    assert floor_of(loads(TEXT), "redeem") is None
    plan = loads(TEXT)
    sales = dataclasses.replace(plan.loops["sales"].target, band=None)
    assert (
        floors(
            dataclasses.replace(plan, loops={"sales": dataclasses.replace(plan.loops["sales"], target=sales)})
        )
        == []
    )
