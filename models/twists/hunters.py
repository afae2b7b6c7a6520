"""Bonus hunters: the higher the prize stands above where it started, the more come who are there for it alone.

    crowd' = crowd + (strength x - crowd) (1 - 2^(-dt / half_life))      x: place between start and top, 0 to 1
    hunted ~ Poisson(crowd usual demand dt)                              beside what the market does
    prizes ~ Binomial(hunted, min(skill chance, 1)), claimed at once     or one each, where a coupon is hunted

Their purchases are counted like any other, so the sensor shows success while the crowd lasts, and it leaves with the
prize; the prizes cost what they cost, and hunters get more of them than others (several accounts, picked caps). No
portable figures are published: all proposals. Called by the simulator; calls adstock and models.counts.
"""

from dataclasses import dataclass

import numpy as np

from models.counts import binomial, poisson
from models.plants.base import Floats, Luck, State
from models.response.adstock import carry_over
from models.response.parameter import Parameter
from models.twists.base import checked

STRENGTH = Parameter(0.5, 0.0, 2.0, "share of the usual", "proposal: every third purchase at the top", True)
SKILL = Parameter(3.0, 1.0, 10.0, "times the odds", "proposal", True)
HALF_LIFE = Parameter(2 * 86_400.0, 3600.0, 14 * 86_400.0, "s", "proposal: word gets round in days")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hunters:
    """A crowd after the prize; see `models.twists.base.Twist`.

    Parameters
    ----------
    lever: what draws them; the chance of a prize, or the value of a coupon.
    high: the lever's highest value.
    usual: of what they add one to, an hour for each unit of `demand` with the lever where it started.
    counts: signals that each of their purchases adds one to.
    wins: signals that each of their prizes adds one to.
    pays: signals that the money of their prizes is added to.
    price: money a prize; None: the lever says it (a coupon's face value).
    skill: times the odds at which they win; None: each purchase gets its prize.
    strength: of the crowd at the top, as a share of the usual; zero: none.
    half_life: of its coming and going, seconds.

    >>> twist = Hunters(lever="odds", high=0.1, usual=1.0, counts=("sold",), wins=("won",), pays=("paid",), price=2.0)
    >>> at, luck = {"odds": np.array([0.0]), "demand": np.array([1000.0])}, lambda channel: np.array([0.5])
    >>> state = twist.start(at, 2 * 86_400.0)
    >>> at["odds"] = np.array([0.1])
    >>> state, _ = twist.before(state, at, 2 * 86_400.0)
    >>> said = {name: np.zeros(1) for name in ("sold", "won", "paid")}
    >>> twist.after(state, at, said, luck, 3600.0)[1]
    {'sold': array([250.]), 'won': array([75.]), 'paid': array([150.])}
    """

    lever: str
    high: float
    usual: Floats | float
    counts: tuple[str, ...]
    wins: tuple[str, ...]
    pays: tuple[str, ...]
    price: Floats | float | None = None
    skill: float | None = SKILL.value
    strength: Floats | float = STRENGTH.value
    half_life: float = HALF_LIFE.value

    def __post_init__(self) -> None:
        checked("hunters.usual", self.usual, 0.0, np.inf)
        checked("hunters.strength", self.strength, 0.0, 100.0)

    def start(self, inputs: State, dt: float) -> State:
        value = inputs[self.lever]
        return {"crowd": np.zeros_like(value), "used to": value.copy()}

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        drawn = self.strength * self._place(inputs[self.lever], state["used to"])
        return {**state, "crowd": carry_over(state["crowd"], drawn, self.half_life, dt)}, inputs

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        value = inputs[self.lever]
        hunted = poisson(luck("hunters"), state["crowd"] * self.usual * inputs["demand"] * (dt / 3600.0))
        won = hunted
        if self.skill is not None:
            won = binomial(luck("hunters won"), hunted, np.minimum(self.skill * value, 1.0))
        money = won * (value if self.price is None else self.price)
        more = [(name, hunted) for name in self.counts]
        more += [(name, won) for name in self.wins] + [(name, money) for name in self.pays]
        return state, {**signals, **{name: signals[name] + extra for name, extra in more}}

    def _place(self, value: Floats, start: Floats) -> Floats:
        room = np.maximum(self.high - start, 1e-12)
        return np.clip((value - start) / room, 0.0, 1.0)
