"""CPU time of a tick of N PID loops: a simple-pid object a loop against the array law, in one process, in turns.

compatible: b = 1, D on the measurement, no filter, anti-windup clamp; gains, setpoints and limits a cell: what
simple-pid does, same bits. every feature: also weights b and c, filter, deadband on both sides, scaled errors,
feed-forward, back-calculation, gains by a schedule of three points, a measurement filter with the middle of three
samples, and a setpoint with ramp and filter. policy: the pid policy as the loop calls it (propose and observe),
hand-over and terms included, into new arrays; full policy: the same with schedule, filter and middle of three.
Each figure is the median of the rounds; ratios are of medians.
"""

import itertools
import json
import statistics
import sys
import time
from dataclasses import replace

import numpy as np
import simple_pid

from controller.cells import Cells
from controller.policies.pid import PidPolicy, Point, Settings
from controller.policies.pid import Schedule as PidSchedule
from controller.ports import PolicyScope
from controller.quantities import Amount
from controller.signals import Channel, Civil, Limits, Observation, Outcome, Tick
from models.draws import Draws
from models.pid.condition import middle_of_three, ramped, smoothed
from models.pid.frame import BLOCK, Frame, Scratch
from models.pid.law import Law
from models.pid.schedule import Schedule
from models.pid.state import Move, Sample, State
from models.pid.step import step_into

SIZES = (1, 10, 100, 1_000, 10_000, 100_000)
ROUNDS = 7
JUDGED = 100_000


def uniform(cells, name):
    return Draws(1).uniform(np.arange(cells, dtype=np.uint64), 0, name)


def given(cells):
    """Gains, setpoints and measurements a cell."""
    names = ("kp", "ki", "kd", "r", "y")
    return {name: 0.5 + uniform(cells, name) for name in names}


def library(cells):
    data = {name: array.tolist() for name, array in given(cells).items()}
    gains = zip(data["kp"], data["ki"], data["kd"], data["r"], strict=True)
    loops = [simple_pid.PID(*g, sample_time=None, output_limits=(0.0, 1.0)) for g in gains]
    measured = data["y"]

    def tick():
        return [loop(y, dt=1.0) for loop, y in zip(loops, measured, strict=True)]

    return tick


def array(cells, rich):
    data = given(cells)
    gains = (data["kp"], data["ki"], data["kd"])
    ones = np.ones(cells)
    if rich:
        return featured(cells, data, ones)
    sample = Sample(data["r"], data["y"], 1.0, 0.0 * ones, ones)
    state, law = State.fresh(cells), Law(*gains, anti_windup="clamp")
    frame = Frame(law, state, sample, state, Move.value_only(cells, BLOCK), Scratch.room(cells), lean=True)

    def tick():
        step_into(frame)
        return frame.move.value

    return tick


def featured(cells, data, ones):
    """Every feature, block by block: gains, setpoint and measured value are made anew at each tick."""
    r, ramp, y = data["y"].copy(), data["y"].copy(), data["y"].copy()
    samples = [(0.99 + 0.01 * n) * data["y"] for n in range(3)]
    kp, ki, tracking, kept, one, two = np.empty((6, min(BLOCK, cells)))
    more = {"since": ones, "scale": data["r"], "below": 0.02 * ones, "above": 0.03 * ones}
    sample = Sample(r, y, 1.0, 0.0 * ones, ones, **more, feedforward=0.1 * ones)
    lines = Schedule(np.array([0.0, 0.5, 1.0]), np.array([1.5, 1.0, 0.5]), np.array([5.0, 10.0, 20.0]))
    state, move, room = State.fresh(cells), Move.value_only(cells, BLOCK), Scratch.room(cells)
    move.value.fill(0.2)

    def block(at):
        size = len(data["kd"][at])
        weights = {"setpoint_weight": 0.7, "derivative_weight": 0.3, "filter_time": 3.0}
        law = Law(kp[:size], ki[:size], data["kd"][at], tracking_time=tracking[:size], **weights)
        mine = state.block(at)
        return Frame(law, mine, sample.block(at), mine, move.block(at), room.first(size), lean=True)

    def condition(frame, at, number):
        """Ramp and filter of the setpoint; middle of three and filter of the samples; gains; all in place."""
        newest, last, before = (samples[(number - back) % 3][at] for back in range(3))
        size = len(newest)
        spare = one[:size]
        ramped(ramp[at], data["r"][at], 0.001, out=ramp[at], spare=spare)
        smoothed(r[at], ramp[at], 1.0, 30.0, out=r[at], spare=spare)
        middle_of_three(newest, last, before, out=kept[:size], spare=spare)
        smoothed(y[at], kept[:size], 1.0, 4.0, out=y[at], spare=spare)
        lines.into(frame.move.value, frame.law.kp, frame.law.tracking_time, spare, two[:size])
        np.divide(frame.law.kp, frame.law.tracking_time, out=frame.law.ki)
        np.multiply(frame.law.tracking_time, 0.25, out=frame.law.tracking_time)

    cuts = [slice(start, start + BLOCK) for start in range(0, cells, BLOCK)]
    frames, numbers = [(block(at), at) for at in cuts], itertools.count()

    def tick():
        number = next(numbers)
        for frame, at in frames:
            condition(frame, at, number)
            step_into(frame)
        return move.value

    return tick


