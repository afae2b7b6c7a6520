"""What the whole evidence comes to: one sentence with the money, what it is held against, four figures.

Called by content; calls the figures, costs, gates and names. Says nothing that the scores do not hold, also where that
is bad news.
"""

import math
from dataclasses import dataclass

import numpy as np

from sim.evidence.result import Evidence, RowResult, ScenarioResult
from sim.report_page.costs import against, beside, gap, rivals
from sim.report_page.gates import judged, unbelieved
from sim.report_page.names import CALM, STILL, calm, count, currency, kept, own, percent, title, weeks
from sim.runs.allowance import total_of
from sim.runs.figures import money, share, worst_decile

BEST = "best fixed"


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure, large, with its name and what to hold it against."""

    name: str
    value: str
    text: str
    tone: str = ""
    """good, warn, bad or nothing."""


def headline(evidence: Evidence) -> str:
    """The verdict: how often the target is kept, and at what cost."""
    scenario = calm(evidence.scenarios)
    if scenario is None:
        return "Nothing was played, so nothing can be said about this plan."
    costs = _costs(evidence, scenario)
    return f"{_kept(evidence, scenario)}. {costs}." if costs else f"{_kept(evidence, scenario)}."


def lesser(evidence: Evidence) -> str:
    """In how many futures the plan is the better choice, all things counted; empty where nothing stands beside it."""
    scenario = calm(evidence.scenarios)
    if scenario is None:
        return ""
    loss = own(scenario).scores.loss
    told = [
        f"{called} in {int((loss < row.scores.loss).sum())} of {len(loss)}"
        for row, called in rivals(evidence, scenario, STILL, BEST)
    ]
    if not told:
        return ""
    few = " One luck says little: play more seeds." if evidence.seeds == 1 else ""
    return f"All things counted (misses, money, moves) it beats {' and '.join(told)} futures.{few}"


def tiles(evidence: Evidence) -> list[Tile]:
    """The figures that a manager asks for first."""
    scenario = calm(evidence.scenarios)
    found = (
        [] if scenario is None else [_band(scenario), _spent(evidence, scenario), _won(evidence, scenario)]
    )
    every = judged(evidence)
    passed = sum(mark.passed for mark in every)
    text = "; ".join(f"{one.name.lower()} {one.state}" for one in unbelieved(evidence))
    tone = "good" if every and passed == len(every) else "bad"
    gates = Tile("Gates passed", f"{passed} of {len(every)}", text, tone)
    return [*(tile for tile in found if tile is not None), gates]


def _kept(evidence: Evidence, scenario: ScenarioResult) -> str:
    plan, still = own(scenario), beside(scenario)
    where = "of a calm market " if scenario.kind == CALM else f"of {title(scenario.kind).lower()} "
    widths = {f"±{percent(width, 1).replace('.0 ', ' ')}" for width in scenario.bands.values() if width > 0}
    band = f"in its band ({widths.pop()} of target)" if len(widths) == 1 else "in its band"
    found = (
        f"In {count(evidence.futures, 'simulated future')} {where}the plan keeps {kept(evidence.campaign)} {band} "
        f"{_often(plan)} of the time"
    )
    return found if still is None else f"{found}; doing nothing, {_often(still)}"


def _costs(evidence: Evidence, scenario: ScenarioResult) -> str:
    """The money sentence; empty without a budget."""
    unit = currency(evidence.campaign)
    if unit is None:
        return "The budgets are in different currencies, so no sum of money is told"
    if not unit:
        return ""
    told = against(evidence, scenario, STILL, BEST)
    if not told:
        spend = float(own(scenario).scores.spend.mean())
        return f"Over {weeks(evidence.weeks)} it spends {money(spend, unit)}"
    return f"Over {weeks(evidence.weeks)} it costs {' and '.join(told)}"


def _band(scenario: ScenarioResult) -> Tile:
    plan, still = own(scenario), beside(scenario)
    worst = worst_decile(plan.scores.inside, high_is_bad=False)
    nothing = "" if still is None else f"; doing nothing {_often(still)}"
    text = f"of the time; {percent(worst)} in the worst tenth of futures{nothing}"
    return Tile("In its band", _often(plan), text)


def _spent(evidence: Evidence, scenario: ScenarioResult) -> Tile | None:
    unit, plan, still = currency(evidence.campaign), own(scenario), beside(scenario)
    if not unit:
        return None
    total = money(total_of(evidence.campaign), unit)
    dearest = money(worst_decile(plan.scores.spend), unit)
    text = f"in all {dearest} in the dearest tenth of futures; the whole budget is {total}"
    if still is None:
        return Tile("Spent", money(float(plan.scores.spend.mean()), unit), text)
    mean, half = gap(evidence, plan, still, "spend")
    sure = f"± {money(half, unit)} " if math.isfinite(half) else ""
    value = f"{'+' if mean > 0 else ''}{money(mean, unit)}"
    return Tile("Cost beyond doing nothing", value, f"{sure}in {weeks(evidence.weeks)}; {text}")


def _won(evidence: Evidence, scenario: ScenarioResult) -> Tile | None:
    plan, still = own(scenario), beside(scenario)
    if still is None:
        return None
    won = percent(share(plan.scores.loss < still.scores.loss))
    mean, half = gap(evidence, plan, still, "loss")
    sure = f" ± {half:.4f}" if math.isfinite(half) else ""
    text = f"of futures, misses, money and moves counted; J {abs(mean):.4f}{sure} {'lower' if mean < 0 else 'higher'}"
    return Tile("Better than doing nothing in", won, text)


def _often(row: RowResult) -> str:
    return percent(float(np.mean(row.scores.inside)))
