"""The standard consumer, declared once: what every person is and does, for agents and counts alike.

    trips of person i in a step ~ Poisson(g_i B (1 + lift + push_i) exp(k' g_i usual - k I_i) (1 + S_i))
    k = kappa / (usual + units of a basket)

g: rate of the person, gamma over people, mean one · B: base trips of the mean person · lift: of lottery and coupon,
for everybody · push: for those whom messages reach · I: units at home, used up by half-lives; usual: what a person of
mean rate would have at home under the levers known (none, or those of the record), so that under them sales are what
the record says; k': see basket.py · S: streak, raised by each win, fading, at most MOST - 1. A trip buys a basket; each
unit may win. What people hold (prizes, coupons) leaves them all with the same chance a step, so it is counted.

Built by the plant `consumers`; read by `agents` and `counts`. How a lever's value becomes a lift (dead time, carry-over
and saturation) is the business of the plants' parts; what messages do to persons is read from the push part handed in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from models.consumers.basket import Basket
from models.draws import Uint64
from models.response.adstock import retained
from models.response.nbd import SHAPE
from models.response.pantry import HALF_LIFE
from models.response.parameter import Parameter

Floats = NDArray[np.float64]
State = Mapping[str, Any]
"""Named arrays: of shape (cells,), (segments, cells), or a row a consumer."""

DAY = 86_400.0
KAPPA = Parameter(
    0.08,
    0.0,
    0.3,
    "log rate",
    "proposal: about as much of a bump is borrowed as models.response.pantry.SHARE says",
    True,
)
"""What a person loses of the wish to buy by having at home what the mean person usually has, and a basket, more."""
STREAK = Parameter(
    0.0,
    0.0,
    0.5,
    "share of the rate per win",
    "no consensus on the magnitude; nothing unless it is set",
    True,
)
STREAK_HALF_LIFE = Parameter(2 * DAY, 3600.0, 14 * DAY, "s", "proposal: a win is talked about for days", True)
MOST = 3.0
"""Times as keen as usual that a streak makes anybody, at most: nobody buys without end."""
REFERRAL = Parameter(
    0.0, 0.0, 0.4, "newcomers a consumer", "proposal 0.05 to 0.4; nothing unless it is set", True
)
REFERRAL_TRIPS = Parameter(
    16.1, 1.0, 100.0, "trips", "proposal: within a year of the recorded soft-drink trips (Complete Journey)"
)


class Luck(Protocol):
    """The chance of one step; see models.plants.base."""

    def __call__(self, channel: str) -> Floats: ...

    def words(self, channel: str) -> Uint64: ...


class Messages(Protocol):
    """What the push lever is to persons; see models.plants.parts.push."""

    @property
    def opted_in(self) -> float: ...
    @property
    def join_half_life(self) -> float: ...
    @property
    def memory(self) -> float: ...
    @property
    def open_base(self) -> float: ...
    @property
    def open_weight(self) -> float: ...
    @property
    def hazard(self) -> float: ...
    @property
    def kappa(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Consumers:
    """The standard consumer; times in seconds.

    Parameters
    ----------
    push: what messages do to those reached.
    shape: of the gamma law of purchase rates.
    basket: units of a trip.
    pantry: half-life of what is at home.
    kappa: how much a full home lowers the wish to buy; zero: not at all.
    streak: share of the rate that one win adds, zero or more; streak_half_life: how long.
    referral: newcomers that a consumer brings in `referral_trips` trips.
    """

    push: Messages
    shape: float = SHAPE.value
    basket: Basket = field(default_factory=Basket)
    pantry: float = HALF_LIFE.value
    kappa: float = KAPPA.value
    streak: float = STREAK.value
    streak_half_life: float = STREAK_HALF_LIFE.value
    referral: float = REFERRAL.value
    referral_trips: float = REFERRAL_TRIPS.value

    def __post_init__(self) -> None:
        above = {"shape": self.shape, "pantry": self.pantry, "streak_half_life": self.streak_half_life}
        least = {"kappa": self.kappa, "streak": self.streak, "referral": self.referral}
        for name, value in above.items():
            if not (value > 0 and np.isfinite(value)):
                raise ValueError(f"{name} must be above zero, received {value}")
        for name, value in least.items():
            if not (value >= 0 and np.isfinite(value)):
                raise ValueError(f"{name} must be zero or more, received {value}")
        if self.kappa > 1:
            raise ValueError(
                f"a full home takes at most e of the wish to buy, kappa 1, received {self.kappa}"
            )
        if not 0 <= self.brings <= 1:
            raise ValueError(
                f"a trip brings at most one newcomer: {self.referral} in {self.referral_trips} trips is too many"
            )

    def fullness(self, usual: Floats, dt: float) -> tuple[Floats, Floats]:
        """k and k' where the mean person usually has `usual` units at home; shape (cells,)."""
        each = self.kappa / (usual + self.basket.units)
        return each, self.basket.damping(each, retained(self.pantry, dt))

    def carried(self, streak: Floats) -> Floats:
        """Factor of a streak on the rate, shape kept."""
        return np.minimum(1.0 + streak, MOST)

    @property
    def brings(self) -> float:
        """Chance that a trip brings a newcomer."""
        return self.referral / self.referral_trips


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Offer:
    """What people meet in a step; all of shape (cells,)."""

    trips: Floats
    """Expected trips of a person of mean rate, without levers."""
    usual: Floats
    """The same under the levers known: what pantries are measured by."""
    lift: Floats
    """Share of sales added by lottery and coupon, for everybody."""
    pushed: Floats
    """Share of sales added for those whom messages reach."""
    chance: Floats
    """That one unit wins."""
    messages: Floats
    """To each person reached, in the step; below one."""
    mood: Floats
    """Factor on the chance that a message is opened."""
    people: Floats
    """Persons of the cell, at the start."""
    dispersion: Floats | None = None
    """Variance / mean of the units sold in this step; None: the baskets' own."""

    def among(self, cells: Any) -> "Offer":
        """What some cells meet; `cells` indexes every array."""
        told: dict[str, Any] = {each.name: getattr(self, each.name) for each in fields(self)}
        some: dict[str, Any] = {n: None if value is None else value[cells] for n, value in told.items()}
        return Offer(**some)


class People(Protocol):
    """One fidelity: state in, offer in, luck in; state and what people did out."""

    @property
    def consumers(self) -> Consumers:
        """The declaration."""
        ...

    def start(self, offer: Offer, dt: float) -> State:
        """The state of people who have known an offer for ever."""
        ...

    def step(self, state: State, offer: Offer, luck: Luck, dt: float) -> tuple[State, Mapping[str, Floats]]:
        """The state dt seconds on, and the flows of the step, each of shape (cells,).

        Flows: trips, units, won, sent, opens, opt_outs, and reach, the persons whom messages reach at the end.
        """
        ...

    def told(self, state: State, estimates: Mapping[str, Floats]) -> State:
        """The state with what is known of today put in: `fatigue`, `inventory`, `reach`, shape (cells,)."""
        ...
