"""A journal's readings through the real loop once more, and every decision compared with the one that was recorded.

Called by `setpoint replay`, tests and notebooks; builds each life anew through controller.assembly, with ports that say
again what the journal says (replay_ports), restores the state with which it began (replay_lives), repeats operators'
commands and reloads where they stand, and compares record by record (replay_compare). Bit for bit where the life's
fingerprint is this machine's; else to 1e-12, with equal commands. Touches no sensor, no target and no clock, and never
writes to the journal. docs/replay.md says what is and what is not proved by it.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from controller.assembly import assemble
from controller.cells import Cells
from controller.clock import civil_at
from controller.config import loads
from controller.daemon.reload import lower
from controller.errors import SetpointError, StoreError
from controller.fingerprint import fingerprint
from controller.loop import Loop, recording
from controller.loop.dispatch import Epochs
from controller.plan import Campaign
from controller.ports import OperatorCommand, Record
from controller.signals import Tick
from controller.store import MemoryStore, SqliteStore
from models.draws import Draws
from sim.replay.compare import Comparison, Tally
from sim.replay.fingerprint import differs_in
from sim.replay.lives import KINDS, Life, Origin, Store, lives_of, origin_of
from sim.replay.ports import Feed, RecordedActuator, RecordedGate, RecordedSensor, Scratch

Source = str | os.PathLike[str] | MemoryStore | SqliteStore
NOT_FOR_THE_LOOP = frozenset(("accept", "ack", "reload", "shelve"))
"""Verbs that the daemon takes itself; what they change is in the journal as permission and `config` rows."""


@dataclass(slots=True)
class Replayed:
    """What came of the replay of one life."""

    place: int
    """1 is the oldest in the journal."""
    record: int
    """Number of the record after which it began: the `start` row or a snapshot."""
    term: int
    differs_in: tuple[str, ...] = ()
    """What of the fingerprint is not this machine's; empty: equal bits were asked for."""
    ticks: int = 0
    begins: float = float("nan")
    ends: float = float("nan")
    """UTC seconds of the first and last tick compared."""
    commands: int = 0
    reloads: int = 0
    lost: tuple[str, ...] = ()
    """Ticks that were announced and never recorded, in words."""
    tally: Tally = field(default_factory=Tally)
    refused: str = ""
    """Why this life can't be replayed; empty where it was."""

    @property
    def exact(self) -> bool:
        """True where equal bits were asked for."""
        return not self.differs_in

    @property
    def ok(self) -> bool:
        """True where it was replayed and nothing came out otherwise."""
        return not self.refused and not self.tally.different


def replay(
    source: Source,
    *,
    life: int | None = None,
    since: float = -np.inf,
    until: float = np.inf,
    keep: int = 20,
    told: Callable[[Replayed], None] = lambda _: None,
) -> list[Replayed]:
    """Replay a journal, life by life.

    Parameters
    ----------
    source: path of a journal, or an open store.
    life: only this one, counted from 1; None: all of them.
    since, until: UTC seconds; ticks with since <= time < until are compared.
    keep: how many differences of each life are kept one by one; all are counted.
    told: hears after each tick how far it is.

    Raises StoreError where there is no journal or no such life, StoreBroken where a record is damaged.
    """
    if isinstance(source, MemoryStore | SqliteStore):
        return _replay(source, life, since, until, keep, told)
    store = SqliteStore(source, readonly=True)
    try:
        return _replay(store, life, since, until, keep, told)
    finally:
        store.close()


def _replay(
    store: Store, which: int | None, since: float, until: float, keep: int, told: Callable[[Replayed], None]
) -> list[Replayed]:
    lives = lives_of(store)
    if not lives or (which is not None and not 1 <= which <= len(lives)):
        allowed = f"1 to {len(lives)}" if lives else "none, since it has no start row"
        raise StoreError(f"the journal has no such life, received {which or 'all'}, allowed: {allowed}")
    asked = lives if which is None else [lives[which - 1]]
    return [_one(store, life, since, until, keep, told) for life in asked]


def _one(
    store: Store, life: Life, since: float, until: float, keep: int, told: Callable[[Replayed], None]
) -> Replayed:
    origin = origin_of(store, life, since)
    ground = differs_in(origin.start.data.get("fingerprint"), fingerprint())
    done = Replayed(life.place, origin.number, int(origin.start.data["term"]), ground, tally=Tally(keep))
    try:
        player = Player(origin, done)
    except SetpointError as fault:
        done.refused = str(fault)
        return done
    for record in _records(store, life, origin.number + 1):
        if record.kind == "tick" and record.time >= until:
            return done
        player.take(record, compare=record.time >= since)
        told(done)
    player.end()
    return done


