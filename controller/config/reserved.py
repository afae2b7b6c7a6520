"""What the grammar knows and this version does not do: it parses and is refused by name, never as an unknown key.

Called by members.py and parse.py. A kind listed here that has a file in its family's folder is simply there: the
registry is asked first, so that adding a member needs no edit.
"""

from collections.abc import Iterator

from controller.config.document import Fault
from controller.paces import VERBS
from controller.plan import Campaign

KINDS = {
    "sensor": frozenset("bigquery clickhouse kafka promotions redis sql webhook".split()),
    "actuator": frozenset("promotions redis sql unleash webhook".split()),
    "policy": frozenset(
        "bandit extremum_seeking linear_thompson linear_ucb model_predictive qp schedule sequential_gate "
        "thompson ucb".split()
    ),
    "guardrail": frozenset(
        "ceiling contact_hours exclusion frequency_cap price_memory promotions stock".split()
    ),
}
"""Kinds by family, named in the manual and not built yet."""


def unavailable(what: str) -> str:
    """How everything reserved is refused."""
    return f"{what} is not available in this version"


def reserved(plan: Campaign) -> Iterator[Fault]:
    """Parts of the plan beside kinds that no engine serves yet."""
    for name, budget in plan.budgets.items():
        if budget.renews != "never":
            yield Fault(("budgets", name, "renews"), unavailable("a budget that renews"))
    for name, actuator in plan.actuators.items():
        if actuator.arms:
            yield Fault(("actuators", name, "arms"), unavailable("a mix of arms"))
        if actuator.binds == "at_enrolment":
            yield Fault(("actuators", name, "binds"), unavailable("an actuator that binds at enrolment"))
    if plan.cells.from_ and not plan.cells.from_.endswith(".csv"):
        yield Fault(("cells", "from"), unavailable("a list of cells from a sensor"))
    if plan.holdout:
        yield Fault(("holdout",), unavailable("a holdout"))
    yield from _in_loops(plan)


def _in_loops(plan: Campaign) -> Iterator[Fault]:
    for name, loop in plan.loops.items():
        path = ("loops", name)
        for channel in loop.move:
            if channel.endswith(".share") and channel.removesuffix(".share") in plan.budgets:
                yield Fault(
                    (*path, "move", channel), unavailable("moving the shares of a budget"), at_key=True
                )
        if loop.when is not None:
            yield Fault((*path, "when"), unavailable("a loop with a season"), at_key=True)
        if loop.cell is not None:
            yield Fault((*path, "measure"), unavailable("measuring one cell alone"))
        sensor = plan.sensors.get(loop.sensor)
        if loop.target.verb in VERBS and sensor is not None and sensor.counter and not sensor.window:
            text = unavailable(f"to {loop.target.verb} by a running total")
            yield Fault(
                (*path, "measure"),
                f"{text}, allowed: a sensor of the same counter with `window:`, such as 3h",
            )
        if loop.target.verb == "maximise":
            verb = loop.target.verb
            yield Fault((*path, "target", verb), unavailable(f"a target to {verb}"), at_key=True)
