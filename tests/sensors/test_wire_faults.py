"""The fourteen faults on the wire of each sensor, through its parser and validation: no lie is ever believed."""

from urllib.parse import parse_qs

import numpy as np
import pytest

from controller.cells import Cells
from controller.clock import TickMaker
from controller.errors import SensorError
from controller.io.access import Site
from controller.loop.validation import Rules, Validator
from controller.plan import Sensor
from controller.quantities import FileName, Template
from controller.registry import find, kinds
from controller.signals import Latch
from tests.sensors.worlds import NOON, raw_json, raw_string, raw_text
from tests.support.faults import FAULTS, Wire
from tests.support.server import Reply, Server

CELLS = Cells(("all",))
SCAN, STALE, HOLD = 60.0, 300.0, 600.0
LEVELS = {"http_json", "metrics_page", "prometheus", "csv_file"}
COUNTERS = {"metrics_page", "prometheus"}


class Feed:
    """One sensor of a kind and the source behind it, which says one sample or nothing."""

    def __init__(self, kind: str, folder, *, counter: bool) -> None:
        self.kind, self.said, self.path = kind, None, folder / "a.csv"
        self.server = Server(self.answer)
        self.server.__enter__()
        own = {
            "http_json": {"value_path": "[0].value", "time_path": "[0].at", "time_form": "seconds"},
            "metrics_page": {"metric": "sold", "time_metric": "sold_timestamp_seconds"},
            "prometheus": {"query": "sold"},
            "csv_file": {"value_column": "value", "time_form": "seconds"},
        }[kind]
        member = find("sensor", kind)
        declared = Sensor(kind=kind, counter=counter)
        if kind == "csv_file":
            settings = member.settings(file=FileName(str(self.path)), **own)
            self.sensor = member.cls(declared, settings, CELLS)
        else:
            settings = member.settings(url=Template(self.server.url), **own)
            self.sensor = member.cls(declared, settings, CELLS, site=Site(settings, environ={}))

    def say(self, said: Wire | None) -> None:
        self.said = said
        if said is None:
            self.path.unlink(missing_ok=True)
            return
        line = f"{said.at},{raw_text(said.value)}\n"
        self.path.write_text("time,value\n" + line * (1 + said.twice))

    def answer(self, seen) -> Reply:
        if self.said is None:
            return Reply(502, b"bad gateway")
        return Reply(200, getattr(self, self.kind)(seen, self.said).encode())

    def http_json(self, seen, said: Wire) -> str:
        row = f'{{"value": {raw_json(said.value)}, "at": {said.at}}}'
        return f"[{', '.join([row] * (1 + said.twice))}]"

    def metrics_page(self, seen, said: Wire) -> str:
        line = f"sold {raw_text(said.value)}\n"
        return line * (1 + said.twice) + f"sold_timestamp_seconds {said.at}\n"

    def prometheus(self, seen, said: Wire) -> str:
        query = parse_qs(seen.body.decode())["query"][0]
        shown = f'"{said.at}"' if "timestamp(" in query else raw_string(said.value)
        row = f'{{"metric": {{}}, "value": [1, {shown}]}}'
        return f'{{"status": "success", "data": {{"resultType": "vector", "result": [{row}]}}}}'


@pytest.fixture
def feed(request, tmp_path):
    kind, counter = request.param
    made = Feed(kind, tmp_path, counter=counter)
    yield made
    made.server.__exit__()


class Watch:
    """The feed's sensor and its validation, tick by tick."""

    def __init__(self, feed: Feed, **rules) -> None:
        limits = {
            "stale_after": STALE,
            "fallback_after": HOLD,
            "plausible": (0.0, 1e6),
            "uncertain_is_good": False,
        }
        self.feed, self.validator = feed, Validator("units", Rules(**{**limits, **rules}), CELLS)
        self.maker, self.now = TickMaker(CELLS, SCAN), NOON

    def turn(self, said: Wire | None):
        """The signal after the source said this."""
        self.now += SCAN
        self.feed.say(said)
        tick = self.maker.at(self.now)
        try:
            reading = self.feed.sensor.read(tick)
        except SensorError:
            return self.validator.take(None, tick.time, "unreachable")
        return self.validator.take(reading, tick.time)

    def true(self, value: float) -> Wire:
        """What the source would say honestly at the next tick."""
        return Wire(value, self.now + SCAN - 5.0)


def test_every_sensor_that_reads_a_source_of_its_own_is_put_to_the_faults():
    assert set(kinds("sensor")) - LEVELS == {"formula"}


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "counter_reset"])
@pytest.mark.parametrize(
    "feed", [(kind, False) for kind in sorted(LEVELS)], indirect=True, ids=lambda f: f[0]
)
def test_a_lie_about_a_level_is_never_believed(feed, fault):
    watch = Watch(feed)
    for n in range(5):
        last = watch.true(100.0 + n)
        assert watch.turn(last).value == 100.0 + n
    latches = []
    for n in range(20):
        signal = watch.turn(FAULTS[fault](watch.true(105.0 + n), last))
        assert signal.value.tolist() == [104.0], f"believed {signal.value} after {n + 1} lies"
        assert not signal.fresh.any()
        latches.append(int(signal.latch[0]))
    assert latches[5] >= Latch.HOLD
    assert latches[-1] == Latch.SAFE
    back = [watch.turn(watch.true(200.0 + n)) for n in range(3)]
    assert [int(signal.latch[0]) for signal in back] == [Latch.SAFE, Latch.SAFE, Latch.LIVE]
    assert back[-1].value.tolist() == [202.0]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(
    "feed", [(kind, True) for kind in sorted(COUNTERS)], indirect=True, ids=lambda f: f[0]
)
def test_a_lie_about_a_counter_never_makes_the_total_fall_or_leap(feed, fault):
    watch = Watch(feed, counter=True, plausible=(-np.inf, 1e6))
    for n in range(5):
        last = watch.true(1000.0 + 10 * n)
        watch.turn(last)
    totals = [float(watch.turn(FAULTS[fault](watch.true(1050.0), last)).value[0])]
    totals += [float(watch.turn(watch.true(1060.0 + 10 * n)).value[0]) for n in range(5)]
    steps = np.diff([1040.0, *totals])
    assert (steps >= 0).all(), totals
    if fault not in ("counter_reset", "negative", "unit_x100", "huge"):
        assert totals[-1] == 1100.0, totals
