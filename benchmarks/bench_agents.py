"""Consumers as agents: a step of a million of them against this machine's own random numbers, and against Mesa.

All of it is the standard model: gamma rates, baskets, lottery with streaks, coupon, messages with fatigue and opt-out,
pantries; an hour a step, 16 trips a person a year (the recorded soft drinks), 2 messages a week. A draw used is a
uniform that decided something: everyone's trip, and what followed for those it concerned. The limit is one pass of
NumPy's PCG64 float32 uniforms, one a consumer, in the same process, in turns, CPU time, median of the rounds; compiled
loops run on one thread. `busy` is the same ten times over: more buyers a step, so more work a draw. Mesa runs the same
equations, an object a consumer, over its own AgentSet; its baskets are two tosses of a coin, which is cheaper.

The year is the real loop with the PID every hour over 1,000,000 consumers: `--year` runs it whole, otherwise the first
four weeks are run and the year is thirteen times that.
"""

import importlib.util
import json
import math
import statistics
import sys
import time
from dataclasses import replace

import numpy as np

from benchmarks.consumers_campaign import campaign
from models.consumers.agents import Agents, bytes_a_consumer
from models.draws import Draws, keys_of
from models.plants.base import Knobs
from models.plants.consumers import plant_of, standard
from sim.market.market import StepLuck
from sim.runs.runner import Run, finish, start

PEOPLE, STREAK, HOUR = 1_000_000, 0.2, 3600.0
TRIPS_A_YEAR = 16.1
ROUNDS, STEPS = 9, 12
MESA_PEOPLE, MESA_STEPS = 2000, 40
HAVE = {name: importlib.util.find_spec(name) is not None for name in ("numba", "mesa")}


class Steps:
    """One population, stepped on."""

    def __init__(self, people, busy=1.0):
        self.plant = plant_of(Knobs(), people)
        demand = PEOPLE * TRIPS_A_YEAR * busy / 8760.0 / 0.45
        told = {
            "win_probability": 0.05,
            "coupon_value": 2.0,
            "push_frequency": 2.0,
            "demand": demand,
            "people": PEOPLE,
        }
        self.at = {name: np.full(1, float(value)) for name, value in told.items()}
        self.state, self.step, self.keys = self.plant.start(self.at, HOUR), 0, keys_of(("all",))
        self.draws = 0.0

    def __call__(self):
        luck = StepLuck(Draws(1), self.keys, self.step)
        self.state, said = self.plant.step(self.state, self.at, luck, HOUR)
        self.step += 1
        self.draws += PEOPLE + 2 * float(said["baskets"][0]) + 2 * float(said["pushes_sent"][0])


def kinds():
    who = replace(standard(Knobs()), streak=STREAK)
    found = {"numpy": Steps(Agents(who)), "numpy, busy": Steps(Agents(who), 10.0)}
    if HAVE["numba"]:
        from models.consumers.agents_fast import fast

        found |= {"numba": Steps(fast(who, 1)), "numba, busy": Steps(fast(who, 1), 10.0)}
    return found


def in_turns(found):
    """Median CPU nanoseconds a consumer and step of each, and of a random float32."""
    generator, room = np.random.Generator(np.random.PCG64(1)), np.empty(PEOPLE, np.float32)
    jobs = {"random float32": lambda: generator.random(dtype=np.float32, out=room), **found}
    for job in jobs.values():
        job()
    spent = {name: [] for name in jobs}
    for steps in found.values():
        steps.draws, steps.step = 0.0, 0
    for _ in range(ROUNDS):
        for name, job in jobs.items():
            begun = time.process_time()
            for _ in range(STEPS):
                job()
            spent[name].append((time.process_time() - begun) / STEPS / PEOPLE * 1e9)
    return {name: statistics.median(times) for name, times in spent.items()}


def mesa_steps():
    """CPU seconds a step and agent of the same consumer as an object in Mesa."""
    import mesa

    who = replace(standard(Knobs()), streak=STREAK)
    push, tau = who.push, {"pantry": who.pantry, "streak": who.streak_half_life, "memory": who.push.memory}
    keep = {name: 0.5 ** (HOUR / half) for name, half in tau.items()}
    each = TRIPS_A_YEAR / 8760.0
    usual = each * who.basket.units * keep["pantry"] / (1 - keep["pantry"])
    full, damping = (float(x[0]) for x in who.fullness(np.array([usual]), HOUR))
    more, messages = who.basket.units - 1.0, 2.0 / 168.0

    class Consumer(mesa.Agent):
        def __init__(self, model, rate, place):
            super().__init__(model)
            self.rate, self.pantry, self.streak, self.memory = rate, usual * rate, 0.0, 2.0
            self.reached, self.place = place % 5 < 3, place

        def act(self):
            self.pantry *= keep["pantry"]
            self.streak *= keep["streak"]
            self.memory *= keep["memory"]
            draw = self.model.random.random
            wish = math.exp(damping * usual * self.rate - full * self.pantry) * min(1.0 + self.streak, 3.0)
            mean = self.rate * each * (1.5 + 0.2 * self.reached) * wish
            if draw() < 1.0 - math.exp(-mean):
                units = 1 + (draw() < more / 2.0) + (draw() < more / 2.0)
                self.pantry += units
                self.streak += STREAK * sum(draw() < 0.05 for _ in range(units))
            if self.reached and (self.model.wheel * 1e-3 + self.place * 0.618) % 1.0 < messages:
                opened = draw() < 1.0 / (1.0 + math.exp(push.open_weight * self.memory - push.open_base))
                self.model.opens += opened
                if draw() < push.hazard * math.exp(push.kappa * self.memory):
                    self.reached = False
                self.memory += 1.0

    model = mesa.Model(seed=1)
    model.wheel = model.opens = 0
    rates = np.random.Generator(np.random.PCG64(2)).gamma(who.shape, 1 / who.shape, MESA_PEOPLE)
    for place, rate in enumerate(rates):
        Consumer(model, float(rate), place)
    best = math.inf
    for _ in range(3):
        begun = time.process_time()
        for _ in range(MESA_STEPS):
            model.wheel += 12
            model.agents.do("act")
        best = min(best, time.process_time() - begun)
    return best / MESA_STEPS / MESA_PEOPLE


