"""What the loop knows of its own past: folds of the journal's records, one named array a fact, shape (cells,).

Called by the loop (fold after each record, values before each limit), by guardrails through `Context.facts`, and at a
restart (restore a snapshot, then fold the records after it). Calls nothing, reads no clock, never looks at anything but
records: a fold from record 0 gives the same facts, bit for bit.

For each channel C, from the ticks' `applied.C`:

    applied.C      value in force; NaN before the first         moves.C        number of changes
    applied_at.C   UTC seconds of its last change; -inf         highest.C      highest value ever in force; NaN
    direction.C    -1, 0, +1: its last change                   lowest.C       lowest value ever in force; NaN
    reversals.C    changes of direction on the business date `counted_on.C` (ordinal of the cell's civil date)

For each budget B, from the signal of its paid sensor, or estimated from its unit cost where it names none:

    spent.B        highest good reading, in the budget's currency: money once paid never comes back; NaN
    first_spent.B  first good reading; NaN                      spent_at.B     UTC seconds it is good for; -inf

For each loop L that is to reach a total, by the signal of what it measures (controller/loop/totals.py):

    reached.L      counted since the campaign's start, in the noun that is counted; 0
    reached_at.L   UTC seconds of the end of its newest window; -inf
    reached_rate.L, reached_part.L    what that window said (so many a second), and the seconds it counted for

For each sensor S whose week is learnt (controller/loop/week.py):

    week.S         weights of the week, mean one, shape (cells, 168): the prior until enough was seen
    level.S        mean over a week now, in the sensor's unit; NaN until enough was seen
    week_total.S, week_count.S, level_weight.S, week_until.S    the sums behind them, and the end of the last window

A restart that can't read a value back assumes the costlier one (`assume`); the `start` record keeps it.
"""

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from controller.cells import Array, Cells, Ints
from controller.loop import totals, week
from controller.ports import BudgetScope, Record, State
from controller.signals import Channel

_CHANNEL = {
    "applied": np.nan, "applied_at": -np.inf, "direction": 0.0, "reversals": 0.0, "counted_on": -np.inf, "moves": 0.0,
    "highest": np.nan, "lowest": np.nan,
}  # fmt: skip
_BUDGET = {"spent": np.nan, "first_spent": np.nan, "spent_at": -np.inf}
STATE = "state.facts/all/"
"""Where a `start` record keeps the facts with which that life began."""


def fact_names(
    channels: Iterable[str],
    budgets: Iterable[str] = (),
    totalled: Iterable[str] = (),
    weeks: Iterable[str] = (),
) -> frozenset[str]:
    """The facts that a campaign with these channels, budgets, loops that reach a total and learnt sensors keeps.

    >>> sorted(fact_names([], ["prizes"]))
    ['first_spent.prizes', 'spent.prizes', 'spent_at.prizes']
    """
    of_channels = (f"{fact}.{channel}" for channel in channels for fact in _CHANNEL)
    of_budgets = (f"{fact}.{budget}" for budget in budgets for fact in _BUDGET)
    of_totals = (f"{fact}.{loop}" for loop in totalled for fact in totals.START)
    of_weeks = (f"{fact}.{sensor}" for sensor in weeks for fact in week.FACTS)
    return frozenset((*of_channels, *of_budgets, *of_totals, *of_weeks))


