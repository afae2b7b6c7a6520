"""A campaign with everything in it, driven as a daemon drives it, in process; and journals to bend.

Two stores with a shared budget under a law, a calm rule, two outputs and a formula; sensors, targets and operators that
misbehave by keyed draws, so that a failing run can be repeated.
"""

import sqlite3
from contextlib import closing

import numpy as np

from controller.assembly import assemble, cells_of
from controller.clock import TickMaker
from controller.config import loads
from controller.config.canonical import digest
from controller.daemon.reload import about, reload
from controller.daemon.service import Service
from controller.errors import Refused, SensorError, Unreachable
from controller.gates import LiveGate
from controller.life import begin
from controller.ports import OperatorCommand
from controller.registry import find
from controller.signals import Landing, Quality, Reading, Receipt, codes
from controller.store import MemoryStore, SqliteStore
from models.draws import Draws, keys_of

SCAN = 300.0
START = 1_782_864_000.0
"""2026-07-01T00:00Z."""

TEXT = """
campaign: trial
runs: {from: 2026-07-01, to: 2026-09-30, timezone: Asia/Shanghai, scan: 5m}
cells: {by: store, names: [north, south], timezones: {south: Europe/Berlin}}
sensors:
  units: {kind: http_json, url: "http://127.0.0.1:9/kpi", value_path: "units.*", unit: units/h, stale_after: 30m,
          hold_for: 30m, recover_after: 2, plausible: [0, 100000]}
  clicks: {kind: http_json, url: "http://127.0.0.1:9/kpi", value_path: "clicks.*", unit: units/h, stale_after: 1h}
  paid: {kind: http_json, url: "http://127.0.0.1:9/paid", value_path: "paid.*", unit: CNY, counter: true}
  per_click: {kind: formula, value: "units / clicks", unit: share, stale_after: 1h}
actuators:
  win_rate: {kind: http, url: "http://127.0.0.1:9/odds", read_path: "value.*", unit: share, start: 3%, safe: 3%,
             limits: [3%, 12%], max_step: 1 point, resolution: 0.01 points, lease: 1h, lease_by: target}
  coupon: {kind: http, url: "http://127.0.0.1:9/coupon", read_path: "value.*", unit: CNY, start: 5 CNY, safe: 2 CNY,
           levels: [2 CNY, 5 CNY, 9 CNY], lease: 2h, lease_by: target}
budgets: {prizes: {total: 900000 CNY, paid: paid, worst_per_hour: 4000 CNY}}
loops:
  sales: {every: 10m, measure: units, target: {keep_at: 115 units/h, band: 5%, over: 7d}, move: {win_rate: raises},
          pays_from: prizes, policy: {kind: pid, gain: 0.5, integral_time: 1h}}
  worth: {every: 15m, measure: per_click, target: {keep_above: 50%}, move: {coupon: raises},
          policy: {kind: updown, step: 1 CNY}}
guardrails:
  terms: {kind: published_terms, profile: cn, published_win_rate: 3%, lists_cells: true, on: win_rate}
  calm: {kind: reversals, at_most: 20 per day, on: win_rate}
mode: auto
"""


class Killed(BaseException):
    """The process is gone, here and now."""


class Target:
    """A target's memory, which outlives the daemon; `ills` are what is wrong with it at this tick."""

    def __init__(self, name, cells, value):
        self.name, self.cells, self.value = name, cells, cells.full(value)
        self.ills, self.epoch = set(), None

    def apply(self, command):
        if "kills" in self.ills:
            raise Killed
        if "refuses" in self.ills:
            raise Refused(f"{self.name}: not today")
        if "lost" in self.ills:  # it arrives, and nobody hears of it
            self.value = command.value.copy()
            raise Unreachable(f"{self.name}: no answer")
        if "deaf" in self.ills:
            raise Unreachable(f"{self.name}: no answer")
        if "slow" in self.ills:  # in force at the next look but one
            return Receipt(self.name, self.value, codes(len(self.cells), Landing.UNCONFIRMED))
        self.value = command.value.copy()
        if "blinks" in self.ills:
            self.ills.add("blind")
        return Receipt(self.name, self.value, codes(len(self.cells), Landing.CONFIRMED))

    def read_back(self):
        if "blind" in self.ills:
            raise Unreachable(f"{self.name}: no answer")
        shown = self.value.copy()
        if "half_blind" in self.ills:
            shown[0] = np.nan
        if "unknowing" in self.ills:
            shown[:] = np.nan
        return Receipt(self.name, shown, codes(len(self.cells), Landing.CONFIRMED))


