"""The outcome of `setpoint sweep` in words: for a terminal, and as plain data for --json.

Called by the command; calls the command line's way of writing values; decides nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from controller.cli.output import columns, level
from controller.plan import Campaign
from sim.sweep.campaign import Row, Trial
from sim.sweep.variants import shown, value_shown

LONGEST = 50
"""Rows that are printed; of more, those of the smallest loss."""


@dataclass(frozen=True, slots=True)
class Found:
    """A sweep's outcome and what one must know to read it."""

    campaign: Campaign
    statement: str
    """What is recorded and what is modelled."""
    trial: Trial
    rows: Sequence[Row]
    """The file as written, then the variants."""
    there: int = 0
    """Tasks that an earlier run had done."""
    ran: int = 0
    folder: str | None = None


def lines(found: Found) -> Iterator[str]:
    """The table as text."""
    trial, weights, variants = found.trial, found.campaign.loss, len(found.rows) - 1
    yield (
        f"{found.campaign.campaign}: {variants} variants beside the file as written, {trial.weeks:g} weeks, "
        f"{trial.seeds} runs of different luck from seed {trial.seed}, the same for every row"
    )
    yield found.statement
    yield ""
    kept = list(enumerate(found.rows))
    if len(kept) > LONGEST:
        kept = [kept[0], *sorted(kept[1:], key=lambda each: each[1].loss)[: LONGEST - 1]]
    paths = list(found.rows[-1].settings)
    head = (
        "",
        *labels(paths),
        "in band",
        "spend",
        "moves",
        "smallest",
        "largest",
        "loss J",
        "J to as written",
    )
    yield from columns([head, *(_cells(found, paths, number, row) for number, row in kept)], indent="")
    yield ""
    if len(kept) < len(found.rows):
        yield f"The {LONGEST - 1} of the smallest loss among {variants}; --json has all."
    yield (
        f"J = mean miss beyond the band + {weights.lambda_:g} x spend / budget + {weights.mu:g} x moves; less is "
        "better. J to as written: mean over the runs, with the 95 % interval of that row taken alone."
    )
    yield verdict(found)


def verdict(found: Found) -> str:
    """One sentence on the best variant; it may say that none is better."""
    number, best = min(enumerate(found.rows[1:], 1), key=lambda each: each[1].loss)
    name = f"Row {number} ({shown(best.settings)})"
    if np.isnan(best.half):
        less = (
            f"{name} has the smallest loss"
            if best.above < 0
            else "No variant has a smaller loss than the file as written"
        )
        return f"{less}, on one run, which says little: run more seeds."
    if best.above + best.half < 0:
        of = f"as the best of {len(found.rows) - 1} on this luck" if len(found.rows) > 2 else "on this luck"
        return (
            f"{name} is better than the file as written: its loss is {-best.above:.4f} less, at least "
            f"{-best.above - best.half:.4f} with 95 %. It is so {of}: try it on another --seed."
        )
    if best.above - best.half > 0:
        return f"The file as written is better than every variant; nearest is row {number}."
    return (
        f"No variant is shown to be better than the file as written; nearest is row {number}. Run more seeds."
    )


def data(found: Found) -> dict[str, Any]:
    """The same as plain data."""
    return {
        "campaign": found.campaign.campaign,
        "statement": found.statement,
        "weeks": found.trial.weeks,
        "seeds": found.trial.seeds,
        "seed": found.trial.seed,
        "currency": _currency(found),
        "lambda": found.campaign.loss.lambda_,
        "mu": found.campaign.loss.mu,
        "rows": [asdict(row) for row in found.rows],
        "verdict": verdict(found),
        "tasks_there": found.there,
        "tasks_run": found.ran,
        "folder": found.folder,
    }


def labels(paths: Sequence[str]) -> list[str]:
    """Each path's last part, with as much before it as tells it from the others.

    >>> labels(["loops.a.policy.gain", "loops.b.policy.gain", "actuators.x.max_step"])
    ['a.policy.gain', 'b.policy.gain', 'max_step']
    """
    return [_label(path, [other for other in paths if other != path]) for path in paths]


def _label(path: str, others: Sequence[str]) -> str:
    parts = path.split(".")
    for size in range(1, len(parts)):
        end = ".".join(parts[-size:])
        if not any(f".{other}".endswith(f".{end}") for other in others):
            return end
    return path


def _cells(found: Found, paths: Sequence[str], number: int, row: Row) -> tuple[str, ...]:
    half = "" if np.isnan(row.half) else f" ± {row.half:.4f}"
    unit = _unit(found)
    return (
        str(number) if number else "as written",
        *(value_shown(row.settings[path]) if row.settings else "" for path in paths),
        f"{100 * row.inside:.0f} %",
        level(row.spend, _currency(found)) if _currency(found) else "none",
        f"{row.moves:.0f}",
        level(row.low, unit),
        level(row.high, unit),
        f"{row.loss:.4f}",
        f"{row.above:+.4f}{half}" if number else "",
    )


def _unit(found: Found) -> str:
    """Unit of the outputs; none where the loops move different things."""
    plan = found.campaign
    units = {plan.actuators[plan.turned_by(name)[0]].unit for name in plan.loops}
    return units.pop() if len(units) == 1 else "count"


def _currency(found: Found) -> str:
    currencies = {budget.currency for budget in found.campaign.budgets.values()}
    return currencies.pop() if len(currencies) == 1 else ""
