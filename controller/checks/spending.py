"""The campaign that guardrails are checked on: one output, one budget, and four days of moves, spending and gaps.

Called by the contract check of guardrails; calls facts, so that what a guardrail sees is what a loop would show it. All
chance is keyed by the cell's name: a cell has the same days in every company.
"""

from collections.abc import Iterator

import numpy as np

from controller.cells import Cells
from controller.clock import civil_at
from controller.loop.facts import Facts
from controller.ports import BudgetScope, Context, GuardrailScope, Record
from controller.signals import Channel, Signal, Tick, Verdict, codes
from models.draws import Draws

CHANNEL = Channel("output", "share", 0.03, 0.12, 0.03, 0.03, resolution=0.0001, max_step=0.01)
BUDGET = BudgetScope(
    "prizes", "CNY", 500_000.0, "paid", "owed", (CHANNEL.name,), lag=600.0, worst_per_hour=12_000.0
)
START = 1_767_571_200.0
"""A Monday, UTC seconds."""
HOUR = 3600.0
TURNS = 96
_DRAWS = Draws(11)


def scope_of(cells: Cells) -> GuardrailScope:
    """The campaign over these cells: it lasts a week, and its money is gone after four days."""
    ends = START + 168 * HOUR
    return GuardrailScope(cells, {CHANNEL.name: CHANNEL}, {BUDGET.name: BUDGET}, START, ends)


def told(scope: GuardrailScope) -> Iterator[Context]:
    """The four days, hour by hour."""
    cells, facts = scope.cells, Facts(scope.cells, scope.channels, scope.budgets)
    paid, known = cells.full(0.0), cells.full(np.nan)
    good_at, applied = cells.full(-np.inf), cells.full(CHANNEL.start)
    for turn in range(TURNS):
        time = START + turn * HOUR
        tick = Tick(turn, time, HOUR, civil_at(time, cells))
        paid = paid + 10_000.0 * _DRAWS.uniform(cells.key, turn, "paid")
        seen = _DRAWS.uniform(cells.key, turn // 9, "gap") < 0.7
        known, good_at = np.where(seen, paid, known), np.where(seen, time - 600.0, good_at)
        signals = {
            "paid": _signal("paid", known, good_at, seen),
            "owed": _signal("owed", known * 0.1, good_at, seen),
        }
        yield Context(tick, signals, {name: value.copy() for name, value in facts.values().items()})
        moves = _DRAWS.uniform(cells.key, turn, "move") < 0.5
        wish = 0.03 + np.floor(900 * _DRAWS.uniform(cells.key, turn, "output")) / 10_000
        applied = np.where(moves, wish, applied)
        columns = {
            "applied.output": applied,
            "civil.business_date": tick.civil.business_date,
            "signal.paid.value": known,
            "signal.paid.good_at": good_at,
        }
        facts.fold(Record("tick", turn, time, columns))


def _signal(name: str, value: np.ndarray, good_at: np.ndarray, fresh: np.ndarray) -> Signal:
    verdict = np.where(fresh, Verdict.OK, Verdict.NO_DATA).astype(np.int8)
    return Signal(name, value.copy(), good_at.copy(), fresh.copy(), verdict, codes(len(value), 0))
