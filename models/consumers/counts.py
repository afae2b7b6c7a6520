"""Consumers counted: segments of purchase rate, and what flows through them.

Equally large segments at the mean rates of the gamma law's bins; all of a segment are alike in the mean of what they
have at home, of their streaks and of how many messages reach. Every flow is one count a segment, by inverse CDF, so the
cost does not depend on how many people there are. Called by the plant `consumers`; calls models.counts; its luck is
handed in.

What it is off by against the agents of the same declaration stands in the docstring of the plant.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.consumers.declaration import Consumers, Floats, Luck, Offer, State
from models.consumers.messages import before_next, check
from models.consumers.steady import at_home, steady
from models.counts import MEAN, binomial, poisson
from models.draws import Uint64, numbered, uniforms
from models.response.adstock import retained
from models.response.fatigue import open_chance, remembered
from models.response.gamma_rates import segments
from models.response.opt_out import opt_out_chance


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """People as segments; see `models.consumers.declaration.People`.

    Parameters
    ----------
    consumers: the declaration.
    rates: relative rate of each segment, shape (segments,); see `cut`.

    State, last axis cells: `people`, `pantry` (units a person), `streak`, `reach` of shape (segments, cells); `usual`
    (units at home of a person of mean rate under the levers known), `tired` (messages remembered), `wheel`, `joined`
    (those reached at the start) of shape (cells,).
    """

    consumers: Consumers
    rates: Floats

    def start(self, offer: Offer, dt: float) -> State:
        """See `People.start`."""
        who, each = self.consumers, len(self.rates)
        people = np.repeat(offer.people[None] / each, each, axis=0)
        reach = np.floor(people * who.push.opted_in)
        factor = 1.0 + offer.lift + offer.pushed * (reach / np.maximum(people, 1.0))
        home = at_home(who, offer.usual, dt)
        _, damping = who.fullness(home, dt)
        calm = steady(who, self._by(offer), offer, factor, damping, dt)
        tired = remembered(
            np.zeros_like(offer.trips), offer.messages / dt, who.push.memory, 1e3 * who.push.memory
        )
        return {
            "people": people,
            "pantry": calm.units,
            "streak": calm.streak,
            "reach": reach,
            "joined": reach.sum(axis=0),
            "usual": home,
            "tired": tired,
            "wheel": np.zeros_like(tired),
        }

    def _by(self, offer: Offer) -> Floats:
        """The rates, to be multiplied with what is told by cells."""
        return self.rates.reshape(-1, *[1] * offer.trips.ndim)

    def step(self, state: State, offer: Offer, luck: Luck, dt: float) -> tuple[State, Mapping[str, Floats]]:
        """See `People.step`."""
        check(offer.messages)
        own = _Segmented(luck, len(self.rates), offer.trips.ndim)
        bought, shopping = self._shopping(state, offer, own, dt)
        sent, reading = self._reading(state, offer, own, dt)
        after = {**state, **bought, **sent}
        if self.consumers.brings:
            after |= self._newcomers(after, shopping["expected"], own)
        trips, units, won = (shopping[name].sum(axis=0) for name in ("trips", "units", "won"))
        flows = {name: flow.sum(axis=0) for name, flow in reading.items()}
        return after, {
            "trips": trips,
            "units": units,
            "won": won,
            **flows,
            "reach": after["reach"].sum(axis=0),
        }

    def told(self, state: State, estimates: Mapping[str, Floats]) -> State:
        """See `People.told`; every segment keeps its share."""
        after = dict(state)
        if "fatigue" in estimates:
            after["tired"] = estimates["fatigue"]
        for name, own in (("inventory", "pantry"), ("reach", "reach")):
            if name in estimates:
                weight = state["people"] if own == "pantry" else np.ones_like(state["reach"])
                there = (state[own] * weight).sum(axis=0)
                wanted = estimates[name] * weight.sum(axis=0) / (len(self.rates) if own == "reach" else 1.0)
                after[own] = state[own] * (wanted / np.where(there > 0, there, 1.0))
        return after

    def _shopping(self, state: State, offer: Offer, luck: "_Segmented", dt: float) -> tuple[State, State]:
        who, rates, people = self.consumers, self._by(offer), state["people"]
        home = state["usual"]
        _, damping = who.fullness(home, dt)
        lift = 1.0 + offer.lift + offer.pushed * (state["reach"] / np.maximum(people, 1.0))
        wish = np.exp(damping * (rates * home - state["pantry"])) * who.carried(state["streak"])
        expected = people * (rates * offer.trips * lift * wish)
        trips = poisson(luck("trips"), expected)
        units = who.basket.of(trips, luck("units"), offer.dispersion)
        won = binomial(luck("won"), units, offer.chance + np.zeros_like(units))
        keep, fades = retained(who.pantry, dt), retained(who.streak_half_life, dt)
        after = {
            "pantry": (state["pantry"] + units / people) * keep,
            "streak": (state["streak"] + who.streak * won / people) * fades,
            "usual": (home + offer.usual * who.basket.units) * keep,
        }
        return after, {"trips": trips, "units": units, "won": won, "expected": expected}

    def _reading(self, state: State, offer: Offer, luck: "_Segmented", dt: float) -> tuple[State, State]:
        push, people, reach = self.consumers.push, state["people"], state["reach"]
        turned = state["wheel"] + offer.messages
        passed = np.floor(turned * people) - np.floor(state["wheel"] * people)
        sent = binomial(luck("sent"), passed, np.minimum(reach / np.maximum(people, 1.0), 1.0))
        tired = before_next(state["tired"])
        opening = np.minimum(open_chance(tired, push.open_base, push.open_weight) * offer.mood, 1.0)
        leaving = opt_out_chance(tired, np.ones_like(tired), push.hazard, push.kappa)
        opens = binomial(luck("opens"), sent, opening + np.zeros_like(sent))
        out = binomial(luck("opt_outs"), np.minimum(sent, reach), leaving + np.zeros_like(sent))
        share = state["joined"] / len(self.rates)
        missing = np.maximum(np.floor(share - reach), 0.0)
        back = binomial(luck("opt_ins"), missing, np.full_like(sent, 1.0 - retained(push.join_half_life, dt)))
        after = {
            "reach": reach - out + back,
            "tired": remembered(state["tired"], offer.messages / dt, push.memory, dt),
            "wheel": turned % 1.0,
        }
        return after, {"sent": sent, "opens": opens, "opt_outs": out, "opt_ins": back}

    def _newcomers(self, state: State, expected: Floats, luck: "_Segmented") -> State:
        """People who were brought by others: alike in all segments, with empty pantries, reached by messages."""
        before, each = state["people"], len(self.rates)
        mean = np.repeat(self.consumers.brings * expected.sum(axis=0)[None] / each, each, axis=0)
        new = poisson(luck("referral"), mean)
        people = before + new
        thinner = before / np.maximum(people, 1.0)
        return {
            "people": people,
            "reach": state["reach"] + new,
            "joined": state["joined"] + new.sum(axis=0),
            "pantry": state["pantry"] * thinner,
            "streak": state["streak"] * thinner,
        }


def cut(consumers: Consumers, count: int) -> Counts:
    """People in `count` segments.

    >>> from models.plants.parts.push import Push
    >>> cut(Consumers(push=Push()), 4).rates.round(3)
    array([0.078, 0.371, 0.931, 2.62 ])
    """
    return Counts(consumers, segments(consumers.shape, count))


class _Segmented:
    """The luck of a step, one uniform a segment and cell: word number n of each cell's stream for segment n.

    A luck of means stays one (see models.counts.MEAN).
    """

    def __init__(self, luck: Luck, segments: int, dimensions: int) -> None:
        self._luck = luck
        self._numbers = np.arange(segments, dtype=np.uint64).reshape(-1, *[1] * dimensions)
        self._even = luck("consumers") is MEAN

    def __call__(self, channel: str) -> Floats:
        """Uniforms, shape (segments, cells)."""
        if self._even:
            return MEAN
        words: Uint64 = numbered(self._luck.words(f"consumers.{channel}")[None], self._numbers)
        return uniforms(words)
