"""What every actuator asks of an order before it does anything: is it a number, is it new, is it not too old.

Called by the members of the family; calls nothing. Refuses by raising Refused; never changes a value.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Cells
from controller.errors import Refused
from controller.signals import Command, Epoch, Landing, Receipt, codes


@dataclass(frozen=True, slots=True)
class Standing:
    """The order that a target holds, as far as it tells."""

    id: str
    epoch: Epoch
    content: object
    """What was ordered, in any form that can be compared."""


def require_sound(command: Command, cells: Cells) -> None:
    """Raise Refused unless value and fallback are finite numbers, one a cell."""
    for name, values in (("value", command.value), ("fallback", command.fallback)):
        if np.shape(values) != (len(cells),):
            text = f"{name} has shape {np.shape(values)}, expected ({len(cells)},)"
            raise Refused(f"{command.channel}: {text} (order {command.id})")
        bad = ~np.isfinite(values)
        if bad.any():
            where = ", ".join(label for label, is_bad in zip(cells.label_of, bad, strict=True) if is_bad)[:80]
            raise Refused(f"{command.channel}: {name} is not a finite number in {where} (order {command.id})")


def is_new(command: Command, content: object, standing: Standing | None) -> bool:
    """True for an order to be carried out, False for one that stands already; raises Refused for one too old.

    One id always means one content, and one epoch one id; otherwise two writers are at work.
    """
    if standing is None or command.epoch > standing.epoch:
        return True
    if command.id == standing.id and command.epoch == standing.epoch:
        if content != standing.content:
            raise Refused(
                f"{command.channel}: order {command.id} came before with another content; nothing was changed"
            )
        return False
    raise Refused(
        f"{command.channel}: superseded, epoch {command.epoch} is not above {standing.epoch} in force "
        f"(order {command.id} against {standing.id})"
    )


def content_of(command: Command) -> tuple[object, ...]:
    """All that an order says, comparable."""
    suspend = None if command.suspend is None else tuple(command.suspend.tolist())
    return tuple(command.value.tolist()), tuple(command.fallback.tolist()), command.lease, suspend


def by_cell(values: Array, cells: Cells) -> float | dict[str, float]:
    """A plain number for a single cell, else one a cell by its label."""
    if len(cells) == 1:
        return float(values[0])
    return dict(zip(cells.label_of, (float(value) for value in values), strict=True))


def from_cells(found: Mapping[str, float], cells: Cells) -> Array:
    """The array of values by label, NaN where there is none."""
    return np.array([found.get(label, np.nan) for label in cells.label_of], np.float64)


def seen(
    channel: str, value: Array, epoch: Epoch | None = None, command_id: str = "", note: str = ""
) -> Receipt:
    """A receipt of values read back: confirmed where known."""
    landing = codes(len(value), Landing.CONFIRMED)
    landing[~np.isfinite(value)] = Landing.UNCONFIRMED
    return Receipt(channel, value, landing, epoch, command_id, note)
