"""The lottery under the cap: its win-rate lifts sales, its winners claim prizes later or never.

Each unit sold wins with the chance in force. A prize is owed from the moment it is won, paid when it is claimed, and
lapses otherwise. Lift and win-rate may vary widely: no public data hold a win-rate as a lever, so every number below is
a proposal or contested; the findings on chance against sure discounts disagree (Mazar et al. 2016, Lee et al. 2019 for;
eight studies with 13,576 people against). Called by the plants; calls models.counts and parts.response.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.counts import binomial
from models.plants.base import Floats, Lever, Luck, Signal, State, felt
from models.plants.parts.response import Response
from models.response.adstock import HALF_LIFE, retained
from models.response.dead_time import DELAY
from models.response.mechanisms import dose
from models.response.parameter import Parameter

TOP = Parameter(
    1.6,
    0.0,
    3.0,
    "share of sales",
    "proposal; +54 % spent at a 1 % chance of free goods (Lee et al. 2019)",
    True,
)
HALF = Parameter(0.08, 0.02, 0.3, "share", "proposal: a win-rate of 8 % has half the effect", True)
SLOPE = Parameter(1.5, 0.5, 3.0, "1", "proposal within the range of the Hill exponent", True)
CLAIM_HALF_LIFE = Parameter(
    2 * 86_400.0, 3600.0, 14 * 86_400.0, "s", "proposal: winners come back within days"
)
CLAIM_SHARE = Parameter(0.8, 0.3, 1.0, "share", "proposal: the rest of the prizes lapses")
PRIZE = Parameter(2.0, 0.5, 20.0, "money", "proposal: cost of one more bottle")

RESPONSE = Response(
    top=TOP.value, half=HALF.value, slope=SLOPE.value, delay=DELAY.value, half_life=HALF_LIFE.value
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lottery:
    """A win-rate, its effect on sales, and its prizes; times in seconds, `prize` in money."""

    response: Response = RESPONSE
    prize: float = PRIZE.value
    claim_half_life: float = CLAIM_HALF_LIFE.value
    claim_share: float = CLAIM_SHARE.value

    @property
    def levers(self) -> Mapping[str, Lever]:
        return {"win_probability": Lever("share", 0.0, 1.0, 0.0, "chance that one unit wins a prize")}

    @property
    def signals(self) -> Mapping[str, Signal]:
        return {
            "prizes_won": Signal("count", "count", "prizes won"),
            "prizes_claimed": Signal("count", "count", "prizes handed out"),
            "prizes_paid": Signal("money", "money", "cost of the prizes handed out"),
            "prizes_owed": Signal(
                "level", "money", "cost of the prizes won that are neither claimed nor lapsed"
            ),
        }

    def start(self, inputs: State, dt: float) -> State:
        chance = self._dose(inputs)
        return {**self.response.start(chance, dt), "open": np.zeros_like(chance)}

    def settled(self, inputs: State) -> Floats:
        return self.response.settled(self._dose(inputs))

    def lift(self, state: State, inputs: State, dt: float) -> tuple[State, Floats]:
        moved, lift = self.response.step(state, self._dose(inputs), dt)
        return {**state, **moved}, lift

    def _dose(self, inputs: State) -> Floats:
        """The chance people feel: what they have heard, weighed by the mechanism that each cell follows."""
        chance = felt(inputs, "win_probability")
        if "mechanism" not in inputs:
            return chance
        price = self.prize  # a prize is one more bottle: what is won costs what is bought
        reference = inputs.get("reference.win_probability", np.full_like(chance, self.response.half))
        agree = np.where(reference > 0, reference, self.response.half)
        return dose(chance, self.prize, price, inputs["mechanism"], agree)

    def settle(self, state: State, inputs: State, sales: State, luck: Luck, dt: float) -> tuple[State, State]:
        won = binomial(luck("prizes_won"), sales["units_scanned"], inputs["win_probability"])
        leaves = np.full_like(won, 1.0 - retained(self.claim_half_life, dt))
        gone = binomial(luck("prizes_gone"), state["open"], leaves)
        claimed = binomial(luck("prizes_claimed"), gone, np.full_like(won, self.claim_share))
        waiting = state["open"] + won - gone
        flows = {"prizes_won": won, "prizes_claimed": claimed, "prizes_paid": claimed * self.prize}
        return {**state, "open": waiting}, {**flows, "prizes_owed": waiting * self.prize}
