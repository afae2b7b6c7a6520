"""Numbers within one entry: limits in order, values inside them and on the grid, exactly one of what excludes the
rest.

One of the rules that load.py runs over a draft.
"""

from collections.abc import Iterator
from itertools import pairwise

from controller.config.document import Fault, Path
from controller.config.parse import Draft
from controller.plan import VERBS, Actuator, Budget, Constraint, Sensor, Target
from controller.quantities import Unit, write_change, write_level

_NEAR = 1e-6
"""Part of a grid's step by which a value may miss it through rounding."""


def check(draft: Draft) -> Iterator[Fault]:
    """Every entry by itself."""
    plan = draft.plan
    for name, sensor in plan.sensors.items():
        yield from _sensor(sensor, ("sensors", name))
    for name, actuator in plan.actuators.items():
        yield from _actuator(actuator, ("actuators", name))
    for name, budget in plan.budgets.items():
        yield from _budget(budget, ("budgets", name))
    for name, loop in plan.loops.items():
        yield from _target(loop.target, ("loops", name, "target"))
        if not loop.move:
            yield Fault(("loops", name, "move"), "nothing is moved, allowed: one actuator or more")
    for name, select in plan.select.items():
        if bool(select.lowest) == bool(select.highest):
            yield Fault(
                ("select", name),
                "exactly one rule is needed, allowed: lowest or highest, with a list of loops",
            )
    yield from _cells(draft)


def _cells(draft: Draft) -> Iterator[Fault]:
    plan = draft.plan
    if len(set(plan.cells.names)) != len(plan.cells.names):
        twice = sorted({name for name in plan.cells.names if plan.cells.names.count(name) > 1})
        yield Fault(
            ("cells", "names"), f"names given twice, received {', '.join(twice[:5])}, allowed: each once"
        )
    if "others" in plan.cells.names:
        yield Fault(("cells", "names"), "'others' stands for the cells that are not named: it can't name one")
    if plan.cells.names and plan.cells.from_ and ("cells", "names") in draft.document.values:
        yield Fault(("cells",), "cells are named in one place, allowed: names or from")


def _sensor(sensor: Sensor, path: Path) -> Iterator[Fault]:
    if sensor.plausible and sensor.plausible[0] >= sensor.plausible[1]:
        yield Fault((*path, "plausible"), "the lowest value comes first, and differs from the highest")
    if sensor.empty_means == "zero" and sensor.alive is None:
        text = "an empty answer can be a dead feed, allowed: zero only with `alive`, which shows that the feed is up"
        yield Fault((*path, "empty_means"), text)
    if sensor.window == 0:
        yield Fault((*path, "window"), "a window is longer than nothing, allowed: a duration, or no window")


def _actuator(actuator: Actuator, path: Path) -> Iterator[Fault]:
    unit = actuator.unit
    if actuator.arms:
        return
    if actuator.limits is None and not actuator.levels:
        yield Fault((*path, "limits"), "this key is required (or `levels`)")
        return
    if actuator.levels and actuator.resolution is not None:
        yield Fault(
            (*path, "resolution"), "levels are a grid already, allowed: levels or resolution", at_key=True
        )
    low, high = actuator.low, actuator.high
    span = f"{write_level(low, unit)} to {write_level(high, unit)}"
    if low >= high:
        yield Fault(
            (*path, "limits"), f"the low limit comes first, and differs from the high one, received {span}"
        )
        return
    if Unit.parse(unit).is_share and not 0 <= low < high <= 1:
        yield Fault((*path, "limits"), f"a share lies between 0% and 100%, received {span}")
    yield from _levels(actuator, path)
    for key in ("start", "safe"):
        yield from _value(actuator, key, span, path)
    yield from _steps(actuator, path)


def _levels(actuator: Actuator, path: Path) -> Iterator[Fault]:
    levels = actuator.levels or ()
    if any(a >= b for a, b in pairwise(levels)):
        yield Fault((*path, "levels"), "levels ascend, each once")
    if actuator.limits and any(not actuator.low <= level <= actuator.high for level in levels):
        yield Fault((*path, "levels"), "a level lies outside the limits")


def _value(actuator: Actuator, key: str, span: str, path: Path) -> Iterator[Fault]:
    """The start or safe value: given, inside the limits, on the grid."""
    value, place = getattr(actuator, key), (*path, key)
    shown = write_level(value, actuator.unit)
    if not actuator.low <= value <= actuator.high:
        yield Fault(place, f"outside the limits, received {shown}, allowed: {span}")
    elif actuator.levels and value not in actuator.levels:
        allowed = ", ".join(write_level(level, actuator.unit) for level in actuator.levels)
        yield Fault(place, f"not one of the levels, received {shown}, allowed: {allowed}")
    elif actuator.resolution and not actuator.levels:
        steps = (value - actuator.low) / actuator.resolution
        if abs(steps - round(steps)) > _NEAR:
            near = [actuator.low + n * actuator.resolution for n in (int(steps), int(steps) + 1)]
            allowed = " or ".join(write_level(round(v, 12), actuator.unit) for v in near)
            yield Fault(place, f"off the grid of its resolution, received {shown}, allowed: {allowed}")


def _steps(actuator: Actuator, path: Path) -> Iterator[Fault]:
    for key in ("max_step", "resolution"):
        value = getattr(actuator, key)
        if value is not None and value <= 0:
            shown = write_change(value, actuator.unit)
            yield Fault((*path, key), f"a step is above zero, received {shown}")
    step, grid = actuator.max_step, actuator.resolution
    if step is not None and grid is not None and 0 < step < grid * (1 - _NEAR):
        shown = f"{write_change(step, actuator.unit)}, allowed: {write_change(grid, actuator.unit)} or more"
        yield Fault((*path, "max_step"), f"finer than the resolution: it could never move, received {shown}")


def _budget(budget: Budget, path: Path) -> Iterator[Fault]:
    for key in ("total", "unit_cost", "worst_per_hour"):
        money = getattr(budget, key)
        if money is not None and money.minor <= 0:
            yield Fault((*path, key), f"an amount above zero is needed, received {money}")
        if money is not None and money.currency != budget.currency:
            yield Fault(
                (*path, key),
                f"another currency than the total's, received {money}, allowed: {budget.currency}",
            )


def _target(target: Target, path: Path) -> Iterator[Fault]:
    given = [verb for verb in VERBS if getattr(target, verb) is not None]
    if len(given) != 1:
        received = " and ".join(given) or "none"
        yield Fault(
            path, f"exactly one aim is needed, received {received}, allowed: one of {', '.join(VERBS)}"
        )
    for name, bound in target.subject_to.items():
        yield from _constraint(bound, (*path, "subject_to", name))
    if target.subject_to and target.maximise is None:
        yield Fault((*path, "subject_to"), "only `maximise` is subject to something", at_key=True)
    if target.by is not None and target.reach is None:
        yield Fault((*path, "by"), "only `reach` has a day", at_key=True)


def _constraint(bound: Constraint, path: Path) -> Iterator[Fault]:
    if (bound.keep_above is None) == (bound.keep_below is None):
        yield Fault(path, "exactly one bound is needed, allowed: keep_above or keep_below")
