"""Twists at no strength and at full strength around a campaign with every lever, and runs of them."""

import numpy as np

from models.draws import Draws, keys_of
from models.plants.campaign import CampaignPlant
from models.plants.parts.coupon import Coupon
from models.plants.parts.lottery import Lottery
from models.plants.parts.push import Push
from models.twists.attention import Attention
from models.twists.backlash import Backlash
from models.twists.base import Twisted
from models.twists.cliff import Cliff
from models.twists.contagion import Contagion
from models.twists.hunters import Hunters
from models.twists.indifference import Indifference
from models.twists.pantry import Pantry
from models.twists.streaks import Streaks

DT, DAY = 600.0, 86_400.0
LEVERS = {"win_probability": 0.03, "coupon_value": 2.0, "push_frequency": 2.0}
RANGES = {"win_probability": (0.0, 0.3), "coupon_value": (0.0, 10.0), "push_frequency": (0.0, 10.0)}
USUAL = 1.55
"""Units a unit of demand of the whole campaign with the levers at LEVERS, near enough."""
ODDS = (0.0, 0.03, 0.12)


def backlash(strength):
    table = np.array([1.0 + 0.2 * strength, 1.0, 1.0 - 0.5 * strength])
    return Backlash(lever="win_probability", places=ODDS, keenness=table)


def hunters(strength):
    return Hunters(
        lever="win_probability",
        high=0.12,
        usual=USUAL,
        counts=("units_scanned", "baskets"),
        wins=("prizes_won", "prizes_claimed"),
        pays=("prizes_paid", "money_paid"),
        price=2.0,
        strength=strength,
    )


MADE = {
    "attention": lambda strength: Attention(strength=strength),
    "backlash": backlash,
    "cliff": lambda strength: Cliff(threshold=3.0, factor=1.0 + 29.0 * strength),
    "contagion": lambda strength: Contagion(usual=USUAL, k=0.9 * strength),
    "hunters": hunters,
    "pantry": lambda strength: Pantry(usual=USUAL, share=strength),
    "streaks": lambda strength: Streaks(signal="prizes_won", usual=0.03 * USUAL, branching=0.6 * strength),
}
"""Name -> the twist of a strength from 0 (none) to 1."""
ALL = {**{name: (lambda make=make: make(1.0)) for name, make in MADE.items()}, "indifference": Indifference}
"""Name -> the twist at full strength; indifference has no other."""


def at(names, **levers):
    """Inputs of cells of different size."""
    size = 1.0 + np.arange(len(names)) / 10
    told = {name: np.full(len(names), value) for name, value in (LEVERS | levers).items()}
    return {**told, "demand": 900.0 * size, "people": 40_000.0 * size}


def run(plant, names, path, seed=1, steps=90, dt=DT):
    """Signals of all steps, each of shape (steps, cells); `path` gives the levers of a step. Levers start at LEVERS."""
    keys, draws = keys_of(names), Draws(seed)
    state, rows = plant.start(at(names), dt), []
    for n in range(steps):
        state, said = plant.step(state, at(names, **path(n)), lambda c, n=n: draws.uniform(keys, n, c), dt)
        rows.append(said)
    return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def around(*twists, plant=None):
    return Twisted(plant or plain(), twists)


class Keen(Push):
    """Messages opened by people who are as keen as the twists say."""

    def settle(self, state, inputs, sales, luck, dt):
        told = {name: value for name, value in inputs.items() if name != "interest"}
        keen = {**sales, "mood": sales["mood"] * inputs.get("interest", 1.0)}
        return super().settle(state, told, keen, luck, dt)


def plain():
    """A campaign with every lever."""
    return CampaignPlant(parts={"lottery": Lottery(), "coupon": Coupon(), "push": Keen()})
