"""What the charts are drawn from: one JSON value with the fans of every scenario and policy, thinned until it fits.

Called by build; calls encode. Words are made here too, so that script and tables say the same.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from controller.plan import Campaign
from sim.evidence.result import Evidence, Fan, RowResult, ScenarioResult
from sim.report_page.encode import coded
from sim.report_page.names import STILL, capital, currency, guard, heading, percent, sentence, title, word
from sim.report_page.rails import shades
from sim.runs.allowance import total_of
from sim.runs.figures import money, worst_decile

POINTS = (200, 160, 120, 96, 72, 48)
"""Points of a fan, tried one after the other."""
SMOOTH = 48
"""Points of a fan of money, which only grows."""
MOST = 200_000
"""Bytes that the data should fit in."""


@dataclass(frozen=True, slots=True)
class Series:
    """The data block, and how finely it was cut."""

    text: str
    """JSON, safe inside a script element."""
    points: int
    """Points that a fan has at most."""
    of: int
    """Points that the longest one had."""


def series(evidence: Evidence) -> Series:
    """The finest data that fit, or else the coarsest: whether that is too much is for build to say."""
    of = max(
        (len(fan.seconds) for one in evidence.scenarios for row in one.rows for fan in _fans(row)), default=0
    )
    text = ""
    for most in POINTS:
        text = safe(
            json.dumps(
                _Writer(evidence, most).whole(), ensure_ascii=False, allow_nan=False, separators=(",", ":")
            )
        )
        if len(text.encode()) <= MOST:
            return Series(text, most, of)
    return Series(text, POINTS[-1], of)


def safe(text: str) -> str:
    """JSON that can't end the element it stands in."""
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def said(evidence: Evidence, row: RowResult) -> dict[str, str]:
    """What a policy came to in a scenario, for the heads of its charts."""
    s, unit = row.scores, currency(evidence.campaign)
    worst = percent(worst_decile(s.inside, high_is_bad=False))
    found = {
        "inside": percent(float(s.inside.mean())),
        "worst": f"of the time in its band; {worst} in the worst tenth of futures",
        "moves": f"{s.moves.mean():,.0f} moves",
    }
    if unit:
        found["spend"] = money(float(s.spend.mean()), unit)
        found["dearest"] = f"{money(worst_decile(s.spend), unit)} in the dearest tenth of futures"
    return found


@dataclass(slots=True)
class _Writer:
    evidence: Evidence
    most: int
    grids: dict[tuple[int, ...], int] = field(default_factory=dict)

    def whole(self) -> dict[str, Any]:
        scenarios = {one.kind: self.scenario(one) for one in self.evidence.scenarios if one.rows}
        campaign = self.evidence.campaign
        return {
            "zone": campaign.runs.timezone,
            "names": {name: capital(word(name)) for name in (*campaign.loops, *campaign.actuators)},
            "pace": _pace(campaign),
            "scenarios": scenarios,
            "grids": [list(grid) for grid in self.grids],
        }

    def scenario(self, one: ScenarioResult) -> dict[str, Any]:
        return {
            "name": title(one.kind),
            "about": sentence(one.about),
            "good": sentence(one.good),
            "starts": one.starts,
            "bands": dict(one.bands),
            "still": STILL if one.row(STILL) is not None else "",
            "rows": {row.name: self.row(row) for row in one.rows},
        }

    def row(self, row: RowResult) -> dict[str, Any]:
        return {
            "name": heading(row.name),
            "about": row.about,
            "said": said(self.evidence, row),
            "kpi": self.fans(row.kpi),
            "levers": self.fans(row.levers),
            "spend": None if row.spend is None else self.fan(row.spend, SMOOTH),
            "bound": {
                capital(guard(n, self.evidence.campaign)): shades(days) for n, days in row.bound.items()
            },
        }

    def fans(self, fans: Mapping[str, Fan]) -> dict[str, Any]:
        return {name: self.fan(fan, self.most) for name, fan in fans.items()}

    def fan(self, fan: Fan, most: int) -> dict[str, Any]:
        found = coded(fan, most)
        grid = self.grids.setdefault(found.seconds, len(self.grids))
        return {"grid": grid, "step": found.step, "unit": fan.unit, "lines": found.lines}


def _pace(campaign: Campaign) -> float | None:
    """Money a second, where all budgets are in one currency and planned evenly from a first to a last moment."""
    starts, ends = campaign.runs.starts_at(), campaign.runs.ends_at()
    if not currency(campaign) or any(budget.plan != "even" for budget in campaign.budgets.values()):
        return None
    if starts is None or ends is None or ends <= starts:
        return None
    return total_of(campaign) / (ends - starts)


def _fans(row: RowResult) -> list[Fan]:
    return [*row.kpi.values(), *row.levers.values(), *([] if row.spend is None else [row.spend])]
