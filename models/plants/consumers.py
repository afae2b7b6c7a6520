"""A campaign acted by persons, or counted by segments of them: one declaration, two fidelities.

    trips of a person ~ Poisson(g B (1 + lift + push) exp(pantry) (1 + streak))        models/consumers/declaration.py

Levers and signals are those of `campaign`; so are the lottery's and the coupon's way into sales, and what becomes of
prizes and coupons. Beyond it people differ in how often they buy (gamma), shop less with a full pantry, are each sent
messages and tire of them one by one, may be carried by a win, and may bring others. Called by the simulated market;
calls models.consumers and the parts; its luck is handed in.

`fidelity: agents` has `people` consumers with a state each; `counts` has segments, at a cost that does not depend on
how many people there are. Segments are alike within, persons are not, so counts sell too much where levers work against
full pantries. In the six weeks after the win-rate rose from 3 % to 10 % and a coupon of 3 was added, by units sold:

    segments              1        4       10       50
    more than agents    4-6 %    1-1.2 %   0.4 %    0.1 %         (bounds tested: 7, 1.6, 0.7 and 0.3 %)

```yaml
market: {kind: consumers, fidelity: agents, people: 20000,
         signals: {units: units_scanned, paid: money_paid},
         levers: {win_rate: win_probability, coupon: coupon_value, push: push_frequency}}
```
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from models.consumers.agents import Agents
from models.consumers.agents_fast import fast
from models.consumers.basket import Basket
from models.consumers.counts import cut
from models.consumers.declaration import Consumers, Offer, People
from models.consumers.messages import before_next
from models.counts import binomial
from models.plants.base import Floats, Knobs, Lever, Luck, Signal, State, answered, effect, felt, interest
from models.plants.campaign import CampaignPlant, coupon, lottery, push
from models.plants.parts.coupon import Coupon
from models.plants.parts.lottery import Lottery
from models.plants.parts.push import WEEK, Push
from models.plants.parts.response import Response
from models.response import disturbance
from models.response.adstock import retained
from models.response.fatigue import open_chance

ESTIMATES = ("fatigue", "inventory", "reach", "prizes_open", "win_probability", "coupon_value", "push_opens")
"""What is known of today that a run can start from; see `started_from`."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConsumersPlant:
    """Sales to consumers under lottery, coupon and push; see `models.plants.base.Plant`.

    Parameters
    ----------
    people: the declaration of the consumers, and how they are run: as agents or as counts.
    lottery, coupon, push: the levers' ways into sales, and what is owed; see the parts. `push` is the declaration's.
    sd, half_life: of the log disturbance; seconds.
    growth: power of the disturbance's factor with which the dispersion grows, as far as trips allow.

    >>> plant = build(Knobs())
    >>> at = {"win_probability": np.full(1, 0.05), "coupon_value": np.full(1, 2.0), "push_frequency": np.full(1, 2.0),
    ...       "demand": np.full(1, 900.0), "people": np.full(1, 40_000.0)}
    >>> sorted(set(plant.signals) - set(plant.start(at, 600.0)))[:3]
    ['active_reach', 'baskets', 'coupons_issued']
    """

    people: People
    lottery: Lottery = field(default_factory=Lottery)
    coupon: Coupon = field(default_factory=Coupon)
    push: Push = field(default_factory=Push)
    sd: Floats | float = disturbance.SD.value
    half_life: Floats | float = disturbance.HALF_LIFE.value
    growth: Floats | float = 0.0

    def __post_init__(self) -> None:
        if self.people.consumers.push != self.push:
            raise ValueError(
                f"one declaration for all: the push lever is {self.push}, its people know {self.people.consumers.push}"
            )

    @property
    def levers(self) -> Mapping[str, Lever]:
        """Those of `campaign`."""
        return self._campaign.levers

    @property
    def signals(self) -> Mapping[str, Signal]:
        """Those of `campaign`."""
        return self._campaign.signals

    def start(self, inputs: State, dt: float) -> State:
        """See `Plant.start`: levers, pantries, memories and streaks are where `inputs` would bring them in the end.

        What people have at home is what they would have at the demand `usual_demand`, if `inputs` says it (units an
        hour, the mean of a week; it is not looked at in steps), else at the demand of the first step.
        """
        inputs = {**inputs, "demand": inputs.get("usual_demand", inputs["demand"])}
        calm = np.ones_like(inputs["demand"])
        prizes, coupons = self.lottery.start(inputs, dt), self.coupon.start(inputs, dt)
        rate = inputs["push_frequency"] / WEEK
        opens = self._opens(rate * (self.push.memory / np.log(2.0)), inputs)
        read = self._pushed.start(opens, dt)
        lift = self.lottery.response.settled(prizes["stock"]) + self.coupon.response.settled(coupons["stock"])
        offer = self._offer(inputs, calm, lift, self._pushed.settled(opens), dt)
        return {
            "log": np.zeros_like(calm),
            **_named("lottery", prizes),
            **_named("coupon", coupons),
            **_named("push", read),
            **_named("people", self.people.start(offer, dt)),
        }

    def settled(self, inputs: State) -> Floats:
        """See `Plant.settled`; with all those reached who opted in, and pantries as they are in the mean."""
        rate = inputs["push_frequency"] / WEEK
        opens = self._opens(rate * (self.push.memory / np.log(2.0)), inputs)
        pushed = self._pushed.settled(opens) * self.push.opted_in
        return self.lottery.settled(inputs) + self.coupon.settled(inputs) + pushed

    def step(self, state: State, inputs: State, luck: Luck, dt: float) -> tuple[State, State]:
        """See `Plant.step`. Agents move the arrays of their state in place."""
        log = disturbance.ar1(state["log"], luck("disturbance"), self.sd, self.half_life, dt)
        mood = disturbance.factor(log, self.sd)
        own = _parts(state)
        prizes, won = self.lottery.lift(own["lottery"], inputs, dt)
        coupons, saved = self.coupon.lift(own["coupon"], inputs, dt)
        read, pushed = self._pushed.step(own["push"], self._opens(own["people"]["tired"], inputs), dt)
        offer = self._offer(inputs, mood, won + saved, pushed, dt)
        people, flows = self.people.step(own["people"], offer, luck, dt)
        sales = {"units_scanned": flows["units"], "baskets": flows["trips"], "mood": mood}
        prizes, claims = self._claims(prizes, flows["won"], luck, dt)
        coupons, redeemed = self.coupon.settle(coupons, inputs, sales, luck, dt)
        told = {
            "units_scanned": flows["units"],
            "baskets": flows["trips"],
            **claims,
            **redeemed,
            "pushes_sent": flows["sent"],
            "opens": flows["opens"],
            "opt_outs": flows["opt_outs"],
            "active_reach": flows["reach"],
            "money_paid": claims["prizes_paid"] + redeemed["coupons_paid"],
            "money_owed": claims["prizes_owed"] + redeemed["coupons_owed"],
        }
        parts = {"lottery": prizes, "coupon": coupons, "push": read, "people": people}
        after = {f"{part}.{name}": value for part, kept in parts.items() for name, value in kept.items()}
        return {"log": log, **after}, told

    def started_from(self, state: State, estimates: Mapping[str, Floats]) -> State:
        """A state of `start` with what is known of today put in; each of shape (cells,).

        Parameters
        ----------
        estimates: any of `fatigue` (messages remembered a person), `inventory` (units at home a person), `reach`
            (persons whom messages reach), `prizes_open` (prizes won and not claimed), and the carry-over of the levers:
            `win_probability`, `coupon_value` (in the lever's unit) and `push_opens` (opens a week a person reached).

        ValueError for another name, a value below zero, or one that is not finite.
        """
        for name, value in estimates.items():
            if name not in ESTIMATES:
                raise ValueError(f"a run can't start from {name!r}, only from {', '.join(ESTIMATES)}")
            if (
                np.shape(value) != state["log"].shape
                or not (np.isfinite(value) & (np.asarray(value) >= 0)).all()
            ):
                raise ValueError(
                    f"{name} must be zero or more in each of {state['log'].size} cells, received {value}"
                )
        after = dict(state)
        stocks = {
            "prizes_open": "lottery.open",
            "win_probability": "lottery.stock",
            "coupon_value": "coupon.stock",
            "push_opens": "push.stock",
        }
        after |= {stocks[name]: value.copy() for name, value in estimates.items() if name in stocks}
        return after | _named("people", self.people.told(_parts(state)["people"], estimates))

    def estimates(self, state: State) -> dict[str, Floats]:
        """What a state of counts says of today, each of shape (cells,): for `started_from`, of agents too.

        ValueError for a state of agents.
        """
        own = _parts(state)
        people, lottery, coupon, push = (own[name] for name in ("people", "lottery", "coupon", "push"))
        if "memory" in people:
            raise ValueError("estimates are read from a state of counts, received one of agents")
        return {
            "fatigue": people["tired"],
            "inventory": (people["pantry"] * people["people"]).sum(axis=0) / people["people"].sum(axis=0),
            "reach": people["reach"].sum(axis=0),
            "prizes_open": lottery["open"],
            "win_probability": lottery["stock"],
            "coupon_value": coupon["stock"],
            "push_opens": push["stock"],
        }

    @property
    def _campaign(self) -> CampaignPlant:
        return CampaignPlant(parts={"lottery": self.lottery, "coupon": self.coupon, "push": self.push})

    @property
    def _pushed(self) -> Response:
        """The push lever's response of those reached: the campaign's, where as many are reached as opted in."""
        plain, share = self.push.response, max(self.push.opted_in, 1e-9)
        return replace(plain, top=plain.top / share, half=plain.half / share)

    def _opens(self, tired: Floats, inputs: State) -> Floats:
        """Opens a week of a person whom messages reach."""
        likely = open_chance(before_next(tired), self.push.open_base, self.push.open_weight)
        return np.asarray(felt(inputs, "push_frequency") * likely)

    def _offer(self, inputs: State, mood: Floats, lift: Floats, pushed: Floats, dt: float) -> Offer:
        people = np.maximum(inputs["people"], 1.0)
        trips = inputs["demand"] * (dt / 3600.0) * mood / (self.people.consumers.basket.units * people)
        known = inputs.get("known", np.zeros_like(lift))
        return Offer(
            trips=trips,
            usual=trips * (1.0 + known),
            lift=answered(inputs, lift),
            pushed=effect(inputs) * pushed,  # what is known stands in the lift of all
            chance=inputs["win_probability"],
            messages=inputs["push_frequency"] * (dt / WEEK),
            mood=mood * interest(inputs),
            people=people,
            dispersion=self._dispersion(mood),
        )

    def _dispersion(self, mood: Floats) -> Floats | None:
        """Variance / mean of the units of this step; None: the baskets' own."""
        if np.all(self.growth == 0):
            return None
        return np.asarray(self.people.consumers.basket.dispersion * mood**self.growth)

    def _claims(self, state: State, won: Floats, luck: Luck, dt: float) -> tuple[State, State]:
        """What becomes of prizes; the same for whoever holds them, so one draw does for all."""
        lottery = self.lottery
        leaves = np.full_like(won, 1.0 - retained(lottery.claim_half_life, dt))
        gone = binomial(luck("prizes_gone"), state["open"], leaves)
        claimed = binomial(luck("prizes_claimed"), gone, np.full_like(won, lottery.claim_share))
        waiting = state["open"] + won - gone
        paid, owed = claimed * lottery.prize, waiting * lottery.prize
        said = {"prizes_won": won, "prizes_claimed": claimed, "prizes_paid": paid, "prizes_owed": owed}
        return {**state, "open": waiting}, said


