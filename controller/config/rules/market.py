"""The market: what `simulate` puts in the place of every sensor and actuator.

One of the rules that load.py runs over a draft. Names are checked with the other references; a sensor that is
computed from others needs no signal.
"""

from collections.abc import Iterator

from controller.config.document import Fault
from controller.config.parse import Draft


def check(draft: Draft) -> Iterator[Fault]:
    """Everything live has its counterpart."""
    plan = draft.plan
    if plan.market is None:
        return
    derived = {name for name, sensor in plan.sensors.items() if sensor.kind == "formula"}
    unheard = sorted(plan.sensors.keys() - plan.market.signals.keys() - derived)
    unmoved = sorted(plan.actuators.keys() - plan.market.levers.keys())
    if unheard:
        text = f"no signal stands for {', '.join(unheard)}, allowed: SENSOR: SIGNAL for every sensor"
        yield Fault(("market", "signals"), text)
    if unmoved:
        text = f"no lever stands for {', '.join(unmoved)}, allowed: ACTUATOR: LEVER for every actuator"
        yield Fault(("market", "levers"), text)
