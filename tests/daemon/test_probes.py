"""What monitoring asks of a daemon: alive while it answers, ready while it steers, and never a word about the page."""

import asyncio

import httpx2
import numpy as np
import pytest

from controller.daemon.probes import probes, readiness
from controller.signals import Landing
from tests.web.shop import Shop


@pytest.fixture
def shop():
    made = Shop()
    made.turns(3)
    return made


def ask(shop, path, method="GET"):
    app = probes(
        lambda: shop.service.last, lambda: (b"setpoint_up 1\n", "text/plain; version=0.0.4; charset=utf-8")
    )

    async def asked():
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1:9420") as client:
            return await client.request(method, path)

    return asyncio.run(asked())


def test_metrics_are_given_as_they_are_rendered(shop):
    answer = ask(shop, "/metrics")
    assert answer.content == b"setpoint_up 1\n"
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


def test_a_daemon_that_has_made_no_turn_is_alive_and_not_ready():
    shop = Shop()
    assert ask(shop, "/healthz").json() == {"alive": True}
    answer = ask(shop, "/readyz")
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "why": "no turn has been made yet"}


def test_a_steering_daemon_is_ready_and_says_sensor_by_sensor(shop):
    answer = ask(shop, "/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "sensors": {"units": "live", "paid": "live"},
        "outputs_readable": {"win_rate": True},
        "last_turn": shop.now,
    }


def test_readiness_degrades_when_a_feed_dies_and_comes_back_with_it(shop):
    shop.dead = True
    states = []
    for _ in range(20):
        shop.turn()
        answer = ask(shop, "/readyz")
        states.append((answer.status_code, answer.json()["sensors"]["units"]))
        assert ask(shop, "/healthz").status_code == 200
    assert list(dict.fromkeys(states)) == [(200, "live"), (503, "hold"), (503, "safe")]
    shop.dead = False
    shop.turns(6)
    assert ask(shop, "/readyz").status_code == 200


def test_one_cell_without_data_is_enough_not_to_be_ready():
    shop = Shop(names=("north", "south"))
    shop.turns(3)
    shop.units.fault = lambda reading: _without(reading, 1)
    shop.turns(6)
    assert readiness(shop.service.last)[1]["sensors"]["units"] == "hold"


def _without(reading, cell):
    reading.value[cell] = np.nan
    return reading


def test_an_output_that_can_not_be_read_back_is_not_ready(shop):
    shop.actuator.blind = shop.actuator.deaf = True
    shop.turns(2)
    ready, said = readiness(shop.service.last)
    assert not ready
    assert said["outputs_readable"] == {"win_rate": False}
    assert said["sensors"]["units"] == "live"
    assert int(shop.service.last.outputs["win_rate"].landing[0]) != Landing.CONFIRMED


@pytest.mark.parametrize("path", ["/", "/api/history", "/static/page.js", "/metrics/x"])
def test_nothing_else_is_served_there(shop, path):
    assert ask(shop, path).status_code == 404


@pytest.mark.parametrize("path", ["/metrics", "/healthz", "/readyz"])
def test_nothing_can_be_changed_there(shop, path):
    assert ask(shop, path, "POST").status_code == 405
