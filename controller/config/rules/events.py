"""Events: their size fits what is measured by the loops that they feed into.

One of the rules that load.py runs over a draft. That an event names cells and loops that are there is checked with the
other references, that it ends after it begins with the other times.
"""

from collections.abc import Iterator

from controller.config.document import Fault
from controller.config.parse import Draft
from controller.plan import Campaign, Event, LoopPlan
from controller.quantities import QuantityError


def check(draft: Draft) -> Iterator[Fault]:
    """Every event, with the loops that it feeds into."""
    plan = draft.plan
    for name, event in plan.events.items():
        for loop in plan.loops.values():
            if loop.events is None or name in loop.events:
                yield from _size(plan, loop, name, event)


def _size(plan: Campaign, loop: LoopPlan, name: str, event: Event) -> Iterator[Fault]:
    sensor = plan.sensors.get(loop.sensor)
    if sensor is None or event.expected is None:
        return
    try:
        change = loop.target.share_of(event.expected, sensor, 1.0)
    except QuantityError as fault:
        allowed = "a share of the target (25%, -30%), or an amount that fits the sensor"
        yield Fault(
            ("events", name, "expected"), f"{fault.what}, received '{event.expected}', allowed: {allowed}"
        )
        return
    if event.expected.unit.is_share and change <= -1.0:
        yield Fault(
            ("events", name, "expected"),
            f"nothing can fall by all of it or more, received '{event.expected}', allowed: above -100%",
        )
