"""A source for each kind of sensor, that can be set, spoilt and taken away: what the contract checks ask for."""

import json
from urllib.parse import parse_qs

import numpy as np

from controller.cells import Cells
from controller.checks.sensors import Spoilt
from controller.clock import TickMaker
from controller.io.access import Site
from controller.plan import Sensor
from controller.quantities import FileName, Template
from controller.registry import find
from controller.signals import Quality, Reading, codes
from tests.support.server import Reply, Server

NOON = 1_780_315_200.0
"""2026-06-01T12:00:00Z."""
HOUR = 3600.0
SECRET = "canary-7f3a/9+x"
STORES = ("s1", "s2", "s3")
ENVIRON = {"SENSOR_TOKEN": SECRET}
TOKEN = Template("${env:SENSOR_TOKEN}")


class World:
    """What all worlds share: three stores, a tick ten minutes past twelve, what was said, and whether it is up."""

    secret: str | None = None

    def __init__(self) -> None:
        self.cells = Cells(STORES, by="store")
        self.tick = TickMaker(self.cells, 60.0).at(NOON + 600.0)
        self.said: dict = {}
        self.up = True

    def say(self, values) -> bool:
        self.said, self.up = dict(values), True
        return True

    def kill(self) -> None:
        self.up = False

    def read(self) -> Reading:
        return self.sensor.read(self.tick)

    def close(self) -> None:
        """Nothing to put away."""


class HttpWorld(World):
    """A source behind a loopback server, which repeats the caller's credentials where it fails."""

    secret = SECRET

    def __init__(self, kind: str, declared: Sensor, **settings) -> None:
        super().__init__()
        member = find("sensor", kind)
        self.server = Server(self.answer)
        self.server.__enter__()
        url = Template(self.server.url + settings.pop("path", ""))
        made = member.settings(url=url, token=TOKEN, **settings)
        self.sensor = member.cls(declared, made, self.cells, site=Site(made, environ=ENVIRON))

    def answer(self, seen) -> Reply:
        if not self.up:
            return Reply(503, f"down, said {seen.headers['authorization']} to {seen.path}".encode())
        assert seen.headers["authorization"] == f"Bearer {SECRET}"
        return self.reply(seen)

    def close(self) -> None:
        self.server.__exit__()


class HttpJsonWorld(HttpWorld):
    def __init__(self) -> None:
        paths = {"value_path": "stores[*].units", "cell_path": "stores[*].id", "time_path": "as_of"}
        declared = Sensor(kind="http_json", unit="units/h", window=HOUR, settle=300.0)
        super().__init__("http_json", declared, path="/kpi?from={from}&to={to}", **paths)

    def reply(self, seen) -> Reply:
        rows = (f'{{"id": "{cell}", "units": {raw_json(value)}}}' for cell, value in self.said.items())
        text = f'{{"as_of": "2026-06-01T12:00:00Z", "stores": [{", ".join(rows)}]}}'
        return Reply(200, text.encode())


class MetricsPageWorld(HttpWorld):
    def __init__(self) -> None:
        declared = Sensor(kind="metrics_page", unit="units/h")
        super().__init__("metrics_page", declared, path="/metrics", metric='units{channel="app"}')

    def reply(self, seen) -> Reply:
        lines = ["# TYPE units gauge", 'units{channel="web",store="s1"} 99', "other_total 3"]
        lines += [
            f'units{{channel="app",store="{cell}"}} {raw_text(value)}' for cell, value in self.said.items()
        ]
        return Reply(200, ("\n".join(lines) + "\n").encode())


class PrometheusWorld(HttpWorld):
    def __init__(self) -> None:
        declared = Sensor(kind="prometheus", unit="units/h", window=HOUR, settle=300.0)
        super().__init__("prometheus", declared, query="sum by (store) (increase(units_total[1h]))")

    def reply(self, seen) -> Reply:
        form = {key: values[0] for key, values in parse_qs(seen.body.decode()).items()}
        times = "timestamp(" in form["query"]
        rows = []
        for cell, value in self.said.items():
            shown = f'"{NOON - 15}"' if times else raw_string(value)
            rows.append(f'{{"metric": {{"store": "{cell}"}}, "value": [{form["time"]}, {shown}]}}')
        result = f'{{"resultType": "vector", "result": [{", ".join(rows)}]}}'
        return Reply(200, f'{{"status": "success", "data": {result}}}'.encode())


class CsvFileWorld(World):
    def __init__(self, folder) -> None:
        super().__init__()
        self.path = folder / "sales.csv"
        member = find("sensor", "csv_file")
        names = {"time_column": "hour", "cell_column": "store", "value_column": "units"}
        settings = member.settings(file=FileName("sales.csv", str(folder)), **names)
        declared = Sensor(kind="csv_file", unit="units/h", window=HOUR, settle=300.0)
        self.sensor = member.cls(declared, settings, self.cells)

    def say(self, values) -> bool:
        if Spoilt.EMPTY in values.values():
            return False  # an empty field is how a CSV says that there is nothing
        before = [f"2026-06-01T10:00:00Z,{cell},4" for cell in STORES]
        rows = [f"2026-06-01T11:00:00Z,{cell},{raw_text(value)}" for cell, value in values.items()]
        running = [f"2026-06-01T12:00:00Z,{cell},1" for cell in STORES]
        self.path.write_text("\n".join(["hour,store,units", *before, *rows, *running]) + "\n")
        return True

    def kill(self) -> None:
        self.path.unlink(missing_ok=True)


class FormulaWorld(World):
    """Inputs of a formula: `sold` is what is said, `visits` is one everywhere."""

    def __init__(self) -> None:
        super().__init__()
        member = find("sensor", "formula")
        declared = Sensor(kind="formula", unit="units/h")
        self.sensor = member.cls(declared, member.settings(value="(sold + 0) / visits"), self.cells)

    def read(self) -> Reading:
        ones = np.ones(3)
        readings = {"visits": self.reading(ones, codes(3, Quality.GOOD))}
        if self.up:
            value = np.array(
                [v if isinstance(v := self.said.get(cell), float) else np.nan for cell in STORES]
            )
            quality = codes(3, Quality.GOOD)
            for i, cell in enumerate(STORES):
                if cell not in self.said:
                    quality[i] = Quality.MISSING
                elif isinstance(self.said[cell], Spoilt):
                    quality[i] = Quality.BAD
            readings["sold"] = self.reading(value, quality)
        return self.sensor.read_from(self.tick, readings)

    def reading(self, value, quality) -> Reading:
        return Reading("x", "count", value, NOON - HOUR, NOON, np.full(3, NOON), np.full(3, np.nan), quality)


def worlds(folder) -> dict:
    """kind -> how to make its world."""
    return {
        "http_json": HttpJsonWorld,
        "metrics_page": MetricsPageWorld,
        "prometheus": PrometheusWorld,
        "csv_file": lambda: CsvFileWorld(folder),
        "formula": FormulaWorld,
    }


def raw_json(value) -> str:
    return value.value if isinstance(value, Spoilt) else json.dumps(value)


def raw_text(value) -> str:
    """As plain text without quotes, the way CSV and metrics pages hold it."""
    return raw_json(value).strip('"')


def raw_string(value) -> str:
    """As the Prometheus API writes numbers: in quotes."""
    if isinstance(value, float):
        return json.dumps(repr(value))
    return value.value if value.value.startswith(('"', "[", "null", "true")) else f'"{value.value}"'
