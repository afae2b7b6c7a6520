"""What the loop says of itself in markets whose trouble is known: which link it names, how often, and for what cost.

    python benchmarks/bench_diagnosis.py [CAMPAIGN.yaml] [--futures N] [--json]

Four weeks of each scenario, every future with its own luck, the shipped policy in auto. `named` is the share of futures
in which a link was named for a quarter of a day in all; `time` the share of the time. The last figure is what
looking costs: the CPU time of a turn of 10,000 cells with it, over the same turn without it, in one process.
"""

import argparse
import json
import time
from dataclasses import replace

import numpy as np

from controller.assembly import cells_of
from controller.config import load
from controller.health import Link, Watches
from sim.market.settings import plant_of, settings_of
from sim.market.world import World
from sim.runs.runner import WEEK, Run, finish, first_moment, start
from sim.scenarios._base import Stage
from sim.scenarios._family import kinds, scenario

SCENARIOS = ("steady", "outage", "shock", "regime_change", "step", "sensor_lie", "zero_gain", "sign_reversal")
LONG = 0.25 / 28
"""Share of the run from which a link counts as named: a quarter of a day."""
TARGETS = {
    "steady: time with anything named": (0.02, "most"),
    "outage: futures that name the sensor": (0.95, "least"),
    "shock: futures that name a jump": (0.8, "least"),
    "zero_gain: futures that name reach or answer": (0.95, "least"),
    "sign_reversal: futures that name the reversed answer": (0.8, "least"),
    "turn of 10,000 cells with looking, over without": (1.2, "most"),
}


def begun(file, kind, futures, weeks=4):
    plan = scenario(kind).campaign(replace(load(file), mode="auto"))
    cells, starts = cells_of(plan).replicated(futures), first_moment(plan)
    plant, ends = plant_of(plan.market, settings_of(plan.market)), starts + weeks * WEEK
    stage = Stage(campaign=plan, cells=cells, plant=plant, starts=starts, ends=ends)
    world = scenario(kind).world(stage, World())
    return start(Run(campaign=plan, seconds=weeks * WEEK, cells=cells, world=world, sparse=True))


def named(file, kind, futures):
    """Share of the time in which each link is named, shape (links, futures)."""
    running = begun(file, kind, futures)
    watches, total = Watches(lambda: running.loop.parts), np.zeros((len(Link), futures))

    def each(turn):
        for _ in watches(turn):
            pass
        found = next(iter(watches.each.values())).links()
        np.add(total, found == np.arange(len(Link))[:, None], out=total)

    finish(running, each)
    return total / total.sum(axis=0)


def cost(file, cells=10_000, turns=40):
    """CPU time of turns with looking, over without."""
    running = begun(file, "steady", cells)
    watches, spent = Watches(lambda: running.loop.parts), []
    for _ in range(turns):
        begin = time.process_time()
        turn = running.loop.tick(running.ticks.at(running.now + running.period))
        between = time.process_time()
        for _ in watches(turn):
            pass
        spent.append((between - begin, time.process_time() - between))
        running.simulated.market.advance_to(running.now)
    turned, looked = np.median(spent, axis=0)
    return 1.0 + looked / turned


def figures(found, ratio):
    share = {kind: (times > LONG).mean(axis=1) for kind, times in found.items()}
    reach = np.maximum(found["zero_gain"][Link.OUT_OF_REACH], found["zero_gain"][Link.NO_ANSWER])
    return {
        "steady: time with anything named": float(1.0 - found["steady"][Link.NONE].mean()),
        "outage: futures that name the sensor": float(share["outage"][Link.SENSOR]),
        "shock: futures that name a jump": float(share["shock"][Link.DEMAND]),
        "zero_gain: futures that name reach or answer": float((reach > LONG).mean()),
        "sign_reversal: futures that name the reversed answer": float(share["sign_reversal"][Link.REVERSED]),
        "turn of 10,000 cells with looking, over without": ratio,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("campaign", nargs="?", default="configs/cap_lottery.yaml")
    parser.add_argument("--futures", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = {}
    print(f"{'scenario':<16}" + "".join(f"{link.name.lower():>14}" for link in Link if link))
    for kind in SCENARIOS:
        assert kind in kinds()
        found[kind] = times = named(given.campaign, kind, given.futures)
        cells = (f"{(times[link] > LONG).mean():>7.0%}{times[link].mean():>7.1%}" for link in Link if link)
        print(f"{kind:<16}" + "".join(cells), flush=True)
    print("\neach: futures in which it was named for a quarter of a day, and share of the time")
    table = {}
    for name, value in figures(found, cost(given.campaign)).items():
        bar, way = TARGETS[name]
        met = value <= bar if way == "most" else value >= bar
        table[name] = {"value": round(value, 4), "unit": "1", "target": bar, "met": bool(met)}
        print(f"{name:<56}{value:>8.3f}   {'at ' + way} {bar:g}{'' if met else '   MISSED'}")
    if given.json:
        print(json.dumps(table))


if __name__ == "__main__":
    main()
