"""What is particular to http_json, metrics_page and the prometheus API: shapes of answers, and refusals."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from controller.cells import Cells
from controller.clock import TickMaker
from controller.errors import SensorError
from controller.io.access import Site
from controller.plan import Sensor
from controller.quantities import QuantityError, Template
from controller.registry import find
from controller.signals import Quality
from tests.sensors.worlds import HOUR, NOON
from tests.support.server import Reply, Server, as_json, status

ONE = Cells(("all",))
STORES = Cells(("s1", "s2"), by="store")


@pytest.fixture
def server():
    with Server(lambda seen: as_json({})) as made:
        yield made


@pytest.fixture
def read(server):
    def made(kind, reply, cells=ONE, path="/", now=NOON + 600, declared=None, **settings):
        if reply is not None:
            server.always(lambda handler, seen, app: handler.reply(reply(seen) if callable(reply) else reply))
        member = find("sensor", kind)
        made = member.settings(url=Template(server.url + path), **settings)
        sensor = member.cls(Sensor(kind=kind, **(declared or {})), made, cells, site=Site(made, environ={}))
        return sensor.read(TickMaker(cells, 60.0).at(now))

    return made


# -- http_json ------------------------------------------------------------------------------------------------------


def test_the_settled_window_is_asked_for_in_the_address(read, server):
    declared = {"window": HOUR, "settle": 300.0}
    path = "/kpi?from={from}&to={to}&s={from_s}-{to_s}"
    found = read("http_json", as_json({"v": 5}), path=path, declared=declared, value_path="v")
    asked = parse_qs(urlsplit(server.seen[0].path).query)
    assert asked == {
        "from": ["2026-06-01T11:00:00Z"],
        "to": ["2026-06-01T12:00:00Z"],
        "s": [f"{NOON - HOUR:.0f}-{NOON:.0f}"],
    }
    assert (found.window_start, found.window_end) == (NOON - HOUR, NOON)
    assert found.value.tolist() == [5.0]
    assert np.isnan(found.sampled_at).all()


def test_an_answer_that_can_not_be_asked_for_a_window_ends_where_its_own_time_says(read):
    document = {"v": 5, "at": "2026-06-01T11:40:00Z", "n": 12}
    own = {"value_path": "v", "time_path": "at", "samples_path": "n"}
    found = read("http_json", as_json(document), declared={"window": HOUR}, **own)
    assert (found.window_start, found.window_end) == (NOON - 1200 - HOUR, NOON - 1200)
    assert found.sampled_at.tolist() == [NOON - 1200]
    assert found.samples.tolist() == [12.0]


def test_cells_are_the_keys_of_an_object_or_named_beside_the_value(read):
    by_key = {"stores": {"s2": {"v": 2, "at": NOON}, "s1": {"v": 1, "at": NOON - 60}}}
    own = {"value_path": "stores.*.v", "time_path": "stores.*.at", "time_form": "seconds"}
    found = read("http_json", as_json(by_key), STORES, **own)
    assert (found.value.tolist(), found.sampled_at.tolist()) == ([1.0, 2.0], [NOON - 60, NOON])
    nested = {
        "regions": [
            {"shops": [{"id": "s1", "v": 1}]},
            {"shops": [{"id": "s2", "v": 2}, {"id": "s3", "v": 3}]},
        ]
    }
    own = {"value_path": "regions[*].shops[*].v", "cell_path": "regions[*].shops[*].id"}
    assert read("http_json", as_json(nested), STORES, **own).value.tolist() == [1.0, 2.0]


def test_a_cell_that_stands_twice_is_bad(read):
    rows = [{"id": "s1", "v": 1}, {"id": "s1", "v": 1}, {"id": "s2", "v": 2}]
    found = read("http_json", as_json(rows), STORES, value_path="[*].v", cell_path="[*].id")
    assert found.quality.tolist() == [Quality.BAD, Quality.GOOD]


def test_a_row_without_its_value_or_time_is_bad_not_missing(read):
    rows = [{"id": "s1", "at": NOON}, {"id": "s2", "v": 2}]
    own = {"value_path": "[*].v", "cell_path": "[*].id", "time_path": "[*].at", "time_form": "seconds"}
    found = read("http_json", as_json(rows), STORES, **own)
    assert found.quality.tolist() == [Quality.BAD, Quality.BAD]
    assert "the row has nothing at '[*].v'" in found.note
    assert "the row has no time at '[*].at'" in found.note


def test_money_may_come_as_text_where_that_is_said(read):
    assert read("http_json", as_json({"v": "12.50"}), value_path="v").quality.tolist() == [Quality.BAD]
    assert read("http_json", as_json({"v": "12.50"}), value_path="v", text_numbers=True).value.tolist() == [
        12.5
    ]


@pytest.mark.parametrize(
    ("document", "text", "alive"),
    [
        ({"v": 1, "up": True}, "up", True),
        ({"v": 1, "up": False}, "up", False),
        ({"v": 1, "up": 1}, "up", True),
        ({"v": 1, "up": 0}, "up", False),
        ({"v": 1, "up": "yes"}, "up", False),
        ({"v": 1, "up": "yes"}, "up = yes", True),
        ({"v": 1, "up": "no"}, "up=yes", False),
        ({"v": 1, "up": []}, "up[*].x", False),
    ],
)
def test_alive_is_a_path_in_the_same_document(read, document, text, alive):
    assert read("http_json", as_json(document), declared={"alive": text}, value_path="v").alive is alive


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (as_json({"error": "no such report"}), "nothing stands at 'stores'"),
        (as_json({"stores": "none"}), "neither a list nor an object stands at 'stores'"),
        (as_json({"stores": [{"id": "x", "v": 1}]}), "no row of a cell of the campaign"),
        (Reply(200, b"<html>"), "not JSON"),
        (Reply(404, b"not found"), "answered 404: not found; expected 200"),
        (Reply(302, b"", {"Location": "/"}), "answered 302"),
    ],
)
def test_a_document_of_another_form_is_no_reading_and_never_an_empty_one(read, reply, words):
    with pytest.raises(SensorError, match=words):
        read("http_json", reply, STORES, value_path="stores[*].v", cell_path="stores[*].id")


def test_settings_that_do_not_fit_are_refused(read):
    with pytest.raises(QuantityError, match="2 cells are read from a single value"):
        read("http_json", None, STORES, value_path="v")
    with pytest.raises(QuantityError, match="not a path"):
        read("http_json", None, value_path="a..b")
    with pytest.raises(QuantityError, match="a page shows what stands there now"):
        read("metrics_page", None, metric="a", declared={"settle": 60.0})
    with pytest.raises(QuantityError, match="not a metric"):
        read("metrics_page", None, metric="sum(a)")


# -- metrics_page ---------------------------------------------------------------------------------------------------


def page(*lines):
    return Reply(200, ("\n".join(lines) + "\n").encode())


def test_several_series_of_a_cell_are_bad_unless_it_is_said_what_to_make_of_them(read):
    lines = page('sold{store="s1",kind="a"} 2', 'sold{store="s1",kind="b"} 3', 'sold{store="s2"} 4')
    found = read("metrics_page", lines, STORES, metric="sold")
    assert found.quality.tolist() == [Quality.BAD, Quality.GOOD]
    assert "2 series for one cell" in found.note
    assert read("metrics_page", lines, STORES, metric="sold", combine="sum").value.tolist() == [5.0, 4.0]
    assert read("metrics_page", lines, STORES, metric="sold", combine="highest").value.tolist() == [3.0, 4.0]
    assert read("metrics_page", lines, STORES, metric='sold{kind="b"}').quality.tolist() == [0, 3]


def test_times_and_counts_come_from_metrics_of_their_own_or_from_the_page(read):
    lines = page("sold 2", f"sold_time {NOON}", "sold_count 9", f"other 3 {NOON * 1000:.0f}")
    found = read("metrics_page", lines, metric="sold", time_metric="sold_time", samples_metric="sold_count")
    assert (found.sampled_at.tolist(), found.samples.tolist()) == ([NOON], [9.0])
    assert read("metrics_page", lines, metric="other").sampled_at.tolist() == [NOON]
    assert np.isnan(read("metrics_page", lines, metric="sold").sampled_at).all()


def test_series_without_the_label_of_the_cells_are_no_empty_answer(read):
    with pytest.raises(SensorError, match="has the label 'store' that tells cells apart"):
        read("metrics_page", page("sold 2"), STORES, metric="sold")


@pytest.mark.parametrize(("line", "alive"), [("feed_up 1", True), ("feed_up 0", False), ("x 1", False)])
def test_alive_is_a_metric_above_zero(read, line, alive):
    found = read("metrics_page", page("sold 2", line), metric="sold", declared={"alive": "feed_up"})
    assert found.alive is alive


# -- prometheus -----------------------------------------------------------------------------------------------------


def vector(*series, **more):
    result = [{"metric": metric, "value": [NOON, value]} for metric, value in series]
    return as_json({"status": "success", "data": {"resultType": "vector", "result": result}, **more})


def test_partial_answers_are_uncertain_and_say_so(read):
    found = read("prometheus", vector(({}, "5"), warnings=["remote store 2 did not answer"]), query="time()")
    assert found.quality.tolist() == [Quality.UNCERTAIN]
    assert found.note == "the server warns: remote store 2 did not answer"


def test_the_moment_that_is_asked_for_is_the_end_of_the_settled_window(read, server):
    declared = {"window": HOUR, "settle": 300.0, "alive": "up"}
    read("prometheus", vector(({}, f"{NOON}")), query="sold", declared=declared)
    asked = [parse_qs(seen.body.decode()) for seen in server.seen]
    assert [seen.path for seen in server.seen] == ["/api/v1/query"] * 4
    times = [
        (form["query"][0].startswith("max"), form["query"][0] == "up", float(form["time"][0]))
        for form in asked
    ]
    assert times == [
        (False, False, NOON),
        (True, False, NOON),
        (False, True, NOON),
        (False, True, NOON + 600),
    ]


def test_several_series_for_a_single_cell_are_bad(read):
    found = read("prometheus", vector(({"a": "1"}, "5"), ({"a": "2"}, "6")), query="time()")
    assert found.quality.tolist() == [Quality.BAD]


def test_a_scalar_is_a_value(read):
    reply = as_json({"status": "success", "data": {"resultType": "scalar", "result": [NOON, "5"]}})
    assert read("prometheus", reply, query="scalar(sum(x))", time_query="1").value.tolist() == [5.0]


def test_a_histogram_is_no_value(read):
    series = {"metric": {}, "histogram": [NOON, {"count": "5"}]}
    reply = as_json({"status": "success", "data": {"resultType": "vector", "result": [series]}})
    assert read("prometheus", reply, query="time()").quality.tolist() == [Quality.BAD]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (as_json({"status": "error", "errorType": "bad_data", "error": "torn"}, 400), "400, bad_data: torn"),
        (as_json({"status": "error", "errorType": "timeout", "error": "query timed out"}, 503), "503, timeout"),
        (as_json({"hello": "world"}), "expected the Prometheus HTTP API"),
        (Reply(502, b"<html>bad gateway"), "answered 502, not JSON"),
        (Reply(200, b""), "not JSON"),
        (as_json({"status": "success", "data": {"resultType": "matrix", "result": []}}), "gives a matrix"),
        (as_json({"status": "success", "data": {"resultType": "vector", "result": [7]}}), "not in the API's form"),
        (as_json({"status": "success"}), "error: no reason given"),
    ],
)  # fmt: skip
def test_what_the_api_does_not_answer_is_no_reading(read, reply, words):
    with pytest.raises(SensorError, match=words):
        read("prometheus", reply, query="time()")


def test_a_path_before_the_api_is_kept(read, server):
    read("prometheus", vector(({}, "5")), path="/prom/", query="time()")
    assert server.seen[0].path == "/prom/api/v1/query"


def test_a_reading_is_asked_for_once_and_never_again_by_itself(read, server):
    for kind, own in (
        ("http_json", {"value_path": "v"}),
        ("metrics_page", {"metric": "a"}),
        ("prometheus", {"query": "a"}),
    ):
        server.seen.clear()
        server.always(status(503))
        with pytest.raises(SensorError):
            read(kind, None, **own)
        assert len(server.seen) == 1
