"""From a turn to samples: names and labels as the register has them, a few cells by name, many by their spread.

Called by telemetry.py when somebody asks for the metrics; pure. What is not finite is left out: no sample is better
than a wrong one.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from controller.alarms.alarm import Alarm, State
from controller.alarms.symptoms import Purse
from controller.cells import Array, Bools
from controller.loop.limits import OWN
from controller.loop.turn import Executed, Output, Turn
from controller.signals import Channel, Landing, Latch, Mode, Reason, Signal, Verdict
from controller.telemetry.register import MOST_CELLS, SPREAD

Sample = tuple[str, tuple[str, ...], float]
"""Name, values of the labels beside the campaign, value."""


def per_cell(name: str, labels: tuple[str, ...], values: Array, cells: Sequence[str]) -> Iterator[Sample]:
    """One sample a cell, or least, median and largest of many.

    >>> list(per_cell("x", ("a",), np.array([1.0, np.nan]), ("oslo", "rome")))
    [('x', ('a', 'oslo'), 1.0)]
    """
    known = np.isfinite(values)
    if len(cells) <= MOST_CELLS:
        yield from (
            (name, (*labels, cell), float(v)) for cell, v in zip(cells, values, strict=True) if np.isfinite(v)
        )
    elif known.any():
        some = values[known]
        spread = (float(some.min()), float(np.median(some)), float(some.max()))
        yield from ((name, (*labels, which), value) for which, value in zip(SPREAD, spread, strict=True))


def of_turn(turn: Turn, channels: Mapping[str, Channel], cells: Sequence[str]) -> Iterator[Sample]:
    """Everything that the last turn alone tells."""
    yield ("setpoint_loop_last_tick_timestamp_seconds", (), turn.tick.time)
    yield ("setpoint_auto_permitted", (), float(turn.permitted))
    for name, signal in turn.signals.items():
        yield from _of_sensor(name, signal, turn, cells)
    for name, output in turn.outputs.items():
        yield from _of_output(name, output, turn, cells)
        yield from _of_limits(channels[name], output, turn, cells)


def of_executions(executed: Mapping[str, tuple[float, Executed]], cells: Sequence[str]) -> Iterator[Sample]:
    """Each loop's last execution, with its UTC seconds."""
    for name, (moment, run) in executed.items():
        seen = run.observation
        yield ("setpoint_loop_last_execution_timestamp_seconds", (name,), moment)
        yield from per_cell("setpoint_loop_setpoint", (name,), seen.setpoint, cells)
        yield from per_cell("setpoint_loop_process_value", (name,), seen.process_value, cells)
        yield from per_cell("setpoint_loop_error", (name,), seen.setpoint - seen.process_value, cells)
        for channel in run.proposal.value:
            for term, part in run.proposal.terms.items():
                yield from per_cell("setpoint_loop_term", (name, channel, term), part, cells)


def of_budgets(turn: Turn, purses: Mapping[str, Purse]) -> Iterator[Sample]:
    """Spend and pace of each budget."""
    for name, purse in purses.items():
        spent, pace = purse.spent(turn.facts), purse.pace(turn.facts, turn.tick.time)
        yield from ((metric, (name,), value) for metric, value in _ratios(spent, pace) if np.isfinite(value))


def of_alarms(alarms: Sequence[Alarm]) -> Iterator[Sample]:
    """Alarms by severity and state, and by code."""
    states = Counter((alarm.severity.word, str(alarm.state)) for alarm in alarms)
    yield from (("setpoint_alarms", labels, float(count)) for labels, count in sorted(states.items()))
    standing = Counter(alarm.code for alarm in alarms if alarm.active and alarm.state != State.SUPPRESSED)
    yield from (("setpoint_alarm_active", (code,), float(count)) for code, count in sorted(standing.items()))


def binding(turn: Turn, channels: Mapping[str, Channel]) -> Iterator[tuple[str, str]]:
    """Guardrail and channel wherever an output stands at a limit that a guardrail set."""
    limits = turn.limits
    for name, output in turn.outputs.items():
        for ends, by in ((limits.low, limits.low_by), (limits.high, limits.high_by)):
            at = _at(output.decided.value, ends[name], channels[name])
            for index in np.unique(by[name][at]):
                if limits.names[index] != OWN:
                    yield limits.names[index], name


def _ratios(spent: float, pace: float) -> tuple[tuple[str, float], ...]:
    return ("setpoint_budget_spent_ratio", spent), ("setpoint_budget_pace_ratio", pace)


def _of_sensor(name: str, signal: Signal, turn: Turn, cells: Sequence[str]) -> Iterator[Sample]:
    yield from per_cell("setpoint_sensor_value", (name,), signal.value, cells)
    yield from per_cell("setpoint_sensor_last_good_timestamp_seconds", (name,), signal.good_at, cells)
    for verdict in Verdict:
        count = float((signal.verdict == verdict).sum())
        yield ("setpoint_sensor_quality", (name, verdict.name.lower()), count)
    for latch in Latch:
        yield ("setpoint_sensor_latch", (name, latch.name.lower()), float((signal.latch == latch).sum()))
    reading = turn.readings.get(name)
    if reading is not None:
        yield ("setpoint_sensor_info", (name, reading.unit), 1.0)
        yield from per_cell("setpoint_sensor_samples", (name,), reading.samples, cells)


def _of_output(name: str, output: Output, turn: Turn, cells: Sequence[str]) -> Iterator[Sample]:
    decided = output.decided
    yield from per_cell("setpoint_loop_output_requested", (name,), decided.advice, cells)
    yield from per_cell("setpoint_loop_output_applied", (name,), output.applied, cells)
    if output.epoch:
        confirmed = float((output.landing == Landing.CONFIRMED).mean())
        yield ("setpoint_loop_output_confirmed", (name,), confirmed)
    yield ("setpoint_loop_mode", (name, "target"), float(turn.mode))
    yield ("setpoint_loop_mode", (name, "actual"), float(decided.mode.min(initial=int(Mode.AUTO))))
    yield ("setpoint_override_active", (name,), float((decided.reason == Reason.OVERRIDE).sum()))
    if output.lease_ends is not None:
        yield ("setpoint_actuator_lease_expiry_timestamp_seconds", (name,), output.lease_ends)


def _of_limits(channel: Channel, output: Output, turn: Turn, cells: Sequence[str]) -> Iterator[Sample]:
    name, value, limits = channel.name, output.decided.value, turn.limits
    yield ("setpoint_channel_info", (name, channel.unit), 1.0)
    yield ("setpoint_suspended", (name,), float(limits.suspend[name].sum()))
    for bound, ends, way in (("low", limits.low[name], 1.0), ("high", limits.high[name], -1.0)):
        yield from per_cell("setpoint_loop_limit", (name, bound), ends, cells)
        yield ("setpoint_loop_saturated", (name, bound), float(_at(value, ends, channel).mean()))
        margin = float((way * (value - ends)).min()) / channel.span if channel.span else 0.0
        yield ("setpoint_guardrail_margin_ratio", (name, bound), max(margin, 0.0))


def _at(value: Array, end: Array, channel: Channel) -> Bools:
    near: Bools
    near = np.abs(value - end) <= 1e-9 * max(channel.span, 1e-9)
    return near