def year(weeks):
    """CPU and wall seconds of so many weeks of closed loop over a million consumers, start apart."""
    volume = PEOPLE * TRIPS_A_YEAR / 8760.0 / 0.45 / 11.8  # the recorded households sell 11.8 units an hour
    plan = campaign(
        32.0 * PEOPLE * TRIPS_A_YEAR / 8760.0 / 0.45, fidelity="agents", people=PEOPLE, volume=volume
    )
    running = start(Run(campaign=plan, seconds=weeks * 7 * 86_400.0))
    begun, spent = time.perf_counter(), time.process_time()
    trace = finish(running)
    return time.process_time() - spent, time.perf_counter() - begun, trace.hourly("units_scanned").size


def main():
    found = kinds()
    spent = in_turns(found)
    limit = spent.pop("random float32")
    print(f"random float32: {limit:.2f} ns (PCG64, {1e3 / limit:.0f} M a second)")
    print(
        f"{'a step of 1,000,000':>20} {'ns/consumer':>12} {'draws a step':>13} {'ns/draw':>8} {'of the limit':>13}"
    )
    share = {}
    for name, time_ in spent.items():
        draws = found[name].draws / ROUNDS / STEPS / PEOPLE
        share[name] = limit / (time_ / draws)
        print(f"{name:>20} {time_:>12.2f} {draws:>13.3f} {time_ / draws:>8.2f} {share[name]:>13.2f}")
    state = found["numpy"].state
    own = {name.removeprefix("people."): value for name, value in state.items() if name.startswith("people.")}
    figures = {
        "numpy, share of the random float32 pass": _figure(share["numpy"], "x", 0.5),
        "numba, share of the random float32 pass": _figure(share.get("numba"), "x", 0.7),
        "numpy, busy": _figure(share["numpy, busy"], "x"),
        "numba, busy": _figure(share.get("numba, busy"), "x"),
        "draws used a consumer and step": _figure(found["numpy"].draws / ROUNDS / STEPS / PEOPLE, ""),
        "bytes a consumer": {
            **_figure(bytes_a_consumer(own), "B", 16.0),
            "met": bytes_a_consumer(own) <= 16.0,
        },
    }
    mesa = mesa_steps() * 1e9 if HAVE["mesa"] else None
    if mesa is not None:
        print(
            f"Mesa, the same consumer: {mesa:.0f} ns a step and agent ({1e3 / mesa:.2f} M agent-steps a second)"
        )
    figures["agent-steps against Mesa"] = _figure(mesa and mesa / spent["numpy"], "x", 50.0)
    whole = "--year" in sys.argv[1:]
    cpu, wall, hours = year(52 if whole else 4)
    figures["a year of 1,000,000, hourly, closed loop"] = _figure(wall * 8736 / hours, "s wall")
    figures["the same, CPU"] = _figure(cpu * 8736 / hours, "s CPU")
    said = "run whole" if whole else f"from {hours} hours, times {8736 / hours:.0f}"
    print(f"a year of closed loop over 1,000,000: {said}; {cpu / hours * 1e3:.2f} ms CPU an hour")
    for name, missing in (("numba", "pip install 'setpoint[fast]'"), ("mesa", "pip install mesa")):
        if not HAVE[name]:
            print(f"{name} is not installed ({missing}): not measured")
    for name, figure in figures.items():
        value = "not measured" if figure["value"] is None else f"{figure['value']:.3g} {figure['unit']}"
        mark = {True: "met", False: "MISSED", None: ""}[figure["met"]]
        wanted = "" if figure["target"] is None else f"(target {figure['target']:g})"
        print(f"{name}: {value} {wanted} {mark}")
    if "--json" in sys.argv[1:]:
        print(json.dumps(figures))


def _figure(value, unit, target=None):
    met = None if target is None or value is None else bool(value >= target)
    return {
        "value": None if value is None else round(float(value), 4),
        "unit": unit,
        "target": target,
        "met": met,
    }


if __name__ == "__main__":
    main()
