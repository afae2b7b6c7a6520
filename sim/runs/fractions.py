"""A policy for comparisons: each cell keeps its own fraction of the actuator's range.

Many fixed settings side by side in one array, so that the best of them is found in a single run. Built by
sim.evidence.rows under its place instead of a kind; the loop treats it like any policy. Without a believable value
it holds, as `fixed` does.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from controller.cells import Cells
from controller.ports import PolicyScope, State
from controller.signals import Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws

PLACE = "sim.runs.fractions:FractionsPolicy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What each cell keeps."""

    fractions: tuple[float, ...]
    """Of the range from the low limit to the high one, one a cell."""


class FractionsPolicy:
    """Proposes low + fraction x span in each cell, as far as the limits allow."""

    version = 1

    def __init__(self, scope: PolicyScope, settings: Settings) -> None:
        if len(settings.fractions) != len(scope.cells):
            raise ValueError(
                f"one fraction a cell, received {len(settings.fractions)} for {len(scope.cells)} cells"
            )
        (self.channel,) = scope.channels.values()
        self.value = self.channel.low + np.array(settings.fractions) * self.channel.span

    def propose(self, tick: Tick, observation: Observation, limits: Limits, draws: Draws) -> Proposal:
        name = self.channel.name
        held = observation.applied[name]
        wish = np.where(observation.usable, self.value, held)
        return Proposal({name: np.clip(wish, limits.low[name], limits.high[name])})

    def observe(self, outcome: Outcome) -> None:
        """Nothing is remembered."""

    def state(self) -> State:
        return {}

    def restore(self, state: State) -> None:
        """Nothing is remembered."""


def beside(cells: Cells, variants: Iterable[object]) -> Cells:
    """The cells once a variant, one after the other; each variant its own pools."""
    marks = tuple(f"v{n}" for n, _ in enumerate(variants))
    names = tuple(f"{mark}/{name}" for mark in marks for name in cells.names)
    pool = np.concatenate([cells.pool_of + n * cells.pools for n in range(len(marks))])
    return Cells(names, pool, cells.zone_of * len(marks), cells.label_of * len(marks))
