"""The market behind the server: its time, and the names that its levers and its money go by.

Made by sim.served.build; called by the app's views. Moves the market to where its clock should be, in small bites, so
that a server which was suspended for hours still answers.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from controller.cells import Array, Bools
from controller.errors import SetpointError
from sim.market.market import Market
from sim.served.pace import Pace

BITE = 128
"""Steps of the market between two looks at what else is asked."""


class Rejected(SetpointError):
    """A request that is answered with an error: its HTTP status, what is wrong, and what else the answer holds."""

    def __init__(self, status: int, text: str, **more: Any) -> None:
        self.status, self.more = status, more
        super().__init__(text)


@dataclass(slots=True, eq=False)
class Served:
    """A market and all that its answers need.

    Parameters
    ----------
    names: every name that a lever answers to, the campaign's and the market's own.
    money: unit of each signal that is money; its currency where the campaign names one.
    about: what is recorded and what is modelled, in words.
    """

    market: Market
    pace: Pace
    names: Mapping[str, str]
    money: Mapping[str, str]
    about: str
    taken: dict[str, tuple[str, object]] = field(default_factory=dict)
    """By lever, the id and the content of the last order that was taken."""

    async def catch_up(self) -> None:
        """Do every step that is due; lets others in between."""
        market, due = self.market, self.pace.due()
        while market.time + market.timing.step <= due:
            market.advance_to(min(due, market.time + BITE * market.timing.step))
            await asyncio.sleep(0)
        market.advance_to(due)

    def lever_of(self, name: str) -> str:
        """The market's lever of a name; raises Rejected."""
        if name not in self.names:
            raise Rejected(404, f"no lever {name[:60]!r} here, there are: {', '.join(sorted(self.names))}")
        return self.names[name]

    def unit_of(self, signal: str) -> str:
        """The unit of a signal, with the currency where it is money."""
        return self.money.get(signal, self.market.signals[signal].unit)

    def down(self) -> tuple[str, ...]:
        """Signals whose feed is dead now."""
        return tuple(name for name in self.market.signals if self.market.is_dead(name))

    def heard(self, signal: str) -> Bools:
        """Which cells' values of a signal can be read now, shape (cells,)."""
        silent = self.market.silent(signal)
        return np.ones(len(self.market.cells), np.bool_) if silent is None else ~silent

    def by_cell(self, values: Array | Bools, heard: Bools | None = None) -> Any:
        """A plain value for a single cell, else one a cell by its label; those not `heard` are left out."""
        plain = values.tolist()
        labels = self.market.cells.label_of
        if len(labels) == 1:
            return plain[0]
        known = [True] * len(labels) if heard is None else heard.tolist()
        return {label: value for label, value, told in zip(labels, plain, known, strict=True) if told}
