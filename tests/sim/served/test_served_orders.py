"""Orders to the served market: ids, epochs, leases and fallbacks over HTTP, and what hostile callers get."""

import json

import pytest

from tests.sim.served.served_kit import STORES, series
from tests.support.markets import DAY, HOUR, MONDAY, campaign, stepped


@pytest.fixture
def one(tmp_path):
    """A stepped market of a single cell, and what is served."""
    with stepped(campaign(tmp_path)) as found:
        yield found


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """The same for tests that change nothing in it."""
    with stepped(campaign(tmp_path_factory.mktemp("market"))) as found:
        yield found


@pytest.fixture
def three(tmp_path):
    """A stepped market of three stores."""
    with stepped(campaign(tmp_path, stores=STORES)) as found:
        yield found


def test_an_order_is_in_force_at_once_and_moves_sales_only_later(one):
    client, _ = one
    assert client.get("/levers/win_rate").json["value"] == 0.03
    answer = client.order(0.12)
    assert (answer.status, answer.json["value"], answer.json["epoch"]) == (200, 0.12, [1, 1])
    assert client.get("/levers/win_probability").json == client.get("/levers/win_rate").json == answer.json


def test_an_id_is_taken_once_with_one_content(one):
    client, _ = one
    first = client.order(0.05, lease=HOUR, fallback=0.03)
    client.advance(600.0)
    again = client.order(0.05, lease=HOUR, fallback=0.03)
    assert (again.status, again.json) == (200, first.json)  # not even its lease
    other = client.order(0.06, lease=HOUR, fallback=0.03)
    assert other.status == 422
    assert "came before with another content" in other.json["error"]
    assert client.get("/levers/win_rate").json["value"] == 0.05


@pytest.mark.parametrize("epoch", [(2, 5), (2, 4), (1, 99)])
def test_an_epoch_that_is_not_newer_is_told_what_is_in_force(one, epoch):
    client, _ = one
    client.order(0.05, (2, 5))
    answer = client.order(0.09, epoch, id="late")
    assert answer.status == 409
    assert "not newer" in answer.json["error"]
    assert answer.json["in_force"]["epoch"] == [2, 5]
    assert client.get("/levers/win_rate").json["value"] == 0.05


def test_a_lease_runs_out_to_the_fallback_in_the_market_s_time(one):
    client, _ = one
    client.order(0.05, lease=2 * HOUR, fallback=0.04, issued_at=MONDAY)
    assert client.get("/levers/win_rate").json["lease_until"] == MONDAY + 2 * HOUR
    client.advance(2 * HOUR - 1)
    assert client.get("/levers/win_rate").json["value"] == 0.05
    client.advance(1.0)
    found = client.get("/levers/win_rate").json
    assert (found["value"], found["lease_until"], found["epoch"]) == (0.04, None, [1, 1])
    assert client.order(0.05, (1, 1), id="other").status == 409  # the fence stays up
    assert client.order(0.06, (1, 2), lease=HOUR, fallback=0.03).json["value"] == 0.06


def test_a_lease_never_lasts_longer_than_from_the_order_s_arrival(one):
    client, _ = one
    found = client.order(0.05, lease=HOUR, fallback=0.03, issued_at=MONDAY + 9 * HOUR)
    assert found.json["lease_until"] == MONDAY + HOUR
    late = client.order(0.06, (1, 2), lease=HOUR, fallback=0.03, issued_at=MONDAY - 2 * HOUR)
    assert late.json["value"] == 0.03


def test_suspended_nothing_is_offered(one):
    client, _ = one
    client.order(0.08, suspend=True)
    client.advance(HOUR)
    assert client.get("/levers/win_rate").json["suspend"] is True
    before = series(client)["prizes_won_total",]
    client.advance(DAY)
    assert series(client)["prizes_won_total",] == before
    assert series(client)["market_lever", "win_probability"] == 0.0


def test_each_store_has_its_own_value(three):
    client, _ = three
    values = dict(zip(STORES, (0.03, 0.06, 0.09), strict=True))
    answer = client.order(values, suspend=dict.fromkeys(STORES, False), lease=HOUR, fallback=0.03)
    assert (answer.status, answer.json["value"]) == (200, values)
    client.advance(HOUR)
    assert client.get("/levers/win_rate").json["value"] == dict.fromkeys(STORES, 0.03)
    assert client.order({"north": 0.04}, (1, 2)).json["error"].startswith("value: 'south' is missing")
    assert "no cell here" in client.order(values | {"east": 0.1}, (1, 2)).json["error"]


