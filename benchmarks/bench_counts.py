"""A closed loop over counted consumers, 1,000 replicas in one array for 720 hours; and the quantiles under it.

The loop is the real one: the PID every hour, guardrails, budget, journal in memory, on the plant `consumers` with
4 segments and all three levers on. In each step every segment draws seven flows (trips, units, wins, messages, opens,
opt-outs, opt-ins), each by inverse CDF; prizes and coupons are six more a replica. One process on one core.

The quantiles are measured against scipy's, in turns, median of the rounds, means varying from count to count.
"""

import json
import statistics
import sys
import time

import numpy as np
from scipy import stats

from benchmarks.consumers_campaign import campaign
from controller.assembly import cells_of
from models import counts
from models.draws import Draws
from sim.runs.runner import Run, finish, start

REPLICAS, HOURS, SEGMENTS, FLOWS = 1000, 720, 4, 7
ROUNDS = 5
MEANS = (0.5, 5.0, 50.0, 500.0)


def closed_loop():
    """Wall and CPU seconds of the whole run, its start included, and mean units an hour."""
    plan = campaign(fidelity="counts", segments=SEGMENTS)
    begun, spent = time.perf_counter(), time.process_time()
    run = Run(campaign=plan, seconds=HOURS * 3600.0, cells=cells_of(plan).replicated(REPLICAS))
    trace = finish(start(run))
    wall, cpu = time.perf_counter() - begun, time.process_time() - spent
    return wall, cpu, float(trace.hourly("units_scanned").mean())


def laws(mean, size=4000):
    """Each law by ours and by scipy's, on the same uniforms and parameters."""
    keys = np.arange(size, dtype=np.uint64)
    u, spread = Draws(1).uniform(keys, 0, "u"), 0.5 + Draws(1).uniform(keys, 0, "mean")
    means = mean * spread
    trials, chance = np.round(means * 12) + 1, np.full(size, 0.08)
    return {
        "poisson": (lambda: counts.poisson(u, means), lambda: stats.poisson.ppf(u, means)),
        "negative binomial": (
            lambda: counts.negative_binomial(u, means, 3.0),
            lambda: stats.nbinom.ppf(u, means / 2.0, 1 / 3.0),
        ),
        "binomial": (lambda: counts.binomial(u, trials, chance), lambda: stats.binom.ppf(u, trials, chance)),
    }, size


def quantiles():
    """Nanoseconds a count, ours and scipy's, and the share of counts that differ."""
    rows = []
    for mean in MEANS:
        both, size = laws(mean)
        for law, pair in both.items():
            spent = ([], [])
            for _ in range(ROUNDS):
                for times, function in zip(spent, pair, strict=True):
                    begun = time.process_time()
                    found = function()
                    times.append((time.process_time() - begun) / size * 1e9)
            other = (pair[0]() != np.maximum(found, 0)).mean()
            rows.append((law, mean, *(statistics.median(times) for times in spent), float(other)))
    return rows


def main():
    rows = quantiles()
    print(f"{'law':>18} {'mean':>6} {'ours, ns':>9} {'scipy, ns':>10} {'ratio':>6} {'one off':>8}")
    for law, mean, own, other, off in rows:
        print(f"{law:>18} {mean:>6g} {own:>9.1f} {other:>10.0f} {other / own:>6.0f} {off:>8.2%}")
    ratio = float(np.exp(np.mean([np.log(other / own) for _, _, own, other, _ in rows])))
    wall, cpu, units = closed_loop()
    draws = REPLICAS * HOURS * SEGMENTS * FLOWS
    print(
        f"closed loop, {REPLICAS:,} replicas x {HOURS} hours x {SEGMENTS} segments x {FLOWS} flows: {wall:.1f} s of "
        f"wall, {cpu:.1f} s CPU on one core; {draws / 1e6:.0f} M counts of segments, {units:.0f} units an hour"
    )
    found = {
        "closed loop, 1,000 replicas x 720 h": _figure(wall, "s", 10.0, wall <= 10.0),
        "the same, CPU": _figure(cpu, "s CPU"),
        "quantiles against scipy, geometric mean": _figure(ratio, "x"),
        "slowest quantile against scipy": _figure(min(other / own for _, _, own, other, _ in rows), "x"),
    }
    for name, figure in found.items():
        print(
            f"{name}: {figure['value']:.3g} {figure['unit']} {'' if figure['met'] is None else figure['met']}"
        )
    if "--json" in sys.argv[1:]:
        print(json.dumps(found))


def _figure(value, unit, target=None, met=None):
    return {
        "value": round(value, 4),
        "unit": unit,
        "target": target,
        "met": met if met is None else bool(met),
    }


if __name__ == "__main__":
    main()
