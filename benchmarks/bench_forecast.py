"""Forecasts of a measured value: recorded soft-drink hours, one a step, against the seasonal naive in one process.

Every hour from the ninth week on is forecast an hour, a day and a week ahead from what was known then, and compared
with the peer: the same hour a week before. MAE of both, coverage of the intervals at nominal 80 and 90 %, also in the
busiest quarter of the hours alone, where a miss costs most. Then the learning of ten thousand cells, one reading each.
"""

import json
import sys
import time

import numpy as np

from models.forecast.ahead import PERSISTS, Mood
from models.forecast.hours import HOURS
from models.forecast.intervals import Errors
from models.forecast.week import Week, learnt
from sim.market.recorded import soft_drinks

LEADS = (1, 24, 168)
FIRST = 8 * HOURS
NOMINAL = (0.8, 0.9)


class Told:
    """Forecasts of one lead and their errors."""

    def __init__(self):
        self.errors, self.miss, self.size = Errors.fresh(1), [], []
        self.hits = {n: [] for n in NOMINAL}

    def take(self, value, forecast, counts):
        if counts:
            self.miss.append(abs(float(value[0] - forecast[0])))
            for nominal in NOMINAL:
                low, high = self.errors.interval(forecast, nominal)
                self.hits[nominal].append(bool(low[0] <= value[0] <= high[0]))
            self.size.append(float(forecast[0]))
        if np.isfinite(forecast).all():
            self.errors = self.errors.seen(value, forecast)

    def busy(self, nominal):
        """Coverage where the forecast is in its highest quarter."""
        return float(
            np.mean(np.array(self.hits[nominal])[np.array(self.size) >= np.quantile(self.size, 0.75)])
        )

    @property
    def mae(self):
        return float(np.mean(self.miss))


def forecasts(series):
    """Told by lead, ours and the peer's."""
    flat = np.ones((1, HOURS))
    week, mood = Week.fresh(flat), Mood.fresh(1)
    ours, peers, made = {n: Told() for n in LEADS}, {n: Told() for n in LEADS}, []
    for now, number in enumerate(series):
        value, slot = np.array([number]), now % HOURS
        for lead in LEADS:
            if now >= HOURS + lead:
                level, feel, shape = made[now - lead]
                usual = level * shape[:, slot]
                ours[lead].take(value, usual * (1 + (feel - 1) * PERSISTS ** (lead - 1)), now >= FIRST)
            if now >= HOURS:
                peers[lead].take(value, np.array([series[now - HOURS]]), now >= FIRST)
        mood = mood.seen(value, week.level * week.shape[:, slot])
        week = learnt(week, flat, np.array([slot + 1.0]), 1.0, value, np.ones(1))
        made.append((week.level, mood.factor(week.level), week.shape))
    return ours, peers


def accuracy(series):
    ours, peers = forecasts(series)
    heads = ("MAE", "naive", "ratio", "80 %", "90 %")
    print(
        f"{'hours ahead':>12}"
        + "".join(f"{head:>8}" for head in heads)
        + f"{'busy 80 %':>11}{'busy 90 %':>11}"
    )
    found = {}
    for lead in LEADS:
        mine, peer = ours[lead], peers[lead]
        ratio = mine.mae / peer.mae
        held = [float(np.mean(mine.hits[n])) for n in NOMINAL]
        shares = "".join(f"{share:>8.1%}" for share in held) + "".join(
            f"{mine.busy(n):>11.1%}" for n in NOMINAL
        )
        print(f"{lead:>12}{mine.mae:>8.3f}{peer.mae:>8.3f}{ratio:>8.3f}{shares}")
        found[f"{lead} h ahead: MAE over the seasonal naive's"] = figure(ratio, "x", 1.0, ratio < 1.0)
        for nominal, share in zip(NOMINAL, held, strict=True):
            name = f"{lead} h ahead: coverage at nominal {nominal:.0%}"
            found[name] = figure(100 * share, "%", 100 * nominal, abs(share - nominal) <= 0.03)
    return found


def speed(cells=10_000):
    flat = np.ones((cells, HOURS))
    week = Week.fresh(flat)
    ends, value = np.ones(cells), np.full(cells, 5.0)
    count = np.ones((cells, HOURS))
    week = Week(week.shape, count.copy(), count, np.full(cells, 5.0), np.full(cells, 100.0))
    took = []
    for hour in range(5):
        start = time.process_time()
        week = learnt(week, flat, ends + hour, 1.0, value, np.ones(cells))
        took.append(1000 * (time.process_time() - start))
    best = min(took)
    print(f"\nlearning one reading in each of {cells} cells: {best:.1f} ms CPU")
    return {f"learning, {cells} cells": figure(best, "ms", None, None)}


def figure(value, unit, target, met):
    return {"value": value, "unit": unit, "target": target, "met": None if met is None else bool(met)}


def main():
    found = accuracy(soft_drinks().units) | speed()
    for name, each in found.items():
        mark = {True: "met", False: "MISSED", None: ""}[each["met"]]
        wanted = "" if each["target"] is None else f"(target {each['target']:g})"
        print(f"{name}: {each['value']:.4g} {each['unit']} {wanted} {mark}")
    if "--json" in sys.argv[1:]:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
