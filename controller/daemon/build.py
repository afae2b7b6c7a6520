"""From two files to a daemon that is ready to run.

Called by `setpoint run`; the only place that knows everything: config, store, ports, loop, watchers, listeners. Time
and environment are handed in.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from controller.assembly import assemble, cells_of
from controller.certificates.cover import Cover
from controller.certificates.place import Place
from controller.clock import TickMaker
from controller.config import load
from controller.config.canonical import digest
from controller.config.daemon import DaemonPlan
from controller.daemon.certified import ending
from controller.daemon.heartbeat import Heart
from controller.daemon.housekeeping import Housekeeping
from controller.daemon.probes import probes
from controller.daemon.reload import about, reload
from controller.daemon.runner import Daemon
from controller.daemon.schedule import Schedule
from controller.daemon.service import Service
from controller.daemon.serving import Server
from controller.daemon.watchers import Watch, watch
from controller.errors import SetpointError
from controller.gates import LiveGate
from controller.life import begin
from controller.live import actuators_of, sensors_of
from controller.plan import Campaign
from controller.ports import Clock, OperatorCommand
from controller.store.sqlite import SqliteStore
from controller.web.app import page
from controller.web.feed import Feed
from models.draws import Draws

log = logging.getLogger("setpoint.daemon")


@dataclass(slots=True)
class Built:
    """A daemon and what a caller may want of it."""

    daemon: Daemon
    service: Service
    watch: Watch
    found: str
    """What was resumed, in words."""
    page: Server | None
    metrics: Server | None
    plan: Campaign
    gate: LiveGate


def build(
    file: Path, plan: DaemonPlan, clock: Clock, environ: Mapping[str, str], seed: int = 0,
    certificate: Path | None = None,
) -> Built:  # fmt: skip
    """Build the daemon of a campaign file; raises SetpointError with what is wrong.

    `certificate` names the certificate's file; None: the one beside the campaign's, if there is one.
    """
    campaign, place = load(file), Place.of(file, certificate)
    gate = LiveGate(cover=_looked_at(place, campaign))
    cells = cells_of(campaign)
    store = SqliteStore(plan.store.path.path, clock=clock)
    loop = assemble(
        campaign, sensors=sensors_of(campaign, cells), actuators=actuators_of(campaign, cells), draws=Draws(seed),
        store=store, gate=gate, cells=cells, digest=digest(campaign),
    )  # fmt: skip
    maker = TickMaker(cells, campaign.runs.scan)
    last = store.last("tick")
    if last is not None:
        maker.resume(last.index, last.time)
    found = begin(loop, clock.now(), {**about(campaign), **_certificate(gate)})
    schedule = Schedule(maker, clock)
    watchers = watch(loop, plan, schedule, clock, environ, lambda: service.loop.parts)
    watchers.desk.sources += (ending(gate),)
    watchers.desk.resume()
    housekeeping = Housekeeping(store, plan.store, watchers.postman.submit)
    heart = Heart(
        Path(plan.watchdog.heartbeat.path), lambda: service.loop.parts, lambda: _kept(reloading.running)
    )
    service = Service(
        loop,
        (watchers.look_at_oneself, watchers.desk, watchers.telemetry, housekeeping, heart),
        watchers.handlers(),
        watchers.extra,
    )
    service.resume()
    reloading = Reloading(
        service, watchers, campaign, lambda: load(file), clock, lambda plan: _looked_at(place, plan)
    )
    service.handlers["reload"] = reloading.asked
    stopping = asyncio.Event()
    shown = _page(plan, stopping)
    metrics = _metrics(plan, service, watchers)
    daemon = Daemon(
        service=service,
        schedule=schedule,
        listeners=[server for server in (shown, metrics) if server is not None],
        stopping=stopping,
        reload=reloading.signalled,
        leave=lambda: watchers.postman.shutdown(wait=False, cancel_futures=True),
    )
    return Built(daemon, service, watchers, found, shown, metrics, campaign, gate)


def _looked_at(place: Place, campaign: Campaign) -> Cover:
    """What the certificate that lies there now means; one that was merely found and can't be used is a warning."""
    cover = place.cover(campaign)
    if cover.certificate is None and cover.file:
        log.warning(cover.refusal)
    return cover


def _certificate(gate: LiveGate) -> dict[str, Any]:
    """What the `start` row says of it."""
    return {} if gate.cover is None else {"certificate": gate.cover.journalled()}


def _kept(campaign: Campaign) -> tuple[str, ...]:
    """Actuators whose lease a watchdog keeps."""
    return tuple(name for name, entry in campaign.actuators.items() if entry.lease_by == "watchdog")


@dataclass(slots=True)
class Reloading:
    """Takes a changed file while the loop runs; a file with faults changes nothing and is an alarm."""

    service: Service
    watch: Watch
    running: Campaign
    read: Callable[[], Campaign]
    clock: Clock
    certify: Callable[[Campaign], Cover]

    def asked(self, command: OperatorCommand, now: float) -> str:
        """An operator's `reload`."""
        return f"{self._reload(now)} (by {command.owner}: {command.reason})"

    def signalled(self) -> None:
        """SIGHUP."""
        log.info(self._reload(self.clock.now()))

    def _reload(self, now: float) -> str:
        try:
            done = reload(self.service.loop, self.running, self.read, now, self.certify)
        except (SetpointError, OSError) as fault:
            self.watch.reloaded(str(fault), "", now, self.service.loop.parts.digest)
            return f"refused: the running config stays: {fault}"
        self.service.loop, self.running = done.loop, done.plan
        self.watch.reloaded("", "; ".join(done.widened), now, done.loop.parts.digest)
        return done.said


def _page(plan: DaemonPlan, stopping: asyncio.Event) -> Server | None:
    if not plan.page.on:
        return None
    feed = Feed(SqliteStore(plan.store.path.path, readonly=True))
    app = page(feed, stopping, any_host=plan.page.behind == "proxy")
    return Server(app, plan.page.address.host, plan.page.address.port)


def _metrics(plan: DaemonPlan, service: Service, watchers: Watch) -> Server | None:
    if not plan.metrics.on:
        return None
    app = probes(lambda: service.last, watchers.telemetry.render)
    return Server(app, plan.metrics.address.host, plan.metrics.address.port)
