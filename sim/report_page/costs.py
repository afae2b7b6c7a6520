"""Differences between the plan and a simpler way, in money and in words.

Called by verdict, gates and content; calls the figures and names.
"""

import math

import numpy as np

from sim.evidence.result import Evidence, RowResult, ScenarioResult
from sim.report_page.names import STILL, called, currency, own
from sim.runs.figures import money, paired


def gap(evidence: Evidence, plan: RowResult, row: RowResult, name: str) -> tuple[float, float]:
    """Mean of one score of the plan minus another row's, paired by luck, and its 95 % half-width."""
    return paired(getattr(plan.scores, name), getattr(row.scores, name), evidence.seeds)


def beside(scenario: ScenarioResult) -> RowResult | None:
    """The row of doing nothing; None where it was not played, or is the plan itself."""
    still = scenario.row(STILL)
    return None if still is None or still is own(scenario) else still


def against(evidence: Evidence, scenario: ScenarioResult, *names: str) -> list[str]:
    """What the plan costs against other rows, as ends of a sentence; empty without a budget in one currency."""
    unit, plan = currency(evidence.campaign), own(scenario)
    if not unit:
        return []
    return [
        difference(*gap(evidence, plan, row, "spend"), unit, told)
        for row, told in rivals(evidence, scenario, *names)
    ]


def rivals(evidence: Evidence, scenario: ScenarioResult, *names: str) -> list[tuple[RowResult, str]]:
    """Rows of these names beside the plan's, and what they are called; two that did the same are told as one."""
    found: list[tuple[RowResult, str]] = []
    for row in (scenario.row(name) for name in names):
        if row is None or row is own(scenario):
            continue
        told = called(row.name, evidence.campaign)
        twin = next((n for n, (one, _) in enumerate(found) if _same(one, row)), None)
        if twin is None:
            found.append((row, told))
        else:
            found[twin] = (found[twin][0], f"{found[twin][1]} (here also {told})")
    return found


def beyond(evidence: Evidence, scenario: ScenarioResult) -> str:
    """A sentence on what the plan costs beside doing nothing; empty where there is nothing to tell."""
    told = against(evidence, scenario, STILL)
    return f"The plan costs {told[0]}." if told else ""


def difference(gap: float, half: float, unit: str, what: str) -> str:
    """A paired difference of money in words; one that its interval does not tell from nothing is called none.

    >>> difference(26584.0, 400.0, "CNY", "doing nothing"), difference(-40.0, 210.0, "CNY", "the oracle")
    ('26,600 CNY more than doing nothing', 'about as much as the oracle (40 CNY less, give or take 210 CNY)')
    """
    told = f"{money(abs(gap), unit)} {'more' if gap > 0 else 'less'}"
    if gap == 0:
        return f"as much as {what}"
    if math.isfinite(half) and abs(gap) <= half:
        return f"about as much as {what} ({told}, give or take {money(half, unit)})"
    return f"{told} than {what}"


def _same(row: RowResult, other: RowResult) -> bool:
    mine, others = row.scores, other.scores
    return np.array_equal(mine.loss, others.loss) and np.array_equal(mine.spend, others.spend)
