"""The heartbeat: what a second process must know to put the lawful fallback in force when the daemon is gone.

A small JSON file, replaced whole at every tick. It says when the daemon last turned, and of each actuator with a
standing order: how long that holds, what must stand afterwards, and the epoch that the fallback is written under.
That epoch is reserved by the daemon: above every order it has sent and below every one it will send, so that a
fallback replaces the last order and never one that comes after it. Written by the daemon as a watcher of turns,
read by watchdog.py; reads no clock.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from controller.cells import Array, Bools, Cells
from controller.dispatch import Epochs
from controller.io.files import read_limited, write_atomic
from controller.io.strict_json import BadJson, number_of, read_json, write_json
from controller.parts import Parts
from controller.signals import Epoch
from controller.turn import Turn

VERSION = 1
LARGEST = 50_000_000


class BadBeat(ValueError):
    """The file is no heartbeat that this version can read."""


@dataclass(frozen=True, slots=True, eq=False)
class Pulse:
    """One actuator's part of a heartbeat."""

    epoch: Epoch
    """Under which the fallback is to be written."""
    lease: float
    """Seconds without a heartbeat after which it must stand."""
    fallback: Array
    suspend: Bools


@dataclass(frozen=True, slots=True, eq=False)
class Beat:
    """A heartbeat."""

    campaign: str
    time: float
    """UTC seconds of the turn that wrote it."""
    pulses: Mapping[str, Pulse] = field(default_factory=dict)
    """By actuator; none for those without a standing order."""

    def written(self, cells: Cells) -> bytes:
        """The file's bytes; values by the cell's label."""
        orders = {
            name: {
                "epoch": [pulse.epoch.term, pulse.epoch.sequence],
                "lease": pulse.lease,
                "fallback": dict(zip(cells.label_of, pulse.fallback.tolist(), strict=True)),
                "suspend": [label for label, stop in zip(cells.label_of, pulse.suspend, strict=True) if stop],
            }
            for name, pulse in self.pulses.items()
        }
        return write_json(
            {"version": VERSION, "campaign": self.campaign, "time": self.time, "orders": orders}
        )

    @classmethod
    def read(cls, path: Path, cells: Cells) -> "Beat":
        """The heartbeat in a file; raises OSError, BadBeat."""
        try:
            document = read_json(read_limited(path, LARGEST))
            if document["version"] != VERSION:
                raise BadBeat(f"{path} is a heartbeat of version {document['version']}, expected {VERSION}")
            pulses = {name: _pulse(entry, cells) for name, entry in document["orders"].items()}
            return cls(str(document["campaign"]), number_of(document["time"]), pulses)
        except (BadJson, KeyError, TypeError, AttributeError, ValueError) as fault:
            raise BadBeat(f"{path} is no heartbeat: {fault}") from None


def _pulse(entry: Any, cells: Cells) -> Pulse:
    term, sequence = entry["epoch"]
    fallback = np.array([number_of(entry["fallback"][label]) for label in cells.label_of], np.float64)
    suspend = np.array([label in entry["suspend"] for label in cells.label_of], np.bool_)
    return Pulse(Epoch(int(term), int(sequence)), number_of(entry["lease"]), fallback, suspend)


class Heart:
    """Writes a heartbeat after each turn, where a watchdog keeps any lease.

    Parameters
    ----------
    path: the file.
    parts: gives the parts of the loop that runs now, since a reload swaps them.
    kept: gives the names of the actuators whose lease a watchdog keeps now.
    """

    def __init__(self, path: Path, parts: Callable[[], Parts], kept: Callable[[], Collection[str]]) -> None:
        self.path, self.parts, self.kept = path, parts, kept
        self._reserved: dict[str, tuple[str, Epoch]] = {}

    def __call__(self, turn: Turn) -> None:
        """Write the beat of one turn; raises OSError."""
        kept, parts = self.kept(), self.parts()
        if kept:
            beat = Beat(parts.campaign, turn.tick.time, dict(self._pulses(parts, kept)))
            write_atomic(self.path, beat.written(parts.cells), durable=False)

    def _pulses(self, parts: Parts, kept: Collection[str]) -> Iterator[tuple[str, Pulse]]:
        for name in kept:
            order = parts.dispatchers[name].standing
            if order is not None and order.lease is not None:
                suspend = np.zeros(len(parts.cells), np.bool_) if order.suspend is None else order.suspend
                epoch = self._epoch(name, order.id, parts.epochs)
                yield name, Pulse(epoch, order.lease, order.fallback, suspend)

    def _epoch(self, name: str, order: str, epochs: Epochs) -> Epoch:
        """The epoch reserved for the fallback of one order; a new one for each order."""
        held = self._reserved.get(name)
        if held is None or held[0] != order:
            held = self._reserved[name] = (order, epochs.next())
        return held[1]
