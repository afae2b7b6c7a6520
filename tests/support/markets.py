"""Served markets for tests: stepped ones in a thread of this process, real ones as processes of their own."""

import asyncio
import http.client
import json
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.config import load
from controller.daemon.serving import Server
from sim.served.app import app
from sim.served.build import serve
from sim.served.pace import by_hand

MONDAY = 1_780_272_000.0
"""2026-06-01 00:00 UTC."""
HOUR, DAY = 3600.0, 86_400.0
PATIENCE = 60.0

CAMPAIGN = """
campaign: trial
runs: {{scan: {scan}}}
{cells}
sensors:
  units: {{kind: http_json, url: "http://127.0.0.1:{port}/signals?from={{from_s}}&to={{to_s}}", unit: units/h,
          value_path: signals.units_scanned.value{star}, time_path: as_of, time_form: seconds, window: 1h}}
  paid: {{kind: http_json, url: "http://127.0.0.1:{port}/signals", value_path: signals.prizes_paid.value{star},
         time_path: as_of, time_form: seconds, unit: CNY, counter: true}}
actuators:
  win_rate: {{kind: http, url: "http://127.0.0.1:{port}/levers/{{channel}}", unit: share, start: 3%, safe: 3%,
             limits: [3%, 12%], max_step: 1 point, resolution: 0.1 points, lease: 3h, lease_by: target}}
budgets: {{prizes: {{total: 500000 CNY, plan: none, paid: paid, worst_per_hour: 2000 CNY}}}}
loops:
  sales: {{every: {scan}, measure: units, target: {{keep_at: {target} units/h, band: 10%}}, move: {{win_rate: raises}},
          pays_from: prizes, policy: {{kind: pid, gain: 1.5, integral_time: 9h}}}}
market: {{kind: cap_lottery, volume: 70, signals: {{units: units_scanned, paid: prizes_paid}},
         levers: {{win_rate: win_probability}}{market}}}
mode: auto
"""


def campaign(folder: Path, port: int = 1, stores: tuple[str, ...] = (), market: str = "", scan: str = "1h"):
    """The plan of a campaign whose ports lead to a served market at `port`."""
    file = folder / f"{port}.yaml"
    cells = f"cells: {{by: store, names: [{', '.join(stores)}]}}" if stores else ""
    target = 900 / max(len(stores), 1)
    text = CAMPAIGN.format(
        port=port, cells=cells, star=".*" if stores else "", market=market, scan=scan, target=target
    )
    file.write_text(text)
    return load(file)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The document."""
        return json.loads(self.body)


@dataclass
class Client:
    """Asks one server on loopback."""

    port: int

    def send(self, method: str, path: str, body: bytes = b"", **headers: str) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            line.request(
                method, path, body or None, {key.replace("_", "-"): text for key, text in headers.items()}
            )
            found = line.getresponse()
            return Answer(found.status, {k.lower(): v for k, v in found.getheaders()}, found.read())
        finally:
            line.close()

    def get(self, path: str) -> Answer:
        return self.send("GET", path)

    def post(self, path: str, document: Any, **headers: str) -> Answer:
        return self.send(
            "POST", path, json.dumps(document).encode(), **({"Content_Type": "application/json"} | headers)
        )

    def advance(self, seconds: float) -> float:
        """Let time pass; the market's time after it."""
        answer = self.post("/advance", {"seconds": seconds})
        assert answer.status == 200, answer.body
        return answer.json["now"]

    def order(
        self, value: Any, epoch: tuple[int, int] = (1, 1), lever: str = "win_rate", **more: Any
    ) -> Answer:
        """Order a value; the id is the epoch's unless given."""
        known = {"id": f"order-{epoch[0]}-{epoch[1]}", "epoch": list(epoch), "value": value}
        return self.post(f"/levers/{lever}", known | more)


@contextmanager
def stepped(plan, seed: int = 1, starts: float = MONDAY, **more):
    """A market that stands still until it is advanced, served from a thread; gives the client and the market."""
    with listening(serve(plan, by_hand(starts), seed=seed, **more)) as found:
        yield found


@contextmanager
def listening(served):
    """Serve in a thread; gives the client and what is served."""
    server, ready, loop = Server(app(served), "127.0.0.1", 0), threading.Event(), asyncio.new_event_loop()
    stop = asyncio.Event()

    async def live():
        await server.start()
        ready.set()
        await stop.wait()
        await server.stop()

    thread = threading.Thread(target=loop.run_until_complete, args=(live(),), daemon=True)
    thread.start()
    try:
        assert ready.wait(30)
        yield Client(server.port), served
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(30)
        loop.close()


class MarketProcess:
    """`setpoint market` as a process."""

    def __init__(self, file: Path, *options: str, log: Path | None = None) -> None:
        words = [sys.executable, "-m", "controller.cli", "market", str(file), *options]
        self.log = log or file.parent / "market.log"
        with self.log.open("w") as out:
            self.process = subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT)

    def client(self, url: str = "") -> Client:
        """Ask it, once it listens."""
        ends = time.monotonic() + PATIENCE
        while (found := re.search(r"http://127.0.0.1:(\d+)/", url or self.log.read_text())) is None:
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < ends, f"no address: {self.log.read_text()}"
            time.sleep(0.02)
        return Client(int(found[1]))

    def stop(self) -> int:
        """End it in order; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def __enter__(self) -> "MarketProcess":
        return self

    def __exit__(self, *about: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait(PATIENCE)
