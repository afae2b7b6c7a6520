"""Everything that the page says, in its order, ready for the template.

Called by build; calls one file for each part of the page.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.evidence.result import Evidence, Fan, ScenarioResult
from sim.report_page import gates, origins, policies, rails, reach, thumbs, verdict
from sim.report_page.costs import beside, beyond, gap
from sim.report_page.names import (
    STILL,
    calm,
    currency,
    kept,
    minute,
    own,
    percent,
    sentence,
    title,
    turned,
    weeks,
    word,
)
from sim.report_page.series import Series
from sim.runs.figures import money, worst_decile


@dataclass(frozen=True, slots=True)
class Picture:
    """A small picture and what it shows."""

    name: str
    kind: str
    """kpi or lever: its colours."""
    thumb: thumbs.Thumb
    said: str


@dataclass(frozen=True, slots=True)
class Scene:
    """One scenario."""

    kind: str
    name: str
    about: str
    good: str
    marks: list[gates.Mark]
    inside: str
    worst: str
    still: str
    spend: str
    """A sentence on what the plan costs; empty without a budget."""
    cost: str
    """The same as a figure."""
    pictures: list[Picture]
    lines: list[policies.Line]

    @property
    def passed(self) -> bool:
        return all(mark.passed for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Skipped:
    """A scenario that was not played, and why."""

    name: str
    about: str
    why: str


def content(
    evidence: Evidence, found: Series, *, now: float, until: float | None, command: str
) -> dict[str, Any]:
    """What the template is filled with."""
    played = [one for one in evidence.scenarios if one.rows]
    first = calm(evidence.scenarios)
    scale = _scale(played)
    low, high = (percent(end) for end in scale)
    return {
        "campaign": word(evidence.campaign.campaign),
        "weeks": weeks(evidence.weeks),
        "futures": evidence.futures,
        "kept": kept(evidence.campaign),
        "turned": turned(evidence.campaign),
        "budgeted": bool(currency(evidence.campaign)),
        "weights": evidence.campaign.loss,
        "answer": gates.answer(evidence, now, until),
        "failed": [mark for mark in gates.judged(evidence) if not mark.passed],
        "unbelieved": gates.unbelieved(evidence),
        "market": gates.market(evidence),
        "headline": verdict.headline(evidence),
        "lesser": verdict.lesser(evidence),
        "tiles": verdict.tiles(evidence),
        "reaches": reach.reaches(evidence),
        "calm": None if first is None else _scene(evidence, first, scale),
        "scenes": [_scene(evidence, one, scale) for one in played],
        "skipped": [_skipped(one) for one in evidence.scenarios if not one.rows],
        "rails": rails.rails(evidence),
        "statement": origins.statement(evidence),
        "facts": origins.facts(evidence, now, command, found.points, found.of),
        "version": evidence.version,
        "now": minute(now, evidence.campaign.runs.timezone),
        "scale": f"{low} to {high}",
        "box": (thumbs.WIDTH, thumbs.HEIGHT),
    }


def _scene(evidence: Evidence, one: ScenarioResult, scale: tuple[float, float]) -> Scene:
    inside, still = own(one).scores.inside, beside(one)
    return Scene(
        kind=one.kind,
        name=title(one.kind),
        about=sentence(one.about),
        good=sentence(one.good),
        marks=gates.marks(one),
        inside=percent(float(inside.mean())),
        worst=percent(worst_decile(inside, high_is_bad=False)),
        still="–" if still is None else percent(float(still.scores.inside.mean())),
        spend=beyond(evidence, one),
        cost=_cost(evidence, one),
        pictures=_pictures(evidence, one, scale),
        lines=policies.lines(evidence, one),
    )


def _cost(evidence: Evidence, one: ScenarioResult) -> str:
    unit, still = currency(evidence.campaign), beside(one)
    if not unit or still is None:
        return "–"
    mean, _ = gap(evidence, own(one), still, "spend")
    return f"{'+' if mean > 0 else ''}{money(mean, unit)}"


def _pictures(evidence: Evidence, one: ScenarioResult, scale: tuple[float, float]) -> list[Picture]:
    plan, still = own(one), beside(one)
    nothing: dict[str, Fan] = {} if still is None else dict(still.kpi)
    found = []
    for name, fan in plan.kpi.items():
        thumb = thumbs.kpi(fan, nothing.get(name), one.bands.get(name, 0.0), scale)
        found.append(Picture(f"{word(name)}, % of target", "kpi", thumb, _ends(fan, "of target")))
    for name, fan in plan.levers.items():
        actuator = evidence.campaign.actuators.get(name)
        limits = (actuator.low, actuator.high) if actuator else _limits(fan)
        found.append(Picture(word(name), "lever", thumbs.lever(fan, limits), _ends(fan, "")))
    return found


def _ends(fan: Fan, of: str) -> str:
    """What a picture shows, for those who don't see it."""
    from controller.cli.output import level

    def told(value: float) -> str:
        return f"{percent(value)} {of}" if of else level(value, fan.unit)

    middle = fan.levels[2][np.isfinite(fan.levels[2])]
    if not len(middle):
        return "no value"
    return f"The middle future goes from {told(float(middle[0]))} to {told(float(middle[-1]))}".rstrip()


def _limits(fan: Fan) -> tuple[float, float]:
    seen = fan.levels[np.isfinite(fan.levels)]
    return (float(seen.min()), float(seen.max())) if len(seen) else (0.0, 1.0)


def _scale(played: list[ScenarioResult]) -> tuple[float, float]:
    fans = [fan for one in played for row in (own(one), one.row(STILL)) if row for fan in row.kpi.values()]
    return thumbs.shared(fans, [band for one in played for band in one.bands.values()])


def _skipped(one: ScenarioResult) -> Skipped:
    return Skipped(
        title(one.kind), sentence(one.about), sentence(one.skipped or "this run has no result of it")
    )