GOOD = {"id": "a", "epoch": [1, 1], "value": 0.05}
HOSTILE = [
    (b"", 400, "not JSON"),
    (b"\xff\xfe", 400, "not UTF-8"),
    (b"[" * 100_000, 400, "nested"),
    (b"[1]", 400, "an order is a JSON object"),
    (b'{"id": "a", "id": "b"}', 400, "stands twice"),
    ({"value": 0.05}, 400, "lacks id, epoch"),
    (GOOD | {"valeu": 1}, 400, "no key 'valeu'"),
    (GOOD | {"id": ""}, 400, "printable"),
    (GOOD | {"id": "x" * 201}, 400, "printable"),
    (GOOD | {"id": "a\nb"}, 400, "printable"),
    (GOOD | {"id": 7}, 400, "printable"),
    (GOOD | {"epoch": [1]}, 400, "two whole numbers"),
    (GOOD | {"epoch": [True, 1]}, 400, "two whole numbers"),
    (GOOD | {"epoch": [1, -1]}, 400, "two whole numbers"),
    (GOOD | {"epoch": [1, 2**60]}, 400, "two whole numbers"),
    (GOOD | {"epoch": "1.1"}, 400, "two whole numbers"),
    (GOOD | {"value": None}, 400, "null is not a number"),
    (GOOD | {"value": True}, 400, "true is not a number"),
    (GOOD | {"value": "0.05"}, 400, "is not a number"),
    (GOOD | {"value": [0.05]}, 400, "a list is not a number"),
    (b'{"id": "a", "epoch": [1, 1], "value": NaN}', 400, "is not a number"),
    (b'{"id": "a", "epoch": [1, 1], "value": 1e999}', 400, "is not a number"),
    (b'{"id": "a", "epoch": [1, 1], "value": ' + b"9" * 400 + b"}", 400, "is not a number"),
    (GOOD | {"value": 1.5}, 422, "must lie in [0, 1] share, received 1.5"),
    (GOOD | {"value": -0.01}, 422, "must lie in"),
    (GOOD | {"value": {"elsewhere": 0.05}}, 422, "no cell here"),
    (GOOD | {"lease": 60}, 400, "needs a fallback"),
    (GOOD | {"lease": -1, "fallback": 0.03}, 422, "lease: above 0"),
    (GOOD | {"lease": 1e12, "fallback": 0.03}, 422, "lease: above 0"),
    (GOOD | {"lease": 60, "fallback": 7}, 422, "fallback: must lie in"),
    (GOOD | {"suspend": "no"}, 400, "true or false"),
    (GOOD | {"issued_at": "now"}, 400, "issued_at"),
    (GOOD | {"channel": "coupon"}, 422, "came to 'win_rate'"),
]


@pytest.mark.parametrize(("body", "status", "words"), HOSTILE, ids=[words for _, _, words in HOSTILE])
def test_a_bad_order_is_refused_with_its_reason_and_changes_nothing(shared, body, status, words):
    client, _ = shared
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    before = client.get("/levers/win_rate").json
    answer = client.send("POST", "/levers/win_rate", data, Content_Type="application/json")
    assert (answer.status, words in answer.json["error"]) == (status, True), answer.body
    assert client.get("/levers/win_rate").json == before
    assert client.order(0.05).status == 200


def test_what_is_no_order_at_all(one):
    client, _ = one
    assert client.post("/levers/nothing", GOOD).status == 404
    assert "win_rate" in client.get("/levers/nothing").json["error"]
    assert client.post("/levers/win_rate", GOOD, Content_Type="text/plain").status == 415
    assert client.post("/levers/win_rate", GOOD, Idempotency_Key="b").status == 400
    assert client.post("/levers/win_rate", GOOD, Idempotency_Key="a").status == 200
    assert client.send("DELETE", "/levers/win_rate").status == 405
    assert client.get("/elsewhere").json == {"error": "Not Found: GET /elsewhere"}
    huge = b'{"id": "' + b"x" * 5_000_000 + b'"}'
    assert client.send("POST", "/levers/win_rate", huge, Content_Type="application/json").status == 413