class Source:
    """One measured value of the world."""

    def __init__(self, name, unit, world):
        self.name, self.unit, self.world = name, unit, world
        self.ills = set()

    def read(self, tick):
        if "down" in self.ills:
            raise SensorError(f"{self.name}: connection refused")
        value, size = self.world.measure(self.name, tick), len(self.world.cells)
        quality, at = codes(size, Quality.GOOD), np.full(size, tick.time - 1.0)
        if "nan" in self.ills:
            value = value * np.nan
        if "missing" in self.ills:
            value, quality = np.where([True, False], np.nan, value), np.array([Quality.MISSING, 0], np.int8)
        if "huge" in self.ills:
            value = value * 1000.0
        if "old" in self.ills:
            at = at - 7200.0
        return Reading(
            self.name, self.unit, value, tick.time - 60.0, tick.time, at, np.full(size, 40.0), quality
        )


TARGET_ILLS = ("refuses", "lost", "deaf", "slow", "blinks", "blind", "half_blind", "unknowing")
SOURCE_ILLS = ("down", "nan", "missing", "huge", "old")


class World:
    """A daemon's loop, its operators and its targets, on one store."""

    def __init__(self, store=None, text=TEXT, seed=1):
        self.store = MemoryStore() if store is None else store
        self.plan, self.seed = loads(text), seed
        self.cells = cells_of(self.plan)
        self.targets = {n: Target(n, self.cells, a.start) for n, a in self.plan.actuators.items()}
        self.sources = {
            n: Source(n, s.unit, self) for n, s in self.plan.sensors.items() if s.kind != "formula"
        }
        self.level, self.spent = self.cells.full(100.0), self.cells.full(0.0)
        self.now, self.text = START, text
        self.service, self.due = None, 0

    def measure(self, name, tick):
        """The world at a tick: units answer to the odds with a lag, money is paid for them."""
        if name == "units":
            luck = Draws(self.seed).uniform(self.cells.key, tick.index, "luck")
            aim = 100.0 * (1.0 + 0.5 * (self.targets["win_rate"].value - 0.03) / 0.09) * (0.95 + 0.1 * luck)
            self.level = self.level + 0.2 * (aim - self.level)
            self.spent = self.spent + self.level * self.targets["win_rate"].value
            return self.level.copy()
        return self.spent.copy() if name == "paid" else self.level * 2.1

    # -- lives ------------------------------------------------------------------------------------------------------

    def live(self):
        """Start a life, as the daemon does."""
        loop = assemble(
            self.plan, sensors=self._sensors(self.plan), actuators=self.targets, draws=Draws(self.seed),
            store=self.store, gate=LiveGate(), cells=self.cells, digest=digest(self.plan),
        )  # fmt: skip
        self.maker = TickMaker(self.cells, SCAN)
        last = self.store.last("tick")
        if last is not None:
            self.maker.resume(last.index, last.time)
        begin(loop, self.now, about(self.plan))
        self.service = Service(
            loop, handlers={"reload": self._reload, "ack": lambda command, now: "acknowledged"}
        )
        self.service.resume()
        return self

    def die(self):
        """Without a word."""
        self.service = None
        self.store.close()
        if isinstance(self.store, SqliteStore):
            self.store = SqliteStore(self.store.path)

    def turn(self, seconds=SCAN):
        self.now += seconds
        on_grid = self.now % SCAN == 0
        return self.service.turn(self.maker.at(self.now) if on_grid else self.maker.wake(self.now))

    def turns(self, count):
        return [self.turn() for _ in range(count)]

    def post(self, verb, expires=None, **data):
        self.store.post(OperatorCommand(verb, "kim", "because", data, expires))

    def accept(self):
        self.post("accept", self.now + 90 * 86400.0)

    def _sensors(self, plan):
        formulas = {n: s for n, s in plan.sensors.items() if s.kind == "formula"}
        built = {n: find("sensor", s.kind).cls(s, s.settings, self.cells) for n, s in formulas.items()}
        return {**self.sources, **built}

    def _reload(self, command, now):
        """As the daemon's own; the new loop is then given this world's ports."""
        done = reload(self.service.loop, self.plan, lambda: loads(self.text), now)
        self.service.loop, self.plan = done.loop, done.plan
        done.loop.parts.sensors = self._sensors(done.plan)
        for name, dispatcher in done.loop.parts.dispatchers.items():
            dispatcher.actuator = self.targets[name]
        return done.said


