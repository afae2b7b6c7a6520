"""A trial of the parts: what needs no world is built once, since only it knows whether its settings fit.

Called by load.py after the rules; calls the builders of assembly and the members' own constructors, which are pure. An
entry that is faulty already, or that rests on one that is, is passed over.
"""

import dataclasses
import math

from controller import registry
from controller.assembly import budgets_of, cells_of, channel_of, policy_scope
from controller.config.document import Fault, Path
from controller.config.parse import Draft
from controller.config.reserved import KINDS
from controller.config.typed import alias
from controller.errors import NotAvailable, nearest
from controller.loop.cascade import target_channels
from controller.plan import Campaign
from controller.ports import GuardrailScope
from controller.quantities import QuantityError
from controller.signals import Channel


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What came of building the parts."""

    faults: list[Fault] = dataclasses.field(default_factory=list)
    unavailable: list[Fault] = dataclasses.field(default_factory=list)

    def build(self, path: Path, member: registry.Member, scope: object, settings: object) -> None:
        """Build one part and note why it can't be built."""
        try:
            member.cls(scope, settings)
        except NotAvailable as fault:
            self.unavailable.append(Fault((*path, "kind"), str(fault)))
        except QuantityError as fault:
            self.faults.append(Fault(_key_of(settings, fault, path), f"{member.kind}: {fault}"))
        except (ValueError, LookupError) as fault:
            self.faults.append(Fault(path, str(fault)))


def trial(draft: Draft) -> Verdict:
    """Build every policy and guardrail whose entry is sound."""
    plan, verdict = draft.plan, Verdict()
    later = [fault for fault in draft.reserved if fault.path[0] in ("loops", "guardrails")]
    unsound = {fault.path[:2] for fault in [*draft.faults, *later]}
    channels = {
        name: channel_of(name, actuator)
        for name, actuator in plan.actuators.items()
        if ("actuators", name) not in unsound and not actuator.arms
    }
    if {("cells",), ("runs",)} & {path[:1] for path in unsound}:
        return verdict
    if not any(path[0] in ("loops", "sensors") for path in unsound if path):
        channels |= target_channels(plan)
    _derived(draft, unsound, verdict)
    _policies(plan, channels, unsound, verdict)
    if not any(path[0] in ("budgets", "loops", "sensors") for path in unsound if path):
        _guardrails(plan, channels, unsound, verdict)
    return verdict


def _derived(draft: Draft, unsound: set[Path], verdict: Verdict) -> None:
    """Sensors that are worked out of others name sensors, and such that are read."""
    plan, made = draft.plan, {}
    for name, sensor in plan.sensors.items():
        if ("sensors", name) not in unsound and sensor.kind not in KINDS["sensor"] - set(
            registry.kinds("sensor")
        ):
            kind = registry.find("sensor", sensor.kind).cls
            if hasattr(kind, "read_from"):
                made[name] = kind(sensor, sensor.settings, cells_of(plan))
    for name, sensor in made.items():
        for other in sensor.inputs:
            if other not in draft.names("sensors"):
                hint = nearest(other, draft.names("sensors") - made.keys())
                verdict.faults.append(Fault(("sensors", name), f"no sensor is called {other!r}{hint}"))
            elif other in made:
                text = f"{other} is worked out itself, allowed: sensors that are read"
                verdict.faults.append(Fault(("sensors", name), text))


def _policies(plan: Campaign, channels: dict[str, Channel], unsound: set[Path], verdict: Verdict) -> None:
    cells = cells_of(plan)
    for name, loop in plan.loops.items():
        if ("loops", name) in unsound or not set(loop.channels) <= channels.keys():
            continue
        member = registry.find("policy", loop.policy.kind)
        try:
            scope = policy_scope(loop, member.cls, cells, channels)
        except NotAvailable as fault:
            verdict.unavailable.append(Fault(("loops", name, "move"), str(fault)))
            continue
        verdict.build(("loops", name, "policy"), member, scope, loop.policy.settings)


def _guardrails(plan: Campaign, channels: dict[str, Channel], unsound: set[Path], verdict: Verdict) -> None:
    starts, ends = plan.runs.starts_at(), plan.runs.ends_at()
    span = (-math.inf if starts is None else starts, math.inf if ends is None else ends)
    for name, guardrail in plan.guardrails.items():
        mine = guardrail.on or tuple(plan.actuators)
        if ("guardrails", name) in unsound or not set(mine) <= channels.keys():
            continue
        kept = {channel: channels[channel] for channel in mine}
        scope = GuardrailScope(cells_of(plan), kept, budgets_of(plan), *span)
        member = registry.find("guardrail", guardrail.kind)
        verdict.build(("guardrails", name), member, scope, guardrail.settings)


def _key_of(settings: object, fault: QuantityError, path: Path) -> Path:
    """The key whose value the fault quotes, where there is one."""
    if not dataclasses.is_dataclass(settings):
        return path
    received = str(fault.received)
    keys = [alias(f.name) for f in dataclasses.fields(settings) if str(getattr(settings, f.name)) == received]
    return (*path, keys[0]) if len(keys) == 1 else path
