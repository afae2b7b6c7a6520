"""Identification from closed-loop records: how often the intervals hold, and whether a dead lever is called one.

    python benchmarks/bench_identification.py --seeds 1000

Each seed is a market of its own (the shipped lottery on recorded demand, its answer half, once and one and a half times
the plant's), steered by the file's own pid with a small test signal on its win-rate, inside limits, for some weeks; all
seeds run side by side through the real loop. Truth is the first-order fit of the market's noise-free step response at
the win-rate's mean place. A second set of markets does not answer at all, a third answers the other way.
"""

import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from controller.assembly import cells_of
from controller.config import load
from controller.signals import Proposal
from models.draws import keys_of
from models.identification.closed_loop import identify
from models.identification.dither import dithered, sequence
from models.response.mechanisms import MECHANISMS
from models.tuning.step_fit import fit_step
from sim.market.world import World
from sim.runs.runner import Run, finish, start
from sim.tuning.market import PLACES, peaked, steps

CONFIG = Path(__file__).parents[1] / "configs" / "cap_lottery.yaml"
EFFECTS = (0.5, 1.0, 1.5)
HOUR = 3600.0


class Dithered:
    """A policy with a pseudo-random test signal on its proposal, a step every `holds` executions."""

    version = 1

    def __init__(self, inner, channel, amplitude, holds):
        self.inner, self.channel, self.amplitude, self.holds = inner, channel, amplitude, holds
        self.signs, self.count = sequence(9), 0

    def propose(self, tick, observation, limits, draws):
        made = self.inner.propose(tick, observation, limits, draws)
        cells = len(made.value[self.channel])
        place = (self.count // self.holds + 37 * np.arange(cells)) % len(self.signs)
        self.count += 1
        low, high = limits.low[self.channel], limits.high[self.channel]
        value = dithered(made.value[self.channel], self.signs[place], self.amplitude, low, high, 0.001)
        return Proposal({self.channel: value}, made.terms, made.carry)

    def observe(self, outcome):
        self.inner.observe(outcome)

    def state(self):
        return self.inner.state()

    def restore(self, state):
        self.inner.restore(state)


def record(campaign, effect, weeks, seed, amplitude):
    """Put in and measured of every market, shape (executions, markets)."""
    own = cells_of(campaign)
    count = len(effect)
    cells = own.replicated(count)
    keys = keys_of(tuple(f"{seed}/{n}" for n in range(count)))
    low, high = campaign.actuators["win_rate"].low, campaign.actuators["win_rate"].high
    put_in, measured = [], []

    running = start(
        Run(
            campaign=campaign, seconds=weeks * 7 * 24 * HOUR, seed=seed, cells=cells, keys=keys,
            world=World(effect=effect, mechanism=np.zeros(count, np.int64)), sparse=True,
        )
    )  # fmt: skip
    execution = running.loop.parts.executions["sales"]
    execution.policy = Dithered(execution.policy, "win_rate", amplitude, holds=3)

    def look(turn):
        seen = turn.executed.get("sales")
        if seen is not None:
            at = seen.observation
            good = at.usable & at.fresh & (at.process_value > 0)
            measured.append(np.where(good, at.process_value / at.setpoint, np.nan))
            put_in.append((turn.outputs["win_rate"].applied - low) / (high - low))

    finish(running, look)
    # What is read at an execution came from the inputs before it.
    return np.array(put_in[:-1]), np.array(measured[1:])


def truth(campaign, place, effect):
    """Gain, lag and dead time of each market at its mean place, shape (3, markets)."""
    found = steps(campaign, "sales")
    curves = peaked(found.curves).reshape(len(PLACES), len(EFFECTS), len(MECHANISMS), -1)[:, :, 0]
    fitted = fit_step(found.seconds, curves.reshape(-1, curves.shape[-1]))
    values = np.array([fitted.gain, fitted.lag, fitted.dead_time]).reshape(3, len(PLACES), len(EFFECTS))
    which = np.array([EFFECTS.index(each) for each in effect])
    return np.array(
        [[np.interp(p, PLACES, row[:, w]) for p, w in zip(place, which, strict=True)] for row in values]
    )


def covered(found, name, true):
    low, high = found.interval(name)
    return (low <= true) & (true <= high)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--weeks", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument(
        "--amplitude", type=float, default=0.01, help="of the test signal, as a share: 0.01 is 1 point"
    )
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def main():
    asked = arguments()
    campaign = replace(load(CONFIG), mode="auto")
    effect = np.resize(np.array(EFFECTS), asked.seeds)
    figures = {}
    period = campaign.loops["sales"].every
    began = time.perf_counter()
    u, y = record(campaign, effect, asked.weeks, asked.seed, asked.amplitude)
    ran = time.perf_counter() - began
    found = identify(u, y, period=period)
    print(
        f"{asked.seeds} markets, {len(u)} executions each: run in {ran:.0f} s, identified in "
        f"{time.perf_counter() - began - ran:.0f} s"
    )
    true = truth(campaign, u.mean(axis=0), effect)
    for name, value, unit in (("gain", true[0], 1.0), ("lag", true[1], HOUR), ("dead_time", true[2], HOUR)):
        inside = covered(found, name, value)
        low, high = found.interval(name)
        share = 100 * float(inside.mean())
        print(
            f"{name:<10} truth {np.median(value) / unit:6.2f}, median interval {np.median(low) / unit:6.2f} to "
            f"{np.median(high) / unit:6.2f}, covers {share:5.1f} % (too high {100 * np.mean(low > value):.1f} %, "
            f"too low {100 * np.mean(high < value):.1f} %)"
        )
        if name != "lag":
            figures[f"{name} covered at nominal 90"] = (share, "%", "87 to 93", 87 <= share <= 93)
    print("verdicts, answering:", counts(found))
    figures["answering lever called ok"] = (100 * found.verdict.count("ok") / asked.seeds, "%", None, None)
    for name, factor, good in (
        ("dead lever", 0.0, ("none", "can't tell")),
        ("wrong sign", -1.0, ("wrong sign", "can't tell")),
    ):
        some = max(asked.seeds, 1)
        u, y = record(campaign, np.full(some, factor), asked.weeks, asked.seed + 1, asked.amplitude)
        other = identify(u, y, period=period)
        share = 100 * sum(each in good for each in other.verdict) / some
        print(f"verdicts, {name}:", counts(other))
        figures[f"{name} called {' or '.join(good)}"] = (share, "%", 95.0, share >= 95)
    for name, (value, unit, target, met) in figures.items():
        print(
            f"{name}: {value:.1f} {unit}"
            + ("" if target is None else f", target {target}: {'met' if met else 'MISSED'}")
        )
    if asked.json:
        print(
            json.dumps(
                {n: {"value": v, "unit": u_, "target": t, "met": m} for n, (v, u_, t, m) in figures.items()}
            )
        )


def counts(found):
    return ", ".join(
        f"{name} {found.verdict.count(name)}" for name in ("ok", "none", "can't tell", "wrong sign")
    )


if __name__ == "__main__":
    main()