def policy(cells, full=False):
    channel = Channel("u", "count", 0.0, 1.0, 0.2, 0.0)
    names = tuple(str(i) for i in range(cells))
    settings = Settings(
        gain=1.0, integral_time=10.0, derivative_time=1.0, deadband_above=0.02, setpoint_weight=0.7
    )
    if full:
        points = [Point(at=Amount.parse(at), gain=1.5 - at) for at in (0.0, 0.5, 1.0)]
        made = {"schedule": PidSchedule(points=tuple(points)), "measurement_filter": 4.0, "despike": True}
        settings = replace(settings, gain=None, **made)
    mine = PidPolicy(PolicyScope(Cells(names), {"u": channel}, 1.0), settings)
    data, zeros, yes = given(cells), np.zeros(cells, np.int64), np.ones(cells, np.bool_)
    moment = Tick(0, 0.0, 1.0, Civil(zeros, zeros, zeros * 1.0, ~yes))
    seen = Observation(data["y"], data["r"], yes, yes, {"u": np.full(cells, 0.2)}, {"u": 1.0})
    low, high = np.zeros(cells), np.ones(cells)
    limits = Limits({"u": low}, {"u": high}, {"u": zeros}, {"u": zeros}, ("none",), {}, {"u": ~yes})

    def tick():
        proposal = mine.propose(moment, seen, limits, Draws(1))
        mine.observe(Outcome(moment, seen, limits, proposal, proposal.value, {"u": ~yes}))

    return tick


def seconds(ticks, repeats):
    """Median CPU seconds of a tick of each, taken in turns."""
    spent = {name: [] for name in ticks}
    for _ in range(ROUNDS):
        for name, tick in ticks.items():
            start = time.process_time()
            for _ in range(repeats):
                tick()
            spent[name].append((time.process_time() - start) / repeats)
    return {name: statistics.median(times) for name, times in spent.items()}


def same_bits(cells=1000, ticks=3):
    """The two rows that are compared compute the same."""
    loops, law = library(cells), array(cells, rich=False)
    return all(loops() == law().tolist() for _ in range(ticks))


def measure():
    rows = []
    for cells in SIZES:
        ticks = {
            "library": library(cells),
            "compatible": array(cells, rich=False),
            "every feature": array(cells, rich=True),
            "policy": policy(cells),
            "full policy": policy(cells, full=True),
        }
        for tick in ticks.values():
            tick()
        rows.append((cells, seconds(ticks, max(1, min(2000, 20_000 // cells)))))
    return rows


def show(rows):
    print(f"{'loops':>8} {'simple-pid us':>14} | " + " | ".join(f"{n:>13} us   ratio" for n in NAMES))
    for cells, spent in rows:
        cols = [f"{spent[n] * 1e6:>13.1f} us {spent['library'] / spent[n]:>7.2f}" for n in NAMES]
        print(f"{cells:>8} {spent['library'] * 1e6:>14.1f} | " + " | ".join(cols))
    for name in NAMES:
        print(f"{name}: one array beats one object a loop from about {crossover(rows, name):.0f} loops on")


NAMES = ("compatible", "every feature", "policy", "full policy")


def crossover(rows, name):
    """Loops at which both cost the same, between the sizes measured, straight in the logarithms."""
    points = [(np.log(cells), np.log(spent["library"] / spent[name])) for cells, spent in rows]
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if y0 < 0 <= y1:
            return float(np.exp(x0 - y0 * (x1 - x0) / (y1 - y0)))
    return 1.0 if points[0][1] >= 0 else float("inf")


def figures(rows):
    spent = dict(rows)[JUDGED]
    ratio = {name: spent["library"] / spent[name] for name in NAMES}
    found = {"same bits as simple-pid": {"value": 1.0 if same_bits() else 0.0, "unit": "", "target": 1.0}}
    found["compatible, 100,000 loops"] = {"value": ratio["compatible"], "unit": "x", "target": 50.0}
    found["every feature, 100,000 loops"] = {"value": ratio["every feature"], "unit": "x", "target": 25.0}
    for figure in found.values():
        figure["met"] = figure["value"] >= figure["target"]
    found["whole policy, 100,000 loops"] = {
        "value": ratio["policy"],
        "unit": "x",
        "target": None,
        "met": None,
    }
    found["full policy, 100,000 loops"] = {
        "value": ratio["full policy"],
        "unit": "x",
        "target": None,
        "met": None,
    }
    each = {"value": spent["compatible"] / JUDGED * 1e9, "unit": "ns", "target": None, "met": None}
    found["compatible, a loop"] = each
    found["crossover, compatible"] = {
        "value": crossover(rows, "compatible"),
        "unit": "loops",
        "target": None,
        "met": None,
    }
    return found


def main():
    rows = measure()
    show(rows)
    found = figures(rows)
    for name, figure in found.items():
        mark = {True: "met", False: "MISSED", None: ""}[figure["met"]]
        wanted = "" if figure["target"] is None else f"(target {figure['target']:g})"
        print(f"{name}: {figure['value']:.3g} {figure['unit']} {wanted} {mark}")
    if "--json" in sys.argv[1:]:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
