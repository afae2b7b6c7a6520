"""Predictive control: its programmes against OSQP's in one process, and its loop against PI where dead time is long.

programmes: CPU time of all cells' quadratic programmes at once (models.mpc.qp) against one OSQP object a cell, and the
largest difference of an answer, over starts, bounds and slews of all kinds. loops: J (mean |y - 1| beyond a band, plus
mu moves, weighed as in four weeks of an execution every two hours) of the policy against the robustly tuned PI of
models.tuning, both with Ms of at most 1.6 over the same plants, dead time from short to long, demand a slow walk with
noise; and against the same PI with a deadband.
"""

import json
import sys
import time

import numpy as np

from controller.policies.mpc import Model, MpcPolicy, Settings
from controller.policies.pid import PidPolicy
from controller.policies.pid import Settings as PidSettings
from models.mpc.answers import Answers
from models.mpc.problem import Problem
from models.tuning.process import FirstOrder
from models.tuning.robust import robust
from tests.policies.market import PERIOD, banded

SIZES = (1, 10, 100, 1_000, 10_000)
AGREED, MOVE, BAND = 1e-6, 0.0001 * 336, 0.05
RATIOS = (0.2, 1.0, 3.0, 10.0)
"""Dead time over lag."""


def programmes(cells):
    luck = np.random.default_rng(1)
    answers = Answers(np.array([0.5, 0.3]), np.array([4.0, 2.0]), np.array([1.5, 3.0]))
    problem = Problem(answers, np.array([1.0, 2.0]))
    f, past = luck.uniform(size=(cells, 2)), luck.uniform(size=(cells, answers.past, 2))
    slope = problem.slope(f, past, luck.normal(0.7, 0.3, cells), np.ones(cells))
    size = slope.shape[1]
    low, high = np.zeros((cells, size)), np.ones((cells, size))
    low[:, :2] = luck.uniform(0, 0.5, (cells, 2))
    high[:, :2] = low[:, :2] + luck.choice([0.0, 0.1, 0.4], (cells, 2))
    return problem.programme, (slope, low, high, np.full((cells, size - 2), 0.2))


def spent(work):
    start = time.process_time()
    found = work()
    return time.process_time() - start, found


def against_osqp():
    from models.mpc.with_osqp import solved

    print(f"{'cells':>7}{'ours, us a cell':>17}{'OSQP, us a cell':>17}{'ratio':>8}{'largest difference':>20}")
    worst, ratio = 0.0, 0.0
    for cells in SIZES:
        programme, given = programmes(cells)
        mine, ours = spent(lambda p=programme, g=given: p.solved(*g))
        some = [each[: min(cells, 500)] for each in given]
        theirs, others = spent(lambda p=programme, g=some: solved(p, *g))
        theirs *= cells / len(some[0])
        worst = max(worst, float(np.abs(ours[: len(others)] - others).max()))
        ratio = theirs / mine
        print(
            f"{cells:>7}{mine / cells * 1e6:>17.1f}{theirs / cells * 1e6:>17.1f}{ratio:>8.2f}{worst:>20.1e}"
        )
    return {
        "programmes: largest difference from OSQP": figure(worst, "", AGREED, worst <= AGREED),
        "programmes: OSQP's time over ours, 10,000 cells": figure(ratio, "x", None, None),
    }


def loss(policy, lag, dead, cells=60, turns=300):
    """J of a policy on a plant, mean over cells; the first 60 executions do not count."""
    from tests.policies.market import Market

    market = Market(policy, gain=0.5, lag=lag, dead=dead, noise=0.02, cells=cells)
    walk = np.random.default_rng(7).standard_normal((turns, cells)) * 0.012
    level = 0.7 + np.zeros(cells)
    for n in range(turns):
        level = level + walk[n] - 0.05 * (level - 0.7)
        market.run(1, level=level)
    miss = np.maximum(np.abs(np.array(market.ys[60:]) - 1.0) - BAND, 0.0).mean()
    moves = (np.diff(np.array(market.us[60:]), axis=0) != 0).mean()
    return miss + MOVE * moves, miss, moves


def policies(lag, dead, cells=60):
    """Dead time of the market in executions is one more than it waits; half a period for the loop's own sampling."""
    known = [(0.35, 0.55), (0.8 * lag, 1.25 * lag), (0.8 * dead, 1.25 * dead)]
    at = banded(cells, band=BAND, costs=False)
    model = Model(
        gain=known[0], lag=tuple(t * PERIOD for t in known[1]), dead_time=tuple(t * PERIOD for t in known[2])
    )
    corners = np.array(np.meshgrid(*known)).reshape(3, -1)
    tuned = robust(FirstOrder(*corners), extra_delay=0.5).controller
    pi = {"gain": float(tuned.gain), "integral_time": float(tuned.integral_time) * PERIOD}
    still = {"deadband_above": BAND / 2, "deadband_below": BAND / 2}
    return {
        "mpc": MpcPolicy(at, Settings(model=model)),
        "pi": PidPolicy(at, PidSettings(**pi)),
        "pi with a deadband": PidPolicy(at, PidSettings(**pi, **still)),
    }


def against_pi():
    print(f"\n{'dead/lag':>9}{'policy':>20}{'J':>9}{'miss':>9}{'moves':>8}{'J over mpc':>12}")
    found = {}
    for ratio in RATIOS:
        lag = 4.0 if ratio < 2 else 2.0
        dead = max(round(ratio * lag), 1)
        rows = {name: loss(policy, lag, dead) for name, policy in policies(lag, dead).items()}
        for name, (j, miss, moves) in rows.items():
            print(f"{ratio:>9.1f}{name:>20}{j:>9.4f}{miss:>9.4f}{moves:>8.2f}{j / rows['mpc'][0]:>12.2f}")
        best = min(j for name, (j, _, _) in rows.items() if name != "mpc") / rows["mpc"][0]
        wanted = 1.0 if ratio >= 1 else None
        met = None if wanted is None else best > wanted
        found[f"loops: J of the better PI over mpc's, dead time {ratio:g} lags"] = figure(
            best, "x", wanted, met
        )
    return found


def figure(value, unit, target, met):
    return {"value": value, "unit": unit, "target": target, "met": None if met is None else bool(met)}


def main():
    found = {}
    try:
        found |= against_osqp()
    except ImportError as fault:
        print(f"not compared with OSQP: {fault}")
    found |= against_pi()
    for name, each in found.items():
        mark = {True: "met", False: "MISSED", None: ""}[each["met"]]
        wanted = "" if each["target"] is None else f"(target {each['target']:g})"
        print(f"{name}: {each['value']:.3g} {each['unit']} {wanted} {mark}")
    if "--json" in sys.argv[1:]:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
