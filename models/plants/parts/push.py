"""Push messages: opens lift sales, fatigue lowers opens, and tired people switch messages off.

The frequency is messages a week to each person still reachable. What was sent is remembered (models.response.fatigue),
makes the next message less likely to be opened and its reader more likely to opt out (opens also share the
disturbance of sales); those who opted out are lost to
the lever, and a trickle of new people opts in. So more is better only up to a point, and the long run is worse than the
short run shows. Called by the plants; calls models.counts, models.response and parts.response.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from models.counts import binomial, poisson
from models.plants.base import Floats, Lever, Luck, Signal, State, felt, interest
from models.plants.parts.response import Response
from models.response import fatigue, opt_out
from models.response.adstock import retained
from models.response.parameter import Parameter

WEEK = 7 * 86_400.0
TOP = Parameter(
    0.4,
    0.0,
    1.0,
    "share of sales",
    "proposal; effect beyond direct opens not shown (Wohllebe et al. 2021)",
    True,
)
HALF = Parameter(0.3, 0.05, 2.0, "opens/week a person", "proposal", True)
SLOPE = Parameter(1.0, 0.5, 3.0, "1", "proposal within the range of the Hill exponent", True)
DELAY = Parameter(3600.0, 0.0, 6 * 3600.0, "s", "proposal: a message is read within the hour")
HALF_LIFE = Parameter(12 * 3600.0, 3600.0, 7 * 86_400.0, "s", "proposal", True)
OPTED_IN = Parameter(
    0.6, 0.4, 0.91, "share of people", "iOS about 44 %, Android 67 to 91 % (vendors' benchmarks)", True
)
JOIN_HALF_LIFE = Parameter(
    365 * 86_400.0, 90 * 86_400.0, 3 * 365 * 86_400.0, "s", "proposal: the reach lost comes back in a year"
)

RESPONSE = Response(
    top=TOP.value, half=HALF.value, slope=SLOPE.value, delay=DELAY.value, half_life=HALF_LIFE.value
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """A push frequency, its effect on sales, and its toll; times in seconds."""

    response: Response = RESPONSE
    opted_in: float = OPTED_IN.value
    join_half_life: float = JOIN_HALF_LIFE.value
    memory: float = fatigue.MEMORY.value
    open_base: float = fatigue.BASE.value
    open_weight: float = fatigue.WEIGHT.value
    hazard: float = opt_out.HAZARD.value
    kappa: float = opt_out.KAPPA.value

    @property
    def levers(self) -> Mapping[str, Lever]:
        return {
            "push_frequency": Lever("push/week", 0.0, 50.0, 0.0, "messages a week to each person reachable")
        }

    @property
    def signals(self) -> Mapping[str, Signal]:
        return {
            "pushes_sent": Signal("count", "count", "messages sent"),
            "opens": Signal("count", "count", "messages opened"),
            "opt_outs": Signal("count", "count", "people who switched messages off"),
            "active_reach": Signal("level", "count", "people who can be reached"),
        }

    def start(self, inputs: State, dt: float) -> State:
        tired, reach = self._stood(inputs)
        dose = self._dose(tired, reach, inputs)
        return {**self.response.start(dose, dt), "tired": tired, "reach": reach}

    def settled(self, inputs: State) -> Floats:
        """With all of the reach there: in the long run opt-outs take from it, and from this."""
        tired, reach = self._stood(inputs)
        return self.response.settled(self._dose(tired, reach, inputs))

    def _stood(self, inputs: State) -> tuple[Floats, Floats]:
        """What people remember where the frequency has stood for ever, and who can be reached at first."""
        rate = inputs["push_frequency"] / WEEK
        tired = fatigue.remembered(np.zeros_like(rate), rate, self.memory, 1e3 * self.memory)
        return tired, np.floor(inputs["people"] * self.opted_in)

    def lift(self, state: State, inputs: State, dt: float) -> tuple[State, Floats]:
        rate = inputs["push_frequency"] / WEEK
        tired = fatigue.remembered(state["tired"], rate, self.memory, dt)
        moved, lift = self.response.step(state, self._dose(tired, state["reach"], inputs), dt)
        return {**state, **moved, "tired": tired}, lift

    def settle(self, state: State, inputs: State, sales: State, luck: Luck, dt: float) -> tuple[State, State]:
        reach, tired = state["reach"], state["tired"]
        each = inputs["push_frequency"] * (dt / WEEK)
        sent = poisson(luck("pushes_sent"), reach * each)
        keen = self._open(tired) * sales["mood"] * interest(inputs)
        opens = binomial(luck("opens"), sent, np.minimum(keen, 1.0))
        out = binomial(luck("opt_outs"), reach, opt_out.opt_out_chance(tired, each, self.hazard, self.kappa))
        missing = np.maximum(np.floor(inputs["people"] * self.opted_in) - reach, 0.0)
        back = binomial(
            luck("opt_ins"), missing, np.full_like(reach, 1.0 - retained(self.join_half_life, dt))
        )
        left = reach - out + back
        return {**state, "reach": left}, {
            "pushes_sent": sent,
            "opens": opens,
            "opt_outs": out,
            "active_reach": left,
        }

    def _open(self, tired: Floats) -> Floats:
        return fatigue.open_chance(tired, self.open_base, self.open_weight)

    def _dose(self, tired: Floats, reach: Floats, inputs: State) -> Floats:
        """Opens a week a person of the whole population."""
        share = reach / np.maximum(inputs["people"], 1.0)
        return felt(inputs, "push_frequency") * self._open(tired) * share
