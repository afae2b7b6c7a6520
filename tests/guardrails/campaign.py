"""What the tests of guardrails share: one campaign of one output, and contexts made by hand."""

import numpy as np

from controller.cells import Cells
from controller.clock import civil_at
from controller.loop.facts import Facts
from controller.ports import BudgetScope, Context, GuardrailScope
from controller.signals import Channel, Signal, Tick, codes

HOUR = 3600.0
START = 1_767_571_200.0
END = START + 100 * 24 * HOUR
ODDS = Channel("odds", "share", 0.0, 0.12, 0.03, 0.03, resolution=0.0001, max_step=0.01)
PRIZES = BudgetScope("prizes", "CNY", 10_000.0, "paid", "owed", ("odds",), worst_per_hour=100.0)


def scope(channel=ODDS, budget=PRIZES, cells=None, **more):
    more = {"starts_at": START, "ends_at": END, **more}
    return GuardrailScope(cells or Cells(("all",)), {channel.name: channel}, {budget.name: budget}, **more)


def signal(name, value, good_at):
    size = len(value)
    return Signal(name, value, good_at, np.ones(size, np.bool_), codes(size, 0), codes(size, 0))


def context(of, now=START, paid=np.nan, owed=np.nan, age=0.0, elapsed=60.0, **facts):
    """A context at `now`; the facts are those of a new campaign but for what is given as `name=value`."""
    cells = of.cells
    known = dict(Facts(cells, of.channels, of.budgets).values())
    for name, value in facts.items():
        fact, _, topic = name.partition("__")
        known[f"{fact}.{topic}"] = np.broadcast_to(np.asarray(value, float), (len(cells),)).copy()
    signals = {}
    for name, value in (("paid", paid), ("owed", owed)):
        reading = np.broadcast_to(np.asarray(value, float), (len(cells),)).copy()
        signals[name] = signal(name, reading, np.where(np.isnan(reading), -np.inf, now - age))
    return Context(Tick(0, now, elapsed, civil_at(now, cells)), signals, known)
