"""The ports of a replay: sensors, actuators and a gate that say again what the journal says they said.

Built by sim/replay/replay.py for each life; called by the loop as any other ports. All take their words from one
`Feed`, which is given the next recorded tick before each turn. Nothing real is read or written; the store keeps one
turn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.errors import ActuatorError, Refused, SensorError, StoreBroken, Unreachable
from controller.ports import Permission, Record
from controller.signals import Command, Reading, Receipt, Tick
from controller.store import MemoryStore

Array = NDArray[Any]


class Feed:
    """The tick record that is being repeated."""

    def __init__(self) -> None:
        self._record: Record | None = None

    def load(self, record: Record) -> None:
        """The record of the next turn."""
        self._record = record

    @property
    def record(self) -> Record:
        """The record of this turn."""
        assert self._record is not None, "a port was asked before the first turn"
        return self._record

    def column(self, name: str) -> Array:
        """One of its columns, shape (cells,); raises StoreBroken where it has none of that name."""
        found = self.record.columns.get(name)
        if found is None:
            raise StoreBroken(f"record {self.record.number} has no column {name!r}: it can't be replayed")
        return found

    def told(self, key: str, name: str) -> Any:
        """What its JSON says of a sensor or an actuator; None: nothing."""
        block: Mapping[str, Any] = self.record.data.get(key, {})
        return block.get(name)


@dataclass(frozen=True, slots=True, eq=False)
class RecordedSensor:
    """Gives each recorded reading again, and each recorded failure."""

    name: str
    feed: Feed

    def read(self, tick: Tick) -> Reading:
        """The reading of this turn; raises SensorError where there was none."""
        window = self.feed.told("windows", self.name)
        if window is None:
            said = self.feed.told("failures", self.name)
            raise SensorError(said or f"{self.name}: the journal has no reading of it at this tick")
        start, end = window
        unit, alive = self.feed.told("units", self.name), self.feed.told("alive", self.name)
        value, samples, quality, at = (
            self.feed.column(f"reading.{self.name}.{part}")
            for part in ("value", "samples", "quality", "sampled_at")
        )
        spread = self.feed.record.columns.get(f"reading.{self.name}.spread")
        return Reading(self.name, unit, value, start, end, at, samples, quality, alive, spread=spread)


@dataclass(slots=True, eq=False)
class RecordedActuator:
    """Takes any order as the target took the recorded one, and shows the values that were read back."""

    name: str
    feed: Feed
    sent_at: int = -1
    """Number of the tick record in whose turn the last order came."""

    def apply(self, command: Command) -> Receipt:
        """What became of the recorded order; raises Refused or Unreachable where that did."""
        self.sent_at = self.feed.record.number
        self._fail("send")
        return Receipt(self.name, self._column("applied"), self._column("landing"), command.epoch, command.id)

    def read_back(self) -> Receipt:
        """What was in force before the order of this turn, then what was after it; raises Unreachable."""
        if self.sent_at == self.feed.record.number:
            self._fail("look_again")
            value = np.where(self._column("known"), self._column("applied"), np.nan)
        else:
            self._fail("look")
            value = self._column("readback")
        return Receipt(self.name, value, self._column("landing"))

    def _column(self, family: str) -> Array:
        return self.feed.column(f"{family}.{self.name}")

    def _fail(self, call: str) -> None:
        for failed, how, said in self.feed.told("failed", self.name) or ():
            if failed == call:
                kind: type[ActuatorError] = Refused if how == "refused" else Unreachable
                raise kind(said)


@dataclass(frozen=True, slots=True, eq=False)
class RecordedGate:
    """Says of auto what the gate said then."""

    feed: Feed

    def permit(self, tick: Tick, digest: str) -> Permission:
        """The permission of this turn."""
        return Permission(bool(self.feed.record.data["permitted"]), str(self.feed.record.data["gate"]))


class Scratch(MemoryStore):
    """A store that keeps what one turn writes and forgets it with the next."""

    def __init__(self) -> None:
        super().__init__()
        self.written = list[Record]()

    def append(self, record: Record, durable: bool = True) -> int:
        """Keep it for the comparison."""
        self.written.append(record)
        return len(self.written)

    def taken(self) -> list[Record]:
        """What was written since the last call."""
        written, self.written = self.written, []
        return written
