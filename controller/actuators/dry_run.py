"""dry_run: turns nothing. Takes orders, remembers the last one, logs it, and reads it back.

For a campaign whose advice is to be looked at before anything real is connected, and for a lever that people still
move by hand. It behaves as a perfect target: idempotent, never overwritten by an older order. Before the first
order it says that the start value is in force; after its lease has run out, the fallback of the last order. Called
by the loop; calls nothing.

```yaml
actuators:
  win_rate: {kind: dry_run, unit: share, start: 3%, safe: 3%, limits: [3%, 12%]}
```
"""

import logging
from dataclasses import dataclass

from controller.actuators._orders import Standing, by_cell, content_of, is_new, require_sound, seen
from controller.cells import Cells
from controller.clock import SystemClock
from controller.plan import Actuator
from controller.ports import Clock
from controller.signals import Command, Receipt

log = logging.getLogger("setpoint.actuator")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: dry_run`: none of its own."""


class DryRunActuator:
    """A target made of memory.

    Parameters
    ----------
    declared: its start value stands before the first order.
    settings: none.
    cells: by label, for the log.
    clock: by which leases run out; None: the machine's.

    >>> import numpy as np
    >>> from controller.signals import Epoch
    >>> lever = DryRunActuator(Actuator(kind="dry_run", start=0.03), Settings(), Cells(("all",)))
    >>> order = Command("c.odds.1.1", "odds", np.array([0.05]), Epoch(1, 1), 0.0, None, np.array([0.03]))
    >>> lever.read_back().value, lever.apply(order).value, lever.read_back().value
    (array([0.03]), array([0.05]), array([0.05]))
    """

    def __init__(
        self, declared: Actuator, settings: Settings, cells: Cells, *, clock: Clock | None = None
    ) -> None:
        self.declared, self.settings, self.cells = declared, settings, cells
        self.clock = clock or SystemClock()
        self.last: Command | None = None

    def apply(self, command: Command) -> Receipt:
        require_sound(command, self.cells)
        if is_new(command, content_of(command), self._standing()):
            self.last = command
            log.info(
                "dry run: %s would be %s (%s)",
                command.channel,
                by_cell(command.value, self.cells),
                command.id,
            )
        return self.read_back()

    def read_back(self) -> Receipt:
        order = self.last
        if order is None:
            return seen(self.declared.kind, self.cells.full(self.declared.start), note="no order yet")
        lapsed = order.lease is not None and self.clock.now() > order.issued_at + order.lease
        value = order.fallback if lapsed else order.value
        return seen(order.channel, value.copy(), order.epoch, order.id, "lease run out" if lapsed else "")

    def _standing(self) -> Standing | None:
        return None if self.last is None else Standing(self.last.id, self.last.epoch, content_of(self.last))
