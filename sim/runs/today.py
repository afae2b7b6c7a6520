"""Where a real campaign stands now, from its journal: so that nothing starts from zero.

What was in force at every moment of the journal is played through the campaign's own plant, without luck, on the base
demand: what remains of it are the carry-over of win-rates and coupons, the fatigue of people who got messages, the
coupons and prizes still out, the stock in pantries. That is an estimate by the model, no measurement; reports say so.
What was spent, and what guardrails remember, are the journal's own. Called by the evidence and tests; calls
sim.runs.past for the journal, which it never writes.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from controller.assembly import cells_of
from controller.cells import Array
from controller.clock import iso
from controller.errors import SetpointError
from controller.plan import Budget, Campaign, LoopPlan
from controller.ports import Record
from controller.quantities import Money
from models.plants.base import State
from sim.market.settings import plant_of, settings_of
from sim.market.world import World
from sim.runs.past import Past
from sim.runs.resumed import Resumed

HOUR = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Today:
    """A campaign as it stands at the end of its journal; last axis of every array: its own cells."""

    moment: float
    """UTC seconds of a full hour: the first at or after the last record."""
    since: float
    """UTC seconds of the first record that was played."""
    state: State
    """Of the campaign's plant, one step of the market before `moment`."""
    applied: Mapping[str, Array]
    """Actuator -> value in force."""
    facts: State
    """What guardrails know of the past; see controller.loop.facts."""
    spent: Mapping[str, float]
    """Budget -> money paid and owed by the journal's last good readings, all cells."""

    def campaign(self, plan: Campaign, fitted: bool = False) -> Campaign:
        """The plan as a market from today on is built from it: outputs start where they stand, in the mean of cells.

        The level of sales is known there by now. Where the file says that demand was recorded with the levers at its
        start, the volume makes up for the start being another one. `fitted`: on a calibrated market.
        """
        actuators = {
            name: replace(one, start=float(self.applied[name].mean())) for name, one in plan.actuators.items()
        }
        return _as_recorded(plan, replace(plan, actuators=actuators), fitted)

    def rest(self, plan: Campaign) -> Campaign:
        """The plan as what is to come is judged by it: from today on, for what is left of budgets and totals."""
        budgets = {name: _left(budget, self.spent.get(name, 0.0)) for name, budget in plan.budgets.items()}
        starts = datetime.fromtimestamp(self.moment, ZoneInfo(plan.runs.timezone)).replace(tzinfo=None)
        loops = {name: self._rest_of(name, loop) for name, loop in plan.loops.items()}
        return replace(plan, budgets=budgets, loops=loops, runs=replace(plan.runs, from_=starts))

    def _rest_of(self, name: str, loop: LoopPlan) -> LoopPlan:
        """A loop with what is left of its total; one unit of it where nothing is: it is still a total."""
        reach, reached = loop.target.reach, self.facts.get(f"reached.{name}")
        if reach is None or reached is None:
            return loop
        left = replace(reach, number=max(reach.number - float(reached.sum()), 1.0))
        return replace(loop, target=replace(loop.target, reach=left))

    def resumed(self, plan: Campaign) -> Resumed:
        """What a run goes on from."""
        assert plan.market is not None
        paid = {
            budget.paid: self.facts[f"spent.{name}"] for name, budget in plan.budgets.items() if budget.paid
        }
        levers = {plan.market.levers[name]: value for name, value in self.applied.items()}
        return Resumed(levers=levers, state=self.state, facts=self.facts, paid=paid)

    def statement(self) -> str:
        """What a report says of the start."""
        return (
            f"Starts from the state of {iso(self.moment)}, estimated by playing the journal since {iso(self.since)} "
            "through the model: carry-over, fatigue, and what is still out."
        )

    def text(self) -> str:
        """All of it as one text, which `of` reads back to the last bit."""
        return json.dumps({each.name: _plain(getattr(self, each.name)) for each in fields(self)})

    @classmethod
    def of(cls, text: str) -> "Today":
        """What `text` wrote."""
        told: dict[str, Any] = json.loads(text)
        arrays = {
            name: {key: np.array(value, np.float64) for key, value in told[name].items()}
            for name in ("state", "applied", "facts")
        }
        return cls(**(told | arrays))


def today(campaign: Campaign, journal: str | Path, world: World | None = None) -> Today:
    """Where a campaign stands at the end of a journal; SetpointError where it is another's or holds no tick.

    `world` gives the base demand; None: the recorded one.
    """
    from controller.store import SqliteStore

    store = SqliteStore(journal, readonly=True)
    try:
        _same(campaign, store.last("start"), str(journal))
        last, base = store.last("tick"), store.base()
        if last is None:
            raise SetpointError(f"{journal}: it holds no tick, so there is no state to start from")
        past = Past(campaign, str(journal), math.ceil(last.time / HOUR) * HOUR, world)
        if base is not None:
            past.remember(base[1])
        for record in store.records(0, ("start", "tick")):
            past.take(record)
    finally:
        store.close()
    return Today(
        moment=past.until,
        since=past.since,
        state=past.state(),
        applied=past.applied,
        facts=past.facts.values(),
        spent={name: past.spent(name) for name in campaign.budgets},
    )


def _same(campaign: Campaign, start: Record | None, journal: str) -> None:
    if start is None:
        raise SetpointError(f"{journal}: it holds no start of a campaign, so there is no state to start from")
    name, cells, own = start.data.get("campaign"), start.data.get("cells"), list(cells_of(campaign).names)
    if name != campaign.campaign or cells != own:
        raise SetpointError(
            f"{journal}: it is the journal of {name!r} with cells {cells}, expected {campaign.campaign!r} with {own}"
        )


def _as_recorded(before: Campaign, after: Campaign, fitted: bool) -> Campaign:
    """The second plan with a volume that makes as much base demand of the record as the first."""
    assert before.market is not None
    assert after.market is not None
    settings = settings_of(before.market)
    if settings.recorded_at != "start":
        return after
    made, usual = (1.0 + _lift(plan) for plan in (after, before))
    volume = settings.times(fitted) * made / usual
    return replace(after, market=replace(after.market, settings={**after.market.settings, "volume": volume}))


def _lift(plan: Campaign) -> float:
    """The share of sales that the levers of a plan add where they start."""
    assert plan.market is not None
    settings = settings_of(plan.market)
    plant = plant_of(plan.market, settings)
    at = {name: np.full(1, lever.off) for name, lever in plant.levers.items()}
    at |= {lever: np.full(1, plan.actuators[name].start) for name, lever in plan.market.levers.items()}
    return float(plant.settled({**at, "demand": np.ones(1), "people": np.full(1, settings.people)})[0])


def _left(budget: Budget, spent: float) -> Budget:
    """What is left of a budget, whole minor units, rounded down; one of them where nothing is: it is still a budget."""
    total = budget.total
    gone = math.ceil(spent / total.amount * total.minor) if spent > 0 else 0
    return replace(budget, total=Money(total.currency, max(total.minor - gone, 1)))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value
