"""Coupons that nobody looks at twice: people redeem as many, whatever they are worth.

    shown value = v0                                           v0: the face value at the start
    worth' = worth + (value - worth) (1 - 2^(-dt / half_life))    mean face value of what is out, redeemed or not
    paid = redemptions worth        owed = owed at v0 x worth / v0

So redemptions, and what people buy for a coupon, are those of the value at the start, while each redemption costs what
the coupon says. The counterpart, for coupons, of a lever that sales do not answer to. Called by the simulator; calls
adstock; draws nothing.
"""

from dataclasses import dataclass

import numpy as np

from models.plants.base import Floats, Luck, State
from models.plants.parts.coupon import LAPSE_HALF_LIFE, REDEEM_HALF_LIFE
from models.response.adstock import carry_over

LEVER = "coupon_value"
PAID, OWED = ("coupons_paid", "money_paid"), ("coupons_owed", "money_owed")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Indifference:
    """A market that redeems no more for being given more; see `models.twists.base.Twist`.

    redeemed, lapsed: half-lives of a coupon that will be redeemed, and of one that will not; seconds.

    >>> twist = Indifference()
    >>> at = {"coupon_value": np.array([2.0]), "demand": np.array([100.0])}
    >>> state, at["coupon_value"] = twist.start(at, 3600.0), np.array([6.0])
    >>> state, shown = twist.before(state, at, 43_200.0)
    >>> said = {"coupons_paid": np.array([20.0]), "money_paid": np.array([50.0])}
    >>> shown["coupon_value"], twist.after(state, at, said, lambda channel: np.array([0.5]), 43_200.0)[1]
    (array([2.]), {'coupons_paid': array([40.]), 'money_paid': array([70.])})
    """

    redeemed: float = REDEEM_HALF_LIFE.value
    lapsed: float = LAPSE_HALF_LIFE.value

    def start(self, inputs: State, dt: float) -> State:
        value = inputs[LEVER]
        return {"usual": value.copy(), "redeemed": value.copy(), "idle": value.copy()}

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        value = inputs[LEVER]
        worth = {
            "redeemed": carry_over(state["redeemed"], value, self.redeemed, dt),
            "idle": carry_over(state["idle"], value, self.lapsed, dt),
        }
        shown = {**inputs, LEVER: state["usual"], f"felt.{LEVER}": state["usual"]}
        return {**state, **worth}, shown

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        paid = _dearer(signals, PAID, state["redeemed"], state["usual"])
        owed = _dearer(signals, OWED, state["idle"], state["usual"])
        return state, {**signals, **paid, **owed}


def _dearer(signals: State, names: tuple[str, str], worth: Floats, usual: Floats) -> dict[str, Floats]:
    """Money of coupons at what they are worth, and the sums that it is in; only what the market counts."""
    own = signals.get(names[0])
    if own is None:
        return {}
    more = own * (np.divide(worth, usual, out=np.ones_like(worth), where=usual > 0) - 1.0)
    return {name: signals[name] + more for name in names if name in signals}
