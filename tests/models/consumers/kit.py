"""Small populations for tests."""

from dataclasses import dataclass

import numpy as np

from models.consumers.basket import Basket
from models.consumers.declaration import Consumers, Offer
from models.draws import Draws, keys_of
from models.plants.parts.push import Push

HOUR = 3600.0


@dataclass(frozen=True)
class StepLuck:
    """The chance of one step, as a market has it."""

    draws: Draws
    keys: np.ndarray
    step: int

    def __call__(self, channel):
        return self.draws.uniform(self.keys, self.step, channel)

    def words(self, channel):
        return self.draws.words(self.keys, self.step, channel)


def consumers(**told):
    told = {"push": Push(), "basket": Basket(), "streak": 0.3} | told
    return Consumers(**told)


def offer(people, trips=0.02, lift=0.5, pushed=0.2, chance=0.08, messages=0.03, mood=1.0):
    people = np.asarray(people, float)
    spread = lambda value: np.broadcast_to(np.asarray(value, float), people.shape).copy()  # noqa: E731
    return Offer(
        trips=spread(trips),
        usual=spread(trips),
        lift=spread(lift),
        pushed=spread(pushed),
        chance=spread(chance),
        messages=spread(messages),
        mood=spread(mood),
        people=people,
    )


def lucks(cells, seed=1, names=None):
    """The luck of each step of so many cells."""
    keys = keys_of(names or tuple(f"store-{n}" for n in range(cells)))
    return lambda step: StepLuck(Draws(seed), keys, step)


def log(people, given, steps=40, luck=None, start=None):
    """Flows of every step, each of shape (steps, cells), and the last state."""
    luck = luck or lucks(given.people.size)
    state, rows = start or people.start(given, HOUR), []
    for step in range(steps):
        state, flows = people.step(state, given, luck(step), HOUR)
        rows.append(flows)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}, state


def same(one, other):
    assert one.keys() == other.keys()
    for name in one:
        assert np.array_equal(one[name], other[name]), name
