"""A campaign with every lever: lottery, coupon and push over one demand, counted, not acted by persons.

    sales ~ NB(demand x factor(AR(1)) x (1 + sum of the levers' lifts), dispersion)

Each lever's lift is dead time, carry-over and saturation (parts/response). Counts have a constant ratio of variance to
mean, so the step does not change their law. Called by the simulated market; calls the parts and models.counts; its luck
is handed in.

```yaml
market: {kind: campaign, signals: {units: units_scanned, paid: money_paid},
         levers: {win_rate: win_probability, coupon: coupon_value, push: push_frequency}}
```
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.counts import MOST_DISPERSED, binomial, negative_binomial
from models.plants.base import Floats, Knobs, Lever, Luck, Part, Signal, State, answered
from models.plants.parts.coupon import Coupon
from models.plants.parts.lottery import Lottery
from models.plants.parts.push import Push
from models.response import disturbance

_SALES = {
    "units_scanned": Signal("count", "units", "units sold and scanned"),
    "baskets": Signal("count", "count", "purchases, each of one or more units"),
    "money_paid": Signal("money", "money", "what all levers have cost so far"),
    "money_owed": Signal("level", "money", "what is issued and can still be claimed"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignPlant:
    """Sales under any set of levers.

    Parameters
    ----------
    parts: the levers by name; the names prefix their state.
    dispersion: variance / mean of the counts of units, 1 to 50.
    baskets_a_unit: baskets over units, above 0, at most 1.
    sd, half_life: of the log disturbance; seconds.
    growth: power of the disturbance's factor with which the dispersion grows.
    (dispersion, sd, half_life and growth: one number, or one a cell)

    >>> plant = CampaignPlant(parts={"lottery": Lottery()}, dispersion=3.0)
    >>> at = {"win_probability": np.array([0.0, 0.1]), "demand": np.full(2, 600.0), "people": np.full(2, 1e5)}
    >>> state, signals = plant.step(plant.start(at, 600.0), at, lambda channel: np.full(2, 0.5), 600.0)
    >>> signals["units_scanned"], signals["prizes_won"]
    (array([ 99., 192.]), array([ 0., 19.]))
    """

    parts: Mapping[str, Part] = field(
        default_factory=lambda: {"lottery": Lottery(), "coupon": Coupon(), "push": Push()}
    )
    dispersion: Floats | float = 3.0
    baskets_a_unit: float = 0.45
    sd: Floats | float = disturbance.SD.value
    half_life: Floats | float = disturbance.HALF_LIFE.value
    growth: Floats | float = 0.0

    @property
    def levers(self) -> Mapping[str, Lever]:
        return {name: lever for part in self.parts.values() for name, lever in part.levers.items()}

    @property
    def signals(self) -> Mapping[str, Signal]:
        return _SALES | {
            name: signal for part in self.parts.values() for name, signal in part.signals.items()
        }

    def start(self, inputs: State, dt: float) -> State:
        state = {"log": np.zeros_like(inputs["demand"])}
        for name, part in self.parts.items():
            state |= _prefixed(name, part.start(inputs, dt))
        return state

    def settled(self, inputs: State) -> Floats:
        return sum((part.settled(inputs) for part in self.parts.values()), np.zeros_like(inputs["demand"]))

    def step(self, state: State, inputs: State, luck: Luck, dt: float) -> tuple[State, State]:
        log = disturbance.ar1(state["log"], luck("disturbance"), self.sd, self.half_life, dt)
        own, lift = self._lifts(state, inputs, dt)
        mood = disturbance.factor(log, self.sd)
        mean = inputs["demand"] * (dt / 3600.0) * mood * (1.0 + lift)
        units = negative_binomial(luck("units_scanned"), mean, self._dispersion(mood))
        baskets = binomial(luck("baskets"), units, np.full_like(units, self.baskets_a_unit))
        sales: dict[str, Floats] = {"units_scanned": units, "baskets": baskets}
        after, signals = {"log": log}, dict(sales)
        sales["mood"] = mood
        for name, part in self.parts.items():
            kept, said = part.settle(own[name], inputs, sales, luck, dt)
            after |= _prefixed(name, kept)
            signals |= said
        return after, {**signals, **self._money(signals)}

    def _dispersion(self, mood: Floats) -> Floats | float:
        """Variance / mean of the step, within what counts can have."""
        if np.all(self.growth == 0):
            return self.dispersion
        return np.clip(self.dispersion * mood**self.growth, 1.0, MOST_DISPERSED)

    def _lifts(self, state: State, inputs: State, dt: float) -> tuple[dict[str, State], Floats]:
        own, total = {}, np.zeros_like(inputs["demand"])
        for name, part in self.parts.items():
            own[name], lift = part.lift(_own(name, state), inputs, dt)
            total = total + lift
        return own, answered(inputs, total)

    def _money(self, signals: State) -> State:
        zero = np.zeros_like(signals["units_scanned"])
        return {
            "money_paid": sum((signals[name] for name in signals if name.endswith("_paid")), zero),
            "money_owed": sum((signals[name] for name in signals if name.endswith("_owed")), zero),
        }


def build(knobs: Knobs) -> CampaignPlant:
    """The plant of this kind."""
    return plant_of(knobs, lottery=lottery(knobs), coupon=coupon(knobs), push=push(knobs))


def plant_of(knobs: Knobs, **parts: Part) -> CampaignPlant:
    """A plant of any parts, with the knobs that concern its sales."""
    return CampaignPlant(
        parts=parts,
        dispersion=knobs.dispersion,
        baskets_a_unit=knobs.baskets_a_unit,
        sd=disturbance.SD.value if knobs.sd is None else knobs.sd,
        half_life=disturbance.HALF_LIFE.value if knobs.half_life is None else knobs.half_life,
        growth=knobs.growth,
    )


def lottery(knobs: Knobs) -> Lottery:
    """The lottery with its knobs turned."""
    plain = Lottery()
    prize = plain.prize if knobs.prize is None else knobs.prize
    return Lottery(response=plain.response.turned(knobs), prize=prize)


def coupon(knobs: Knobs) -> Coupon:
    """The coupon with its knobs turned."""
    return Coupon(response=Coupon().response.turned(knobs))


def push(knobs: Knobs) -> Push:
    """The push messages with their knobs turned."""
    return Push(response=Push().response.turned(knobs))


def _prefixed(name: str, state: State) -> dict[str, Floats]:
    return {f"{name}.{key}": value for key, value in state.items()}


def _own(name: str, state: State) -> dict[str, Floats]:
    start = f"{name}."
    return {key.removeprefix(start): value for key, value in state.items() if key.startswith(start)}
