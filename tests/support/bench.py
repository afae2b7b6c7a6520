"""A loop over any plant that a test writes as a function: sensors and actuators in the hand, any number of each."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from controller.assembly import assemble, cells_of
from controller.cells import Cells
from controller.clock import TickMaker
from controller.config import loads
from controller.config.canonical import journalled
from controller.errors import SensorError, Unreachable
from controller.gates import SimulatedGate
from controller.life import begin, keep
from controller.signals import Landing, Reading, Receipt, codes
from controller.store import MemoryStore
from models.draws import Draws

START = 1_750_000_200.0 - 1_750_000_200.0 % 86_400


@dataclass
class Lever:
    """An actuator that obeys, unless told not to."""

    value: np.ndarray
    deaf: bool = False
    orders: list = field(default_factory=list)

    def apply(self, command):
        if self.deaf:
            raise Unreachable("the target does not answer")
        self.value = command.value.copy()
        self.orders.append(command)
        return Receipt(command.channel, self.value, codes(len(self.value), Landing.CONFIRMED), command.epoch)

    def read_back(self):
        return Receipt("", self.value, codes(len(self.value), Landing.CONFIRMED))


@dataclass
class Probe:
    """A sensor of one number a cell; NaN: it does not answer."""

    name: str
    unit: str
    value: np.ndarray
    fresh: bool = True
    at: float = 0.0

    def read(self, tick):
        if not np.isfinite(self.value).all():
            raise SensorError(f"{self.name}: no answer")
        self.at = tick.time if self.fresh or not self.at else self.at
        size = len(self.value)
        stamps = np.full(size, self.at)
        return Reading(
            self.name,
            self.unit,
            self.value.copy(),
            self.at,
            self.at,
            stamps,
            np.full(size, 50.0),
            codes(size, 0),
        )


@dataclass
class Bench:
    """Turns the loop of a campaign's text; `plant(levers, probes, time)` moves the measured values."""

    text: str
    plant: Callable
    cells: Cells | None = None
    now: float = START
    store: object = field(default_factory=MemoryStore)

    def __post_init__(self):
        self.campaign = loads(self.text)
        self.cells = self.cells or cells_of(self.campaign)
        self.levers = {
            name: Lever(self.cells.full(plan.start)) for name, plan in self.campaign.actuators.items()
        }
        self.probes = {
            name: Probe(name, plan.unit, self.cells.full(0.0)) for name, plan in self.campaign.sensors.items()
        }
        self.maker = TickMaker(self.cells, self.campaign.runs.scan)
        self.plant(self.levers, self.probes, self.now)
        self.build()

    def build(self, text=None):
        """A new life of the daemon, perhaps with another file."""
        self.store._owner = None
        self.campaign = loads(text or self.text)
        self.loop = assemble(
            self.campaign, sensors=self.probes, actuators=self.levers, draws=Draws(1), store=self.store,
            gate=SimulatedGate(), cells=self.cells,
        )  # fmt: skip
        begin(self.loop, self.now, {"config": journalled(self.campaign)})

    def turn(self):
        self.now += self.campaign.runs.scan
        self.plant(self.levers, self.probes, self.now)
        turn = self.loop.tick(self.maker.at(self.now))
        keep(self.loop, turn.number)
        return turn

    def turns(self, count):
        return [self.turn() for _ in range(count)]

    def in_force(self, channel):
        return self.loop.parts.dispatchers[channel].intended


def decided(turns, channel):
    """Decided values, shape (turns, cells)."""
    return np.array([turn.outputs[channel].decided.value for turn in turns])
