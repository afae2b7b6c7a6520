"""A lottery's back office as a real HTTP server, for daemons under test: a KPI that answers to the odds, and their log.

The odds keep to the contract: one value an id, newer epochs only, and their lease: when that runs out without renewal
the fallback comes into force by itself. All that ever was in force is in the log, which is what tests judge by.
"""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Entry:
    """One value that came into force."""

    at: float
    value: float
    id: str
    epoch: tuple[int, int]
    why: str


@dataclass
class Lottery:
    """State behind the server; `kpi` is what the sensor reads."""

    value: float = 0.03
    base: float = 100.0
    gain: float = 0.5
    log: list[Entry] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    epoch: tuple[int, int] = (0, 0)
    id: str = ""
    lease_until: float = float("inf")
    fallback: float = 0.03
    dead: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    level: float = 100.0
    port: int = 0

    def take(self, order: dict) -> int:
        """Take an order; returns the HTTP status."""
        epoch = tuple(order["epoch"])
        with self.lock:
            self._expire()
            if epoch < self.epoch:
                self.refused.append(order["id"])
                return 409
            if order["id"] != self.id:
                self.log.append(Entry(time.time(), order["value"], order["id"], epoch, "order"))
            self.value, self.epoch, self.id = order["value"], epoch, order["id"]
            self.fallback = order["fallback"]
            self.lease_until = time.time() + order["lease"] if order["lease"] else float("inf")
        return 200

    def now(self) -> dict:
        with self.lock:
            self._expire()
            return {"value": self.value, "epoch": list(self.epoch), "id": self.id}

    def kpi(self) -> dict:
        with self.lock:
            self._expire()
            aim = self.base * (1 + self.gain * (self.value - 0.03) / 0.09)
            self.level += 0.3 * (aim - self.level)
            return {"units": self.level, "at": datetime.now(UTC).isoformat(), "count": 40}

    def _expire(self) -> None:
        if time.time() > self.lease_until:
            self.value, self.lease_until, self.id = self.fallback, float("inf"), ""
            self.log.append(Entry(time.time(), self.value, "", self.epoch, "lease ran out"))


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        lottery = self.server.lottery
        if self.path == "/kpi" and lottery.dead:
            self._answer(503, {"error": "down"})
        else:
            self._answer(200, lottery.kpi() if self.path == "/kpi" else lottery.now())

    def do_POST(self):
        order = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        status = self.server.lottery.take(order)
        self._answer(status, self.server.lottery.now())

    def _answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


class _Document(BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_GET(self):
        data = json.dumps(self.server.document()).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving_document(document):
    """Serve what `document()` returns as JSON; gives the port."""
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), _Document)) as server:
        server.document = document
        yield server.server_address[1]


@contextmanager
def serving(lottery: Lottery):
    """Serve a lottery on a free loopback port."""
    with _running(ThreadingHTTPServer(("127.0.0.1", 0), _Handler)) as server:
        server.lottery = lottery
        lottery.port = server.server_address[1]
        yield lottery


@contextmanager
def _running(server):
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


CAMPAIGN = """
campaign: trial
runs: {{scan: 1s}}
sensors:
  units: {{kind: http_json, url: "http://127.0.0.1:{port}/kpi", value_path: units, time_path: at, samples_path: count,
          unit: units/h, stale_after: 5s, hold_for: 5s, recover_after: 2, plausible: [0, 100000]}}
actuators:
  win_rate: {{kind: http, url: "http://127.0.0.1:{port}/lever", unit: share, start: 3%, safe: 3%, limits: [3%, 12%],
             max_step: 1 point, resolution: 0.01 points, lease: {lease}, lease_by: target}}
loops:
  sales: {{every: 1s, measure: units, target: {{keep_at: 115 units/h, band: 5%, over: 7d}}, move: {{win_rate: raises}},
          policy: {{kind: pid, gain: 0.3, integral_time: 10s}}}}
mode: auto
"""
DAEMON = """
store: {{path: {store}}}
page: {{address: "127.0.0.1:0"}}
metrics: {{address: "127.0.0.1:0"}}
watchdog: {{heartbeat: {store}.heartbeat}}
"""
