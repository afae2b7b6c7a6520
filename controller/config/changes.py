"""What a reload changes, in words, and what of it gives the controller more room than it had.

Called by the daemon between ticks and by `reload`. A reload that widens anything drops auto to advise until a
person says otherwise; so everything that can cost more money, move further or look away longer counts as wider.
"""

from collections.abc import Iterator
from typing import Any

from controller.config.canonical import tree
from controller.plan import Actuator, Budget, Campaign, LoopPlan, Sensor
from controller.quantities import write_change, write_duration, write_level

MODES = ("off", "observe", "advise", "manual", "auto")


def differences(old: Campaign, new: Campaign) -> list[str]:
    """One line a changed key, `path: before -> after`, in alphabetical order.

    >>> differences(Campaign(campaign="a"), Campaign(campaign="a", mode="auto"))
    ['mode: advise -> auto']
    """
    return list(_compare(tree(old), tree(new), ""))


def _compare(old: dict[str, Any], new: dict[str, Any], path: str) -> Iterator[str]:
    for key in sorted(old.keys() | new.keys()):
        place = f"{path}.{key}" if path else key
        before, after = old.get(key), new.get(key)
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _compare(before, after, place)
        elif key not in new:
            yield f"{place}: {_shown(before)} -> removed"
        elif key not in old:
            yield f"{place}: added {_shown(after)}"
        elif before != after:
            yield f"{place}: {_shown(before)} -> {_shown(after)}"


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_shown(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return f"[{len(value)} values]" if len(value) > 8 else "[" + ", ".join(map(_shown, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def widens(old: Campaign, new: Campaign) -> list[str]:
    """Sentences for every change that gives the controller more room; empty where a reload keeps or narrows it.

    >>> widens(Campaign(campaign="a"), Campaign(campaign="a", mode="auto"))
    ['mode: the highest mode rises from advise to auto']
    """
    found: list[str] = []
    if MODES.index(new.mode) > MODES.index(old.mode):
        found.append(f"mode: the highest mode rises from {old.mode} to {new.mode}")
    for name, actuator in new.actuators.items():
        path = f"actuators.{name}"
        found += (
            _actuator(path, old.actuators[name], actuator)
            if name in old.actuators
            else [f"{path}: a new actuator"]
        )
    for name, budget in new.budgets.items():
        found += _budget(f"budgets.{name}", old.budgets[name], budget) if name in old.budgets else []
    found += [f"budgets.{name}: the budget is gone" for name in old.budgets if name not in new.budgets]
    found += _guardrails(old, new)
    for name, loop in new.loops.items():
        path = f"loops.{name}"
        found += _loop(path, old.loops[name], loop) if name in old.loops else [f"{path}: a new loop"]
    for name, sensor in new.sensors.items():
        found += _sensor(f"sensors.{name}", old.sensors[name], sensor) if name in old.sensors else []
    found += [
        f"auto_accepts: {name} is accepted without a lease"
        for name in new.auto_accepts
        if name not in old.auto_accepts
    ]
    return found


def _actuator(path: str, old: Actuator, new: Actuator) -> Iterator[str]:
    if new.unit != old.unit:
        yield f"{path}.unit: {old.unit} becomes {new.unit}"
        return
    if new.kind != old.kind:
        yield f"{path}.kind: {old.kind} becomes {new.kind}"
    if new.low < old.low:
        yield f"{path}.limits: the low limit falls from {_level(old, old.low)} to {_level(new, new.low)}"
    if new.high > old.high:
        yield f"{path}.limits: the high limit rises from {_level(old, old.high)} to {_level(new, new.high)}"
    if old.max_step is not None and (new.max_step is None or new.max_step > old.max_step):
        step = "nothing" if new.max_step is None else write_change(new.max_step, new.unit)
        yield f"{path}.max_step: {write_change(old.max_step, old.unit)} becomes {step}"
    if new.safe != old.safe:
        yield f"{path}.safe: {_level(old, old.safe)} becomes {_level(new, new.safe)}"
    if new.dwell < old.dwell:
        yield f"{path}.dwell: {write_duration(old.dwell)} becomes {write_duration(new.dwell)}"
    if old.lease is not None and (new.lease is None or new.lease > old.lease):
        lease = "none" if new.lease is None else write_duration(new.lease)
        yield f"{path}.lease: {write_duration(old.lease)} becomes {lease}"
    if new.lease_by != old.lease_by:
        yield f"{path}.lease_by: {old.lease_by} becomes {new.lease_by}"


def _level(actuator: Actuator, value: float) -> str:
    return write_level(value, actuator.unit)


def _budget(path: str, old: Budget, new: Budget) -> Iterator[str]:
    if new.currency != old.currency or new.total > old.total:
        yield f"{path}.total: rises from {old.total} to {new.total}"
    for key in ("worst_per_hour", "unit_cost"):
        before, after = getattr(old, key), getattr(new, key)
        if before is not None and (after is None or after < before):
            yield f"{path}.{key}: falls from {before} to {after or 'nothing'}"
    for key in ("plan", "renews", "paid", "owed"):
        before, after = getattr(old, key), getattr(new, key)
        if before != after:
            yield f"{path}.{key}: {before or 'nothing'} becomes {after or 'nothing'}"
    if new.lag < old.lag:
        yield f"{path}.lag: falls from {write_duration(old.lag)} to {write_duration(new.lag)}"


def _guardrails(old: Campaign, new: Campaign) -> Iterator[str]:
    """A guardrail that goes or changes in any way counts: only the person who wrote it knows which way is wider."""
    for name, guardrail in old.guardrails.items():
        if name not in new.guardrails:
            yield f"guardrails.{name}: the guardrail is gone"
        elif tree(guardrail) != tree(new.guardrails[name]):
            yield f"guardrails.{name}: the guardrail changes"


def _loop(path: str, old: LoopPlan, new: LoopPlan) -> Iterator[str]:
    if tree(old.policy) != tree(new.policy):
        yield f"{path}.policy: the policy changes"
    if old.move != new.move or old.order != new.order:
        yield f"{path}.move: what it moves, or the effect, changes"
    if old.pays_from != new.pays_from:
        yield f"{path}.pays_from: {old.pays_from or 'nothing'} becomes {new.pays_from or 'nothing'}"
    yield from _target(f"{path}.target", old, new)
    if old.measure != new.measure:
        yield f"{path}.measure: {old.measure} becomes {new.measure}"


def _target(path: str, old: LoopPlan, new: LoopPlan) -> Iterator[str]:
    """How far and how fast another loop, or the loop itself, may move what is kept."""
    if old.target.limits != new.target.limits and new.target.limits is not None:
        yield f"{path}.limits: the range in which another loop moves it changes"
    if old.target.ramp is not None and old.target.ramp != new.target.ramp:
        yield f"{path}.ramp: {old.target.ramp} becomes {new.target.ramp or 'nothing'}"
    if new.target.filter < old.target.filter:
        yield f"{path}.filter: {write_duration(old.target.filter)} becomes {write_duration(new.target.filter)}"


def _sensor(path: str, old: Sensor, new: Sensor) -> Iterator[str]:
    if old.plausible and (
        not new.plausible or new.plausible[0] < old.plausible[0] or new.plausible[1] > old.plausible[1]
    ):
        yield f"{path}.plausible: more values are believed"
    if new.hold_for > old.hold_for:
        yield f"{path}.hold_for: rises from {write_duration(old.hold_for)} to {write_duration(new.hold_for)}"
    if old.latch and not new.latch:
        yield f"{path}.latch: it comes back by itself"
