"""What a plant is: state in, levers in, luck in; state and signals out. Pure arrays of shape (cells,).

A plant knows neither time of day, nor names, nor money's currency: whoever runs it hands in the base demand of the
step, the lever values and a source of uniforms. Steps must divide the plant's dead times. Implemented by the files
beside this one; called by the simulated market; calls nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
State = Mapping[str, Floats]
"""Named arrays; the last axis is cells, so that replicas of a plant can lie side by side."""
Luck = Callable[[str], Floats]
"""Uniforms of this step for a channel, shape (cells,): the same channel always gives the same luck."""


@dataclass(frozen=True, slots=True)
class Lever:
    """Something that can be turned."""

    unit: str
    low: float
    high: float
    off: float
    """The value at which nothing is offered."""
    what: str


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that can be measured."""

    kind: Literal["count", "money", "level"]
    """`count` and `money` are what happened in the step, `level` is what is there at its end."""
    unit: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Knobs:
    """What can be set on every kind of plant; a kind takes what concerns it. None: the kind's own default."""

    effect: float = 1.0
    """Factor on how sales answer to the levers; 0: they do not answer at all."""
    delay: float | None = None
    """Dead time of the levers, seconds."""
    prize: float | None = None
    """Cost of a prize, in the campaign's currency."""
    dispersion: float = 3.0
    """Variance over mean of the counts of units."""
    baskets_a_unit: float = 0.45
    sd: float | None = None
    """Standard deviation of the log disturbance."""


class Plant(Protocol):
    """A market as a difference equation."""

    @property
    def levers(self) -> Mapping[str, Lever]: ...

    @property
    def signals(self) -> Mapping[str, Signal]: ...

    def start(self, inputs: State, dt: float) -> State:
        """The state where people have known `inputs` for ever and nothing is issued yet.

        dt: seconds of the steps to come; ValueError where it does not divide a dead time.
        """
        ...

    def step(self, state: State, inputs: State, luck: Luck, dt: float) -> tuple[State, State]:
        """The state dt seconds on, and the signals of the step.

        `inputs` holds a value of each lever, `demand` (units an hour without any lever) and `people` (those whom the
        campaign could reach at all), all of shape (cells,).
        """
        ...


class Part(Protocol):
    """One lever of a plant: what it does to sales, and what follows from them."""

    @property
    def levers(self) -> Mapping[str, Lever]: ...

    @property
    def signals(self) -> Mapping[str, Signal]: ...

    def start(self, inputs: State, dt: float) -> State: ...

    def lift(self, state: State, inputs: State, dt: float) -> tuple[State, Floats]:
        """The part of the state that sales depend on, one step on, and the share of sales added."""
        ...

    def settle(self, state: State, inputs: State, sales: State, luck: Luck, dt: float) -> tuple[State, State]:
        """The part of the state that depends on sales, and the signals of the step.

        `sales` holds `units_scanned`, `baskets`, and `mood`: the factor of the disturbance, mean one.
        """
        ...
