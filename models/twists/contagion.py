"""Referral around a market: buyers bring others, who bring others; near one each, it builds up for months and ebbs so.

    m = referred by those who bought / referred by those who usually do      both: models.response.referral.referred
    keenness = 1 / (1 - K (1 - 1 / m))                                       below 1 / (1 - K)

K of the usual buyers were brought by others. A lift L of sales grows to 1 + (L - 1) / (1 - K) in the long run, with a
memory that is 1 / (1 - K) times as long; the newcomers come in the hours of all and as many of them whatever the lever
does to the others. Below L = K the market dies out, as it must. Called by the simulator; calls
models.response.referral; draws nothing.
"""

from dataclasses import dataclass

import numpy as np

from models.plants.base import Floats, Luck, State
from models.response.referral import HALF_LIFE, K, referred, settled
from models.twists.base import checked, level, swayed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contagion:
    """A market whose buyers bring others; see `models.twists.base.Twist`.

    Parameters
    ----------
    usual: units for each unit of `demand` that are sold with the lever where it started, above zero.
    k: new buyers that each buyer brings, zero or more, below one; zero: none.
    half_life: of the wait from a purchase to the friend's, seconds.

    >>> twist = Contagion(usual=1.0, k=0.5, half_life=86_400.0)
    >>> at, luck = {"demand": np.array([100.0])}, lambda channel: np.array([0.5])
    >>> state, later = twist.start(at, 86_400.0), []
    >>> for _ in range(40):
    ...     state, shown = twist.before(state, at, 86_400.0)
    ...     sold = {"units_scanned": 24.0 * 1.2 * shown["demand"]}
    ...     state, _ = twist.after(state, at, sold, luck, 86_400.0)
    ...     later.append(round(float(sold["units_scanned"][0]) / 2400.0, 3))
    >>> later[0], later[3], later[-1]
    (1.2, 1.328, 1.4)
    """

    usual: Floats | float
    k: Floats | float = K.value
    half_life: float = HALF_LIFE.value

    def __post_init__(self) -> None:
        checked("contagion.usual", self.usual, 1e-12, np.inf)
        checked("contagion.k", self.k, 0.0, 1.0 - 1e-9)

    def start(self, inputs: State, dt: float) -> State:
        pending = settled(self._usual(inputs, dt), dt, self.k, self.half_life)
        return {"pending": pending, "usual pending": pending}

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        m = level(state["pending"], state["usual pending"])
        keen = m / (m - self.k * (m - 1.0))
        return state, swayed(inputs, keen, opens=False)

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        pending, _ = referred(state["pending"], signals["units_scanned"], dt, self.k, self.half_life)
        usual, _ = referred(state["usual pending"], self._usual(inputs, dt), dt, self.k, self.half_life)
        return {"pending": pending, "usual pending": usual}, signals

    def _usual(self, inputs: State, dt: float) -> Floats:
        return self.usual * inputs["demand"] * (dt / 3600.0)
