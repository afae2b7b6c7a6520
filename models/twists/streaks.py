"""Streaks around a market: what happens often (wins, redemptions, opens) makes people come, and so happens oftener.

    m = excitement by what happened / excitement by what is usual      both: models.response.self_excitation.excited
    keenness = 1 + branching (m - 1)                                   at most MOST

`branching` is the share of the usual that streaks account for with the lever where it started. It grows with the lever,
since more of it happens then: a lever that makes each event p times as likely turns a branching of n into n p, and the
lift of the market is 1 / (1 - n p) of what it would be. Called by the simulator; calls
models.response.self_excitation; draws nothing.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.plants.base import Floats, Luck, State
from models.response.parameter import Parameter
from models.response.self_excitation import excited
from models.twists.base import checked, level, swayed

HALF_LIFE = Parameter(
    6 * 3600.0,
    600.0,
    86_400.0,
    "s",
    "proposal: for the rest of the day; no portable value is published",
    True,
)
MOST = 3.0
"""Times as keen as usual, at most: nobody buys without end."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Streaks:
    """A market that excites itself; see `models.twists.base.Twist`.

    Parameters
    ----------
    signal: what excites; a count of the plant.
    follows: what its usual number hangs on, `demand`, or `interest` for what people do with messages.
    usual: number an hour of it for each unit of that, with the lever where it started, above zero.
    branching: see above, in [0, 1); zero: none.
    half_life: of the excitement, seconds.

    >>> twist = Streaks(signal="prizes_won", usual=0.03, branching=0.2, half_life=3600.0)
    >>> at, luck = {"demand": np.array([1000.0])}, lambda channel: np.array([0.5])
    >>> state, later = twist.start(at, 3600.0), []
    >>> for _ in range(30):
    ...     state, shown = twist.before(state, at, 3600.0)
    ...     won = {"prizes_won": 0.06 * shown["demand"]}
    ...     state, _ = twist.after(state, at, won, luck, 3600.0)
    ...     later.append(round(float(shown["demand"][0])))
    >>> later[:3], later[-1]
    ([1000, 1116, 1186], 1333)
    """

    signal: str
    usual: Floats | float
    branching: Floats | float
    follows: Literal["demand", "interest"] = "demand"
    half_life: float = HALF_LIFE.value

    def __post_init__(self) -> None:
        checked("streaks.usual", self.usual, 1e-12, np.inf)
        checked("streaks.branching", self.branching, 0.0, 1.0 - 1e-9)

    def start(self, inputs: State, dt: float) -> State:
        excess = self.branching * (self._usual(inputs, dt) / dt)
        return {"excess": excess, "usual excess": excess}

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        m = level(state["excess"], state["usual excess"])
        keen = np.minimum(1.0 + self.branching * (m - 1.0), MOST)
        return state, swayed(inputs, keen)

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        excess = excited(state["excess"], signals[self.signal], dt, self.branching, self.half_life)
        usual = excited(state["usual excess"], self._usual(inputs, dt), dt, self.branching, self.half_life)
        return {"excess": excess, "usual excess": usual}, signals

    def _usual(self, inputs: State, dt: float) -> Floats:
        ones = np.ones_like(inputs["demand"])
        return self.usual * inputs.get(self.follows, ones) * (dt / 3600.0)
