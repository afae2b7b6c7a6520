"""The policies that evidence compares: the campaign's own, and what people would do without it.

`fixed` leaves the start value alone; `best fixed` is found in hindsight; `updown` is the trade's rule; `simple_pid` has
gains chosen on other luck; the `oracle` (oracle.py) knows the plant. All run through the real loop with all its limits
and guardrails. Called by sim.evidence.play; pure changes of a plan.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from controller.assembly import channels_of, split_of
from controller.cells import Array
from controller.plan import Campaign, LoopPlan, Policy
from controller.registry import find
from sim.runs.fractions import PLACE
from sim.runs.fractions import Settings as Fractions
from sim.runs.gains import PLACE as GAINS_PLACE
from sim.runs.gains import Settings as Gains
from sim.tuning.controllers import raw_unit

ROWS = ("config", "fixed", "best fixed", "updown", "simple_pid", "oracle")
"""In the order in which they are shown."""
GRID = tuple(n / 8 for n in range(9))
"""Fractions of the range among which the best fixed value is looked for."""
GAINS = ((0.5, 3.0), (1.0, 3.0), (1.0, 9.0), (2.0, 9.0))
"""Gain in % of range per % of target, and integral time in executions, that simple_pid is tuned among."""


def policy(kind: str, **settings: Any) -> Policy:
    """A policy of a kind with its settings."""
    return Policy(kind=kind, settings=find("policy", kind).settings(**settings))


def with_policy(campaign: Campaign, made: Callable[[str, LoopPlan], Policy]) -> Campaign:
    """The campaign with another policy in every loop."""
    loops = {name: replace(loop, policy=made(name, loop)) for name, loop in campaign.loops.items()}
    return replace(campaign, loops=loops)


def all_of(campaign: Campaign, kind: str, **settings: Any) -> Campaign:
    """The campaign with one and the same policy in every loop."""
    return with_policy(campaign, lambda _name, _loop: policy(kind, **settings))


def at_fractions(campaign: Campaign, fractions: tuple[float, ...]) -> Campaign:
    """The campaign with every output kept at a fraction of its range, one a cell."""
    return with_policy(
        campaign, lambda _name, _loop: Policy(kind=PLACE, settings=Fractions(fractions=fractions))
    )


def at_values(campaign: Campaign, values: Mapping[str, Array], times: int) -> Campaign:
    """The campaign with every output kept at a value a cell, shape (cells,), in each of `times` futures."""

    channels = channels_of(campaign)
    known = {
        name: np.full(count, channel.start) for name, channel in channels.items() for count in _sizes(values)
    }

    def made(_name: str, loop: LoopPlan) -> Policy:
        kind = find("policy", "fixed").cls
        split, first = split_of(loop, kind, channels), channels[loop.channels[0]]
        at = known | dict(values)
        share = (at[first.name] - first.low) / (first.span or 1.0) if split is None else split.effort(at)
        fractions = np.tile(share, times)
        return Policy(kind=PLACE, settings=Fractions(fractions=tuple(fractions.tolist())))

    return with_policy(campaign, made)


def _sizes(values: Mapping[str, Array]) -> set[int]:
    """Number of cells, once."""
    return {len(value) for value in values.values()}


def with_simple_pid(campaign: Campaign, gain: float, executions: float) -> Campaign:
    """simple_pid in every loop, its raw gains made from those that mean the same for every loop.

    gain: % of the output's range per % of the target; executions: integral time.
    """

    def made(name: str, loop: LoopPlan) -> Policy:
        kp = gain * raw_unit(campaign, name)
        return policy("simple_pid", kp=kp, ki=kp / (executions * loop.every))

    return with_policy(campaign, made)


def with_many_simple_pids(campaign: Campaign, gains: Array) -> Campaign:
    """simple_pid in every loop, each cell with gains of its own; `gains`: as above, shape (cells, 2)."""

    def made(name: str, loop: LoopPlan) -> Policy:
        kp = gains[:, 0] * raw_unit(campaign, name)
        ki = kp / (gains[:, 1] * loop.every)
        return Policy(kind=GAINS_PLACE, settings=Gains(kp=tuple(kp.tolist()), ki=tuple(ki.tolist())))

    return with_policy(campaign, made)


def about(name: str, campaign: Campaign) -> str:
    """What a row is, in a few words; more is said where it is run."""
    kinds = ", ".join(dict.fromkeys(loop.policy.kind for loop in campaign.loops.values()))
    words = {
        "config": f"the file as written: {kinds}",
        "fixed": "the start value, left alone",
        "best fixed": f"chosen in hindsight among {len(GRID)} values, on the very luck it is judged by",
        "updown": "a step up under target, a step down over it",
        "simple_pid": f"best of {len(GAINS)} pairs of gains on other luck",
        "oracle": "knows the market and its state, not its luck; same limits and delays",
    }
    return words[name]
