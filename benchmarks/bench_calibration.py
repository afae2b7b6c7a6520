"""How far a calibration can be trusted: years of a market that is known, calibrated anew, and the recorded one.

32 years of soft drinks are simulated from the market fitted to the recorded year (its middle values), and each is
fitted to its first two thirds and tested on the rest, as `setpoint calibrate` does. How often is a right market
refused, and how often does a 90 % interval hold the value that made the data? The recorded market must pass, the three
that are wrong on purpose must be refused. CPU time of one calibration of the recorded tables, everything included.
"""

import json
import sys
import time
from collections import Counter
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import numpy as np

from models.draws import Draws
from sim.calibration.asked import Asked
from sim.calibration.fit import Wish, fit
from sim.calibration.holdout import judged
from sim.calibration.predict import histories
from sim.calibration.reading import read
from sim.calibration.report import Order, calibrate
from sim.calibration.series import Series

TABLES = Path(str(files("sim").joinpath("data")))
YEARS, CUT = 32, 243
FITTED = ("sd", "half_life", "dispersion", "growth")


def known(market):
    """The middle of a posterior as one market, level and profile at their means; and its values."""
    one = np.ones(YEARS)
    values = {name: market.interval(name)[1] for name in FITTED}
    whole = replace(
        market,
        profile=np.repeat(market.profile.mean(axis=0)[None], YEARS, axis=0),
        level=np.full((YEARS, 1), np.median(market.level[:, : market.weeks])),
        **{name: value * one for name, value in values.items()},
    )
    return whole, values


def again(market, first):
    """Refusals by statistic, refused years, and how often each interval holds the truth."""
    whole, values = known(market)
    years = histories(whole, first, 365, YEARS, Draws(77))
    refused, inside, by = 0, Counter(), Counter()
    for number, counts in enumerate(years):
        series = Series(values=counts, closed=np.zeros(365, bool), first=first)
        before, after = series.between(0, CUT), series.between(CUT, 365)
        found = fit(before, Wish(seed=number + 1))
        held = judged(found, before, after, number + 1, 256)
        refused += not held.passed
        by.update(held.failed)
        for name, value in values.items():
            low, _, high = found.interval(name)
            inside[name] += low <= value <= high
    return refused, by, inside


def main():
    path = TABLES / "cj_softdrinks_hourly.csv"
    order = Order(
        trips=TABLES / "cj_softdrinks_trips.csv",
        people=2469,
        redemptions=TABLES / "cj_daily.csv",
        against_wrong=True,
    )
    calibrate(path, Asked(), order)  # once for what is imported late
    began = time.process_time()
    found = calibrate(path, Asked(), replace(order, against_wrong=False))
    spent = time.process_time() - began
    wrong = calibrate(path, Asked(), order).wrong
    refused, by, inside = again(found.market.posterior, read(path, Asked())[0].first)
    print(f"recorded soft drinks: {'passed' if found.market.passed else found.market.failed}")
    for name, held in wrong:
        print(f"  {name}: {'NOT refused' if held.passed else 'refused by ' + ', '.join(held.failed)}")
    print(f"years of a known market, calibrated anew: {refused} of {YEARS} refused")
    for name, count in by.most_common():
        print(f"  {name}: {count}")
    for name in FITTED:
        print(f"  90 % interval of {name} holds the truth in {inside[name]} of {YEARS}")
    print(f"one calibration of the recorded tables: {spent:.1f} s CPU")
    held = sum(inside.values()) / (YEARS * len(FITTED))
    figures = {
        "recorded market passes": {
            "value": int(found.market.passed),
            "target": 1,
            "met": found.market.passed,
        },
        "wrong markets refused": {
            "value": sum(not each.passed for _, each in wrong),
            "target": len(wrong),
            "met": not any(each.passed for _, each in wrong),
        },
        "right markets refused": {"value": 100 * refused / YEARS, "unit": "%"},
        "90 % intervals that hold the truth": {"value": 100 * held, "unit": "%"},
        "one calibration": {"value": round(spent, 2), "unit": "s CPU"},
    }
    if "--json" in sys.argv:
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