class Facts:
    """The facts of one campaign, moved by `fold` and `assume` alone.

    Parameters
    ----------
    cells: the cells of every array.
    channels: by name.
    budgets: by name; amounts are floats in the budget's currency.
    totalled: what is counted for each loop that is to reach a total.
    weeks: what is learnt of each sensor's week.

    >>> odds = Channel("win_rate", "share", 0.03, 0.12, 0.03, 0.03)
    >>> facts, day = Facts(Cells(("all",)), {"win_rate": odds}, {}), np.array([739000])
    >>> for hour, value in enumerate((0.03, 0.05, 0.04)):
    ...     columns = {"applied.win_rate": np.array([value]), "civil.business_date": day}
    ...     facts.fold(Record("tick", hour, hour * 3600.0, columns))
    >>> facts.values()["reversals.win_rate"], facts.values()["highest.win_rate"]
    (array([1.]), array([0.05]))
    """

    def __init__(
        self,
        cells: Cells,
        channels: Mapping[str, Channel],
        budgets: Mapping[str, BudgetScope],
        totalled: Mapping[str, totals.TotalScope] | None = None,
        weeks: Mapping[str, week.WeekScope] | None = None,
    ) -> None:
        self.cells, self.channels, self.budgets = cells, dict(channels), dict(budgets)
        self.totalled, self.weeks = dict(totalled or {}), dict(weeks or {})
        self._facts = {
            f"{fact}.{name}": cells.full(start) for name in channels for fact, start in _CHANNEL.items()
        }
        self._facts |= {
            f"{fact}.{name}": cells.full(start) for name in budgets for fact, start in _BUDGET.items()
        }
        self._facts |= {
            f"{fact}.{name}": cells.full(start)
            for name in self.totalled
            for fact, start in totals.START.items()
        }
        for scope in self.weeks.values():
            self._facts |= scope.start()

    def fold(self, record: Record) -> None:
        """Take one record in; kinds other than `tick` and `start` change nothing."""
        if record.kind == "start":
            for channel in self.channels:
                if f"{STATE}applied.{channel}" in record.columns:
                    self.assume(channel, record.columns[f"{STATE}applied.{channel}"])
        elif record.kind == "tick":
            for name, budget in self.budgets.items():
                self._spend(name, budget, record)
            for name, total in self.totalled.items():
                self._count(name, total, record)
            for scope in self.weeks.values():
                self._facts |= scope.folded(self._facts, record)
            for channel in self.channels:
                if f"applied.{channel}" in record.columns:
                    self._apply(channel, record)

    def values(self) -> Mapping[str, Array]:
        """All facts by name; the arrays are never changed in place."""
        return dict(self._facts)

    def state(self) -> State:
        """What a snapshot must keep; `restore` of it gives equal facts."""
        return dict(self._facts)

    def restore(self, state: State) -> None:
        """Take a snapshot's facts; what is new starts afresh, what is gone is dropped. ValueError on another shape."""
        for name, kept in self._facts.items():
            if name in state and state[name].shape != kept.shape:
                raise ValueError(
                    f"fact {name}: {state[name].shape} cells in the snapshot, {kept.shape} in the plan"
                )
        self._facts |= {name: np.array(state[name], np.float64) for name in self._facts if name in state}

    def assume(self, channel: str, value: Array) -> None:
        """Take a value as in force and perhaps seen by customers, without counting a move; NaN: leave as it is."""
        of = self._of(channel)
        self._facts |= {
            f"applied.{channel}": np.where(np.isfinite(value), value, of("applied")),
            f"highest.{channel}": np.fmax(of("highest"), value),
            f"lowest.{channel}": np.fmin(of("lowest"), value),
        }

    def _of(self, name: str) -> Callable[[str], Array]:
        return lambda fact: self._facts[f"{fact}.{name}"]

    def _apply(self, channel: str, record: Record) -> None:
        """Count a change of the value in force: its time, direction, and whether it turned back."""
        self._roll_over(channel, record.columns["civil.business_date"])
        of, value = self._of(channel), record.columns[f"applied.{channel}"]
        old = of("applied")
        new = np.where(np.isfinite(value), value, old)
        changed = (new != old) & np.isfinite(new)
        if not changed.any():
            return
        way = np.nan_to_num(np.sign(new - old))
        self.assume(channel, new)
        self._facts |= {
            f"applied_at.{channel}": np.where(changed, record.time, of("applied_at")),
            f"reversals.{channel}": of("reversals") + (way * of("direction") < 0),
            f"direction.{channel}": np.where(way != 0, way, of("direction")),
            f"moves.{channel}": of("moves") + (way != 0),
        }

    def _roll_over(self, channel: str, date: Ints) -> None:
        """Begin a new count on a later date; a clock that steps back over midnight begins none."""
        of = self._of(channel)
        later = date > of("counted_on")
        if later.any():
            self._facts[f"counted_on.{channel}"] = np.where(later, date, of("counted_on"))
            self._facts[f"reversals.{channel}"] = np.where(later, 0.0, of("reversals"))

    def _spend(self, name: str, budget: BudgetScope, record: Record) -> None:
        """Move the money of one budget by its paid sensor's signal, or by an estimate."""
        if budget.paid is not None:
            reading, at = _signal(budget.paid, record)
        elif budget.unit_cost is not None and budget.measure is not None:
            reading, at = self._estimate(name, budget, record), self.cells.full(record.time)
        else:
            return
        of, good = self._of(name), np.isfinite(reading)
        self._facts |= {
            f"first_spent.{name}": np.where(np.isnan(of("first_spent")), reading, of("first_spent")),
            f"spent.{name}": np.fmax(of("spent"), reading),
            f"spent_at.{name}": np.where(good, np.fmax(of("spent_at"), at), of("spent_at")),
        }

    def _count(self, name: str, scope: totals.TotalScope, record: Record) -> None:
        """Count what a loop's total has gained."""
        of = self._of(name)
        before = {fact: of(fact) for fact in totals.START}
        after = totals.counted(scope, before, *_signal(scope.sensor, record))
        self._facts |= {f"{fact}.{name}": value for fact, value in after.items()}

    def _estimate(self, name: str, budget: BudgetScope, record: Record) -> Array:
        """Money spent until now, shape (cells,): unit cost x measure x share of full output, summed over the ticks."""
        assert budget.unit_cost is not None
        assert budget.measure is not None
        of, measure = self._of(name), _signal(budget.measure, record)[0]
        elapsed = np.where(np.isfinite(of("spent_at")), record.time - of("spent_at"), 0.0)
        rate = budget.unit_cost * np.maximum(measure, 0.0) / budget.measure_seconds * self._output(budget)
        if budget.worst_per_hour is not None:  # before the first good measure nothing better is known
            share = budget.worst_per_hour / 3600.0 / self.cells.spread(self.cells.total(self.cells.full(1.0)))
            rate = np.where(np.isnan(rate), share, rate)
        spent: Array = np.nan_to_num(of("spent")) + np.maximum(elapsed, 0.0) * np.nan_to_num(rate)
        return spent

    def _output(self, budget: BudgetScope) -> Array:
        """Share of full output that was in force since the last tick: the largest of the budget's channels."""
        shares = self.cells.full(0.0)
        for name in budget.channels:
            if name in self.channels and self.channels[name].high > 0:
                shares = np.fmax(shares, self._facts[f"applied.{name}"] / self.channels[name].high)
        return shares


def _signal(sensor: str, record: Record) -> tuple[Array, Array]:
    """Value and moment of a signal as recorded; a sensor of another config is as good as none."""
    value = record.columns.get(f"signal.{sensor}.value", np.array(np.nan))
    return value, record.columns.get(f"signal.{sensor}.good_at", np.array(-np.inf))
