"""Totals: what is to be reached or spent must add up, have a beginning and an end, and money that can be seen.

One of the rules that load.py runs over a draft. A loop whose sensor or budget could not be read is passed over: that is
reported where it is.
"""

from collections.abc import Iterator

from controller.config.document import Fault, Path
from controller.config.parse import Draft
from controller.paces import VERBS, per_hour_of
from controller.plan import Campaign, LoopPlan, Runs, Sensor
from controller.quantities import Unit


def check(draft: Draft) -> Iterator[Fault]:
    """Every target to reach a total or to spend a budget."""
    plan = draft.plan
    for name, loop in plan.loops.items():
        path: Path = ("loops", name, "target")
        if loop.target.verb not in VERBS:
            if loop.target.catch_up is not None:
                yield Fault((*path, "catch_up"), "only `reach` and `spend` catch up", at_key=True)
            continue
        if "runs" not in draft.broken:
            yield from _span(plan.runs, loop, path)
        yield from _bare(loop, path)
        yield from _reach(loop, path)
        yield from _spend(plan, loop, path)
        if loop.sensor in plan.sensors:
            yield from _rate(loop, plan.sensors[loop.sensor], ("loops", name, "measure"))


def _span(runs: Runs, loop: LoopPlan, path: Path) -> Iterator[Fault]:
    """A beginning, an end, and a day in between."""
    target, verb = loop.target, loop.target.verb
    starts, ends = runs.starts_at(), runs.ends_at()
    if starts is None:
        text = "a plan needs the day on which it begins, allowed: `runs` with from"
        yield Fault((*path, verb), text, at_key=True)
    if target.by is None:
        if ends is None:
            other = ", or a day: `by`" if target.reach else ""
            text = f"a plan needs the day on which it ends, allowed: `runs` with to{other}"
            yield Fault((*path, verb), text, at_key=True)
        return
    due = Runs(to=target.by, timezone=runs.timezone).ends_at() or 0.0
    if ends is not None and due > ends:
        yield Fault(
            (*path, "by"), f"the campaign has ended by then, received {target.by}, allowed: up to {runs.to}"
        )
    if starts is not None and due <= starts:
        yield Fault(
            (*path, "by"), f"before the campaign begins, received {target.by}, allowed: after {runs.from_}"
        )


def _bare(loop: LoopPlan, path: Path) -> Iterator[Fault]:
    """What belongs to a level alone."""
    target = loop.target
    for key, given in (("limits", target.limits), ("ramp", target.ramp), ("filter", target.filter)):
        if given:
            text = (
                f"`{target.verb}` makes its own level from what is left, allowed: {key} with a level to keep"
            )
            yield Fault((*path, key), text, at_key=True)


def _reach(loop: LoopPlan, path: Path) -> Iterator[Fault]:
    total = loop.target.reach
    if total is None:
        return
    if total.unit.per or total.unit.is_share:
        what = "a share adds up to nothing" if total.unit.is_share else "a rate is no total"
        yield Fault((*path, "reach"), f"{what}, received '{total}', allowed: a count such as 200000 units")
    elif total.number <= 0:
        yield Fault((*path, "reach"), f"a total above zero is needed, received '{total}'")


def _spend(plan: Campaign, loop: LoopPlan, path: Path) -> Iterator[Fault]:
    name = loop.target.spend
    if name is None or name not in plan.budgets:
        return
    budget, place = plan.budgets[name], (*path, "spend")
    if budget.paid is None:
        text = f"nothing tells what {name} has spent, allowed: a budget with `paid: SENSOR`"
        yield Fault(place, text)
    if loop.pays_from != name:
        received = "no pays_from" if loop.pays_from is None else f"pays_from: {loop.pays_from}"
        yield Fault(
            place, f"nothing guards {name} on this loop, received {received}, allowed: pays_from: {name}"
        )
    sensor = plan.sensors.get(loop.sensor)
    if sensor is not None and Unit.parse(sensor.unit).noun != budget.currency:
        text = (
            f"this sensor is in {sensor.unit}, allowed: one in {budget.currency}, as the budget that is spent"
        )
        yield Fault((*path[:-1], "measure"), text)


def _rate(loop: LoopPlan, sensor: Sensor, path: Path) -> Iterator[Fault]:
    """The measured value is so much over a window, or a rate."""
    unit = Unit.parse(sensor.unit)
    if per_hour_of(sensor) is not None or sensor.counter:  # a running total is reserved
        return
    what = "a share adds up to nothing" if unit.is_share else f"{sensor.unit} at a moment adds up to nothing"
    yield Fault(path, f"{what}, received {loop.sensor}, allowed: a rate such as {unit.noun}/h, or a `window`")
