"""A target behind HTTP that keeps orders as a good one does: signature, idempotency, epochs, read-back.

Its log is what tests judge the controller by.
"""

from dataclasses import dataclass, field

from controller.io.signing import verified
from tests.support.server import Reply, Seen, as_json


@dataclass
class Target:
    key: str | None = None
    """Key that orders must be signed with."""
    now: float = 0.0
    order: dict | None = None
    applied: list[dict] = field(default_factory=list)
    """Orders that changed something, in turn."""
    keeps_epochs: bool = True

    def __call__(self, seen: Seen) -> Reply:
        if seen.method == "GET":
            return as_json(self.order or {"value": None})
        if self.key is not None and not verified(self.key, seen.headers, seen.body, self.now):
            return as_json({"error": "bad signature"}, 401)
        order = seen.json
        if seen.headers["idempotency-key"] != order["id"]:
            return as_json({"error": "two ids"}, 400)
        return self.take(order)

    def take(self, order: dict) -> Reply:
        held = self.order
        if held is not None and order["id"] == held["id"]:
            return as_json({"again": True}) if order == held else as_json({"error": "other content"}, 409)
        if held is not None and self.keeps_epochs and order["epoch"] <= held["epoch"]:
            return as_json({"error": "superseded", "epoch": held["epoch"]}, 409)
        self.order = order
        self.applied.append(order)
        return as_json({"taken": True}, 201)
