"""Each sensor's real query, run once, and judged as the loop would judge it.

Called by inspect.py; calls the sensor through its port, controller/loop/validation.py for the verdict, hints.py and
names.py for the words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from controller.assembly import rules_of
from controller.cells import Array, Cells
from controller.errors import NotAvailable, SensorError
from controller.inspection import hints
from controller.inspection.names import strangers
from controller.inspection.report import Finding, SensorSeen
from controller.loop.validation import Validator
from controller.plan import Campaign
from controller.plan import Sensor as SensorPlan
from controller.ports import Sensor
from controller.quantities import Unit, write_duration
from controller.signals import Reading, Signal, Tick, Verdict
from controller.why.table import FAULTS

SAID = frozenset({"warming_up", "implausible"})
"""What validation says that a single look can't avoid, or that was said of the value itself."""


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the world: the campaign, its cells, and when."""

    campaign: Campaign
    cells: Cells
    tick: Tick


def seen(
    look: Look, name: str, sensor: Sensor, before: Mapping[str, Reading]
) -> tuple[SensorSeen, Reading | None]:
    """Read one sensor; `before` is what those read that a derived one rests on."""
    plan = look.campaign.sensors[name]
    try:
        derive = getattr(sensor, "read_from", None)
        reading = derive(look.tick, before) if derive else sensor.read(look.tick)
    except (SensorError, NotAvailable) as fault:
        finding = Finding(("sensors", name), str(fault), unanswered=True)
        return SensorSeen(name, plan.kind, plan.unit, cells=len(look.cells), findings=(finding,)), None
    return _judged(look, name, plan, sensor, reading), reading


def _judged(look: Look, name: str, plan: SensorPlan, sensor: Sensor, reading: Reading) -> SensorSeen:
    validator = Validator(name, rules_of(look.campaign, name, plan), look.cells)
    signal = validator.take(reading, look.tick.time)
    value = np.asarray(reading.value, np.float64)
    if plan.empty_means == "zero" and reading.alive:
        value = np.where(np.isnan(value), 0.0, value)
    texts = [*_about_values(look, name, plan, value), *_about_verdict(look, signal, reading, sensor)]
    taken = np.where(np.isfinite(reading.sampled_at), reading.sampled_at, reading.window_end)
    age = look.tick.time - _middle(taken)
    texts += _about_age(look.campaign.stale_after(name), age if np.isfinite(value).any() else np.nan)
    unit = Unit.parse(plan.unit).noun if _counts_up(plan) else plan.unit
    return SensorSeen(
        name, plan.kind, unit, _or_none(_middle(value)), _or_none(age), _or_none(_middle(reading.samples)),
        len(look.cells), int(np.isfinite(value).sum()), tuple(Finding(("sensors", name), text) for text in texts),
    )  # fmt: skip


def _about_values(look: Look, name: str, plan: SensorPlan, value: Array) -> Iterator[str]:
    """What is wrong with the numbers themselves: the cell that is furthest off speaks for all."""
    known = value[np.isfinite(value)]
    if not known.size or _counts_up(plan):
        return
    for extreme in dict.fromkeys((float(known.max()), float(known.min()))):
        percent = hints.percent_for_share(extreme, plan.unit, "the query")
        told = percent or hints.implausible(extreme, plan)
        if told:
            factor = "" if percent else hints.off_target(extreme, name, look.campaign)
            yield told + (f"; {factor}" if factor else "")
            return
    if not plan.counter:
        factor = hints.off_target(float(np.median(known)), name, look.campaign)
        if factor:
            yield factor


def _counts_up(plan: SensorPlan) -> bool:
    """True where one look shows a total, of which the loop makes increases: no value in the sensor's unit yet."""
    return plan.counter and plan.window is not None


def _about_verdict(look: Look, signal: Signal, reading: Reading, sensor: Sensor) -> Iterator[str]:
    """Why the loop would not act on it, as far as the numbers themselves have not said it."""
    words = [word for word in signal.why if word not in SAID]
    if not words:
        return
    bad = int((signal.verdict != Verdict.OK).sum())
    count = f" in {bad} of {len(look.cells)} cells" if len(look.cells) > 1 else ""
    told = "; ".join(FAULTS[word][0] if word in FAULTS else word for word in words)
    note = f" ({reading.note})" if reading.note else ""
    unknown = strangers(sensor) if {"missing", "feed_dead"} & set(words) else ""
    yield f"{told}{count}{note}" + (f": {unknown}" if unknown else "")


def _about_age(allowed: float, age: float) -> Iterator[str]:
    if age > allowed:
        yield f"its sample is {write_duration(round(age))} old, allowed: {write_duration(allowed)} (stale_after)"


def _middle(values: Array) -> float:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if known.size else np.nan


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
