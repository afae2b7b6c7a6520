"""All guardrails of a campaign, asked once a tick and weighed.

Called by the loop; calls each guardrail through its port and controller/loop/limits.py. What the plan declares
elsewhere is a guardrail too, without being written twice: an actuator's `max_step` is a `slew`, a budget a `budget`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from controller.cells import Array
from controller.loop.limits import Said, weigh
from controller.plan import Campaign
from controller.plan import Guardrail as GuardrailPlan
from controller.ports import Context, Guardrail, GuardrailScope
from controller.registry import find
from controller.signals import Bound, Channel, Limits


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
    def of(
        cls, campaign: Campaign, scope: GuardrailScope, targets: Mapping[str, Channel] | None = None
    ) -> "Guards":
        """Those of the plan's `guardrails:` block, and those that other blocks imply; none speaks of a target."""
        members = []
        for name, plan in campaign.guardrails.items():
            mine = _narrowed(scope, plan.on)
            rail = find("guardrail", plan.kind).cls(mine, plan.settings)
            members.append(Guard(name, rail, frozenset(mine.channels)))
        every = replace(scope, channels={**scope.channels, **(targets or {})})
        return cls(every, (*members, *_implied(campaign, scope)))

    def limit(self, context: Context) -> tuple[Limits, Limits, dict[str, Array]]:
        """Limits of all classes, limits of law and safety alone, and the safe values inside the law."""
        said = [member.said(context) for member in self.members]
        return weigh(said, self.scope.channels, len(self.scope.cells))


def _narrowed(scope: GuardrailScope, on: Sequence[str] | None) -> GuardrailScope:
    """A scope of the channels that a guardrail may speak of."""
    return scope if on is None else replace(scope, channels={name: scope.channels[name] for name in on})


def _implied(campaign: Campaign, scope: GuardrailScope) -> list[Guard]:
    """`slew` for each actuator with a largest step; `budget` for each that loops pay from and no guardrail names."""
    found = []
    stepped = frozenset(name for name, channel in scope.channels.items() if channel.max_step is not None)
    if stepped:
        found.append(Guard("largest_step", _built("slew", scope), stepped))
    for name, budget in scope.budgets.items():
        spenders = frozenset(budget.channels)
        if spenders and not any(_covers(plan, name, spenders) for plan in campaign.guardrails.values()):
            found.append(Guard(f"budget_{name}", _built("budget", scope, budget=name), spenders))
    return found


def _covers(plan: GuardrailPlan, budget: str, spenders: frozenset[str]) -> bool:
    """True where a written guardrail keeps this budget on all that spend from it; unnamed, it is the only budget."""
    named = getattr(plan.settings, "budget", None)
    return plan.kind == "budget" and named in (None, budget) and spenders <= frozenset(plan.on or spenders)


def _built(kind: str, scope: GuardrailScope, **settings: object) -> Guardrail:
    member = find("guardrail", kind)
    rail: Guardrail = member.cls(scope, member.settings(**settings))
    return rail
