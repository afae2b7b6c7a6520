"""Attention that is all used up: people open so many messages, however many they are sent.

    interest = (f0 o(t0) / (f o(t))) ^ strength      f: messages a week; t: messages remembered; o: chance to open one

So the opens are those of the frequency at the start, f0, at any frequency; what follows from sending (fatigue and
opt-outs) follows all the same. The counterpart, for messages, of a lever that sales do not answer to. Called by the
simulator; calls models.response.fatigue; draws nothing.
"""

from dataclasses import dataclass

import numpy as np

from models.plants.base import Floats, Luck, State
from models.response import fatigue

WEEK = 7 * 86_400.0
LEVER = "push_frequency"
MOST = 1000.0
"""Times as keen as usual, at most: where hardly any message comes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attention:
    """A market that opens no more for being sent more; see `models.twists.base.Twist`.

    strength: 1: opens do not answer to the frequency at all; 0: the plant's own answer.

    >>> twist = Attention()
    >>> at = {"push_frequency": np.array([2.0]), "demand": np.array([100.0])}
    >>> state, at["push_frequency"] = twist.start(at, 3600.0), np.array([4.0])
    >>> twist.before(state, at, 3600.0)[1]["interest"].round(2)
    array([0.5])
    """

    strength: Floats | float = 1.0

    def start(self, inputs: State, dt: float) -> State:
        rate = inputs[LEVER] / WEEK
        memory = fatigue.MEMORY.value
        tired = fatigue.remembered(np.zeros_like(rate), rate, memory, 1e3 * memory)
        return {"tired": tired, "usual": inputs[LEVER] * fatigue.open_chance(tired)}

    def before(self, state: State, inputs: State, dt: float) -> tuple[State, State]:
        tired = fatigue.remembered(state["tired"], inputs[LEVER] / WEEK, fatigue.MEMORY.value, dt)
        now = inputs[LEVER] * fatigue.open_chance(tired)
        asked = np.maximum(now, state["usual"] / MOST)
        less = np.divide(state["usual"], asked, out=np.ones_like(now), where=asked > 0) ** self.strength
        told = inputs["interest"] * less if "interest" in inputs else less
        return {**state, "tired": tired}, {**inputs, "interest": told}

    def after(
        self, state: State, inputs: State, signals: State, luck: Luck, dt: float
    ) -> tuple[State, State]:
        return state, signals