def _records(store: Store, life: Life, after: int) -> Iterator[Record]:
    for record in store.records(after, KINDS):
        if record.number >= life.ends:
            return
        yield record


class Player:
    """One life, repeated; raises SetpointError where its loop can't be built."""

    def __init__(self, origin: Origin, done: Replayed) -> None:
        if origin.config is None:
            raise SetpointError(
                f"the start row {origin.start.number} holds no config, so its loop can't be built"
            )
        self.about, self.done = origin.start.data, done
        self.feed, self.scratch = Feed(), Scratch()
        self.announced = list[Record]()
        self.cells = cells_from(self.about, loads(origin.config))
        epochs = Epochs(done.term, int(origin.saved["sequence"]))
        self.loop = self._assembled(loads(origin.config), epochs)
        if not recording.fits(self.loop.parts, origin.saved):
            raise SetpointError(
                f"the state in record {origin.number} has layout {origin.saved.get('layout', 'none')}, "
                f"this version reads layout {recording.LAYOUT}: replay it with the version that wrote it"
            )
        self.loop.restore(origin.arrays, origin.saved)
        for name, dispatcher in self.loop.parts.dispatchers.items():
            dispatcher.landing = origin.arrays[f"output/{name}/landing"].astype(np.int8)

    def take(self, record: Record, compare: bool) -> None:
        """Repeat one record."""
        if record.kind == "intent":
            self._forget_announced()
            self.announced.append(record)
        elif record.kind == "tick":
            self._tick(record, compare)
        elif record.kind == "command" and record.data["verb"] not in NOT_FOR_THE_LOOP:
            self._obey(record, compare)
        elif record.kind == "config" and "text" in record.data:
            self._reload(record)

    def end(self) -> None:
        """The life is over: what was announced and not recorded is lost."""
        self._forget_announced()

    def _tick(self, record: Record, compare: bool) -> None:
        self.feed.load(record)
        civil = civil_at(record.time, self.cells)
        self.loop.tick(Tick(record.index, record.time, float(record.data["elapsed"]), civil))
        *intents, turned = self.scratch.taken()
        announced, self.announced = self.announced, []
        if not compare:
            return
        comparison = self._comparison()
        for then in announced:
            comparison.records(then, intents.pop(0) if intents else None)
        for now in intents:
            comparison.unexpected(record, now)
        comparison.records(record, turned)
        done = self.done
        done.ticks, done.ends = done.ticks + 1, record.time
        done.begins = record.time if done.ticks == 1 else done.begins

    def _obey(self, record: Record, compare: bool) -> None:
        data = record.data
        command = OperatorCommand(
            data["verb"],
            data["owner"],
            data["reason"],
            data["data"],
            data["expires_at"],
            number=data["command"],
        )
        said = self.loop.obey(command, record.time)
        if compare:
            self.done.commands += 1
            self._comparison().words(record, {"done": data["done"]}, {"done": said})

    def _reload(self, record: Record) -> None:
        """As the daemon swaps its loop: the new plan in the old state, lowered where it gave more room."""
        old = self.loop
        self.loop = self._assembled(loads(record.data["text"]), old.parts.epochs)
        self.loop.restore(*old.state())
        if record.data.get("widened"):
            lower(self.loop.parts.authority)
        self.done.reloads += 1

    def _comparison(self) -> Comparison:
        channels = {name: dispatcher.channel for name, dispatcher in self.loop.parts.dispatchers.items()}
        return Comparison(self.cells.names, channels, self.done.exact, self.done.tally)

    def _forget_announced(self) -> None:
        for record in self.announced:
            orders = ", ".join(order["id"] for order in record.data["orders"].values())
            text = f"record {record.number} announces {orders}, and its tick was never recorded: skipped"
            self.done.lost = (*self.done.lost, text)
        self.announced = []

    def _assembled(self, plan: Campaign, epochs: Epochs) -> Loop:
        feed = self.feed
        return assemble(
            plan,
            sensors={name: RecordedSensor(name, feed) for name in plan.sensors},
            actuators={name: RecordedActuator(name, feed) for name in plan.actuators},
            draws=Draws(int(self.about["seed"])),
            store=self.scratch,
            gate=RecordedGate(feed),
            cells=self.cells,
            epochs=epochs,
        )


def cells_from(about: Mapping[str, Any], plan: Campaign) -> Cells:
    """The cells that a `start` row describes: those of the plan, or replicas of them."""
    pool = np.array(about["pool"], np.int64)
    names, zones, labels = (tuple(about[key]) for key in ("cells", "zones", "labels"))
    return Cells(names, pool, zones, labels, plan.cells.by)
