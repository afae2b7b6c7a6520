"""Runs a campaign over its market, in process, with the real loop on a virtual clock.

Called by `simulate`, the demo's warm-up, tests and notebooks; calls sim.build for the market and controller.assembly
for the loop: nothing of the loop is rewritten here. The market alone runs first, for as long as its windows are, so
that the loop's first reading is a full one.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from controller.assembly import assemble, cells_of
from controller.cells import Cells
from controller.clock import TickMaker
from controller.daemon.reload import about
from controller.gates import SimulatedGate
from controller.life import begin
from controller.loop import Loop
from controller.loop.turn import Turn
from controller.plan import Campaign
from controller.ports import Store
from controller.store import MemoryStore
from models.draws import Draws, Uint64
from sim.build import Simulated, simulated
from sim.disturbances import Disturbance
from sim.trace import Trace

DAY, WEEK = 86_400.0, 7 * 86_400.0
EARLIEST = 1_767_571_200.0
"""Monday 2026-01-05 00:00 UTC, where a campaign without a first day starts."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Run:
    """One closed loop: a campaign, whose luck it meets, and for how long."""

    campaign: Campaign
    seconds: float
    seed: int = 1
    cells: Cells | None = None
    """Replicas of the campaign's cells; None: its own."""
    keys: Uint64 | None = None
    """Whose luck each cell has; None: its own."""
    starts: float | None = None
    """UTC seconds; None: the campaign's first moment."""
    disturbances: Iterable[Disturbance] = ()
    store: Store = field(default_factory=MemoryStore)
    note: str = ""
    """What the `start` row says of the run, for readers of the journal."""
    every_tick: bool = False
    """Turn the loop at each scan, also where the market's longer step shows nothing new in between."""


@dataclass(slots=True, eq=False)
class Running:
    """A loop and its market, turned tick by tick."""

    loop: Loop
    simulated: Simulated
    ticks: TickMaker
    trace: Trace
    period: float
    ends: float

    @property
    def now(self) -> float:
        """UTC seconds of the last turn."""
        return self.simulated.market.now if self.ticks.last is None else self.ticks.last.time

    def turn(self) -> Turn | None:
        """The next turn; None when the run is over."""
        moment = self.now + self.period
        if moment > self.ends + 1e-6:
            return None
        tick = self.ticks.at(moment)
        assert tick is not None
        turn = self.loop.tick(tick)
        self.simulated.market.advance_to(moment)
        self.trace.note(moment)
        return turn


def start(run: Run) -> Running:
    """Build the market and the loop of a run and let the market run up to its start."""
    campaign = run.campaign
    cells = run.cells or cells_of(campaign)
    starts = first_moment(campaign) if run.starts is None else run.starts
    lead = _lead(campaign)
    draws = Draws(run.seed)
    sim = simulated(
        campaign,
        draws.spawn("market"),
        start=starts - lead,
        cells=cells,
        keys=run.keys,
        disturbances=run.disturbances,
    )
    loop = assemble(
        campaign,
        sensors=sim.sensors,
        actuators=sim.actuators,
        draws=draws.spawn("policies"),
        store=run.store,
        gate=SimulatedGate(),
        cells=cells,
        owner="simulate",
    )
    sim.market.advance_to(starts)
    begin(loop, starts, {**about(campaign), "simulated": {"seed": run.seed}, "note": run.note})
    trace = Trace(sim.market, signals_of(campaign), starts)
    trace.note(starts)
    period = campaign.runs.scan if run.every_tick else period_of(campaign, sim.settings.step)
    ticks = TickMaker(cells, campaign.runs.scan)
    ticks.at(starts)
    return Running(loop, sim, ticks, trace, period, starts + run.seconds)


def finish(running: Running, each: Callable[[Turn], None] | None = None) -> Trace:
    """Turn until the run is over; `each` sees every turn."""
    while (turn := running.turn()) is not None:
        if each is not None:
            each(turn)
    return running.trace


def first_moment(campaign: Campaign) -> float:
    """UTC seconds at which a simulation of the campaign starts: a full hour."""
    starts = campaign.runs.starts_at()
    return EARLIEST if starts is None else math.ceil(starts / 3600.0) * 3600.0


def period_of(campaign: Campaign, step: float) -> float:
    """Seconds between turns: the longest multiple of `scan` that misses no step of the market and no execution.

    Between two steps a market shows nothing new, so a turn there could only repeat the last one.
    """
    scan = campaign.runs.scan
    times = [step, *(loop.every for loop in campaign.loops.values())]
    whole = [round(each / scan) for each in times if each >= scan]
    return scan * math.gcd(*whole) if whole and all(each % scan == 0 for each in times) else scan


def signals_of(campaign: Campaign) -> tuple[str, ...]:
    """The market's signals that scores are made of: what is measured, paid and owed."""
    assert campaign.market is not None
    sensors = [loop.sensor for loop in campaign.loops.values()]
    sensors += [name for budget in campaign.budgets.values() for name in (budget.paid, budget.owed) if name]
    mapped = campaign.market.signals
    return tuple(dict.fromkeys(mapped[name] for name in sensors if name in mapped))


def _lead(campaign: Campaign) -> float:
    longest = max([0.0, *((s.window or 0.0) + s.settle for s in campaign.sensors.values())])
    return math.ceil(max(longest, DAY) / 3600.0) * 3600.0
