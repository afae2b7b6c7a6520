"""The coupon on the receipt: its face value lifts sales, is redeemed later by some, and lapses with the others.

A share of the baskets gets a coupon of the value in force. Who will redeem it is drawn at issue, from a curve
that rises with the value; the redemptions then come in with a half-life. It is owed from issue until it is
redeemed or lapses. Redemption rates differ by a factor of sixty between channels (0.2 % for inserts, 14.5 %
for print-at-home, US figures of 2015 to 2019), so the numbers below are proposals. Called by the plants;
calls models.counts and parts.response.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.counts import binomial
from models.plants.base import Floats, Lever, Luck, Signal, State, felt
from models.plants.parts.response import Response
from models.response.adstock import retained
from models.response.hill import hill
from models.response.parameter import Parameter

TOP = Parameter(
    0.5, 0.0, 1.0, "share of sales", "proposal; own-price elasticity -2.62 (Bijmolt et al. 2005)", True
)
HALF = Parameter(4.0, 1.0, 10.0, "money", "proposal: a coupon of this value has half the effect", True)
SLOPE = Parameter(1.5, 0.5, 3.0, "1", "proposal within the range of the Hill exponent", True)
DELAY = Parameter(
    3 * 3600.0, 0.0, 3 * 86_400.0, "s", "proposal; 0 to 3 days for mailed coupons (Complete Journey, type A)"
)
HALF_LIFE = Parameter(
    12 * 3600.0, 3600.0, 21 * 86_400.0, "s", "proposal; 2.5 weeks for mailed coupons (the same)", True
)
ISSUED = Parameter(0.2, 0.0, 1.0, "share of baskets", "proposal: every fifth receipt carries one")
TAKEN = Parameter(
    0.4,
    0.002,
    0.6,
    "share of coupons",
    "0.2 % to 16.6 % across channels at usual values; here at an endless one",
    True,
)
REDEEM_HALF_LIFE = Parameter(
    43_200.0, 3600.0, 21 * 86_400.0, "s", "proposal for a coupon in an app; mailed ones: 2.5 weeks"
)
LAPSE_HALF_LIFE = Parameter(4 * 86_400.0, 86_400.0, 60 * 86_400.0, "s", "proposal: validity of a week or two")

RESPONSE = Response(
    top=TOP.value, half=HALF.value, slope=SLOPE.value, delay=DELAY.value, half_life=HALF_LIFE.value
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coupon:
    """A coupon value, its effect on sales, and its redemptions; times in seconds."""

    response: Response = RESPONSE
    issued: float = ISSUED.value
    taken: float = TAKEN.value
    redeem_half_life: float = REDEEM_HALF_LIFE.value
    lapse_half_life: float = LAPSE_HALF_LIFE.value

    @property
    def levers(self) -> Mapping[str, Lever]:
        return {"coupon_value": Lever("money", 0.0, 1000.0, 0.0, "face value of the coupon on a receipt")}

    @property
    def signals(self) -> Mapping[str, Signal]:
        return {
            "coupons_issued": Signal("count", "count", "coupons handed out"),
            "redemptions": Signal("count", "count", "coupons redeemed"),
            "coupons_paid": Signal("money", "money", "face value of the coupons redeemed"),
            "coupons_owed": Signal("level", "money", "face value of the coupons that can still be redeemed"),
        }

    def start(self, inputs: State, dt: float) -> State:
        value = felt(inputs, "coupon_value")
        empty = {name: np.zeros_like(value) for name in ("takers", "idle", "takers_money", "idle_money")}
        return {**self.response.start(value, dt), **empty}

    def settled(self, inputs: State) -> Floats:
        return self.response.settled(felt(inputs, "coupon_value"))

    def lift(self, state: State, inputs: State, dt: float) -> tuple[State, Floats]:
        moved, lift = self.response.step(state, felt(inputs, "coupon_value"), dt)
        return {**state, **moved}, lift

    def settle(self, state: State, inputs: State, sales: State, luck: Luck, dt: float) -> tuple[State, State]:
        value = inputs["coupon_value"]
        offered = np.where(value > 0, self.issued, 0.0)
        issued = binomial(luck("coupons_issued"), sales["baskets"], offered)
        will = self.taken * hill(value, self.response.half, self.response.slope)
        takers = binomial(luck("coupons_taken"), issued, will)
        redeemed, paid = _leaving("takers", state, self.redeem_half_life, luck, dt)
        lapsed, lost = _leaving("idle", state, self.lapse_half_life, luck, dt)
        after = {
            **state,
            "takers": state["takers"] + takers - redeemed,
            "takers_money": state["takers_money"] + takers * value - paid,
            "idle": state["idle"] + (issued - takers) - lapsed,
            "idle_money": state["idle_money"] + (issued - takers) * value - lost,
        }
        owed = after["takers_money"] + after["idle_money"]
        return after, {
            "coupons_issued": issued,
            "redemptions": redeemed,
            "coupons_paid": paid,
            "coupons_owed": owed,
        }


def _leaving(stock: str, state: State, half_life: float, luck: Luck, dt: float) -> tuple[Floats, Floats]:
    """Coupons that leave a stock in the step, and their face value at the stock's mean."""
    there = state[stock]
    chance = np.full_like(there, 1.0 - retained(half_life, dt))
    gone = binomial(luck(f"coupons.{stock}"), there, chance)
    return gone, state[f"{stock}_money"] * (gone / np.maximum(there, 1.0))
