"""Units across entries: a target must fit the sensor it is measured by, money must have one currency.

One of the rules that load.py runs over a draft; within one entry, units are settled while it is read.
"""

from collections.abc import Iterator

from controller.config.document import Fault, Path
from controller.config.parse import Draft
from controller.plan import LoopPlan, PerCell, Sensor, Target
from controller.quantities import Amount, QuantityError, Unit, write_level


def check(draft: Draft) -> Iterator[Fault]:
    """Every target and budget whose sensor could be read."""
    plan = draft.plan
    for name, loop in plan.loops.items():
        sensor = plan.sensors.get(loop.sensor)
        if sensor is not None:
            yield from _target(loop, sensor, ("loops", name, "target"))
        for other, bound in loop.target.subject_to.items():
            watched = plan.sensors.get(other)
            path: Path = ("loops", name, "target", "subject_to", other)
            for key in ("keep_above", "keep_below"):
                if watched is not None:
                    yield from _fits(getattr(bound, key), watched, (*path, key))
    for name, budget in plan.budgets.items():
        for key in ("paid", "owed"):
            money = plan.sensors.get(getattr(budget, key) or "")
            if money is not None and money.unit != budget.currency:
                text = f"this sensor's unit is {money.unit}, allowed: one in {budget.currency}, as the budget's total"
                yield Fault(("budgets", name, key), text)


def _target(loop: LoopPlan, sensor: Sensor, path: Path) -> Iterator[Fault]:
    target = loop.target
    if target.amount is not None:
        yield from _fits(target.amount, sensor, (*path, target.verb))
    for index, limit in enumerate(target.limits or ()):
        yield from _fits(limit, sensor, (*path, "limits", index))
    yield from _room(target, sensor, (*path, "limits"))
    if target.ramp is not None:
        try:
            target.ramp_in(sensor, 1.0)
        except QuantityError as fault:
            allowed = "a share of the target (10% per day), or an amount that fits the sensor"
            yield Fault((*path, "ramp"), f"{fault.what}, received '{target.ramp}', allowed: {allowed}")
    if target.band is not None:
        try:
            width = target.band_in(sensor, 1.0)
        except QuantityError as fault:
            allowed = "a share of the target (5%), or an amount that fits the sensor"
            yield Fault((*path, "band"), f"{fault.what}, received '{target.band}', allowed: {allowed}")
        else:
            if width <= 0:
                yield Fault((*path, "band"), f"a band has a width, received '{target.band}'")
    if target.reach is not None and not target.reach.unit.same_noun(Unit.parse(sensor.unit)):
        noun = Unit.parse(sensor.unit).noun
        yield Fault(
            (*path, "reach"), f"this counts something else, received '{target.reach}', allowed: {noun}"
        )


def _room(target: Target, sensor: Sensor, path: Path) -> Iterator[Fault]:
    """The range of a target that another loop moves: in order, with the level inside; units are said elsewhere."""
    if target.limits is None or not isinstance(target.amount, Amount):
        return
    try:
        low, level, high = (
            amount.level_in(sensor.unit, sensor.window)
            for amount in (target.limits[0], target.amount, target.limits[1])
        )
    except QuantityError:
        return
    shown = f"received {target.limits[0]} to {target.limits[1]}"
    if low >= high:
        yield Fault(path, f"the low limit comes first, and differs from the high one, {shown}")
    elif not low <= level <= high:
        yield Fault(path, f"the target's own level, {target.amount}, lies outside, {shown}")


def _fits(amount: PerCell | None, sensor: Sensor, path: Path) -> Iterator[Fault]:
    """Each level converts to the sensor's unit, lies above zero, and is one that the sensor believes."""
    if isinstance(amount, dict):
        for cell, one in amount.items():
            yield from _fits(one, sensor, (*path, cell))
    elif isinstance(amount, Amount):
        try:
            level = amount.level_in(sensor.unit, sensor.window)
        except QuantityError as fault:
            text = f"{fault.what}, received {_as_written(amount)}, allowed: {fault.allowed}"
            yield Fault(path, f"{text}; the sensor is in {sensor.unit}")
        else:
            yield from _sensible(level, amount, sensor, path)


def _sensible(level: float, amount: Amount, sensor: Sensor, path: Path) -> Iterator[Fault]:
    shown = write_level(round(level, 6), sensor.unit)
    if level <= 0:
        yield Fault(path, f"a level above zero is needed, received '{amount}'")
    elif Unit.parse(sensor.unit).is_share and level > 1:
        yield Fault(path, f"a share lies between 0% and 100%, received '{amount}'")
    elif sensor.plausible and not min(sensor.plausible) <= level <= max(sensor.plausible):
        low, high = (write_level(bound, sensor.unit) for bound in sensor.plausible)
        what = "the sensor would not believe this level"
        yield Fault(
            path, f"{what}, received '{amount}' = {shown}, allowed: {low} to {high} (its `plausible`)"
        )


def _as_written(amount: Amount) -> str:
    return str(amount) if amount.bare else f"'{amount}'"
