"""The table of a simulation in words: for a terminal, and as plain data for --json.

Called by `simulate`; calls the command line's way of writing values; decides nothing.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from controller.cli.output import columns, level
from sim.compare import Comparison, Row, Scores

_HEADS = (
    "",
    "in band",
    "miss outside",
    "spend",
    "moves",
    "smallest",
    "largest",
    "loss J",
    "J above config's",
)


def lines(found: Comparison) -> Iterator[str]:
    """The report as text."""
    campaign, weights = found.campaign, found.campaign.loss
    yield f"{campaign.campaign}: {found.weeks:g} weeks, {found.seeds} runs of different luck, the same for every row"
    yield found.statement
    yield ""
    yield from columns([_HEADS, *(_cells(found, row) for row in found.rows)], indent="")
    yield ""
    yield from (f"{row.name}: {row.about}" for row in found.rows)
    yield (
        f"J = mean miss beyond the band + {weights.lambda_:g} x spend / budget + {weights.mu:g} x moves; less is "
        "better. J above config's: mean over the runs, with its 95 % interval."
    )
    if any(loop.target.band is None for loop in campaign.loops.values()):
        yield "A target without a band counts as kept only where it is met exactly."
    yield verdict(found)


def verdict(found: Comparison) -> str:
    """One sentence on whether the loop helped against leaving the start value alone; it may say no."""
    still = next(row for row in found.rows if row.name == "fixed")
    gap, half = found.versus(still)
    if np.isnan(half):
        side = "less" if gap > 0 else "more"
        return f"One run says little: the loss is {abs(gap):.4f} {side} than doing nothing."
    if gap - half > 0:
        return f"The loop helped: its loss is {gap:.4f} less than doing nothing, at least {gap - half:.4f} with 95 %."
    if gap + half < 0:
        return f"The loop did NOT help: its loss is {-gap:.4f} more than doing nothing."
    return f"These runs do not show that the loop helped: {gap:+.4f} ± {half:.4f} to nothing done. Run more seeds."


def data(found: Comparison) -> dict[str, Any]:
    """The report as plain data."""
    return {
        "campaign": found.campaign.campaign,
        "statement": found.statement,
        "weeks": found.weeks,
        "seeds": found.seeds,
        "currency": _currency(found),
        "lambda": found.campaign.loss.lambda_,
        "mu": found.campaign.loss.mu,
        "rows": [_row(found, row) for row in found.rows],
        "verdict": verdict(found),
    }


def _cells(found: Comparison, row: Row) -> tuple[str, ...]:
    s, unit = row.scores, _unit(found)
    gap, half = found.versus(row)
    above = "" if row is found.own else f"{gap:+.4f}" + ("" if np.isnan(half) else f" ± {half:.4f}")
    money = level(float(s.spend.mean()), _currency(found)) if _currency(found) else "none"
    return (
        row.name,
        f"{100 * s.inside.mean():.0f} %",
        "none" if np.isnan(s.outside).all() else f"{100 * np.nanmean(s.outside):.1f} %",
        money,
        f"{s.moves.mean():.0f}",
        level(float(s.low.min()), unit),
        level(float(s.high.max()), unit),
        f"{s.loss.mean():.4f}",
        above,
    )


def _row(found: Comparison, row: Row) -> dict[str, Any]:
    gap, half = found.versus(row)
    each = {name: getattr(row.scores, name).tolist() for name in Scores.__slots__}
    return {"name": row.name, "about": row.about, "above_config": gap, "half_width": half, **each}


def _unit(found: Comparison) -> str:
    """Unit of the outputs; none where the loops move different things."""
    units = {found.campaign.actuators[loop.channels[0]].unit for loop in found.campaign.loops.values()}
    return units.pop() if len(units) == 1 else "count"


def _currency(found: Comparison) -> str:
    currencies = {budget.currency for budget in found.campaign.budgets.values()}
    return currencies.pop() if len(currencies) == 1 else ""
