"""The opt-out cliff: up to so many messages few people mind, beyond it they leave in crowds.

    extra = 1 - (1 - c) / (1 - o)      c, o: models.response.opt_out, cliff_chance and opt_out_chance
    those gone are missing among all who are sent a message, open it, opt out, can be reached, and buy for it

It stands around the plant's own fatigue: what the plant loses itself stays lost, and a share `here` of those it still
counts is really there. Those whom the cliff took do not come back within a campaign. Called by the simulator; calls
models.response and models.counts.
"""

from dataclasses import dataclass

import numpy as np

from models.counts import binomial
from models.plants.base import Floats, Luck, State, felt
from models.response import fatigue, opt_out
from models.response.parameter import Parameter
from models.twists.base import checked

WEEK = 7 * 86_400.0
LEVER = "push_frequency"
FACTOR = Parameter(
    20.0,
    1.0,
    30.0,
    "times the hazard",
    "proposal; 10 % say they would switch off at one a week, 37 % at two to five (Localytics 2017)",
    True,
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cliff:
    """A market that leaves beyond a number of messages; see `models.twists.base.Twist`.

    Parameters
    ----------
    threshold: messages a week at which the jump is half made, once people have got used to them; above zero.
    factor: of the hazard beyond it, one or more; one: none.

    >>> twist = Cliff(threshold=3.5)
    >>> at = {"push_frequency": np.array([2.0, 5.0]), "people": np.full(2, 1e5), "demand": np.ones(2)}
    >>> said = {"active_reach": np.full(2, 5e4), "pushes_sent": np.full(2, 400.0), "opens": np.full(2, 40.0),
    ...         "opt_outs": np.zeros(2)}
    >>> state, _ = twist.before(twist.start(at, 3600.0), at, 3600.0)
    >>> twist.after(state, at, said, lambda channel: np.full(2, 0.5), 3600.0)[1]["opt_outs"]
    array([ 0., 26.])
    """

    threshold: Floats | float
    factor: Floats | float = FACTOR.value

    def __post_init__(self) -> None:
        checked("cliff.threshold", self.threshold, 1e-12, np.inf)
        checked("cliff.factor", self.factor, 1.0, np.inf)

    def start(self, inputs: State, dt: float) -> State:
        rate = inputs[LEVER] / WEEK
        return {"tired": _used_to(rate), "here": np.ones_like(rate)}

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        tired = fatigue.remembered(state["tired"], inputs[LEVER] / WEEK, fatigue.MEMORY.value, dt)
        shown = {**inputs, f"felt.{LEVER}": felt(inputs, LEVER) * state["here"]}
        return {**state, "tired": tired}, shown

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        here = state["here"]
        opens = binomial(luck("cliff opens"), signals["opens"], here)
        unread = binomial(luck("cliff unread"), signals["pushes_sent"] - signals["opens"], here)
        left = binomial(luck("cliff opt_outs"), signals["opt_outs"], here)
        there = np.floor(signals["active_reach"] * here + 0.5)
        over = binomial(luck("cliff"), there, self._extra(state["tired"], inputs[LEVER] * (dt / WEEK)))
        share = np.divide(there - over, there, out=np.ones_like(there), where=there > 0)
        said = {
            "opens": opens,
            "pushes_sent": opens + unread,
            "opt_outs": left + over,
            "active_reach": there - over,
        }
        return {**state, "here": here * share}, {**signals, **said}

    def _extra(self, tired: Floats, messages: Floats) -> Floats:
        """Chance to leave beyond that of the plant itself."""
        edge = _used_to(np.asarray(self.threshold) / WEEK)
        own = opt_out.opt_out_chance(tired, messages)
        both = opt_out.cliff_chance(tired, messages, threshold=edge, factor=self.factor)
        return np.clip(1.0 - (1.0 - both) / np.maximum(1.0 - own, 1e-300), 0.0, 1.0)


def _used_to(rate: Floats) -> Floats:
    """Messages remembered by people who have known a rate for ever."""
    return np.asarray(
        fatigue.remembered(np.zeros_like(rate), rate, fatigue.MEMORY.value, 1e3 * fatigue.MEMORY.value)
    )
