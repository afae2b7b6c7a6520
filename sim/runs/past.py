"""A journal played through the campaign's plant, record by record: what was in force, and what came of it in the mean.

Moved by sim.runs.today; calls a market without luck, and the loop's own facts. Where a daemon was down for longer than
an actuator's lease, and somebody enforces that lease, the safe value stood; where an output was suspended, nothing was
offered; where a value could not be read, the last one known is taken.
"""

import numpy as np

from controller.assembly import budgets_of, cells_of, channel_of
from controller.cells import Array, Bools
from controller.errors import SetpointError
from controller.loop.facts import STATE, Facts
from controller.loop.totals import totals_of
from controller.loop.week import weeks_of
from controller.plan import Campaign
from controller.ports import Record, State
from controller.signals import Epoch, Reason
from sim.market.build import market_of
from sim.market.levers import Setting
from sim.market.market import Market
from sim.market.world import World
from sim.runs.evenly import EvenDraws, by_cells

HOUR = 3600.0
FACTS = "facts/all/"
"""Where a snapshot keeps the facts."""


class Past:
    """What a journal has told so far.

    Parameters
    ----------
    campaign: whose journal it is.
    journal: its name, for errors.
    until: UTC seconds of the full hour at which it ends.
    world: gives the base demand; None: the recorded one.
    """

    def __init__(self, campaign: Campaign, journal: str, until: float, world: World | None = None) -> None:
        self.campaign, self.journal, self.until = campaign, journal, until
        self.cells = cells_of(campaign)
        self.world = World(demand=None if world is None else world.demand)
        channels = {name: channel_of(name, plan) for name, plan in campaign.actuators.items()}
        self.facts = Facts(
            self.cells, channels, budgets_of(campaign), totals_of(campaign), weeks_of(campaign, self.cells)
        )
        """What guardrails know of the past."""
        self.applied = {name: self.cells.full(plan.start) for name, plan in campaign.actuators.items()}
        """Actuator -> the last value known to be in force, shape (cells,)."""
        self.owed = {budget.owed: np.nan for budget in campaign.budgets.values() if budget.owed}
        """Sensor of money owed -> its last good reading, all cells."""
        self.since = self._last = np.inf
        self._ordered = frozenset[str]()
        """Actuators with a standing order after the last tick."""
        self._orders = 0
        self._market: Market | None = None

    def remember(self, snapshot: State) -> None:
        """Begin with the facts of a snapshot: the records before it are gone."""
        kept = {name.removeprefix(FACTS): v for name, v in snapshot.items() if name.startswith(FACTS)}
        try:
            self.facts.restore(kept)
        except ValueError as fault:
            raise SetpointError(
                f"{self.journal}: {fault}: the campaign was divided otherwise then"
            ) from fault

    def take(self, record: Record) -> None:
        """Take the next record in, a tick or a start."""
        self._check(record)
        self.facts.fold(record)
        if record.kind != "tick":
            return
        self.applied = self._in_force(record)
        if self._market is None:
            self.since = self._last = float(np.floor(record.time / HOUR) * HOUR)
            self._begin()
        self._lapse(record.time)
        self._run_to(record.time)
        for name, value in self.applied.items():
            suspended = record.columns.get(f"reason.{name}", np.zeros(1)) == Reason.SUSPENDED
            self._put(name, value, np.broadcast_to(suspended, value.shape), record.time)
        for sensor in self.owed:
            value = record.columns.get(f"signal.{sensor}.value", np.full(1, np.nan))
            self.owed[sensor] = float(np.nansum(value)) if np.isfinite(value).any() else self.owed[sensor]
        self._last, self._ordered = record.time, frozenset(record.data.get("epochs", ()))

    def state(self) -> State:
        """State of the campaign's plant one step of the market before the end, last axis cells."""
        return self._run_to(self.until).state

    def spent(self, name: str) -> float:
        """Money of a budget paid and owed, by the last good readings, all cells."""
        facts, budget = self.facts.values(), self.campaign.budgets[name]
        before = facts[f"first_spent.{name}"] if _from_first(self.campaign, name) else 0.0
        spent = float((facts[f"spent.{name}"] - before).sum()) + self.owed.get(budget.owed or "", 0.0)
        if not np.isfinite(spent):
            raise SetpointError(
                f"{self.journal}: it holds no good reading of {budget.paid}"
                + (f" or of {budget.owed}" if budget.owed else "")
                + f", so what is left of the budget {name} is not known"
            )
        return spent

    def _run_to(self, moment: float) -> Market:
        """The market at a moment, or one step before the end."""
        assert self._market is not None
        self._market.advance_to(min(moment, self.until - self._market.timing.step))
        return self._market

    def _check(self, record: Record) -> None:
        size = len(self.cells)
        for name in (f"{head}applied.{channel}" for channel in self.applied for head in ("", STATE)):
            told = np.shape(record.columns.get(name, np.zeros(size)))
            if told != (size,):
                raise SetpointError(
                    f"{self.journal}: record {record.number} is of {told[0]} cells, expected {size}: the campaign "
                    "was divided otherwise then"
                )

    def _in_force(self, record: Record) -> dict[str, Array]:
        """Values in force after a tick; the last one known where it could not be read."""
        found = {}
        for name, known in self.applied.items():
            value = np.asarray(record.columns.get(f"applied.{name}", known), np.float64)
            found[name] = np.where(np.isfinite(value), value, known)
        return found

    def _begin(self) -> None:
        """A market as if the first values had stood for ever."""
        market, _ = market_of(self.campaign, EvenDraws(0), start=self.since, world=self.world)
        if not by_cells(market.state, len(self.cells)):
            raise SetpointError(
                "market.fidelity: no run can start from a journal where people act one by one, received agents, "
                "allowed: counts"
            )
        self._market = market
        for name, value in self.applied.items():
            self._put(name, value, np.zeros(value.shape, np.bool_), self.since)
        market.state = market.plant.start(market.inputs(self.since), market.timing.step)

    def _lapse(self, moment: float) -> None:
        """Put the safe value in force where orders ran out before a moment."""
        for name in self._ordered & self.applied.keys():
            plan = self.campaign.actuators[name]
            if plan.lease is not None and plan.lease_by != "nobody" and moment - self._last > plan.lease:
                safe = self.cells.full(plan.safe)
                self._put(name, safe, np.zeros(safe.shape, np.bool_), self._last + plan.lease)

    def _put(self, name: str, value: Array, off: Bools, moment: float) -> None:
        """Put a value in force from a moment on."""
        assert self._market is not None
        assert self.campaign.market is not None
        lever = self._market.levers[self.campaign.market.levers[name]]
        standing = lever.in_force(moment)
        if (standing.value != value).any() or (standing.off != off).any():
            self._orders += 1
            lever.take(Setting(moment, value, off, Epoch(1, self._orders)), moment)


def _from_first(campaign: Campaign, budget: str) -> bool:
    """Whether what the ledger said first is no money of the campaign's; see the guardrail `budget`."""
    rails = (rail for rail in campaign.guardrails.values() if rail.kind == "budget")
    return any(
        (rail.settings.budget or next(iter(campaign.budgets))) == budget
        and rail.settings.count_from == "first_reading"
        for rail in rails
    )