def build(knobs: Knobs) -> ConsumersPlant:
    """The plant of this kind."""
    consumers = standard(knobs)
    if knobs.fidelity == "counts":
        return plant_of(knobs, cut(consumers, knobs.segments))
    return plant_of(knobs, fast(consumers) if knobs.compiled else Agents(consumers))


def standard(knobs: Knobs) -> Consumers:
    """The declaration, with the knobs that concern it."""
    basket = Basket(units=1.0 / knobs.baskets_a_unit, dispersion=knobs.dispersion)
    plain = Consumers(push=push(knobs), basket=basket)
    return plain if knobs.heterogeneity is None else replace(plain, shape=knobs.heterogeneity)


def plant_of(knobs: Knobs, people: People) -> ConsumersPlant:
    """A plant of any people, with the knobs that concern the levers and the disturbance."""
    return ConsumersPlant(
        people=people,
        lottery=lottery(knobs),
        coupon=coupon(knobs),
        push=push(knobs),
        sd=disturbance.SD.value if knobs.sd is None else knobs.sd,
        half_life=disturbance.HALF_LIFE.value if knobs.half_life is None else knobs.half_life,
        growth=knobs.growth,
    )


def _named(part: str, state: State) -> dict[str, Floats]:
    return {f"{part}.{name}": value for name, value in state.items()}


def _parts(state: State) -> dict[str, dict[str, Floats]]:
    """The state of each part under its own names."""
    own: dict[str, dict[str, Floats]] = {}
    for name, value in state.items():
        part, _, inner = name.partition(".")
        own.setdefault(part, {})[inner] = value
    return own
