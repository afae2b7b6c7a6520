"""A tiny world for tests of the loop: a plant of one line, a sensor and an actuator that obey the ports.

The sensor's readings can be bent by a fault; the actuator keeps a log of what reached it, which is what tests judge by.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from controller.assembly import assemble
from controller.cells import Cells
from controller.clock import ManualClock, TickMaker
from controller.errors import Unreachable
from controller.gates import SimulatedGate
from controller.life import begin, keep
from controller.plan import Actuator, Campaign, LoopPlan, Policy, Runs, Sensor
from controller.quantities import Amount
from controller.registry import find
from controller.signals import Command, Landing, Reading, Receipt, Tick, codes
from controller.store import MemoryStore
from controller.targets import Target
from models.draws import Draws

START = 1_750_000_200.0 - 1_750_000_200.0 % 3600
"""On the hour."""


@dataclass
class WorldActuator:
    """Takes commands as a well-behaved target would."""

    cells: Cells
    value: np.ndarray
    log: list[Command] = field(default_factory=list)
    epoch: object = None
    deaf: bool = False
    blind: bool = False

    def apply(self, command: Command) -> Receipt:
        if self.deaf:
            raise Unreachable("the target does not answer")
        if self.epoch is not None and command.epoch < self.epoch:
            return Receipt("win_rate", self.value, codes(len(self.cells), Landing.SUPERSEDED), self.epoch)
        if command.id not in {c.id for c in self.log}:
            self.log.append(command)
        self.value, self.epoch = command.value.copy(), command.epoch
        return Receipt(
            "win_rate", self.value, codes(len(self.cells), Landing.CONFIRMED), self.epoch, command.id
        )

    def read_back(self) -> Receipt:
        if self.blind:
            raise Unreachable("the target does not answer")
        return Receipt("win_rate", self.value, codes(len(self.cells), Landing.CONFIRMED), self.epoch)


@dataclass
class Behind:
    """A real actuator, with the value in force where the plant can see it."""

    member: object

    @property
    def value(self) -> np.ndarray:
        value = self.member.read_back().value
        return np.where(
            np.isfinite(value), value, 0.03
        )  # before its first order a target has what it started with

    def apply(self, command: Command) -> Receipt:
        return self.member.apply(command)

    def read_back(self) -> Receipt:
        return self.member.read_back()


@dataclass
class WorldSensor:
    """Measures a plant that answers to the actuator: y = demand x (1 + 4 x (win-rate - 3 %) / 9 %)."""

    cells: Cells
    actuator: WorldActuator
    demand: Callable[[float], float] = lambda time: 100.0
    fault: Callable[[Reading], Reading | None] = lambda reading: reading
    level: np.ndarray | None = None

    def read(self, tick: Tick) -> Reading:
        gain = 1.0 + 0.5 * (self.actuator.value - 0.03) / 0.09
        aim = self.demand(tick.time) * gain
        self.level = aim if self.level is None else self.level + 0.2 * (aim - self.level)
        size = len(self.cells)
        start, end = tick.time - 60.0, tick.time
        good = Reading(
            "units",
            "units/h",
            self.level.copy(),
            start,
            end,
            np.full(size, end),
            np.full(size, 50.0),
            codes(size, 0),
        )
        bent = self.fault(good)
        if bent is None:
            from controller.errors import SensorError

            raise SensorError("units: connection refused")
        return bent


@dataclass
class World:
    """A loop with its world, turned tick by tick."""

    campaign: Campaign
    cells: Cells
    store: object = field(default_factory=MemoryStore)
    seed: int = 1
    now: float = START
    real: tuple[str, dict] | None = None
    """Kind and settings of a real actuator, instead of the world's own."""

    def __post_init__(self) -> None:
        own = WorldActuator(self.cells, self.cells.full(0.03))
        self.actuator = own if self.real is None else Behind(self._real(*self.real))
        self.sensor = WorldSensor(self.cells, self.actuator)
        self.maker = TickMaker(self.cells, self.campaign.runs.scan)
        self.build()

    def build(self) -> None:
        self.loop = assemble(
            self.campaign,
            sensors={"units": self.sensor},
            actuators={"win_rate": self.actuator},
            draws=Draws(self.seed),
            store=self.store,
            gate=SimulatedGate(),
            cells=self.cells,
        )
        begin(self.loop, self.now, {})

    def _real(self, kind, settings):
        member = find("actuator", kind)
        self.clock = ManualClock(self.now)
        plan = self.campaign.actuators["win_rate"]
        about = {} if kind == "http" else {"clock": self.clock}
        return member.cls(plan, member.settings(**settings), self.cells, **about)

    def turn(self):
        self.now += self.campaign.runs.scan
        if self.real is not None:
            self.clock.advance(self.campaign.runs.scan)
        turn = self.loop.tick(self.maker.at(self.now))
        keep(self.loop, turn.number)
        return turn

    def turns(self, count: int):
        return [self.turn() for _ in range(count)]


def policy_plan(kind: str, **settings) -> Policy:
    """A policy with its own settings."""
    return Policy(kind=kind, settings=find("policy", kind).settings(**settings))


def campaign_with(policy: Policy, mode: str = "auto", target: float = 115.0, **changes) -> Campaign:
    """A campaign of one sensor, one actuator, one loop."""
    sensor = Sensor(
        kind="csv_file", unit="units/h", stale_after=600.0, hold_for=1200.0, plausible=(0.0, 100000.0)
    )
    actuator = Actuator(
        kind="dry_run", unit="share", start=0.03, safe=0.03, limits=(0.03, 0.12), max_step=0.01, resolution=0.0001,
        lease=1800.0, lease_by="target",
    )  # fmt: skip
    loop = LoopPlan(
        every=300.0,
        measure="units",
        target=Target(keep_at=Amount.parse(f"{target} units/h")),
        move={"win_rate": "raises"},
        policy=policy,
    )
    plan = Campaign(
        campaign="test", runs=Runs(scan=60.0), sensors={"units": sensor}, actuators={"win_rate": actuator},
        loops={"sales": loop}, mode=mode,
    )  # fmt: skip
    return replace(plan, **changes)
