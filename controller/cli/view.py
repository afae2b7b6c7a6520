"""What a journal says now: the last start, config, tick and stop, and who holds the store.

Called by the subcommands that look or give orders; reads a store, also while a daemon writes it. Needs neither the
campaign's file nor the daemon.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.errors import CommandError, nearest
from controller.ports import Record
from controller.store.ownership import Holder
from controller.store.sqlite import SqliteStore

Entries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """The newest rows that matter, and the config in force as it was written down (canonical, secrets unnamed)."""

    start: Record | None
    config: Mapping[str, Any]
    tick: Record | None
    stop: Record | None
    holder: Holder | None
    saved: Mapping[str, Any]
    """Small JSON of the newest snapshot: overrides, alarms, the last order taken."""
    newest_order: int
    """Number of the newest order in the store; -1 without one."""

    @classmethod
    def of(cls, store: SqliteStore) -> "View":
        """Read them; raises StoreError."""
        start, reloaded = store.last("start"), store.last("config")
        text = "{}" if start is None else str(start.data.get("config", "{}"))
        if reloaded is not None and (start is None or reloaded.number > start.number):
            text = str(reloaded.data["text"])
        kept, orders = store.snapshot(), store.pending()
        saved: Mapping[str, Any] = {} if kept is None else kept[2]
        newest = orders[-1].number if orders else -1
        return cls(
            start, json.loads(text), store.last("tick"), store.last("stop"), store.holder(), saved, newest
        )

    def entries(self, block: str) -> Entries:
        """A block of the config, by name."""
        found: Entries = self.config.get(block, {})
        return found

    @property
    def campaign(self) -> str:
        """Name of the campaign; empty before the first start."""
        return str(self.config.get("campaign") or (self.start.data["campaign"] if self.start else ""))

    @property
    def cells(self) -> tuple[str, ...]:
        """Names of the cells."""
        return tuple(self.start.data["cells"]) if self.start else ()

    @property
    def overrides(self) -> Sequence[Mapping[str, Any]]:
        """Overrides in force after the last tick."""
        found: Sequence[Mapping[str, Any]] = self.saved.get("authority", {}).get("overrides", ())
        return found

    @property
    def waiting(self) -> int:
        """Orders that no daemon has taken yet."""
        return self.newest_order - int(self.saved.get("extra", {}).get("obeyed", -1))

    @property
    def alarms(self) -> Sequence[Mapping[str, str]]:
        """What is not as it should be, by the last tick."""
        found = [] if self.tick is None else self.tick.data["conditions"]
        return [
            {"code": code, "subject": subject, "text": text, "state": "now"} for code, subject, text in found
        ]

    def unit(self, block: str, name: str) -> str:
        """Unit of a sensor or an actuator."""
        return str(self.entries(block).get(name, {}).get("unit", "count"))

    def actuator(self, name: str) -> Mapping[str, Any]:
        """One actuator as it stands in the config; raises CommandError."""
        known = self.entries("actuators")
        if not known:
            raise CommandError("no daemon has run on this store yet, so it knows no actuators")
        if name not in known:
            raise CommandError(f"there is no actuator {name!r}{nearest(name, known)}")
        return known[name]

    def cell(self, name: str) -> str:
        """The name of a cell itself; raises CommandError."""
        if name not in self.cells:
            raise CommandError(f"there is no cell {name!r}{nearest(name, self.cells)}")
        return name
