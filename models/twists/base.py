"""What a twist is, and the plant that is twisted: a market that answers as before, and does something else besides.

A twist stands between whoever runs a plant and the plant: it may change what goes in (demand, what is felt of a lever)
and what comes out (signals), and has a state of its own. Twists go in in their order and come out in the reverse one.
A twist of no strength leaves every bit as it was. Parameters are one number, or one a cell; state has cells as its last
axis, so that futures may lie side by side. Implemented by the files beside this one; put around plants by the
simulator; pure, its luck is handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.plants.base import Floats, Lever, Luck, Plant, Signal, State


class Twist(Protocol):
    """Something that a market does besides; arrays of shape (cells,), state named by the twist itself."""

    def start(self, inputs: State, dt: float) -> State:
        """Its state where people have known `inputs` for ever."""
        ...

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        """Its state, and the inputs that the plant is to see, in the step of dt seconds to come."""
        ...

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        """Its state, and the signals as they are, after the step; `inputs` are those that the twist was shown."""
        ...


@dataclass(frozen=True, slots=True)
class Twisted:
    """A plant with twists around it; see `models.plants.base.Plant`.

    >>> import numpy as np
    >>> from models.plants.base import Knobs
    >>> from models.plants.cap_lottery import build
    >>> at = {"win_probability": np.array([0.03]), "demand": np.array([600.0]), "people": np.array([1e5])}
    >>> plain, bare = build(Knobs()), Twisted(build(Knobs()), ())
    >>> luck = lambda channel: np.full(1, 0.5)
    >>> _, same = bare.step(bare.start(at, 600.0), at, luck, 600.0)
    >>> _, told = plain.step(plain.start(at, 600.0), at, luck, 600.0)
    >>> same["units_scanned"] == told["units_scanned"]
    array([ True])
    """

    plant: Plant
    twists: tuple[Twist, ...]

    @property
    def levers(self) -> Mapping[str, Lever]:
        """Those of the plant."""
        return self.plant.levers

    @property
    def signals(self) -> Mapping[str, Signal]:
        """Those of the plant."""
        return self.plant.signals

    def start(self, inputs: State, dt: float) -> State:
        """The plant's state and those of the twists, under names of their own."""
        state = dict(self.plant.start(inputs, dt))
        for n, twist in enumerate(self.twists):
            state |= _named(n, twist.start(inputs, dt))
        return state

    def settled(self, inputs: State) -> Floats:
        """That of the plant: what twists do in the long run is not in it."""
        return self.plant.settled(inputs)

    def step(self, state: State, inputs: State, luck: Luck, dt: float) -> tuple[State, State]:
        """See `Plant.step`."""
        shown, own = [], []
        for n, twist in enumerate(self.twists):
            shown.append(inputs)
            mine, inputs = twist.before(_own(n, state), inputs, dt)
            own.append(mine)
        inner = {name: value for name, value in state.items() if not name.startswith("twist ")}
        kept, signals = self.plant.step(inner, inputs, luck, dt)
        after = dict(kept)
        for n, twist in reversed(list(enumerate(self.twists))):
            mine, signals = twist.after(own[n], shown[n], signals, luck, dt)
            after |= _named(n, mine)
        return after, signals


def swayed(inputs: State, factor: Floats, *, opens: bool = True) -> dict[str, Floats]:
    """Inputs of people who are `factor` times as keen, shape (cells,): `demand`, and with it `interest` in messages.

    opens: False where only buying is meant.

    >>> swayed({"demand": np.array([10.0])}, np.array([0.5]))
    {'demand': array([5.]), 'interest': array([0.5])}
    """
    told = {**inputs, "demand": inputs["demand"] * factor}
    if opens:
        told["interest"] = factor * inputs["interest"] if "interest" in inputs else factor
    return told


def level(seen: Floats, usual: Floats) -> Floats:
    """What was seen over what is usual, shape of `seen`; one where nothing is usual yet.

    >>> level(np.array([3.0, 0.0]), np.array([2.0, 0.0]))
    array([1.5, 1. ])
    """
    return np.divide(seen, usual, out=np.ones_like(seen), where=usual > 0)


def checked(name: str, value: Floats | float, low: float, high: float) -> None:
    """Raise ValueError unless a parameter lies in [low, high] in every cell.

    >>> checked("backlash.depth", 1.5, 0.0, 1.0)
    Traceback (most recent call last):
    ...
    ValueError: backlash.depth must lie in [0, 1], received 1.5
    """
    if not (np.greater_equal(value, low) & np.less_equal(value, high)).all():
        raise ValueError(f"{name} must lie in [{low:g}, {high:g}], received {value}")


def _named(n: int, state: State) -> dict[str, Floats]:
    return {f"twist {n} {name}": value for name, value in state.items()}


def _own(n: int, state: State) -> dict[str, Floats]:
    head = f"twist {n} "
    return {name.removeprefix(head): value for name, value in state.items() if name.startswith(head)}
