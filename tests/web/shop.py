"""A campaign with a budget in a shop, or in several, that leaves a journal: what the page's tests look at.

The loop, the alarm desk and the store are the real ones; sensors and actuator are those of tests/support/world.
"""

import json
from dataclasses import dataclass, field

import numpy as np

from controller.alarms.book import AlarmBook
from controller.alarms.desk import AlarmDesk
from controller.assembly import assemble, cells_of
from controller.clock import TickMaker
from controller.config import loads
from controller.daemon.service import Service
from controller.errors import SensorError
from controller.gates import SimulatedGate
from controller.life import begin, end
from controller.ports import OperatorCommand, Record, Store
from controller.signals import Reading, Tick, codes
from controller.store import MemoryStore
from models.draws import Draws
from tests.support.world import WorldActuator, WorldSensor

START = 1_750_032_000.0
"""2025-06-16 00:00 UTC, a Monday."""

CAMPAIGN = """
campaign: {name}
runs: {{from: 2025-06-14, to: 2025-06-28, timezone: Asia/Shanghai, scan: 5m}}
{cells}
sensors:
  units: {{kind: csv_file, file: units.csv, time_column: at, value_column: units, unit: units/h,
          stale_after: 20m, hold_for: 1h, plausible: [0, 100000]}}
  paid: {{kind: csv_file, file: paid.csv, time_column: at, value_column: paid, unit: CNY,
         stale_after: 6h, hold_for: 1d, plausible: [0 CNY, 1000000 CNY]}}
actuators:
  win_rate: {{kind: dry_run, unit: share, start: 5%, safe: 3%, limits: [3%, 12%], max_step: 1 point,
             resolution: 0.01 points, lease: 1h, lease_by: target}}
budgets: {{prizes: {{total: 50000 CNY, paid: paid, worst_per_hour: 400 CNY}}}}
loops:
  sales: {{every: 5m, measure: units, target: {{keep_at: 115 units/h, band: 5%, over: 1h}}, move: {{win_rate: raises}},
          pays_from: prizes, policy: {{kind: pid, gain: 0.3, integral_time: 1h}}}}
mode: auto
"""


@dataclass
class Till:
    """What has been paid so far: more at a higher win-rate."""

    actuator: WorldActuator
    paid: float = 6200.0

    def read(self, tick: Tick) -> Reading:
        self.paid += float(self.actuator.value.mean()) * 190.0
        size = len(self.actuator.value)
        at = np.full(size, tick.time)
        value = np.full(size, self.paid / size)
        return Reading("paid", "CNY", value, tick.time, tick.time, at, at * np.nan, codes(size, 0))


@dataclass
class Shop:
    """A living campaign: `turn` it, let its sensor die, order it about."""

    store: Store = field(default_factory=MemoryStore)
    names: tuple[str, ...] = ()
    name: str = "summer-cap-lottery"
    text: str = CAMPAIGN
    now: float = START
    dead: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        self.campaign = self.read()
        self.cells = cells_of(self.campaign)
        self.actuator = WorldActuator(self.cells, self.cells.full(0.05))
        self.units = WorldSensor(self.cells, self.actuator, demand=season, fault=self.fault)
        self.till = Till(self.actuator)
        self.start()

    def start(self) -> None:
        """Begin a life of the daemon on this store."""
        self.loop = self.assembled()
        begin(self.loop, self.now, {"note": self.note} if self.note else {})
        self.maker = TickMaker(self.cells, self.campaign.runs.scan)
        desk = AlarmDesk(AlarmBook(), self.store)
        desk.resume()
        self.service = Service(self.loop, [desk], {}, lambda: {"alarms": desk.saved()["alarms"]})
        self.service.resume()

    def read(self):
        cells = f"cells: {{by: store, names: {json.dumps(self.names)}}}" if self.names else ""
        return loads(self.text.format(name=json.dumps(self.name), cells=cells))

    def assembled(self, epochs=None):
        return assemble(
            self.campaign, sensors={"units": self.units, "paid": self.till}, actuators={"win_rate": self.actuator},
            draws=Draws(1), store=self.store, gate=SimulatedGate(), cells=self.cells, epochs=epochs,
        )  # fmt: skip

    def reload(self, old, new):
        """Take a changed file between two turns, as a daemon does."""
        self.text = self.text.replace(old, new)
        self.campaign, before = self.read(), self.loop
        self.loop = self.service.loop = self.assembled(before.parts.epochs)
        self.loop.restore(*before.state())
        self.store.append(Record("config", 0, self.now, {}, dict(self.loop.parts.about)))

    def fault(self, reading: Reading) -> Reading:
        if self.dead:
            raise SensorError("units: connection refused")
        return reading

    def turn(self):
        self.now += self.campaign.runs.scan
        return self.service.turn(self.maker.at(self.now))

    def turns(self, count):
        return [self.turn() for _ in range(count)]

    def order(self, verb, **data):
        self.store.post(OperatorCommand(verb, "kim", "lunch", data, issued_at=self.now))

    def stop(self):
        end(self.loop, 0, self.now, "told to stop")
        self.store.close()


def season(time: float) -> float:
    """Demand with a day's shape, a slow drift, and a competitor's promotion on the second afternoon."""
    day = (time - START) / 86400.0
    promotion = 0.8 if 1.55 < day < 1.8 else 1.0
    return promotion * (96.0 + 4.0 * np.sin(2 * np.pi * day) + 1.5 * np.sin(47 * day) + 2.0 * np.sin(day))
