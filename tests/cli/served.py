"""A small world behind a real server: a metrics server's query API, a metrics page, an actuator."""

import time
from urllib.parse import parse_qs

from tests.support.server import Reply, Seen, as_json


class Served:
    """What the server says; tests change it."""

    def __init__(self) -> None:
        self.metrics = {
            "units_scanned_total": 1187.0,
            "prize_paid_cny_total": 31_200.0,
            "redeemed_share": 0.031,
            "up": 1.0,
        }
        self.age = 30.0
        self.in_force = 0.03
        self.orders: list[Seen] = []
        self.url = ""

    def __call__(self, seen: Seen) -> Reply:
        if seen.path.startswith("/api/v1/label/__name__/values"):
            return as_json({"status": "success", "data": sorted(self.metrics)})
        if seen.path == "/api/v1/query":
            found = self._vector(parse_qs(seen.body.decode())["query"][0])
            return as_json({"status": "success", "data": {"resultType": "vector", "result": found}})
        if seen.path == "/metrics":
            page = "".join(f"{name} {value!r}\n" for name, value in self.metrics.items())
            return Reply(body=page.encode())
        if seen.path == "/odds":
            self.orders += [seen] if seen.method != "GET" else []
            return as_json({"value": self.in_force})
        return Reply(404, b"not here")

    def _vector(self, query: str) -> list[dict]:
        """What an expression over these metrics gives: the metric named in it, or its newest sample's time."""
        named = [name for name in self.metrics if name in query]
        if not named:
            return []
        value = time.time() - self.age if "timestamp(" in query else self.metrics[named[0]]
        return [{"metric": {}, "value": [time.time(), repr(value)]}]
