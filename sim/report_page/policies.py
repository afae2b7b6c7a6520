"""The table of policies in one scenario: means, and beside them the worst tenth of futures.

Called by content; calls the figures and names.
"""

import math
from dataclasses import dataclass

import numpy as np

from controller.cli.output import level
from controller.plan import Campaign
from controller.why.numbers import MINUS
from sim.evidence.result import Evidence, RowResult, ScenarioResult
from sim.report_page.names import currency, heading, own, percent
from sim.runs.figures import money, paired, worst_decile


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean, and under it the worst tenth."""

    mean: str
    worst: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One policy, every cell written."""

    name: str
    heading: str
    about: str
    inside: Figure
    miss: Figure
    spend: Figure
    moves: Figure
    span: str
    """Smallest and largest value of what it turns."""
    loss: Figure
    above: Figure
    """Its loss above the plan's, and the half-width of its 95 % interval."""


def lines(evidence: Evidence, scenario: ScenarioResult) -> list[Line]:
    """One line a policy, in the order in which they were played."""
    return [_line(evidence, own(scenario), row) for row in scenario.rows]


def _line(evidence: Evidence, plan: RowResult, row: RowResult) -> Line:
    s, unit = row.scores, currency(evidence.campaign)
    seen = s.outside[~np.isnan(s.outside)]
    spend = (
        Figure(money(float(s.spend.mean()), unit), money(worst_decile(s.spend), unit))
        if unit
        else Figure("–")
    )
    return Line(
        name=row.name,
        heading=heading(row.name),
        about=row.about,
        inside=Figure(percent(float(s.inside.mean())), percent(worst_decile(s.inside, high_is_bad=False))),
        miss=Figure(
            percent(float(seen.mean()) if len(seen) else math.nan, 1), percent(worst_decile(s.outside), 1)
        ),
        spend=spend,
        moves=Figure(f"{s.moves.mean():,.0f}", f"{worst_decile(s.moves):,.0f}"),
        span=_span(evidence.campaign, row),
        loss=Figure(f"{s.loss.mean():.4f}", f"{worst_decile(s.loss):.4f}"),
        above=Figure("–") if row is plan else _above(evidence, plan, row),
    )


def _above(evidence: Evidence, plan: RowResult, row: RowResult) -> Figure:
    gap, half = paired(row.scores.loss, plan.scores.loss, evidence.seeds)
    told = f"{'+' if gap >= 0 else MINUS}{abs(gap):.4f}"
    return Figure(told, f"± {half:.4f}" if math.isfinite(half) else "one seed")


def _span(campaign: Campaign, row: RowResult) -> str:
    """Over all futures; nothing where the loops turn different things."""
    units = {campaign.actuators[campaign.turned_by(name)[0]].unit for name in campaign.loops}
    if len(units) != 1:
        return "–"
    unit = units.pop()
    low, high = level(float(row.scores.low.min()), unit), level(float(row.scores.high.max()), unit)
    return low if low == high else f"{low} to {high}"
