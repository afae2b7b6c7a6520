"""The full pantry around a market: a share of what is bought beyond the usual is missing in the weeks to come.

    m = debt of what was bought / debt of what is usual      both: models.response.pantry.borrowed
    keenness = 1 - share (1 - 1 / m)                         at most 1 + share

In the long run a lift L of sales is worth L - share (L - 1): what was borrowed is paid back once, in the hours in which
people shop. Sources and the disputed size of `share` stand in models/response/pantry.py. Called by the simulator; calls
models.response.pantry; draws nothing.
"""

from dataclasses import dataclass

import numpy as np

from models.plants.base import Floats, Luck, State
from models.response.pantry import HALF_LIFE, SHARE, borrowed, settled
from models.twists.base import checked, level, swayed


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pantry:
    """A market that buys ahead; see `models.twists.base.Twist`.

    Parameters
    ----------
    usual: units for each unit of `demand` that are sold with the lever where it started, above zero.
    share: of the units beyond the usual that is borrowed, in [0, 1]; zero: none.
    half_life: of the debt, seconds.

    >>> twist = Pantry(usual=1.0, share=0.5, half_life=86_400.0)
    >>> at, luck = {"demand": np.array([100.0])}, lambda channel: np.array([0.5])
    >>> state, later = twist.start(at, 86_400.0), []
    >>> for lift in (2.0, 1.0, 1.0):
    ...     state, shown = twist.before(state, at, 86_400.0)
    ...     sold = {"units_scanned": 24.0 * lift * shown["demand"]}
    ...     state, _ = twist.after(state, at, sold, luck, 86_400.0)
    ...     later.append(round(float(sold["units_scanned"][0])))
    >>> later
    [4800, 2000, 2160]
    """

    usual: Floats | float
    share: Floats | float = SHARE.value
    half_life: float = HALF_LIFE.value

    def __post_init__(self) -> None:
        checked("pantry.usual", self.usual, 1e-12, np.inf)
        checked("pantry.share", self.share, 0.0, 1.0)

    def start(self, inputs: State, dt: float) -> State:
        debt = settled(self._usual(inputs, dt), dt, self.share, self.half_life)
        return {"debt": debt, "usual debt": debt, "keen": np.ones_like(debt)}

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        full = np.maximum(level(state["debt"], state["usual debt"]), 0.5)
        keen = 1.0 - self.share * (1.0 - 1.0 / full)
        return {**state, "keen": keen}, swayed(inputs, keen, opens=False)

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        bought = signals["units_scanned"] / state["keen"]
        debt, _ = borrowed(state["debt"], bought, dt, self.share, self.half_life)
        usual, _ = borrowed(state["usual debt"], self._usual(inputs, dt), dt, self.share, self.half_life)
        return {**state, "debt": debt, "usual debt": usual}, signals

    def _usual(self, inputs: State, dt: float) -> Floats:
        return self.usual * inputs["demand"] * (dt / 3600.0)
