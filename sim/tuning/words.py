"""The advice as a manager reads it, and as plain data for --json.

Called by the command; decides nothing. Moves are told in the actuator's own unit, times in hours.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

from controller.cli.output import span
from controller.plan import Campaign
from controller.quantities import write_duration
from controller.why.numbers import Scale
from models.tuning.expected import SHARE, Span
from models.tuning.forms import Ideal
from models.tuning.verdict import FRAGILE
from sim.tuning.advice import Advice
from sim.tuning.controllers import raw_unit
from sim.tuning.plants import Plants

HOUR = 3600.0


def lines(campaign: Campaign, found: Advice) -> Iterator[str]:
    """The advice as text."""
    actuator = campaign.actuators[found.channel]
    width = actuator.high - actuator.low
    yield f"{found.loop}: {found.measure} by {found.channel}, every {write_duration(found.every)}"
    yield f"  the answer    {_answer(found, width, actuator.unit)}"
    yield f"                known from {found.plants.source}"
    yield f"  write         {gains(found.controller)}{_raw_too(campaign, found)}: {found.judged.said}"
    if found.present is not None and found.present_judged is not None:
        good = "may go live" if found.present_judged.passed else "may NOT go live"
        yield f"  in the file   {gains(found.present)}: {good}: {found.present_judged.said}"
    yield f"  expect        {_expected(found, width, actuator.unit)}"
    yield f"  breaks if     {_breaks(found)}"
    for rule in found.rules:
        yield f"  {rule.name:<13} {gains(rule.controller)}: {_rule(rule.ms)}"


def gains(controller: Ideal) -> str:
    """As they stand in a file.

    >>> gains(Ideal(0.5, 32400.0))
    'gain 0.5, integral_time 9h'
    """
    gain, time = float(np.asarray(controller.gain)), float(np.asarray(controller.integral_time))
    told = "none" if not np.isfinite(time) else write_duration(round(time / 60) * 60.0)
    return f"gain {gain:.3g}, integral_time {told}"


def settings(found: Advice) -> dict[str, str]:
    """What is written into the file for a policy of fixed gains."""
    time = float(np.asarray(found.controller.integral_time))
    return {"gain": f"{float(np.asarray(found.controller.gain)):.3g}", "integral_time": write_duration(time)}


def raw(found: Advice, unit: float) -> dict[str, str]:
    """The same in raw gains: `unit` is what a gain of one is in output units per unit of the measured value."""
    gain, time = (float(np.asarray(each)) for each in (found.controller.gain, found.controller.integral_time))
    kp = gain * unit
    return {"kp": _plain(kp), "ki": _plain(kp / time)}


def _raw_too(campaign: Campaign, found: Advice) -> str:
    """The raw gains beside the others, where those are what the file takes."""
    policy = campaign.loops[found.loop].policy
    if policy.kind != "simple_pid" and getattr(policy.settings, "form", "standard") != "parallel":
        return ""
    kp, ki = raw(found, raw_unit(campaign, found.loop)).values()
    return f" (kp {kp}, ki {ki})"


def _plain(number: float) -> str:
    """Three digits, without an exponent."""
    return np.format_float_positional(number, precision=3, fractional=False, trim="-")


def model(found: Advice) -> dict[str, str]:
    """What is written into the file for a policy that tunes itself or predicts: between which ends the plant lies."""
    ends = model_of(found.plants)
    return {"model": f"{{{', '.join(f'{name}: [{low}, {high}]' for name, (low, high) in ends.items())}}}"}


def model_of(plants: Plants) -> dict[str, list[float] | list[str]]:
    """The same as plain data: intervals that hold nine plants in ten, as a file has them.

    >>> some = np.array([0.2, 0.4]), np.array([7200.0, 7260.0]), np.array([600.0, 660.0]), np.array([0.5, 0.5])
    >>> model_of(Plants(*some, "two"))
    {'gain': [0.2, 0.4], 'lag': ['2h', '121m'], 'dead_time': ['10m', '11m']}
    """
    gain = sorted(float(f"{abs(end):.3g}") for end in plants.interval("gain"))
    times = {
        name: [write_duration(max(round(end / 60) * 60.0, 60.0)) for end in plants.interval(name)]
        for name in ("lag", "dead_time")
    }
    return {"gain": gain} | times


def data(found: Advice) -> dict[str, Any]:
    """The advice as plain data; times in seconds."""
    plants = found.plants
    return {
        "loop": found.loop,
        "measure": found.measure,
        "channel": found.channel,
        "source": plants.source,
        "plants": {
            name: {"low": plants.interval(name)[0], "high": plants.interval(name)[1]}
            for name in ("gain", "lag", "dead_time")
        },
        "gains": _controller(found.controller),
        "in_the_file": None if found.present is None else _controller(found.present),
        "go_live": _judged(found.judged),
        "in_the_file_go_live": None if found.present_judged is None else _judged(found.present_judged),
        "latency": found.latency,
        "expected": {
            name: {"low": one.low, "median": one.median, "high": one.high}
            for name, one in (
                ("half", found.expected.half), ("back", found.expected.back),
                ("overshoot", found.expected.overshoot), ("move", found.expected.move),
            )
        },
        "breaks": {
            "gain": found.breaks.gain, "delay": found.breaks.delay, "ms_at_double_gain": found.breaks.ms_at_double
        },
        "rules": [{"name": one.name, **_controller(one.controller), "ms": one.ms} for one in found.rules],
    }  # fmt: skip


def _controller(controller: Ideal) -> dict[str, float]:
    return {
        "gain": float(np.asarray(controller.gain)),
        "integral_time": float(np.asarray(controller.integral_time)),
    }


def _judged(found: Any) -> dict[str, Any]:
    return {"passed": found.passed, "said": found.said, "ms": found.ms, "delay_margin": found.delay_margin}


def _answer(found: Advice, width: float, unit: str) -> str:
    low, high = found.plants.interval("gain")
    dead, lag = found.plants.interval("dead_time"), found.plants.interval("lag")
    tenth = change(width / 10, unit)
    return (
        f"{tenth} of {found.channel} move {found.measure} by {min(low, high) * 10:.2g} to {max(low, high) * 10:.2g} % "
        f"of the target; first seen after {_hours(dead)}, most of it {_hours(lag)} later"
    )


def _hours(ends: tuple[float, float]) -> str:
    low, high = (f"{end / HOUR:.2g}" for end in ends)
    return f"{low} h" if low == high else f"{low} to {high} h"


def _expected(found: Advice, width: float, unit: str) -> str:
    one = found.expected
    return (
        f"if {found.measure} drops by {SHARE:.0%}: half is made good after {_time(one.half)}, {_back(one.back)}; "
        f"{found.channel} moves by up to {_move(one.move, width, unit)}; overshoot "
        f"{one.overshoot.median:.0%} of the drop ({one.overshoot.low:.0%} to {one.overshoot.high:.0%})"
    )


def _back(one: Span) -> str:
    return "it stays within the band" if one.high == 0.0 else f"within the band again after {_time(one)}"


def _time(one: Span) -> str:
    if not np.isfinite(one.median):
        return "more than the time tried"
    high = span(one.high) if np.isfinite(one.high) else "longer than tried"
    return f"{span(one.median)} ({span(one.low)} to {high})"


def _move(one: Span, width: float, unit: str) -> str:
    return f"{change(one.median * width, unit)} ({change(one.low * width, unit)} to {change(one.high * width, unit)})"


def change(size: float, unit: str) -> str:
    """A difference of two values with its unit; points for shares.

    >>> change(0.009, "share"), change(0.5, "EUR")
    ('0.90 points', '0.50 EUR')
    """
    scale = Scale.of(unit, (size,), 0.0)
    return scale.size(scale.ticks(size))


def _breaks(found: Advice) -> str:
    one = found.breaks
    said = []
    if np.isfinite(one.gain):
        said.append(f"{found.measure} answers {one.gain:.2g} times as strongly as the strongest answer known")
    if np.isfinite(one.delay):
        said.append(f"it answers {span(one.delay)} later than the latest known")
    double = "swings" if not np.isfinite(one.ms_at_double) else f"Ms {one.ms_at_double:.3g}"
    return f"{', or '.join(said) or 'no error of gain or delay alone'} (at double the gain: {double})"


def _rule(ms: float) -> str:
    if not np.isfinite(ms):
        return "WARNING: swings ever wider in at least one of the plants"
    said = f"Ms up to {ms:.3g} over the plants"
    return f"WARNING: fragile, {said}, above {FRAGILE:g}" if ms > FRAGILE else said
