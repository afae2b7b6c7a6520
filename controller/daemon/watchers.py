"""Those who are told of every turn of a daemon: the alarm desk, the metrics, the webhook; and what the daemon knows of
its own health.

Called by build; each watcher is told after the record is on disk. Nothing here can stop the loop.
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from controller.alarms.book import AlarmBook
from controller.alarms.desk import AlarmDesk
from controller.alarms.symptoms import Health, Purse, Strain, of_budgets, of_daemon, of_leases
from controller.alarms.webhook import Webhook
from controller.config.daemon import DaemonPlan
from controller.daemon.schedule import Schedule
from controller.health import Watches
from controller.loop import Loop
from controller.loop.parts import Parts
from controller.loop.turn import Condition, Turn
from controller.ports import Clock, OperatorCommand
from controller.store.sqlite import SqliteStore
from controller.telemetry import Telemetry

MEGABYTE = 1e6


@dataclass(slots=True)
class Watch:
    """The watchers of one daemon, and what they share."""

    desk: AlarmDesk
    telemetry: Telemetry
    webhook: Webhook | None
    health: Health
    schedule: Schedule
    store: SqliteStore
    postman: ThreadPoolExecutor
    _skipped: int = 0

    def look_at_oneself(self, _: Turn) -> None:
        """Take the daemon's own health before the alarms are asked."""
        skipped, self._skipped = self.schedule.maker.skipped - self._skipped, self.schedule.maker.skipped
        free = self.store.free_bytes()
        self.health = replace(
            self.health, lateness=self.schedule.lateness, skipped=skipped, free_megabytes=free / MEGABYTE
        )
        self.telemetry.room(free)
        if skipped:
            self.telemetry.skipped(skipped)

    def reloaded(self, failed: str, widened: str, now: float, digest: str) -> None:
        """Remember what became of a reload, for the alarms and the metrics."""
        self.health = replace(self.health, reload_failed=failed, reload_widened=widened)
        self.telemetry.reloaded(not failed, now, digest)

    def extra(self) -> Mapping[str, Any]:
        """What is kept with each snapshot."""
        return self.desk.saved()

    def handlers(self) -> dict[str, Any]:
        """Operators' verbs that the alarm book takes."""
        return {"ack": self._obey, "shelve": self._obey}

    def _obey(self, command: OperatorCommand, now: float) -> str:
        return self.desk.book.obey(command, now)


def watch(
    loop: Loop, daemon: DaemonPlan, schedule: Schedule, clock: Clock, environ: Mapping[str, str],
    running: Callable[[], Parts],
) -> Watch:  # fmt: skip
    """Build the watchers of a loop whose journal is a SQLite store; `running`: its parts now, also after a reload."""
    parts, store = loop.parts, loop.parts.store
    assert isinstance(store, SqliteStore)
    channels = {name: dispatcher.channel for name, dispatcher in parts.dispatchers.items()}
    leases = {name: dispatcher.lease for name, dispatcher in parts.dispatchers.items()}
    purses = {
        name: Purse(scope, parts.span.starts_at, parts.span.ends_at)
        for name, scope in parts.facts.budgets.items()
    }
    book = AlarmBook(repeat=daemon.alarms.repeat)
    postman = ThreadPoolExecutor(1, "webhook")
    webhook = _webhook(daemon, book, parts.campaign, clock, environ, postman)
    telemetry = Telemetry(
        parts.campaign, parts.cells.names, channels, scan=schedule.maker.scan, purses=purses, alarms=book.alarms,
        webhook=(lambda: (webhook.delivered, webhook.failures)) if webhook else None,
        version=version("setpoint"), digest=parts.digest,
    )  # fmt: skip
    made = Watch(
        desk=AlarmDesk(book, store, (), Strain(channels), webhook, loops=Watches(running)),
        telemetry=telemetry,
        webhook=webhook,
        health=Health(schedule.maker.scan, least_free=float(daemon.store.least_free)),
        schedule=schedule,
        store=store,
        postman=postman,
    )

    def said(turn: Turn) -> Iterator[Condition]:
        yield from of_daemon(made.health)
        yield from of_leases(turn, leases)
        yield from of_budgets(turn, purses)

    made.desk.sources = (said,)
    return made


def _webhook(
    daemon: DaemonPlan,
    book: AlarmBook,
    campaign: str,
    clock: Clock,
    environ: Mapping[str, str],
    postman: ThreadPoolExecutor,
) -> Webhook | None:
    plan = daemon.alarms
    if plan.webhook is None:
        return None
    return Webhook(
        plan.webhook, plan.secret, environ=environ, campaign=campaign, clock=clock, submit=postman.submit,
        failed=book.undelivered, timeout=plan.timeout,
    )  # fmt: skip
