"""What can be promised before anything runs: the noise floor of each band, the overspend bound of each budget, and
whether auto may act on the strength of a certificate.

Called by inspect.py; calls controller/config/noise.py, the budget guardrail's own arithmetic and the certificates.
"""

import math
from collections.abc import Iterator
from pathlib import Path

from controller.certificates.place import Place
from controller.config.daemon import WatchdogPlan
from controller.config.noise import floor_of
from controller.inspection.report import Finding
from controller.loop.guards import Guards
from controller.plan import Campaign, LoopPlan
from controller.ports import GuardrailScope


def bands(campaign: Campaign) -> Iterator[tuple[str, Finding | None]]:
    """One line a loop, and a finding where its band can't be kept by anybody."""
    for name, loop in campaign.loops.items():
        floor = floor_of(campaign, name)
        if loop.target.band is None:
            yield f"loops.{name}: no band, so nothing says when the target counts as kept", None
        elif floor is None:
            yield f"loops.{name}: {loop.measure} is no count, so its noise is not known beforehand", None
        else:
            place = ("loops", name, "target", "band")
            text = str(floor).partition(": ")[2]
            yield str(floor), None if floor.reachable else Finding(place, text)


def unheeded(campaign: Campaign) -> Iterator[Finding]:
    """Events that no policy reckons with: only one that knows what its actuator does can."""
    for name in campaign.events:
        fed = [loop for loop in campaign.loops.values() if loop.events is None or name in loop.events]
        if fed and not any(reckons(loop) for loop in fed):
            kinds = ", ".join(dict.fromkeys(loop.policy.kind for loop in fed))
            text = f"nobody reckons with this event: {kinds} does not know what its actuator does"
            allowed = "kind mpc does, and pid with tune: auto or feedforward"
            yield Finding(("events", name), f"{text}; {allowed}", wrong=False)


def reckons(loop: LoopPlan) -> bool:
    """True where a loop's policy can use what is known in advance; a plugin's own policy is taken to."""
    policy, told = loop.policy, loop.policy.settings
    knows = getattr(told, "tune", "none") == "auto" or getattr(told, "feedforward", None) is not None
    return policy.kind == "mpc" or knows or ":" in policy.kind


def unlearnt(campaign: Campaign) -> Iterator[Finding]:
    """Shapes that are not there yet."""
    for name, loop in campaign.loops.items():
        if loop.target.shape is not None and loop.target.shape.learned:
            text = "learnt while it runs: flat until nine tenths of a week have been seen"
            yield Finding(("loops", name, "target", "shape"), text, wrong=False)


def budgets(campaign: Campaign, scope: GuardrailScope) -> Iterator[str]:
    """What is promised of each budget, if the daemon dies at the worst moment; and what published terms tell of
    themselves: profile, digest, who signed.
    """
    for guard in Guards.of(campaign, scope).members:
        promise, notice = getattr(guard.rail, "promise", None), getattr(guard.rail, "notice", None)
        if promise is not None:
            yield promise(outage(campaign, guard.on))
        if notice is not None:
            yield f"{guard.name}: {notice()}"


def auto(campaign: Campaign, file: Path, now: float) -> str:
    """Whether the certificate beside a campaign's file lets auto act at a moment (UTC seconds), in words."""
    place = Place.of(file)
    cover = place.cover(campaign)
    if not cover.file:
        return f"no {place.path.name} beside the file: auto needs a certificate, or `setpoint accept`"
    return f"{cover.file}: {cover.at(now).why}"


def outage(campaign: Campaign, channels: frozenset[str]) -> float:
    """Seconds for which a value can stay in force after the last tick of a daemon that dies; inf where nobody ends it.

    >>> outage(Campaign(campaign="a"), frozenset())
    0.0
    """
    longest = 0.0
    for name in channels:
        plan = campaign.actuators[name]
        if plan.lease is None or plan.lease_by == "nobody":
            return math.inf
        longest = max(longest, plan.lease + (WatchdogPlan().every if plan.lease_by == "watchdog" else 0.0))
    return longest


def unpaid(campaign: Campaign) -> Iterator[Finding]:
    """Budgets that no loop spends: a slip of the pen, as a rule."""
    for name in campaign.budgets:
        if all(loop.pays_from != name for loop in campaign.loops.values()):
            yield Finding(
                ("budgets", name), "no loop pays from this budget, so nothing keeps to it", wrong=False
            )