ORDERS = (
    ("hold", {}), ("hold", {"channel": "coupon", "cell": "north"}), ("resume", {}), ("safe", {"channel": "win_rate"}),
    ("override", {"channel": "win_rate", "value": 0.0641}), ("override", {"channel": "win_rate", "value": 7.0}),
    ("release", {"channel": "win_rate"}), ("mode", {"mode": "manual"}), ("mode", {"mode": "auto"}),
    ("mode", {"mode": "advise"}), ("mode", {"mode": "auto"}), ("ack", {}), ("resume", {}),
)  # fmt: skip


def chaos(world, ticks, seed):
    """Many turns with everything going wrong that can."""
    draws, names = Draws(seed), keys_of(("ill", "which", "order", "death", "step"))
    world.live()
    world.accept()
    for at in range(ticks):
        ill, which, order, death, step = draws.uniform(names, at, "chaos")
        fall_ill(world, ill, which)
        give_orders(world, order, which)
        if death < 0.02:
            world.targets["win_rate"].ills = {"kills"}
        try:
            world.turn(7.0 if step < 0.1 else SCAN - world.now % SCAN)
        except Killed:
            world.targets["win_rate"].ills.clear()
            world.die()
            world.live()
    return world


def fall_ill(world, ill, which):
    """Make one part of the world sick, or all of it well."""
    targets, sources = list(world.targets.values()), list(world.sources.values())
    if ill > 0.85:
        for part in (*targets, *sources):
            part.ills.clear()
    elif ill < 0.15:
        targets[int(which * len(targets))].ills = {TARGET_ILLS[int(ill / 0.15 * len(TARGET_ILLS))]}
    elif ill < 0.25:
        sources[int(which * len(sources))].ills = {SOURCE_ILLS[int((ill - 0.15) * 10 * len(SOURCE_ILLS))]}
    elif ill < 0.28:
        world.targets["win_rate"].value = world.cells.full(0.05)  # somebody else turns it


def give_orders(world, order, which):
    """Let an operator ask for something, or edit the file; a person accepts the edited file two turns later."""
    world.due -= 1
    if world.due == 0:
        world.accept()
        world.post("mode", mode="auto")
    if order < 0.1:
        verb, data = ORDERS[int(order * 10 * len(ORDERS))]
        world.post(verb, world.now + 3600.0 if which < 0.5 else None, **data)
    elif order > 0.97:
        wider, gain = ("[3%, 12%]", "[3%, 13%]"), ("gain: 0.5", "gain: 0.7")
        for edit in (wider, gain):
            world.text = world.text.replace(*(edit if edit[0] in world.text else reversed(edit)))
        world.post("reload")
        world.due = 2


def rewritten(source, target, number, **columns):
    """A copy of a journal in which some columns of one record say something else, checksum and all."""
    store = SqliteStore(source, readonly=True)
    store_copy(source, target)
    record = next(iter(store.records(number)))
    assert record.number == number
    for name, (cell, value) in columns.items():
        record.columns[name.replace("__", ".")][cell] = value
    row = store.codec.encode(record, number)
    store.close()
    with closing(sqlite3.connect(target)) as db, db:
        db.execute("UPDATE records SET data = ?, body = ? WHERE number = ?", (row.data, row.body, number))
    return target


def store_copy(source, target):
    store = SqliteStore(source)
    store.backup(target)
    store.close()
