"""What paired luck is worth: the variance of the difference that a lever makes, by how two runs share their luck.

Agents under the standard model with streaks, 5,000 persons, two days of hours, baseline at a win-rate of 5 %; compared
with a slightly, clearly and wildly higher one, by the units sold in all. `apart`: other luck for each run. `same seed`:
both runs draw from one sequential stream each, started at the same seed, so that luck is the same until the first
person acts differently, then shifted for everybody. `keyed`: this project's. The disturbance of demand is left out,
which would only help the keyed luck. The worth is the variance of `same seed` over that of `keyed`, with the 95 % range
of an F ratio: so many fewer replications show the same difference. It fades with the size of the change, because the
difference itself is then what varies.
"""

import json
import sys
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from scipy import stats

from models.consumers.agents import Agents
from models.consumers.layout import GRAIN
from models.draws import Draws, keys_of
from models.plants.base import Knobs
from models.plants.consumers import plant_of, standard
from sim.market.market import StepLuck

PEOPLE, DEMAND, STEPS, HOUR = 5000.0, 200.0, 48, 3600.0
REPLICAS = 80
BASE = 0.05
CHANGES = {"small, +0.5 points": 0.055, "medium, +5 points": 0.10, "large, +20 points": 0.25}


@dataclass
class Sequential:
    """One stream for everything, in the order in which the market asks; luck and chance in one."""

    stream: np.random.Generator
    everyone: np.ndarray = field(default_factory=lambda: np.empty(0))

    def __call__(self, channel, *persons):
        return self.stream.random(persons[0].size if persons else 1)

    def candidates(self, place, limits):
        self.everyone = self.stream.random(int(place.count[0]))
        grain = np.arange(self.everyone.size) // GRAIN
        person = np.flatnonzero(np.floor(self.everyone * 65536) <= limits[grain])
        return np.zeros_like(person), person

    def trips(self, cell, person):
        return self.everyone[person.astype(np.int64)]


def units(people, rate, cells, luck):
    """Units sold in all, shape (cells,)."""
    plant = plant_of(Knobs(sd=0.0), people)
    told = {
        "win_probability": BASE,
        "coupon_value": 2.0,
        "push_frequency": 2.0,
        "demand": DEMAND,
        "people": PEOPLE,
    }
    at = {name: np.full(cells, float(value)) for name, value in told.items()}
    state, total = plant.start(at, HOUR), np.zeros(cells)
    at["win_probability"] = np.full(cells, rate)
    for step in range(STEPS):
        state, said = plant.step(state, at, luck(step), HOUR)
        total += said["units_scanned"]
    return total


def keyed(who, rate, seed):
    keys = keys_of(tuple(f"r{n}/all" for n in range(REPLICAS)))
    return units(Agents(who), rate, REPLICAS, lambda step: StepLuck(Draws(seed), keys, step))


def sequential(who, rate):
    found = []
    for replica in range(REPLICAS):
        chance = Sequential(np.random.Generator(np.random.PCG64(replica)))
        people = Agents(who, chance=lambda luck: luck)
        found.append(units(people, rate, 1, partial(lambda stream, _: stream, chance))[0])
    return np.array(found)


def measure():
    who = replace(standard(Knobs()), streak=0.2)
    base, one_stream = keyed(who, BASE, 1), sequential(who, BASE)
    rows = {}
    for name, rate in CHANGES.items():
        changed = keyed(who, rate, 1)
        gaps = {"apart": keyed(who, rate, 2) - base, "same seed": sequential(who, rate) - one_stream}
        gaps["keyed"] = changed - base
        rows[name] = {mode: (float(gap.mean()), float(gap.var(ddof=1))) for mode, gap in gaps.items()}
    return rows


def main():
    rows = measure()
    wide = float(stats.f.ppf(0.975, REPLICAS - 1, REPLICAS - 1))
    print(
        f"{'change of the win-rate':>22} {'effect':>8} | {'variance apart':>14} {'same seed':>10} {'keyed':>9} | worth"
    )
    figures = {}
    for name, row in rows.items():
        (_, apart), (_, same), (effect, paired) = (row[mode] for mode in ("apart", "same seed", "keyed"))
        worth = same / paired
        print(
            f"{name:>22} {effect:>8.1f} | {apart:>14.0f} {same:>10.0f} {paired:>9.0f} | "
            f"{worth:.1f} ({worth / wide:.1f} to {worth * wide:.1f}); {apart / paired:.1f} against apart"
        )
        target = 5.0 if name.startswith("small") else None
        met = None if target is None else bool(worth >= target)
        figures[f"worth of keyed luck, {name}"] = {
            "value": round(worth, 3),
            "unit": "x",
            "target": target,
            "met": met,
        }
        figures[f"against luck apart, {name}"] = {
            "value": round(apart / paired, 3),
            "unit": "x",
            "target": None,
            "met": None,
        }
    fades = [name for name, row in rows.items() if row["same seed"][1] / row["keyed"][1] < wide]
    print(f"no longer to be told from one: {', '.join(fades) if fades else 'none of these'}")
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
