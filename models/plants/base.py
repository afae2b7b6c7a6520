"""What a plant is: state in, levers in, luck in; state and signals out. Pure arrays of shape (cells,).

A plant knows neither time of day, nor names, nor money's currency: whoever runs it hands in the base demand of the
step, the lever values and a source of uniforms. Steps must divide the plant's dead times. Implemented by the files
beside this one; called by the simulated market; calls nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
State = Mapping[str, Floats]
"""Named arrays; the last axis is cells, so that replicas of a plant can lie side by side."""
Uint64 = NDArray[np.uint64]


class Luck(Protocol):
    """The chance of one step: the same channel always gives the same luck, in whatever order channels are asked."""

    def __call__(self, channel: str) -> Floats:
        """Uniforms on [0, 1), shape (cells,)."""
        ...

    def words(self, channel: str) -> Uint64:
        """64-bit words, shape (cells,): heads from which a plant keys the draws of single consumers."""
        ...


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
    dispersion: Floats | float = 3.0
    """Variance over mean of the counts of units; one number, or one a cell."""
    baskets_a_unit: float = 0.45
    sd: Floats | float | None = None
    """Standard deviation of the log disturbance; one number, or one a cell."""
    half_life: Floats | float | None = None
    """Of the log disturbance, seconds; one number, or one a cell."""
    growth: Floats | float = 0.0
    """Power of the disturbance's factor with which the dispersion grows: when sales swing up, baskets grow too."""
    fidelity: Literal["counts", "agents"] = "counts"
    """Whether consumers are counted by segments or act one by one; for kinds that know both."""
    compiled: bool = False
    """Whether agents are run by compiled loops, which need numba."""
    segments: int = 4
    """Segments of the consumers where they are counted."""
    heterogeneity: float | None = None
    """Shape of the gamma law of the consumers' purchase rates."""


class Plant(Protocol):
    """A market as a difference equation."""

    @property
    def levers(self) -> Mapping[str, Lever]: ...

    @property
    def signals(self) -> Mapping[str, Signal]: ...

    def start(self, inputs: State, dt: float) -> State:
        """The state where people have known `inputs` for ever and nothing is issued yet.

        dt: seconds of the steps to come; ValueError where it does not divide a dead time. `inputs` may hold
        `usual_demand`, units an hour in the mean of a week, for what depends on more than the first hour.
        """
        ...

    def settled(self, inputs: State) -> Floats:
        """The share of sales added in the end where levers stand at `inputs` for ever, shape (cells,)."""
        ...

    def step(self, state: State, inputs: State, luck: Luck, dt: float) -> tuple[State, State]:
        """The state dt seconds on, and the signals of the step.

        `inputs` holds a value of each lever, `demand` (units an hour without any lever) and `people` (those whom the
        campaign could reach at all), all of shape (cells,). It may hold what `felt` and `answered` read, `mechanism`
        (codes of models.response.mechanisms) and `reference.LEVER` (the value at which all mechanisms agree).
        """
        ...


def felt(inputs: State, lever: str) -> Floats:
    """What people have heard of a lever, shape (cells,): `felt.LEVER`, else the lever itself. Costs follow the lever.

    >>> felt({"coupon_value": np.array([2.0]), "felt.coupon_value": np.array([1.0])}, "coupon_value")
    array([1.])
    """
    return inputs.get(f"felt.{lever}", inputs[lever])


def effect(inputs: State) -> Floats:
    """Factor of now on how sales answer to the levers, shape (cells,); ones where nothing is said."""
    told = inputs.get("effect")
    return np.ones_like(inputs["demand"]) if told is None else told


def answered(inputs: State, lift: Floats) -> Floats:
    """The share of sales added when people answer `effect` times as strongly as the plant says, shape (cells,).

        known + effect (lift - known)

    `known` is the share added where the levers stood when sales were recorded: that level is a fact, however strong
    the answer to a change of them may be. Without `effect` it is the lift itself; without `known`, known is 0.

    >>> at = {"effect": np.array([0.0, 1.0, 2.0]), "known": np.full(3, 0.25)}
    >>> answered(at, np.full(3, 0.5))
    array([0.25, 0.5 , 0.75])
    """
    factor = inputs.get("effect")
    if factor is None:
        return lift
    known = inputs.get("known", np.zeros_like(lift))
    return known + factor * (lift - known)


def interest(inputs: State) -> Floats:
    """How keen people are today, (cells,), ones where nothing is said: a factor that `demand` already has in it.

    For what people do and demand does not say: opening messages.
    """
    told = inputs.get("interest")
    return np.ones_like(inputs["demand"]) if told is None else told


class Part(Protocol):
    """One lever of a plant: what it does to sales, and what follows from them."""

    @property
    def levers(self) -> Mapping[str, Lever]: ...

    @property
    def signals(self) -> Mapping[str, Signal]: ...

    def start(self, inputs: State, dt: float) -> State: ...

    def settled(self, inputs: State) -> Floats:
        """The share of sales added in the end where the lever stands at `inputs` for ever."""
        ...

    def lift(self, state: State, inputs: State, dt: float) -> tuple[State, Floats]:
        """The part of the state that sales depend on, one step on, and the share of sales added."""
        ...

    def settle(self, state: State, inputs: State, sales: State, luck: Luck, dt: float) -> tuple[State, State]:
        """The part of the state that depends on sales, and the signals of the step.

        `sales` holds `units_scanned`, `baskets`, and `mood`: the factor of the disturbance, mean one.
        """
        ...
