"""The heartbeat: what a second process must know to put the lawful fallback in force when the daemon is gone.

A small JSON file, replaced whole at the end of every turn. It says when the daemon last turned and, of each actuator
whose lease a watchdog keeps, what must stand once the heart has been silent for the length of the lease, and under
which epoch to write it. The daemon may die in a turn, after it has sent an order and before it has written its beat; so
that epoch lies above all that the daemon may send until its next beat. Once that beat is written, the daemon's own
orders go on above the epoch that it has handed out, so that a fallback replaces orders from before it and none from
after. Written by the daemon as a watcher of turns, read by watchdog.py; reads no clock.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from controller.cells import Array, Bools, Cells
from controller.io.files import read_limited, write_atomic
from controller.io.strict_json import BadJson, number_of, read_json, write_json
from controller.loop.parts import Parts
from controller.loop.turn import Turn
from controller.signals import Epoch

VERSION = 1
LARGEST = 50_000_000
ROOM = 1000
"""Orders that the daemon may send between two beats, a few beats that could not be written among them."""


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
    standing: bool = True
    """False where no order stood at the beat: one may have been sent since, or people set the value by hand."""


@dataclass(frozen=True, slots=True, eq=False)
class Beat:
    """A heartbeat."""

    campaign: str
    time: float
    """UTC seconds of the turn that wrote it."""
    pulses: Mapping[str, Pulse] = field(default_factory=dict)
    """By actuator."""

    def written(self, cells: Cells) -> bytes:
        """The file's bytes; values by the cell's label."""
        orders = {
            name: {
                "epoch": [pulse.epoch.term, pulse.epoch.sequence],
                "lease": pulse.lease,
                "fallback": dict(zip(cells.label_of, pulse.fallback.tolist(), strict=True)),
                "standing": pulse.standing,
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
    epoch = Epoch(int(term), int(sequence))
    return Pulse(epoch, number_of(entry["lease"]), fallback, suspend, entry["standing"] is True)


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
        self._handed_out: Epoch | None = None

    def __call__(self, turn: Turn) -> None:
        """Write the beat of one turn; raises OSError."""
        kept, parts = self.kept(), self.parts()
        if not kept:
            return
        epochs, before = parts.epochs, self._handed_out
        base = max(epochs.sequence, before.sequence if before and before.term == epochs.term else 0)
        epoch = Epoch(epochs.term, base + ROOM)
        beat = Beat(parts.campaign, turn.tick.time, dict(_pulses(parts, kept, epoch)))
        write_atomic(self.path, beat.written(parts.cells), durable=False)
        epochs.sequence, self._handed_out = base, epoch


def _pulses(parts: Parts, kept: Collection[str], epoch: Epoch) -> Iterator[tuple[str, Pulse]]:
    """The pulses of a turn: fallback and lease of the standing order, else what the plan declares."""
    nothing = np.zeros(len(parts.cells), np.bool_)
    for name in kept:
        dispatcher = parts.dispatchers[name]
        order, lease = dispatcher.standing, dispatcher.lease
        if order is not None and order.lease is not None:
            yield (
                name,
                Pulse(
                    epoch, order.lease, order.fallback, nothing if order.suspend is None else order.suspend
                ),
            )
        elif lease is not None:
            yield (
                name,
                Pulse(epoch, lease, parts.cells.full(dispatcher.channel.safe), nothing, standing=False),
            )
