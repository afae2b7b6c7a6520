"""Shapes that are learnt: the sensor tells hours apart.

One of the rules that load.py runs over a draft; a shape from a file is read by files.py.
"""

from collections.abc import Iterator

from controller.config.document import Fault
from controller.config.parse import Draft
from controller.plan import Sensor
from controller.quantities import write_duration

DAY = 86_400.0


def check(draft: Draft) -> Iterator[Fault]:
    """Every loop whose target has a learnt shape."""
    for name, loop in draft.plan.loops.items():
        sensor, shape = draft.plan.sensors.get(loop.sensor), loop.target.shape
        if sensor is not None and shape is not None and shape.learned:
            yield from _told_apart(sensor, loop.sensor, name)


def _told_apart(sensor: Sensor, name: str, loop: str) -> Iterator[Fault]:
    path = ("loops", loop, "target", "shape")
    if not sensor.window:
        text = f"an hour's part of the week is learnt from windows, and {name} has none"
        yield Fault(
            path, f"{text}, received 'learned', allowed: a sensor with `window: 1h`, or a file: week.csv"
        )
    elif sensor.window > DAY:
        text = f"a window of {write_duration(sensor.window)} tells no hour from another"
        yield Fault(
            path, f"{text}, received 'learned', allowed: a `window` of {name} up to 1d, or a file: week.csv"
        )
