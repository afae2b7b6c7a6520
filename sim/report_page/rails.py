"""Which guardrail bound when: a strip of days for each guardrail and scenario, for the plan.

Called by content; calls names. A guardrail binds where it was the bound that the policy's wish met.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from sim.evidence.result import Evidence, ScenarioResult
from sim.report_page.names import capital, day, guard, own, percent, title, word

DAY = 86_400.0
SHADES = (0.01, 0.05, 0.2, 0.45, 0.75)
"""Shares of a day's turns from which on it is drawn a step darker; below the first it counts as unbound."""


@dataclass(frozen=True, slots=True)
class Strip:
    """One guardrail in one scenario."""

    scenario: str
    days: tuple[int, ...]
    """Shade of each day, 0..5."""
    said: str


@dataclass(frozen=True, slots=True)
class Rail:
    """One guardrail: where it bound, and where it never did."""

    name: str
    kind: str
    strips: tuple[Strip, ...]
    never: tuple[str, ...]


def rails(evidence: Evidence) -> list[Rail]:
    """Every guardrail that any scenario names, in that order."""
    played = [one for one in evidence.scenarios if one.rows]
    names = dict.fromkeys(name for one in played for name in own(one).bound)
    return [_rail(evidence, name, played) for name in names]


def shades(days: Array) -> tuple[int, ...]:
    """How dark each day is drawn.

    >>> shades(np.array([0.0, 0.01, 0.5, 1.0]))
    (0, 1, 4, 5)
    """
    return tuple(np.digitize(np.nan_to_num(days), SHADES).tolist())


def _rail(evidence: Evidence, name: str, played: list[ScenarioResult]) -> Rail:
    zone, plan = evidence.campaign.runs.timezone, evidence.campaign.guardrails.get(name)
    strips, never = [], []
    for one in played:
        days = np.nan_to_num(own(one).bound.get(name, np.zeros(0)))
        if not (days >= SHADES[0]).any():
            never.append(title(one.kind))
            continue
        most = int(days.argmax())
        on = f"{day(one.starts + most * DAY, zone)} ({percent(days[most])})"
        strips.append(
            Strip(title(one.kind), shades(days), f"{_part(float(days.mean()))} of the time, most on {on}")
        )
    told = capital(guard(name, evidence.campaign))
    return Rail(told, word(plan.kind) if plan else "", tuple(strips), tuple(never))


def _part(share: float) -> str:
    return percent(share) if share >= 0.005 else "less than 1 %"
