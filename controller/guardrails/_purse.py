"""How a budget stands at one tick: what is spent, owed, perhaps on its way, left, and planned.

Called by the budget guardrail; calls nothing. Arrays of shape (pools,): each pool of cells has the whole budget.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.ports import BudgetScope, Context, GuardrailScope
from models.pacing.plan import Weeks


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """A budget at one tick, in its currency; shape (pools,) throughout."""

    committed: Array
    """Paid and owed."""
    reserve: Array
    """What may have been spent since, and until the limits are asked again, at the worst rate."""
    left: Array
    """total - committed - reserve."""
    age: Array
    """Seconds since the last good reading of the sensor that is worst off; since the campaign's start without one."""
    planned: Array
    """What the plan allows by the time that the readings are good for."""

    def words(self, budget: BudgetScope) -> str:
        """The pool that is worst off, in a sentence."""
        pool = int(np.argmin(self.left))
        spent, reserve = money(self.committed[pool], budget), money(self.reserve[pool], budget)
        left, total = money(max(self.left[pool], 0.0), budget), money(budget.total, budget)
        return f"{left} of {total} is left after {spent} paid or owed and {reserve} that may be on its way"


class Purse:
    """One budget of a campaign.

    Parameters
    ----------
    scope: cells, channels and the campaign's span.
    budget: names its sensors; ValueError where none of them, nor a unit cost, tells what is spent.
    from_first: True where the first good reading is what others spent before.
    """

    def __init__(self, scope: GuardrailScope, budget: BudgetScope, from_first: bool) -> None:
        if budget.paid is None and (budget.unit_cost is None or budget.measure is None):
            told = "a sensor of what is `paid`, or a `unit_cost`"
            raise ValueError(f"budget {budget.name}: nothing tells what it has spent, allowed: {told}")
        if not (np.isfinite(budget.total) and budget.total > 0):
            raise ValueError(f"budget {budget.name}: total must be above zero, received {budget.total!r}")
        if budget.plan not in ("even", "forecast", "none"):
            raise ValueError(
                f"budget {budget.name}: plan must be even, forecast or none, received {budget.plan!r}"
            )
        self.scope, self.budget, self.from_first = scope, budget, from_first
        self.paced = budget.plan != "none" and np.isfinite(scope.ends_at) and np.isfinite(scope.starts_at)
        self.worst_per_second = np.inf if budget.worst_per_hour is None else budget.worst_per_hour / 3600.0
        self._weeks = Weeks(np.array(budget.week) if budget.week else None)
        self._starts = np.searchsorted(scope.cells.pool_of, np.arange(scope.cells.pools))

    def standing(self, context: Context) -> Standing:
        """How the budget stands now."""
        now, budget = context.tick.time, self.budget
        committed = self._spent(context) + self._owed(context)
        age = np.maximum(now - np.maximum(self._good_at(context), self.scope.starts_at), 0.0)
        late = age + budget.lag
        reserve = np.zeros_like(age)
        if budget.worst_per_hour is not None:
            reserve = self.worst_per_second * (late + context.tick.elapsed)
        planned = (
            budget.total * self._gone_by(now - late, context) if self.paced else np.full_like(age, np.inf)
        )
        return Standing(committed, reserve, budget.total - committed - reserve, age, planned)

    def _spent(self, context: Context) -> Array:
        """Paid so far: the highest ever seen, whatever a sensor that is reset says today."""
        name = self.budget.name
        spent, first = context.facts[f"spent.{name}"], context.facts[f"first_spent.{name}"]
        if self.budget.paid is not None:
            reading = context.signals[self.budget.paid].value
            spent, first = np.fmax(spent, reading), np.where(np.isnan(first), reading, first)
        if self.from_first:
            spent = spent - first
        return self.scope.cells.total(np.nan_to_num(spent))

    def _owed(self, context: Context) -> Array:
        if self.budget.owed is None:
            return np.zeros(self.scope.cells.pools)
        return self.scope.cells.total(np.maximum(np.nan_to_num(context.signals[self.budget.owed].value), 0.0))

    def _good_at(self, context: Context) -> Array:
        """When all that the budget rests on was last known, by the cell that is worst off in each pool."""
        sensors = [
            name for name in (self.budget.paid or self.budget.measure, self.budget.owed) if name is not None
        ]
        known = np.min([context.signals[name].good_at for name in sensors], axis=0)
        oldest: Array = np.minimum.reduceat(known, self._starts)
        return oldest

    @property
    def week(self) -> str:
        """The fact that holds the learned week of what the budget is spent on, if there is one."""
        return f"week.{self.budget.measure}"

    def _gone_by(self, moment: Array, context: Context) -> Array:
        """Share of the plan that had gone by in each pool, 0..1: of time, or of expected demand, its cells' mean."""
        starts, ends = self.scope.starts_at, self.scope.ends_at
        if self.budget.plan == "even":
            return np.asarray(np.clip((moment - starts) / (ends - starts), 0.0, 1.0))
        cells, tick = self.scope.cells, context.tick
        now = tick.civil.hour_of_week + (tick.civil.seconds_of_day % 3600.0) / 3600.0
        gone, length = (cells.spread(moment) - starts) / 3600.0, cells.full((ends - starts) / 3600.0)
        demand = self._weeks.of(context.facts.get(self.week))
        share = demand.share(now - (tick.time - starts) / 3600.0, gone, length)
        return cells.total(share) / cells.total(cells.full(1.0))


def money(amount: float, budget: BudgetScope) -> str:
    """An amount for people: `12,000 CNY`.

    >>> money(1234.5, BudgetScope("prizes", "CNY", 1e6, "paid", None, ()))
    '1,234.50 CNY'
    """
    if not np.isfinite(amount):
        return f"any amount of {budget.currency}"
    whole = round(float(amount), 2) == round(float(amount))
    return f"{amount:,.0f} {budget.currency}" if whole else f"{amount:,.2f} {budget.currency}"
