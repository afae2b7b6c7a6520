"""The prometheus sensor against a real server with two hours of history.

Twelve o'clock is NOON. Store s1 sells two units a scrape all the time; s2's exporter died at 11:30; s3 sold nothing
all the time, alive; a counter was reset at 11:45; a gauge stopped at 11:57.
"""

from functools import partial

import numpy as np
import pytest

from controller.cells import Cells
from controller.clock import TickMaker
from controller.errors import SensorError
from controller.io.access import Site
from controller.plan import Sensor
from controller.quantities import Template
from controller.sensors.prometheus import PrometheusSensor, Settings
from controller.signals import Quality
from tests.sensors.worlds import HOUR, NOON
from tests.support.prometheus import prometheus, samples

pytestmark = pytest.mark.real
STEP = 15
START = NOON - 2 * HOUR
END = NOON + 600


def history() -> str:
    times = np.arange(START, END + 1, STEP)
    lines = ["# TYPE sold counter\n"]
    lines += samples("sold_total", 'store="s1"', ((t, 2 * i) for i, t in enumerate(times)))
    lines += samples(
        "sold_total", 'store="s2"', ((t, 3 * i) for i, t in enumerate(times) if t <= NOON - HOUR / 2)
    )
    lines += samples("sold_total", 'store="s3"', ((t, 7) for t in times))
    lines += ["# TYPE paid counter\n"]
    lines += samples("paid_total", "", ((t, 10 * i if t < NOON - 900 else i) for i, t in enumerate(times)))
    lines += ["# TYPE price gauge\n"]
    lines += samples("price", "", ((t, 4.5) for t in times if t <= NOON - 180))
    lines += ["# TYPE up gauge\n"]
    lines += samples("up", 'job="scans"', ((t, 1) for t in times))
    lines += samples("up", 'job="dead"', ((t, int(t < NOON - 60)) for t in times))
    lines += samples("up", 'job="back"', ((t, int(t > NOON + 60)) for t in times))
    return "".join(lines)


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    with prometheus(tmp_path_factory.mktemp("prometheus"), history()) as address:
        yield address


@pytest.fixture
def read(url):
    return partial(reading, url)


def reading(url, query, names=("all",), minutes=10.0, **more):
    cells = Cells(names, by="store")
    own = {key: more.pop(key) for key in ("cell_label", "time_query", "samples_query") if key in more}
    declared = Sensor(kind="prometheus", unit="units/h", **{"window": HOUR, "settle": 300.0, **more})
    settings = Settings(url=Template(url), query=query, **own)
    tick = TickMaker(cells, 60.0).at(NOON + 60.0 * minutes)
    return PrometheusSensor(declared, settings, cells, site=Site(settings, environ={})).read(tick)


def test_reads_the_newest_settled_window_and_no_later_one(read):
    found = read("sum(increase(sold_total{store='s1'}[1h]))")
    assert (found.window_start, found.window_end) == (NOON - HOUR, NOON)
    assert found.value == pytest.approx([480.0])
    assert found.sampled_at == pytest.approx([NOON])
    early = read("sum(increase(sold_total{store='s1'}[1h]))", minutes=4.0)
    assert (early.window_start, early.window_end) == (NOON - 2 * HOUR, NOON - HOUR)


def test_one_query_reads_all_stores_and_a_dead_exporter_keeps_the_time_of_its_last_sample(read):
    found = read("sum by (store) (increase(sold_total[1h]))", ("s1", "s2", "s3", "s4"))
    assert found.value[0] == pytest.approx(480.0)
    assert found.value[1] > 0  # the server goes on answering for the dead one
    assert found.value[2] == 0
    assert np.isnan(found.value[3])
    assert found.quality.tolist() == [Quality.GOOD, Quality.GOOD, Quality.GOOD, Quality.MISSING]
    assert found.sampled_at[:3] == pytest.approx([NOON, NOON - HOUR / 2, NOON], abs=8)


def test_the_look_back_does_not_hide_a_gauge_that_stopped(read):
    found = read("price", window=None, settle=0.0, minutes=0.5)
    assert found.value == pytest.approx([4.5])  # still served, 3.5 minutes later
    assert found.sampled_at == pytest.approx([NOON - 180])


def test_a_value_with_no_sample_behind_it_is_no_data(read):
    found = read("sum(increase(sold_total{store='s9'}[1h])) or vector(0)")
    assert np.isnan(found.value).all()
    assert found.quality == [Quality.MISSING]


def test_an_empty_answer_is_missing_and_never_zero(read):
    assert read("sum(increase(nothing_total[1h]))").quality == [Quality.MISSING]


def test_the_wrong_label_is_said_instead_of_an_empty_answer(read):
    with pytest.raises(
        SensorError, match="no row of a cell of the campaign, received 's1', 's3', expected 'x', 'y'"
    ):
        read("sum by (store) (sold_total)", ("x", "y"), window=None)


def test_a_counter_is_handed_on_raw_through_its_reset(read):
    before = read("paid_total", counter=True, window=None, settle=0.0, minutes=-15.5)
    after = read("paid_total", counter=True, window=None, settle=0.0, minutes=-14.5)
    assert before.value[0] > 4000
    assert after.value[0] < 500
    assert after.sampled_at[0] > before.sampled_at[0]


@pytest.mark.parametrize(
    ("query", "alive"),
    [
        ('up{job="scans"}', True),
        ('up{job="dead"}', False),
        ('up{job="back"}', False),
        ('up{job="no"}', False),
    ],
)
def test_alive_asks_for_the_end_of_the_window_and_for_now(read, query, alive):
    assert read("sum(increase(sold_total[1h]))", alive=query).alive is alive


def test_nan_and_infinity_are_bad_data(read):
    for query in ("price * 0 / 0", "price / 0"):
        found = read(query, window=None, settle=0.0, minutes=0.0)
        assert found.quality == [Quality.BAD]
        assert np.isnan(found.value).all()


def test_samples_come_from_a_query_of_their_own(read):
    found = read("avg(price)", samples_query="count(sold_total)", window=None, minutes=2.0)
    assert found.samples.tolist() == [2.0]


def test_time_may_be_asked_for_by_a_query_of_ones_own(read):
    found = read("sum(increase(sold_total[1h]))", time_query="max(timestamp(price))", minutes=5.0)
    assert found.sampled_at == pytest.approx([NOON - 180])


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("sum(", "bad_data"),
        ("sold_total[5m]", "gives a matrix, expected one number a series"),
        ("rate(sold_total)", "expected type range vector"),
    ],
)
def test_a_query_that_the_server_refuses_is_said_with_its_reason(read, query, words):
    with pytest.raises(SensorError, match=words):
        read(query)


def test_every_selector_found_in_a_query_is_one_that_the_server_takes(read):
    queries = [
        'sum by (store) (rate(sold_total{store=~"s.*"}[5m])) / on (store) group_left () max by (store) (sold_total)',
        "histogram_quantile(0.9, sum(rate(sold_total[10m])) by (le)) or (up offset 5m) unless absent(price)",
        "topk(1, {__name__=~'sold.*', store='s1'}) # with a {comment}\n",
        'max_over_time(sum(sold_total)[10m:1m]) + count_values("v", up) + -price ^ 0x1F % 1e3 > bool 2',
        'label_replace(sold_total @ end(), "a", "$1", "store", "(.*)}")',
    ]  # fmt: skip
    for query in queries:
        read(f"count({query}) > 1e9", minutes=9.0)
