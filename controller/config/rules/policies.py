"""Policies and what they are asked: a policy that keeps a level must know which way to move, and its amounts must
fit.

One of the rules that load.py runs over a draft.
"""

import dataclasses
from collections.abc import Iterator

from controller.config.document import Fault, Path
from controller.config.parse import Draft
from controller.config.typed import alias
from controller.plan import Actuator, LoopPlan, Sensor
from controller.quantities import Amount, QuantityError

LEVEL_KEEPERS = frozenset({"pid", "simple_pid", "updown"})
"""Kinds that hold a measured value at a level by moving one way or the other."""


def check(draft: Draft) -> Iterator[Fault]:
    """Every loop whose policy could be read."""
    plan = draft.plan
    for name, loop in plan.loops.items():
        path: Path = ("loops", name)
        if loop.policy.kind in LEVEL_KEEPERS:
            yield from _aim(loop, path)
        moved = [plan.actuators[channel] for channel in loop.move if channel in plan.actuators]
        yield from _amounts(loop, moved, plan.sensors.get(loop.sensor), (*path, "policy"))


def _aim(loop: LoopPlan, path: Path) -> Iterator[Fault]:
    kind = loop.policy.kind
    if loop.target.maximise:
        text = f"{kind} keeps a level, it can't maximise; allowed: keep_at, keep_above, keep_below, or another policy"
        yield Fault((*path, "target", "maximise"), text, at_key=True)
    for channel, effect in loop.move.items():
        if effect == "either":
            text = f"{kind} must know which way to move, received 'either', allowed: raises or lowers"
            yield Fault((*path, "move", channel), text)


def _amounts(loop: LoopPlan, moved: list[Actuator], sensor: Sensor | None, path: Path) -> Iterator[Fault]:
    """Amounts among the policy's own settings are changes of what it moves, or of what it measures."""
    settings = loop.policy.settings
    if not dataclasses.is_dataclass(settings) or isinstance(settings, type):
        return
    for field in dataclasses.fields(settings):
        amount = getattr(settings, field.name)
        if not isinstance(amount, Amount) or not moved:
            continue
        units = [(actuator.unit, actuator.start) for actuator in moved]
        faults = [fault for unit, at in units if (fault := _misfit(amount, unit, at)) is not None]
        if faults and (sensor is None or _misfit(amount, sensor.unit, None) is not None):
            yield Fault((*path, alias(field.name)), str(faults[0]))


def _misfit(amount: Amount, unit: str, at: float | None) -> QuantityError | None:
    try:
        amount.change_in(unit, at)
    except QuantityError as fault:
        return fault
    return None
