"""All guardrails of a campaign, asked once a tick and weighed.

Called by the loop; calls each guardrail through its port and controller/limits.py. What the plan declares elsewhere is
a guardrail too, without being written twice: an actuator's `max_step` is a `slew`, a budget is a `budget`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from controller.cells import Array
from controller.limits import Said, weigh
from controller.plan import Campaign
from controller.ports import Context, Guardrail, GuardrailScope
from controller.registry import find
from controller.signals import Bound, Limits


@dataclass(frozen=True, slots=True, eq=False)
class Guard:
    """One guardrail, and the actuators it may speak of."""

    name: str
    rail: Guardrail
    on: frozenset[str]

    def said(self, context: Context) -> Said:
        """What it says at this tick, of its own actuators."""
        bounds: Sequence[Bound] = [bound for bound in self.rail.limit(context) if bound.channel in self.on]
        return Said(self.name, self.rail.rank, bounds)


@dataclass(frozen=True, slots=True, eq=False)
class Guards:
    """The guardrails of a campaign over its channels."""

    scope: GuardrailScope
    members: tuple[Guard, ...] = field(default=())

    @classmethod
    def of(cls, campaign: Campaign, scope: GuardrailScope) -> "Guards":
        """Those of the plan's `guardrails:` block, and those that other blocks imply."""
        every = frozenset(scope.channels)
        members = [
            Guard(name, find("guardrail", plan.kind).cls(_narrowed(scope, plan.on), plan.settings), frozenset(plan.on or every))
            for name, plan in campaign.guardrails.items()
        ]
        return cls(scope, (*members, *_implied(campaign, scope)))

    def limit(self, context: Context) -> tuple[Limits, Limits, dict[str, Array]]:
        """Limits of all classes, limits of law and safety alone, and the safe values inside the law."""
        said = [member.said(context) for member in self.members]
        return weigh(said, self.scope.channels, len(self.scope.cells))


def _narrowed(scope: GuardrailScope, on: Sequence[str] | None) -> GuardrailScope:
    """A scope of the channels that a guardrail may speak of."""
    return scope if on is None else replace(scope, channels={name: scope.channels[name] for name in on})


def _implied(campaign: Campaign, scope: GuardrailScope) -> list[Guard]:
    """`slew` where an actuator has a largest step, `budget` for each budget that loops pay from."""
    kinds = {plan.kind for plan in campaign.guardrails.values()}
    found = []
    stepped = frozenset(name for name, channel in scope.channels.items() if channel.max_step is not None)
    if stepped and "slew" not in kinds:
        found.append(Guard("largest_step", _built("slew", scope), stepped))
    for name, budget in scope.budgets.items():
        if "budget" not in kinds and budget.channels:
            found.append(
                Guard(f"budget_{name}", _built("budget", scope, budget=name), frozenset(budget.channels))
            )
    return found


def _built(kind: str, scope: GuardrailScope, **settings: object) -> Guardrail:
    member = find("guardrail", kind)
    rail: Guardrail = member.cls(scope, member.settings(**settings))
    return rail
