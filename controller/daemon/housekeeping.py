"""What a journal needs over the years: old records forgotten, copies made; a little of it after a turn, never much.

One of the daemon's watchers. Copies are made on another thread, by a reader of its own, so that no turn waits for one;
one that fails is logged and tried again at the next turn that is due.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from controller.config.daemon import StorePlan
from controller.errors import StoreError
from controller.loop.turn import Turn
from controller.store.sqlite import SqliteStore

log = logging.getLogger("setpoint.daemon")

HOUR = 3600.0
AT_MOST = 2000
"""Records forgotten after one turn."""
Submit = Callable[[Callable[[], None]], object]
"""Runs a piece of work elsewhere and returns at once."""


class Housekeeping:
    """Prunes once an hour and copies once every `backup_every` seconds.

    Parameters
    ----------
    store: the daemon's own.
    plan: how long to keep records, where copies go.
    submit: runs a copy elsewhere.
    """

    def __init__(self, store: SqliteStore, plan: StorePlan, submit: Submit) -> None:
        self.store, self.plan, self.submit = store, plan, submit
        self.pruned_at = self.copied_at = float("-inf")

    def __call__(self, turn: Turn) -> None:
        """Do what is due."""
        now = turn.tick.time
        if now - self.pruned_at >= HOUR and not self.store.prune(now - self.plan.keep, 1000, AT_MOST):
            self.pruned_at = now
        if self.plan.backups is not None and now - self.copied_at >= self.plan.backup_every:
            self.copied_at = now
            self.submit(lambda: self._copy(now))

    def _copy(self, now: float) -> None:
        assert self.plan.backups is not None
        folder = Path(self.plan.backups.path)
        stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%dT%H%M%SZ")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            reader = SqliteStore(self.store.path, readonly=True)
            try:
                size = reader.backup(folder / f"{self.store.path.stem}-{stamp}.journal")
            finally:
                reader.close()
            log.info("journal copied", extra={"bytes": size, "folder": str(folder)})
        except (StoreError, OSError) as fault:
            self.copied_at = float("-inf")
            log.error("the journal could not be copied: %s", fault)
