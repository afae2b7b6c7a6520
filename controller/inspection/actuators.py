"""Each actuator's value in force, its lease, and who sees to it.

Called by inspect.py; calls the actuator's read_back, and never apply.
"""

from collections.abc import Iterator

import numpy as np

from controller.errors import ActuatorError, NotAvailable
from controller.inspection import hints
from controller.inspection.report import ActuatorSeen, Finding
from controller.plan import Actuator as ActuatorPlan
from controller.plan import Campaign
from controller.ports import Actuator
from controller.quantities import write_duration

_WHO = {
    "target": "the target itself puts the safe value back, as this file says of it",
    "watchdog": "`setpoint watchdog`, which must run as a process of its own, puts the safe value back",
    "nobody": "nobody puts the safe value back when the daemon is gone",
}


def seen(campaign: Campaign, name: str, actuator: Actuator, cells: int) -> ActuatorSeen:
    """Read one actuator back."""
    plan = campaign.actuators[name]
    head = (name, plan.kind, plan.unit, plan.low, plan.high, lease_of(plan))
    try:
        receipt = actuator.read_back()
    except (ActuatorError, NotAvailable) as fault:
        finding = Finding(("actuators", name), str(fault), unanswered=True)
        return ActuatorSeen(*head, None, cells, (finding,))
    known = receipt.value[np.isfinite(receipt.value)]
    findings = [*_about(name, plan, known), *_about_reading(name, int(known.size), cells, receipt.note)]
    return ActuatorSeen(*head, float(np.median(known)) if known.size else None, cells, tuple(findings))


def lease_of(plan: ActuatorPlan) -> str:
    """The lease, and who enforces it.

    >>> lease_of(ActuatorPlan(kind="http", lease=10800.0, lease_by="target"))
    'lease 3h: the target itself puts the safe value back, as this file says of it'
    """
    if plan.lease is None:
        return f"no lease: {_WHO['nobody']}"
    return f"lease {write_duration(plan.lease)}: {_WHO[plan.lease_by]}"


def _about(
    name: str, plan: ActuatorPlan, known: np.ndarray[tuple[int], np.dtype[np.float64]]
) -> Iterator[Finding]:
    for value in (known.max(), known.min()) if known.size else ():
        told = hints.outside(float(value), plan)
        if told:
            looks_wrong = "share was declared" in told
            yield Finding(
                ("actuators", name),
                told if looks_wrong else f"{told}; the first order moves it inside",
                looks_wrong,
            )
            return


def _about_reading(name: str, known: int, cells: int, note: str) -> Iterator[Finding]:
    if known < cells:
        which = f"{cells - known} of {cells} cells have" if cells > 1 else "it has"
        said = f" ({note})" if note else ""
        text = f"{which} no value in force that could be read{said}: until one can, orders stay unconfirmed"
        yield Finding(("actuators", name), text, wrong=False)
