"""file: keeps one feature flag in a flagd flag document, which any OpenFeature client reads.

The document is JSON in the form of flagd (https://flagd.dev/schema/v0/flags.json). The flag has the ordered value
and the lawful fallback as variants; with a lease, its targeting compares flagd's own clock with the lease's end,
so that readers fall back by themselves, whether anybody here is alive or not: `lease_by: target` is true of this
kind. With several cells the client names its cell in the evaluation context, under `cell_attribute`; a cell that
is not named there gets the safe value. A second flag, boolean, says whether anything may be offered at all
(`offer_flag`): off where an order suspends.

Other flags of the document stay as they are. It is replaced whole, durably, and by one writer at a time; an order
older than the one in the document is refused. Point flagd, or the in-process provider in FILE mode, at the same
path. Called by the loop; calls controller.io.

```yaml
actuators:
  win_rate:
    kind: file
    file: /var/lib/setpoint/flags.json
    flag: win_rate
    unit: share
    start: 3%
    safe: 3%
    limits: [3%, 12%]
    lease: 3h
    lease_by: target
```
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from controller.actuators._flags import Order, flag_of, offer_of, order_in, plain_value
from controller.actuators._orders import is_new, require_sound, seen
from controller.cells import Cells
from controller.clock import SystemClock
from controller.errors import Unreachable
from controller.io.files import read_limited, taking_turns, write_atomic
from controller.io.strict_json import BadJson, read_json
from controller.plan import Actuator
from controller.ports import Clock
from controller.quantities import FileName, QuantityError, Range
from controller.signals import Command, Receipt

SCHEMA = "https://flagd.dev/schema/v0/flags.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: file`."""

    file: FileName
    """The flag document; made where there is none. Its folder must be writable, for the file that replaces it."""
    flag: str
    """Key of the flag that holds the value."""
    offer_flag: str | None = None
    """Key of the boolean flag that says whether anything may be offered; None: `flag` with `_offered` behind it."""
    cell_attribute: str | None = None
    """Name under which clients give their cell in the evaluation context; None: what cells are divided `by`."""
    max_bytes: Annotated[int, Range(1000, 1e9)] = 10_000_000
    """Largest document that is read."""

    def __post_init__(self) -> None:
        if not self.flag.strip():
            raise QuantityError("not a flag's key", self.flag, "a text, such as win_rate")


class FileActuator:
    """One flag of one document.

    Parameters
    ----------
    declared: its safe value, for clients that name no cell.
    settings: the document and the flag.
    cells: by label.
    clock: by which a lease has run out when read back; None: the machine's.
    """

    def __init__(
        self, declared: Actuator, settings: Settings, cells: Cells, *, clock: Clock | None = None
    ) -> None:
        self.declared, self.settings, self.cells = declared, settings, cells
        self.clock = clock or SystemClock()
        self.path = Path(settings.file.path)
        self.attribute = settings.cell_attribute or cells.by
        self.offer_flag = settings.offer_flag or f"{settings.flag}_offered"

    def apply(self, command: Command) -> Receipt:
        require_sound(command, self.cells)
        order = Order.of(command, self.cells)
        try:
            with taking_turns(self.path):
                document = self._document()
                standing = order_in(document, self.settings.flag)
                if is_new(command, order.content(), standing.standing() if standing else None):
                    self._put(document, order)
        except BlockingIOError:
            raise Unreachable(
                f"{command.channel}: another process is writing {self.path}; nothing was changed"
            ) from None
        except (OSError, BadJson) as fault:
            raise Unreachable(f"{command.channel}: can't write {self.path}: {fault}") from None
        return self.read_back()

    def read_back(self) -> Receipt:
        try:
            document = self._document()
        except (OSError, BadJson) as fault:
            raise Unreachable(f"{self.settings.flag}: can't read {self.path}: {fault}") from None
        order = order_in(document, self.settings.flag)
        if order is None:
            value = self.cells.full(plain_value(document, self.settings.flag))
            return seen(self.settings.flag, value, note="no order of ours stands there")
        lapsed = order.lease_until is not None and self.clock.now() >= order.lease_until
        held = order.fallback if lapsed else order.value
        value = np.array([held.get(label, np.nan) for label in self.cells.label_of], np.float64)
        return seen(order.channel, value, order.epoch, order.id, "lease run out" if lapsed else "")

    def _document(self) -> dict[str, Any]:
        """The flag document; an empty one where there is none. Raises OSError, BadJson."""
        try:
            document = read_json(read_limited(self.path, self.settings.max_bytes))
        except FileNotFoundError:
            return {"$schema": SCHEMA, "flags": {}}
        if not isinstance(document, dict) or not isinstance(document.get("flags", {}), dict):
            raise BadJson("not a flag document: an object with an object `flags` was expected")
        return document

    def _put(self, document: dict[str, Any], order: Order) -> None:
        flags = document.setdefault("flags", {})
        flags[self.settings.flag] = flag_of(order, self.cells, self.attribute, self.declared.safe)
        flags[self.offer_flag] = offer_of(order, self.cells, self.attribute)
        try:
            text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        except (TypeError, ValueError) as fault:
            raise BadJson(
                f"another flag holds what JSON can't carry ({fault}); nothing was changed"
            ) from None
        write_atomic(self.path, f"{text}\n".encode())
