"""The daemon's figures for Prometheus: kept from turn to turn, put into words when somebody asks.

One of the daemon's watchers: called once a turn on the loop's thread, where it only counts and remembers the turn;
`render` is called by the probes on theirs and does the rest. A registry of its own, so that no other library's metrics
mix in. Gives moments, not ages: an age then keeps growing when the daemon is gone. Changes nothing in a turn.
"""

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from controller.alarms.alarm import Alarm
from controller.alarms.symptoms import Purse
from controller.cells import Array
from controller.loop.turn import Executed, Turn
from controller.signals import Channel, Landing, Reason
from controller.telemetry import samples
from controller.telemetry.register import BY_NAME, REGISTER
from controller.telemetry.samples import Sample

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Upper ends in seconds."""


class Telemetry:
    """What /metrics shows.

    Parameters
    ----------
    campaign, cells, channels: as the loop has them.
    scan: seconds a period.
    purses: budgets by name.
    alarms: gives the alarms that stand; asked once a turn.
    webhook: gives delivered and failed messages; None: there is no webhook.
    """

    def __init__(
        self, campaign: str, cells: Sequence[str], channels: Mapping[str, Channel], *, scan: float = 60.0,
        purses: Mapping[str, Purse] | None = None, alarms: Callable[[], Sequence[Alarm]] = tuple,
        webhook: Callable[[], tuple[int, int]] | None = None, version: str = "", digest: str = "",
    ) -> None:  # fmt: skip
        self.campaign, self.cells, self.channels, self.scan = campaign, tuple(cells), dict(channels), scan
        self.purses, self.alarms, self.webhook = dict(purses or {}), alarms, webhook
        self.version, self.digest = version, digest
        self._lock = threading.Lock()
        self._last: Turn | None = None
        self._executed: dict[str, tuple[float, Executed]] = {}
        self._standing: tuple[Alarm, ...] = ()
        self._counts: defaultdict[tuple[str, tuple[str, ...]], float] = defaultdict(float)
        self._facts: dict[str, Array] = {}
        self._bound: frozenset[tuple[str, str]] = frozenset()
        self._gauges: dict[str, float] = {"setpoint_leader": 1.0, "setpoint_config_reload_success": 1.0}
        self._times: dict[str, list[float]] = {}

    def __call__(self, turn: Turn) -> None:
        """Take one turn."""
        with self._lock:
            self._last = turn
            self._executed |= {name: (turn.tick.time, run) for name, run in turn.executed.items()}
            self._standing = tuple(self.alarms())
            self._count("setpoint_ticks_total")
            for name, output in turn.outputs.items():
                reasons, cells = np.unique(output.decided.reason, return_counts=True)
                for reason, many in zip(reasons, cells, strict=True):
                    self._count(
                        "setpoint_decisions_total", name, Reason(int(reason)).name.lower(), by=float(many)
                    )
                if output.order is not None:
                    worst = Landing(int(output.landing.max())).name.lower()
                    self._count("setpoint_actuator_writes_total", name, worst)
            self._count_moves(turn)
            self._count_trips(turn)

    # -- what the daemon says of itself -----------------------------------------------------------------------------

    def timed(self, duration: float, lateness: float = 0.0) -> None:
        """How many seconds the last turn took, and how late it began."""
        self._observe("setpoint_loop_tick_duration_seconds", duration)
        self._set("setpoint_loop_tick_lateness_seconds", lateness)

    def appended(self, seconds: float) -> None:
        """How many seconds the last record took to be on disk."""
        self._observe("setpoint_journal_append_seconds", seconds)

    def skipped(self, turns: int) -> None:
        """So many turns were left out."""
        with self._lock:
            self._count("setpoint_ticks_skipped_total", by=turns)

    def room(self, free_bytes: float) -> None:
        """What is left on the journal's disk."""
        self._set("setpoint_journal_free_bytes", free_bytes)

    def reloaded(self, taken: bool, now: float, digest: str = "") -> None:
        """A config was taken, or refused; `now` in UTC seconds."""
        self._set("setpoint_config_reload_success", float(taken))
        if taken:
            self._set("setpoint_config_last_reload_success_timestamp_seconds", now)
            self.digest = digest or self.digest

    def led(self, leading: bool) -> None:
        """Whether this process holds the store's lock."""
        self._set("setpoint_leader", float(leading))

    def happened(self, kind: str) -> None:
        """Something happened to an alarm."""
        with self._lock:
            self._count("setpoint_alarm_events_total", kind)

    # -- for Prometheus ---------------------------------------------------------------------------------------------

    def render(self) -> tuple[bytes, str]:
        """The text format and its content type."""
        from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4, CollectorRegistry, generate_latest

        registry = CollectorRegistry(auto_describe=False)
        registry.register(self)
        return generate_latest(registry), CONTENT_TYPE_PLAIN_0_0_4

    def collect(self) -> Iterator[Any]:
        """Families of samples, in the order of the register; called by prometheus_client."""
        from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

        kinds = {"gauge": GaugeMetricFamily, "counter": CounterMetricFamily}
        with self._lock:
            found = list(self._samples())
            times = {name: list(counts) for name, counts in self._times.items()}
        families: dict[str, Any] = {}
        for name, labels, value in found:
            metric = BY_NAME[name]
            if name not in families:
                families[name] = kinds[metric.kind](name, metric.help, labels=metric.all_labels)
            families[name].add_metric((self.campaign, *labels), value)
        for name, (*counts, total) in times.items():
            family = HistogramMetricFamily(name, BY_NAME[name].help, labels=("campaign",))
            ends = [str(end) for end in (*BUCKETS, float("inf"))]
            grown = np.cumsum(counts)
            buckets = [
                ("+Inf" if end == "inf" else end, float(n)) for end, n in zip(ends, grown, strict=True)
            ]
            family.add_metric((self.campaign,), buckets, total)
            families[name] = family
        yield from (families[metric.name] for metric in REGISTER if metric.name in families)

    def _samples(self) -> Iterable[Sample]:
        yield from ((name, labels, value) for (name, labels), value in self._counts.items())
        yield from ((name, (), value) for name, value in self._gauges.items())
        yield ("setpoint_loop_scan_seconds", (), self.scan)
        yield ("setpoint_build_info", (self.version,), 1.0)
        yield ("setpoint_config_info", (self.digest,), 1.0)
        yield from samples.of_alarms(self._standing)
        if self.webhook is not None:
            delivered, failed = self.webhook()
            yield ("setpoint_webhook_messages_total", ("delivered",), float(delivered))
            yield ("setpoint_webhook_messages_total", ("failed",), float(failed))
        if self._last is not None:
            yield from samples.of_turn(self._last, self.channels, self.cells)
            yield from samples.of_executions(self._executed, self.cells)
            yield from samples.of_budgets(self._last, self.purses)

    # -- counting ---------------------------------------------------------------------------------------------------

    def _count(self, name: str, *labels: str, by: float = 1.0) -> None:
        self._counts[name, labels] += by

    def _set(self, name: str, value: float) -> None:
        with self._lock:
            self._gauges[name] = value

    def _observe(self, name: str, seconds: float) -> None:
        with self._lock:
            counts = self._times.setdefault(name, [0.0] * (len(BUCKETS) + 2))
            counts[bisect_left(BUCKETS, seconds)] += 1.0
            counts[-1] += seconds

    def _count_moves(self, turn: Turn) -> None:
        """Growth of the facts that count moves and reversals; the latter begin anew each day."""
        for name in self.channels:
            for fact in ("moves", "reversals"):
                key = f"{fact}.{name}"
                now = turn.facts.get(key)
                if now is not None:
                    before = self._facts.get(key, now)
                    grown = np.where(now >= before, now - before, now)
                    self._count(f"setpoint_{fact}_total", name, by=float(np.nansum(grown)))
                    self._facts[key] = now

    def _count_trips(self, turn: Turn) -> None:
        """Guardrails that bind an output now and did not at the turn before; the actuator's own range is none."""
        bound = frozenset(samples.binding(turn, self.channels))
        for guardrail, channel in bound - self._bound:
            self._count("setpoint_guardrail_trips_total", guardrail, channel)
        self._bound = bound
