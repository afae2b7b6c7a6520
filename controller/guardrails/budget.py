"""Money that a campaign may not overspend: a hard bound from the worst case, and a pace.

The hard bound is class safety. At every tick, for each pool of cells:

    left = total - paid - owed - worst_per_hour x (age + lag + tick)

`paid` is the highest good reading of the budget's sensor (or, without one, what `unit_cost` adds up to); `owed` is
money issued and not yet redeemed, which counts as spent; age is that of the last good reading, lag what the budget
declares, tick the time until the limits are next asked. Where nothing is left, or no good reading came for
`blind_after`, the output goes to the actuator's safe value, which should be one that spends nothing beyond what was
promised. While `left` is less than `taper` of the total, the range shrinks towards the safe value in a straight line.

The pace is class process. Against `plan: even` (total x share of the campaign's time gone by when the money was last
known) or `plan: forecast` (share of its expected demand: the learned week of what the paying loop measures, else that
loop's `shape`, else even), the range shrinks as spending runs ahead, and is closed when it is `tolerance` of the total
ahead.

An output is taken to cost more the further it stands above its safe value (below it, where the safe value is the high
limit). A sensor's values are added up over the cells of a pool.

What it does not do: stop money that is already promised, or act while the daemon is down. Unless a ledger behind the
actuator enforces the budget, `promise` says in money what can be spent beyond it. That figure and the hard bound stand
and fall with `worst_per_hour`; without one, age and lag are not provided for.

A budget that a loop pays from brings this guardrail along; write it to set the figures below.

```yaml
budgets: {prizes: {total: 500000 CNY, plan: even, paid: paid, worst_per_hour: 4000 CNY, lag: 10m}}
guardrails: {purse: {kind: budget, budget: prizes, taper: 5%, tolerance: 5%, blind_after: 6h}}
```
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from controller.cells import Array
from controller.guardrails._purse import Purse, Standing, money
from controller.ports import BudgetScope, Context, GuardrailScope
from controller.quantities import Duration, Share
from controller.signals import Bound, Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: budget`."""

    budget: str | None = None
    """Name in `budgets:`; None: the only one."""
    taper: Share = 0.05
    """Share of the total, at the end of the money, over which the range shrinks; the default lets the last twentieth
    ease the output down instead of dropping it."""
    tolerance: Share = 0.05
    """Share of the total by which spending may run ahead of its plan before the range is closed."""
    blind_after: Duration = 21600.0
    """Age in seconds of the last good reading at which the safe value is taken whatever is left; by default 6h, longer
    than one failed nightly export repaired in the morning would need to be noticed."""
    count_from: Literal["zero", "first_reading"] = "zero"
    """`zero`: the paid sensor counts this campaign alone. `first_reading`: it counted before; what it said first is
    taken off, and what the campaign spent before the daemon first ran is not seen."""


class BudgetGuardrail:
    """Bounds the channels that spend from one budget.

    Parameters
    ----------
    scope: its budgets, and those of its channels that spend from them.
    settings: ValueError where the budget is unknown, or nothing tells what it has spent.

    >>> from controller.cells import Cells
    >>> prizes = BudgetScope("prizes", "CNY", 500_000.0, "paid", None, (), worst_per_hour=4000.0)
    >>> purse = BudgetGuardrail(GuardrailScope(Cells(("all",)), {}, {"prizes": prizes}), Settings())
    >>> purse.overspend_bound(outage=3 * 3600.0)
    12000.0
    """

    rank = "safety"

    def __init__(self, scope: GuardrailScope, settings: Settings) -> None:
        self.budget, self.scope, self.settings = _chosen(scope, settings.budget), scope, settings
        self.purse = Purse(scope, self.budget, settings.count_from == "first_reading")
        self.channels = [scope.channels[name] for name in self.budget.channels if name in scope.channels]
        self.needs = (f"spent.{self.budget.name}", f"first_spent.{self.budget.name}")

    def limit(self, context: Context) -> Sequence[Bound]:
        standing = self.purse.standing(context)
        bounds = [self._bound(channel, *self._hard(standing)) for channel in self.channels]
        if self.purse.paced:
            bounds += [self._bound(channel, *self._pace(standing), "process") for channel in self.channels]
        return bounds

    def overspend_bound(self, outage: float) -> float:
        """The most that the budget can be overspent by, in its currency; inf where nothing bounds it.

        `outage`: seconds for which a value stays in force after the last tick of a daemon that dies: lease and
        watchdog period; inf where nobody enforces the lease.
        """
        if self.scope.enforced:
            return 0.0
        return np.inf if self.budget.worst_per_hour is None else self.budget.worst_per_hour * outage / 3600.0

    def promise(self, outage: float) -> str:
        """What is promised of the budget, in words; see `overspend_bound`."""
        name, worst, bound = self.budget.name, self.budget.worst_per_hour, self.overspend_bound(outage)
        if self.scope.enforced:
            return (
                f"{name}: enforced with each draw; {money(self.budget.total, self.budget)} is not overspent"
            )
        if worst is None:
            return f"{name}: how much can be spent beyond it is not bounded, since worst_per_hour is not set"
        if not np.isfinite(bound):
            return f"{name}: not bounded while the daemon is down, since nobody enforces a lease"
        rate = f"{money(worst, self.budget)} an hour for {outage / 3600:.3g} h"
        beyond = f"up to {money(bound, self.budget)} can be spent beyond it ({rate})"
        return f"{name}: no ledger enforces it; if the daemon stops, {beyond}, and what the safe value itself costs"

    def _hard(self, standing: Standing) -> tuple[Array, str]:
        """Share of the range that is open, shape (pools,), and why."""
        margin = self.settings.taper * self.budget.total
        blind = standing.age > self.settings.blind_after
        share = np.clip(standing.left / margin, 0.0, 1.0) if margin > 0 else np.ones_like(standing.left)
        why = f"{self.budget.name}: {standing.words(self.budget)}"
        if blind.any():
            why += f"; no good reading for {float(standing.age.max()) / 3600:.3g} h"
        return np.where((standing.left <= 0) | blind, 0.0, share), why

    def _pace(self, standing: Standing) -> tuple[Array, str]:
        """Share of the range that the plan leaves open, shape (pools,), and why."""
        ahead, allowed = standing.committed - standing.planned, self.settings.tolerance * self.budget.total
        share = np.clip(1.0 - ahead / allowed, 0.0, 1.0) if allowed > 0 else (ahead <= 0).astype(np.float64)
        worst = int(np.argmax(ahead))
        spent, planned = (
            money(standing.committed[worst], self.budget),
            money(standing.planned[worst], self.budget),
        )
        return share, f"{self.budget.name}: {spent} spent or owed, {planned} by the {self.budget.plan} plan"

    def _bound(self, channel: Channel, share: Array, why: str, rank: str | None = None) -> Bound:
        downwards = channel.safe >= channel.high
        end = channel.low if downwards else channel.high
        open_ = self.scope.cells.spread(channel.safe + (end - channel.safe) * share)
        if downwards:
            return Bound(channel.name, open_, None, why, rank=rank)
        return Bound(channel.name, None, open_, why, rank=rank)


def _chosen(scope: GuardrailScope, name: str | None) -> BudgetScope:
    known = ", ".join(sorted(scope.budgets)) or "none"
    if name is None and len(scope.budgets) != 1:
        raise ValueError(f"budget: say which one with `budget:`, known: {known}")
    if name is not None and name not in scope.budgets:
        raise ValueError(f"budget: unknown {name!r}, known: {known}")
    return scope.budgets[name] if name is not None else next(iter(scope.budgets.values()))
