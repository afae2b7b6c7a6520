"""Runs a campaign over its market, in process, with the real loop on a virtual clock.

Called by `simulate`, the demo's warm-up, tests and notebooks; calls sim.market.build for the market and
controller.assembly for the loop: nothing of the loop is rewritten here. The market alone runs first, for as long as its
windows are, so that the loop's first reading is a full one.
"""

import math
from collections.abc import Callable, Iterable, Mapping
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
from controller.ports import Policy, Sensor, Store
from controller.store import MemoryStore
from models.draws import Draws, Uint64
from models.plants.base import Plant
from sim.market.build import Simulated, simulated
from sim.market.disturbances import Disturbance
from sim.market.world import World
from sim.runs.resumed import Resumed
from sim.runs.scores import OPT_OUTS
from sim.runs.trace import Trace

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
    world: World | None = None
    """What the market is beside the campaign's file; None: what the file says."""
    store: Store = field(default_factory=MemoryStore)
    note: str = ""
    """What the `start` row says of the run, for readers of the journal."""
    every_tick: bool = False
    """Turn the loop at each scan, also where the market's longer step shows nothing new in between."""
    sparse: bool = False
    """Turn the loop four times an execution at most: for sweeps, where what happens between executions is seen less."""
    resumed: Resumed | None = None
    """What the run goes on from; None: as if the start values had stood for ever, and nothing had been spent."""
    policies: Callable[[Simulated], Mapping[str, Policy]] | None = None
    """Policies by loop, made from the market, in the place of the plan's: for an oracle."""


@dataclass(slots=True, eq=False)
class Running:
    """A loop and its market, turned tick by tick."""

    loop: Loop
    simulated: Simulated
    ticks: TickMaker
    trace: Trace
    period: float
    ends: float
    watched: tuple[tuple[str, str, float], ...] = ()
    """Lever, the sensor that its loop measures, and its safe value, for every loop."""

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
        for lever, sensor, safe in self.watched:
            self.trace.look(turn, lever, sensor, safe)
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
        world=run.world,
    )
    sensors = _moved(sim, run.resumed, starts)
    loop = assemble(
        campaign,
        sensors=sensors,
        actuators=sim.actuators,
        draws=draws.spawn("policies"),
        store=run.store,
        gate=SimulatedGate(),
        cells=cells,
        owner="simulate",
    )
    for name, policy in (run.policies(sim) if run.policies else {}).items():
        loop.parts.executions[name].policy = policy
    if run.resumed is not None:
        loop.parts.facts.restore(run.resumed.facts)
    begin(loop, starts, {**about(campaign), "simulated": {"seed": run.seed}, "note": run.note})
    trace = Trace(sim.market, signals_of(campaign, sim.market.plant), starts)
    trace.note(starts)
    period = campaign.runs.scan if run.every_tick else period_of(campaign, sim.settings.step)
    if run.sparse:
        period = sparse_period(campaign, period)
    ticks = TickMaker(cells, campaign.runs.scan)
    ticks.at(starts)
    return Running(loop, sim, ticks, trace, period, starts + run.seconds, _watched(campaign))


def _moved(sim: Simulated, resumed: Resumed | None, starts: float) -> Mapping[str, Sensor]:
    """The sensors of a market that has run up to the start."""
    if resumed is None:
        sim.market.advance_to(starts)
        return sim.sensors
    resumed.move(sim.market, starts)
    return resumed.sensors(sim.sensors)


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

    Between two steps a market shows nothing new, so a turn there could only repeat the last one. No order's lease runs
    out between two turns.
    """
    scan = campaign.runs.scan
    times = [step, *(loop.every for loop in campaign.loops.values())]
    whole = [round(each / scan) for each in times if each >= scan]
    if not whole or any(each % scan for each in times):
        return scan
    return scan * _longest(math.gcd(*whole), _renewing(campaign) / scan)


def sparse_period(campaign: Campaign, period: float) -> float:
    """The longest multiple of `period` of which at least four make an execution of every loop, and that divides each.

    No order's lease runs out between two turns.

    >>> from controller.plan import LoopPlan, Target
    >>> loop = LoopPlan(every=7200.0, measure="units", target=Target(), move={"odds": "raises"})
    >>> sparse_period(Campaign(campaign="a", loops={"sales": loop}), 600.0)
    1800.0
    """
    executions = [round(loop.every / period) for loop in campaign.loops.values()]
    steps = math.gcd(*executions) if executions else 1
    return period * _longest(steps, min(steps / 4, _renewing(campaign) / period))


def _renewing(campaign: Campaign) -> float:
    """Seconds after which an order must have been renewed: half the shortest lease; inf without one."""
    return min((plan.lease / 2 for plan in campaign.actuators.values() if plan.lease), default=math.inf)


def _longest(whole: int, most: float) -> int:
    """The largest divisor of a number that is at most so large, at least one.

    >>> _longest(12, 5.0), _longest(12, 0.5)
    (4, 1)
    """
    return max((n for n in range(1, whole + 1) if whole % n == 0 and n <= most), default=1)


def signals_of(campaign: Campaign, plant: Plant) -> tuple[str, ...]:
    """The market's signals that scores are made of: what is measured, paid and owed, and whom it loses."""
    assert campaign.market is not None
    sensors = [loop.sensor for loop in campaign.loops.values()]
    sensors += [name for budget in campaign.budgets.values() for name in (budget.paid, budget.owed) if name]
    mapped = campaign.market.signals
    lost = [OPT_OUTS] if OPT_OUTS in plant.signals else []
    return tuple(dict.fromkeys([*(mapped[name] for name in sensors if name in mapped), *lost]))


def _watched(campaign: Campaign) -> tuple[tuple[str, str, float], ...]:
    assert campaign.market is not None
    return tuple(
        (campaign.market.levers[channel], loop.sensor, campaign.actuators[channel].safe)
        for name, loop in campaign.loops.items()
        for channel in campaign.turned_by(name)
    )


def _lead(campaign: Campaign) -> float:
    longest = max([0.0, *((s.window or 0.0) + s.settle for s in campaign.sensors.values())])
    return math.ceil(max(longest, DAY) / 3600.0) * 3600.0
