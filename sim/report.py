"""The evidence in words and columns, for a terminal; and as plain data, for --json.

Called by `simulate`; calls the figures and the command line's way of writing values; decides nothing.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from controller.cli.output import columns, level
from sim.evidence.result import Evidence, Fan, RowResult, ScenarioResult
from sim.report_page.verdict import headline, lesser
from sim.runs import figures
from sim.runs.scores import Scores
from sim.scenarios._family import scenario

_HEADS = ("", "in band", "worst tenth", "spend", "moves", "smallest", "largest", "loss J", "J above config's")
_LIST = ("scenario", "config J", "fixed J", "oracle J", "in band", "spend", "gates")


def lines(found: Evidence) -> Iterator[str]:
    """The report as text."""
    yield f"{found.campaign.campaign}: {found.weeks:g} weeks, {_futures(found)}, the same for every row"
    yield found.statement
    calm = next((one for one in found.scenarios if one.rows), None)
    if calm is not None:
        yield ""
        yield f"{_title(calm.kind)}: {calm.about}"
        yield from columns([_HEADS, *(_cells(found, calm, row) for row in calm.rows)], indent="")
        yield ""
        yield from (f"{row.name}: {row.about}" for row in calm.rows)
    weights = found.campaign.loss
    yield (
        f"J = mean miss beyond the band + {weights.lambda_:g} x spend / budget + {weights.mu:g} x moves; less is "
        "better. J above config's: mean over the futures, with its 95 % interval."
    )
    if any(loop.target.band is None for loop in found.campaign.loops.values()):
        yield "A target without a band counts as kept only where it is met exactly."
    yield ""
    yield from columns([_LIST, *(_line(found, one) for one in found.scenarios)], indent="")
    yield ""
    yield from (f"{one.kind}: left out, {one.skipped}" for one in found.scenarios if one.skipped)
    yield from _too_short(found)
    yield from (f"{gate.name}: NOT passed: {gate.said}" for gate in found.gates if not gate.passed)
    yield from (one.sentence for one in found.feasible)
    yield from (sentence for sentence in (headline(found), lesser(found)) if sentence)


def _too_short(found: Evidence) -> Iterator[str]:
    for one in found.scenarios:
        least = scenario(one.kind).least_weeks
        if not one.skipped and found.weeks < least:
            yield f"{one.kind}: shows itself in {least:g} weeks or more, these runs have {found.weeks:g}"


def data(found: Evidence) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "campaign": found.campaign.campaign,
        "statement": found.statement,
        "version": found.version,
        "weeks": found.weeks,
        "seed": found.seed,
        "seeds": found.seeds,
        "draws": found.draws,
        "mechanisms": list(found.mechanisms),
        "futures": found.futures,
        "calibrated": found.calibrated,
        "currency": currency(found),
        "lambda": found.campaign.loss.lambda_,
        "mu": found.campaign.loss.mu,
        "scenarios": [_scenario(found, one) for one in found.scenarios],
        "gates": [{"name": g.name, "passed": g.passed, "said": g.said} for g in found.gates],
        "passed": found.passed,
        "feasible": [
            {"loop": f.loop, "unit": f.unit, "low": f.low, "high": f.high, "asked": f.asked, "within": f.within,
             "sentence": f.sentence}
            for f in found.feasible
        ],
        "verdict": f"{headline(found)} {lesser(found)}".strip(),
    }  # fmt: skip


def currency(found: Evidence) -> str:
    """The one currency of the budgets; empty where there is none, or several."""
    kinds = {budget.currency for budget in found.campaign.budgets.values()}
    return kinds.pop() if len(kinds) == 1 else ""


def _futures(found: Evidence) -> str:
    parts = [f"{found.draws} {'markets' if found.draws > 1 else 'market'}"]
    if found.mechanisms:
        parts.append(f"{len(found.mechanisms)} ways to answer")
    parts.append(f"{found.seeds} {'lucks' if found.seeds > 1 else 'luck'}")
    return f"{found.futures} futures ({' x '.join(parts)})"


def _title(kind: str) -> str:
    return kind.replace("_", " ")


def _cells(found: Evidence, one: ScenarioResult, row: RowResult) -> tuple[str, ...]:
    s, unit = row.scores, _unit(found)
    return (
        row.name,
        f"{100 * s.inside.mean():.0f} %",
        f"{100 * figures.worst_decile(s.inside, high_is_bad=False):.0f} %",
        figures.money(float(s.spend.mean()), currency(found)) if found.campaign.budgets else "none",
        f"{s.moves.mean():.0f}",
        level(float(s.low.min()), unit),
        level(float(s.high.max()), unit),
        f"{s.loss.mean():.4f}",
        _above(found, one, row),
    )


def _above(found: Evidence, one: ScenarioResult, row: RowResult) -> str:
    own = one.row("config")
    if own is None or row is own:
        return ""
    gap, half = figures.paired(row.scores.loss, own.scores.loss, seeds=found.seeds)
    return f"{gap:+.4f}" + ("" if np.isnan(half) else f" ± {half:.4f}")


def _line(found: Evidence, one: ScenarioResult) -> tuple[str, ...]:
    if one.skipped:
        return (_title(one.kind), "", "", "", "", "", "left out")
    passed = sum(gate.passed for gate in one.gates)
    own = one.row("config")
    spend = "" if own is None else figures.money(float(own.scores.spend.mean()), currency(found))
    return (
        _title(one.kind),
        *(_loss(one.row(name)) for name in ("config", "fixed", "oracle")),
        "" if own is None else f"{100 * own.scores.inside.mean():.0f} %",
        spend if found.campaign.budgets else "none",
        f"{passed} of {len(one.gates)} passed",
    )


def _loss(row: RowResult | None) -> str:
    return "" if row is None else f"{row.scores.loss.mean():.4f}"


def _unit(found: Evidence) -> str:
    """Unit of the outputs; none where the loops move different things."""
    units = {
        found.campaign.actuators[c].unit
        for name in found.campaign.loops
        for c in found.campaign.turned_by(name)
    }
    return units.pop() if len(units) == 1 else "count"


def _scenario(found: Evidence, one: ScenarioResult) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "about": one.about,
        "good": one.good,
        "skipped": one.skipped,
        "gates": [{"name": g.name, "passed": g.passed, "said": g.said} for g in one.gates],
        "rows": [_row(found, one, row) for row in one.rows],
    }


def _row(found: Evidence, one: ScenarioResult, row: RowResult) -> dict[str, Any]:
    own = one.row("config")
    gap, half = (
        (0.0, 0.0) if own is None else figures.paired(row.scores.loss, own.scores.loss, seeds=found.seeds)
    )
    return {
        "name": row.name,
        "about": row.about,
        "above_config": gap,
        "half_width": half,
        **{name: getattr(row.scores, name).tolist() for name in Scores.__slots__},
        "kpi": {loop: _fan(fan) for loop, fan in row.kpi.items()},
        "levers": {name: _fan(fan) for name, fan in row.levers.items()},
        "bound": {name: share.tolist() for name, share in row.bound.items()},
    }


def _fan(fan: Fan) -> dict[str, Any]:
    return {"unit": fan.unit, "seconds": fan.seconds.tolist(), "levels": fan.levels.tolist()}
