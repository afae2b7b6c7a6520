"""Gains for one loop, from its plants: what to write, how far from breaking it is, and what the other rules would do.

Called by the command, notebooks and the certificate's gate; calls models.tuning. Gains are normalised as `pid` has
them, times in seconds. A question that the plants can't answer is an error by name, never a guess.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from controller.assembly import cells_of, tolerance_of
from controller.errors import SetpointError
from controller.plan import Campaign
from controller.quantities import write_duration
from models.tuning.amigo import amigo_pi
from models.tuning.expected import Breaks, Expected, breaks, expected
from models.tuning.forms import Controller, Ideal, ideal
from models.tuning.go_live import GoLive, go_live
from models.tuning.process import FirstOrder
from models.tuning.robust import robust
from models.tuning.simc import simc_pi
from models.tuning.ultimate import ultimate, ziegler_nichols_pi
from sim.tuning.controllers import controller_of
from sim.tuning.plants import LEAST, Plants

SURE = 0.05
"""Weight of plants that do not answer, or answer the wrong way, from which nothing is tuned."""
BAND = 0.05
"""What counts as back where a target has no band, as a share of it."""
HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule of the books gives for the middle plant, judged over all."""

    name: str
    controller: Ideal
    ms: float
    """The largest over the plants; inf where one of them swings."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Advice:
    """All that is told of one loop."""

    loop: str
    measure: str
    channel: str
    every: float
    plants: Plants
    """Those that answer."""
    controller: Ideal
    """The gains proposed, rounded to what is written; its gain is positive, `move` gives the direction."""
    judged: GoLive
    expected: Expected
    breaks: Breaks
    present: Ideal | None
    """What the file has; None where its policy has no fixed gains."""
    present_judged: GoLive | None
    rules: tuple[Rule, ...]
    latency: float
    """Seconds that readings and orders take."""


def advise(campaign: Campaign, loop: str, plants: Plants, latency: float | None = None) -> Advice:
    """What to write for one loop; SetpointError where its plants do not let anybody tune it.

    latency: seconds from what happens to a reading of it, and from an order to its landing, as measured; None: what the
    file says of the sensor.
    """
    plan = campaign.loops[loop]
    sign = _sign(campaign, loop, plants)
    some = plants.answering.of(sign)
    _check_period(campaign, loop, some)
    model = FirstOrder(some.gain * sign, some.lag, some.dead_time)
    late = latency_of(campaign, loop) if latency is None else latency
    tuned = _rounded(robust(model, weights=some.weight, extra_delay=plan.every / 2).controller)
    present = controller_of(campaign, loop)
    return Advice(
        loop=loop,
        measure=plan.measure,
        channel=plan.channels[0],
        every=plan.every,
        plants=some,
        controller=tuned,
        judged=judge(campaign, loop, tuned, some, late),
        expected=expected(
            tuned, model, band=band_of(campaign, loop), weights=some.weight, extra_delay=plan.every / 2
        ),
        breaks=breaks(tuned, model, extra_delay=plan.every / 2),
        present=present,
        present_judged=None if present is None else judge(campaign, loop, present, some, late),
        rules=tuple(_rules(campaign, loop, some, model)),
        latency=late,
    )


def judge(campaign: Campaign, loop: str, controller: Controller, plants: Plants, latency: float) -> GoLive:
    """The go-live margins of a controller of positive gain, as a loop of this period has them."""
    sign = -1.0 if campaign.loops[loop].move[campaign.loops[loop].channels[0]] == "lowers" else 1.0
    model = FirstOrder(plants.gain * sign, plants.lag, plants.dead_time)
    half = campaign.loops[loop].every / 2
    return go_live(controller, model, latency=latency, extra_delay=half, unit="h", scale=1 / HOUR)


def latency_of(campaign: Campaign, loop: str) -> float:
    """Seconds until a window that has ended can be acted upon, as the file says: `settle`, and the wait for a tick."""
    return campaign.sensors[campaign.loops[loop].sensor].settle + campaign.runs.scan


def band_of(campaign: Campaign, loop: str) -> float:
    """Half-width of the target's band as a share of the target."""
    return float(tolerance_of(campaign, loop, cells_of(campaign)).band[0]) or BAND


def _sign(campaign: Campaign, loop: str, plants: Plants) -> float:
    """+1 or -1 as `move` says; the plants must agree, since a loop of the wrong sign drives the error up."""
    plan = campaign.loops[loop]
    channel = plan.channels[0]
    said = plan.move[channel]
    if plants.silent > SURE:
        text = (
            f"in {plants.silent:.0%} of what is possible {plan.measure} does not answer to {channel} at all"
        )
        raise SetpointError(
            f"loops.{loop}: can't tell whether the lever works: {text} (less than {LEAST:g} % of the target per % of "
            f"the range, by {plants.source}); allowed: a lever that answers, or more data"
        )
    sign = float(np.sign(plants.gain.sum())) if said == "either" else (-1.0 if said == "lowers" else 1.0)
    wrong = plants.wrong(sign)
    if wrong > SURE:
        raise SetpointError(
            f"loops.{loop}.move: {channel} {said} {plan.measure}, received the opposite in {wrong:.0%} of what is "
            f"possible (by {plants.source}); allowed: {'raises' if sign < 0 else 'lowers'}, if that is what it does"
        )
    return sign


def _check_period(campaign: Campaign, loop: str, plants: Plants) -> None:
    every = campaign.loops[loop].every
    whole = float(np.median(plants.lag + plants.dead_time))
    if every > whole:
        raise SetpointError(
            f"loops.{loop}.every: received {write_duration(every)}, but the lever has answered within "
            f"{whole / HOUR:.2g} h: between two executions the loop is blind to it; allowed: at most half of that"
        )


def _rounded(controller: Ideal) -> Ideal:
    """To what a person would write: gain to three digits, down; integral time to what its length deserves, up."""
    gain, time = float(np.asarray(controller.gain)), float(np.asarray(controller.integral_time))
    unit = 10.0 ** (np.floor(np.log10(gain)) - 2)
    grain = next(size for least, size in ((4 * HOUR, HOUR), (HOUR, 600.0), (0.0, 60.0)) if time >= least)
    return Ideal(float(f"{np.floor(gain / unit) * unit:.3g}"), float(np.ceil(time / grain) * grain))


def _rules(campaign: Campaign, loop: str, plants: Plants, model: FirstOrder) -> Iterator[Rule]:
    """The rules of the books for the plant in the middle, a loop's half period among its dead time."""
    middle = [float(np.median(np.asarray(value))) for value in (model.gain, model.lag, model.dead_time)]
    one = FirstOrder(middle[0], middle[1], middle[2] + campaign.loops[loop].every / 2)
    found: tuple[tuple[str, Controller], ...] = (
        ("SIMC", simc_pi(one)),
        ("AMIGO", amigo_pi(one)),
        ("Ziegler-Nichols", ziegler_nichols_pi(ultimate(one))),
    )
    for name, controller in found:
        form = ideal(controller)
        plain = Ideal(*(float(np.asarray(n).reshape(-1)[0]) for n in (form.gain, form.integral_time)))
        yield Rule(name, plain, judge(campaign, loop, plain, plants, 0.0).ms)
