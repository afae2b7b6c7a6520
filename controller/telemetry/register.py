"""Every metric of the daemon: its name, type, labels and meaning.

Read by telemetry.py (which gives no sample that is not listed here), by docs/metrics.md (written from it, checked by a
test) and by the tests of the rules in deploy/. Names follow Prometheus' conventions: base units, `_total` for what only
grows, moments instead of ages, no label without a bound on its values. Calls nothing.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["gauge", "counter", "histogram"]
MOST_CELLS = 20
"""Cells up to which each is shown by name; of more, three stand for all."""
SPREAD = ("<min>", "<median>", "<max>")
"""Values of the label `cell` where there are too many to name."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; every one also carries the label `campaign`."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()

    @property
    def all_labels(self) -> tuple[str, ...]:
        """With the campaign's."""
        return ("campaign", *self.labels)


def _gauge(name: str, help_: str, *labels: str) -> Metric:
    return Metric(f"setpoint_{name}", "gauge", help_, labels)


def _counter(name: str, help_: str, *labels: str) -> Metric:
    return Metric(f"setpoint_{name}", "counter", help_, labels)


def _histogram(name: str, help_: str) -> Metric:
    return Metric(f"setpoint_{name}", "histogram", help_)


REGISTER = (
    # -- loops
    _gauge("loop_setpoint", "What the loop keeps, in its sensor's unit", "loop", "cell"),
    _gauge("loop_process_value", "What its last execution saw, in the sensor's unit", "loop", "cell"),
    _gauge("loop_error", "Setpoint minus process value, in the sensor's unit", "loop", "cell"),
    _gauge(
        "loop_term",
        "Parts of the policy's last wish (p, i, d, feedforward, ...), in the output's unit",
        "loop",
        "channel",
        "term",
        "cell",
    ),
    _gauge("loop_last_execution_timestamp_seconds", "When the loop's policy last ran", "loop"),
    # -- outputs
    _gauge("loop_output_requested", "What auto would have in force, in the output's unit", "channel", "cell"),
    _gauge("loop_output_applied", "Best knowledge of the value in force, in the output's unit", "channel", "cell"),
    _gauge("loop_output_confirmed", "Share of the cells whose value was read back as ordered", "channel"),
    _gauge("loop_limit", "What all guardrails leave, in the output's unit", "channel", "bound", "cell"),
    _gauge("loop_saturated", "Share of the cells that stand at that limit", "channel", "bound"),
    _gauge("loop_mode", "0 off, 1 observe, 2 advise, 3 manual, 4 auto; the lowest of all cells", "channel", "kind"),
    _gauge("override_active", "Cells under a person's override", "channel"),
    _gauge("channel_info", "1; the unit of an output", "channel", "unit"),
    _counter("decisions_total", "Decisions by why they came out so, one a cell and turn", "channel", "reason"),
    _counter("moves_total", "Changes of the value in force, all cells together", "channel"),
    _counter("reversals_total", "Changes of direction, all cells together", "channel"),
    # -- sensors
    _gauge("sensor_value", "The newest good value", "sensor", "cell"),
    _gauge("sensor_last_good_timestamp_seconds", "When that value was good for", "sensor", "cell"),
    _gauge("sensor_samples", "Events behind the sample, where the source says so", "sensor", "cell"),
    _gauge("sensor_quality", "Cells by the verdict on this turn's sample", "sensor", "verdict"),
    _gauge("sensor_latch", "Cells by state: live, hold (outputs stay), safe (at the safe value)", "sensor", "state"),
    _gauge("sensor_info", "1; the unit of a sensor", "sensor", "unit"),
    # -- guardrails and money
    _gauge("guardrail_margin_ratio", "Least distance from a limit, as a share of the range", "channel", "bound"),
    _counter("guardrail_trips_total", "Times that a guardrail became what binds an output", "guardrail", "channel"),
    _gauge("suspended", "Cells whose offer is suspended", "channel"),
    _gauge("budget_spent_ratio", "Share of the budget that has been paid", "budget"),
    _gauge("budget_pace_ratio", "Share of the money gone by share of the time gone; 1 is as planned", "budget"),
    # -- actuators
    _counter("actuator_writes_total", "Orders sent, by what became of them", "channel", "result"),
    _gauge("actuator_lease_expiry_timestamp_seconds", "When the standing order runs out unless renewed", "channel"),
    # -- the daemon
    _gauge("loop_last_tick_timestamp_seconds", "The last turn's moment: the heartbeat"),
    _counter("ticks_total", "Turns made"),
    _counter("ticks_skipped_total", "Turns left out after a stall"),
    _histogram("loop_tick_duration_seconds", "How long a turn took"),
    _gauge("loop_tick_lateness_seconds", "How late the last turn began"),
    _gauge("loop_scan_seconds", "The period of the turns"),
    _histogram("journal_append_seconds", "How long the last record took to be on disk"),
    _gauge("journal_free_bytes", "Room left on the journal's disk"),
    _gauge("auto_permitted", "1 where the gate lets auto write"),
    _gauge("leader", "1 while this process holds the store's lock"),
    _gauge("config_info", "1; the digest of the config in force", "hash"),
    _gauge("config_reload_success", "1 where the last reload was taken"),
    _gauge("config_last_reload_success_timestamp_seconds", "When a config was last taken"),
    _gauge("build_info", "1; the version", "version"),
    _gauge("alarms", "Alarms that are not normal", "severity", "state"),
    _gauge("alarm_active", "Subjects for which that alarm stands", "code"),
    _counter("alarm_events_total", "What happened to alarms: raised, repeated, returned, cleared", "kind"),
    _counter("webhook_messages_total", "Messages to the webhook, by result", "result"),
)  # fmt: skip
"""All metrics, in the order in which they are shown."""

BY_NAME = {metric.name: metric for metric in REGISTER}


def series_names() -> frozenset[str]:
    """The names of the series that rules and dashboards may use.

    >>> "setpoint_loop_tick_duration_seconds_bucket" in series_names()
    True
    """
    found = {metric.name for metric in REGISTER if metric.kind != "histogram"}
    parts = ("bucket", "count", "sum")
    return frozenset(
        found | {f"{m.name}_{part}" for m in REGISTER if m.kind == "histogram" for part in parts}
    )


def markdown() -> str:
    """The register as a table."""
    rows = [f"| `{m.name}` | {m.kind} | {', '.join(m.labels) or '-'} | {m.help} |" for m in REGISTER]
    return "\n".join(["| name | type | labels | meaning |", "|---|---|---|---|", *rows]) + "\n"
