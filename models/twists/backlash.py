"""The slow backlash: a lever that lifts the market at once wears it out over weeks.

    keenness' = keenness + (settled(lever) / settled(start) - keenness) (1 - 2^(-dt / half_life))
    settled(lever): how keen people are in the long run with the lever there, between `places` in a straight line

So a turn up can pay at first and cost later, and a turn down cost at first and pay later. Facebook's data scientists
sent far fewer on-site notifications: use of the app fell at once, crept back, and was higher after a year (Analytics at
Meta, "Notifications: why less is more", December 2022). They give no figures; depth and memory are proposals. Costs
follow the lever. Called by the simulator; calls adstock; draws nothing.
"""

from dataclasses import dataclass

import numpy as np

from models.plants.base import Floats, Luck, State
from models.response.adstock import carry_over
from models.response.parameter import Parameter
from models.twists.base import checked, swayed

LOST = Parameter(
    0.15,
    0.0,
    0.5,
    "share",
    "proposal; the sign is that of Analytics at Meta 2022, its size was not told",
    True,
)
"""What is lost of the market in the long run with the lever at its highest, the lift of the lever counted in."""
LEAST = 1e-3
"""Times as keen as usual, at least; and at most its inverse."""
HALF_LIFE = Parameter(
    4 * 86_400.0, 86_400.0, 60 * 86_400.0, "s", "proposal; there it took up to a year", True
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Backlash:
    """A market that a lever wears out; see `models.twists.base.Twist`.

    Parameters
    ----------
    lever: its name.
    places: values of the lever, ascending; beyond the ends those hold.
    keenness: how keen people are in the long run at each of them, LEAST or more; shape (places,) or (places, cells);
        only its ratios count, since people are used to where the lever starts. Ones are no backlash.
    half_life: of getting used to where the lever stands, seconds.

    >>> twist = Backlash(lever="odds", places=(0.0, 0.1), keenness=np.array([1.0, 0.5]), half_life=86_400.0)
    >>> at = {"odds": np.array([0.0]), "demand": np.array([100.0])}
    >>> state, (at["odds"], later) = twist.start(at, 86_400.0), (np.array([0.1]), [])
    >>> for _ in range(3):
    ...     state, shown = twist.before(state, at, 86_400.0)
    ...     later.append(float(shown["demand"][0]))
    >>> later
    [75.0, 62.5, 56.25]
    """

    lever: str
    places: tuple[float, ...]
    keenness: Floats
    half_life: float = HALF_LIFE.value

    def __post_init__(self) -> None:
        if len(self.places) < 2 or not (np.diff(self.places) > 0).all():
            raise ValueError(f"backlash.places: two or more, ascending, received {self.places}")
        if len(self.keenness) != len(self.places):
            raise ValueError(
                f"backlash.keenness: one a place, received {len(self.keenness)} for {self.places}"
            )
        checked("backlash.keenness", self.keenness, LEAST, 1 / LEAST)

    def start(self, inputs: State, dt: float) -> State:
        usual = self._settled(inputs)
        return {"keen": np.ones_like(usual), "usual": usual}

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        now = self._settled(inputs) / state["usual"]
        keen = carry_over(state["keen"], now, self.half_life, dt)
        return {**state, "keen": keen}, swayed(inputs, keen)

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        return state, signals

    def _settled(self, inputs: State) -> Floats:
        """How keen people are in the long run with the lever where it is, shape of the lever's value."""
        value, places = inputs[self.lever], np.array(self.places)
        right = np.clip(np.searchsorted(places, value), 1, len(places) - 1)
        way = np.clip((value - places[right - 1]) / (places[right] - places[right - 1]), 0.0, 1.0)
        table = self.keenness if self.keenness.ndim == 2 else self.keenness[:, None]
        cell = np.arange(table.shape[1])
        below, above = table[right - 1, cell], table[right, cell]
        return np.asarray(below + (above - below) * way)
