"""What a journal says now: the last start, tick and stop, alarms, and who holds the store.

Called by the subcommands that look or give orders; reads a store, also while a daemon writes it. Needs neither the
campaign's file nor the daemon.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from controller.alarms.alarm import Alarm
from controller.alarms.book import AlarmBook
from controller.errors import CommandError, nearest
from controller.ports import Record
from controller.signals import Mode
from controller.store.ownership import Holder
from controller.store.sqlite import SqliteStore

Entries = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class View:
    """The newest rows that matter."""

    start: Record | None
    about: Mapping[str, Any]
    """What the journal says of the campaign (controller/about.py), as of the last start or reload."""
    tick: Record | None
    stop: Record | None
    holder: Holder | None
    saved: Mapping[str, Any]
    """Small JSON of the newest snapshot: overrides, the last order taken."""
    alarms: Sequence[Alarm]
    newest_order: int
    """Number of the newest order in the store; -1 without one."""

    @classmethod
    def of(cls, store: SqliteStore) -> "View":
        """Read them; raises StoreError."""
        start, reloaded = store.last("start"), store.last("config")
        about = {} if start is None else dict(start.data)
        if reloaded is not None and (start is None or reloaded.number > start.number):
            about |= reloaded.data
        kept, orders = store.snapshot(), store.pending()
        saved: Mapping[str, Any] = {} if kept is None else kept[2]
        alarms = _alarms(store, saved, 0 if kept is None else kept[0] + 1)
        newest = orders[-1].number if orders else -1
        return cls(
            start, about, store.last("tick"), store.last("stop"), store.holder(), saved, alarms, newest
        )  # fmt: skip

    def entries(self, block: str) -> Entries:
        """`loops`, `channels` or `sensors`, by name."""
        found: Entries = self.about.get(block, {})
        return found

    @property
    def campaign(self) -> str:
        """Name of the campaign; empty before the first start."""
        return str(self.about.get("campaign", ""))

    @property
    def cells(self) -> tuple[str, ...]:
        """Names of the cells."""
        return tuple(self.about.get("cells", ()))

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
    def idle(self) -> str:
        """Why nothing is written to any output, by the last tick; empty where outputs are written."""
        if self.tick is None:
            return ""
        mode = Mode(self.tick.data["mode"])
        if mode == Mode.AUTO and not self.tick.data["permitted"]:
            return f"auto is not permitted ({self.tick.data['gate']})"
        return "" if mode >= Mode.MANUAL else f"the mode is {mode.name.lower()}"

    def channel(self, name: str) -> Mapping[str, Any]:
        """Unit, low, high and safe value of an actuator; raises CommandError."""
        known = self.entries("channels")
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


def _alarms(store: SqliteStore, saved: Mapping[str, Any], since: int) -> Sequence[Alarm]:
    """Alarms that are not normal: those kept with the snapshot, then the rows written after it."""
    book = AlarmBook()
    book.restored(saved.get("extra", {}).get("alarms", {}).get("book", {}))
    book.recall(store.records(since, ("alarm",)))
    return [alarm for alarm in book.alarms() if alarm.raised_at is not None]
