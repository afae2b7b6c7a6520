"""A policy's unfinished execution as named arrays, and back: what a restart needs to go on without a bump.

Called by controller/loop/execution.py alone. Keeps exactly what a policy's `observe` may read; guardrails' names and
sentences are not kept, since no policy reads them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.signals import Civil, Coming, Limits, Observation, Outcome, Proposal, Tick

Arrays = Mapping[str, NDArray[Any]]

_PARTS = ("applied", "feedforward", "low", "high", "value", "terms", "carry", "propensity")


def pack(outcome: Outcome | None) -> dict[str, NDArray[Any]]:
    """Named arrays of an outcome; empty for None."""
    if outcome is None:
        return {}
    seen, limits, proposal, civil = outcome.observation, outcome.limits, outcome.proposal, outcome.tick.civil
    known = {} if seen.coming is None else {"coming": seen.coming.change, "odd": seen.coming.odd}
    flat: dict[str, NDArray[Any]] = known | {
        "process_value": seen.process_value,
        "setpoint": seen.setpoint,
        "usable": seen.usable,
        "fresh": seen.fresh,
        "hour_of_week": civil.hour_of_week,
        "business_date": civil.business_date,
        "seconds_of_day": civil.seconds_of_day,
        "holiday": civil.holiday,
    }
    parts = (
        seen.applied,
        seen.feedforward,
        limits.low,
        limits.high,
        proposal.value,
        proposal.terms,
        proposal.carry,
    )
    for part, values in zip(_PARTS, (*parts, proposal.propensity), strict=True):
        flat |= {f"{part}/{name}": array for name, array in values.items()}
    return flat


def unpack(
    flat: Arrays, when: Sequence[float] | None, direction: Mapping[str, float], cells: int
) -> Outcome | None:
    """The outcome that `pack` took apart; None where there was none."""
    if when is None or not flat:
        return None
    parts = {part: _part(flat, part) for part in _PARTS}
    civil = Civil(flat["hour_of_week"], flat["business_date"], flat["seconds_of_day"], flat["holiday"])
    tick = Tick(int(when[0]), float(when[1]), float(when[2]), civil)
    basic = (flat["process_value"], flat["setpoint"], flat["usable"], flat["fresh"])
    coming = Coming(flat["coming"], flat["odd"]) if "coming" in flat else None
    seen = Observation(*basic, parts["applied"], direction, parts["feedforward"], coming)
    no_bound = {name: np.zeros(cells, np.int64) for name in parts["low"]}
    free = {name: np.zeros(cells, np.bool_) for name in parts["low"]}
    limits = Limits(parts["low"], parts["high"], no_bound, no_bound, ("unknown",), {}, free)
    proposal = Proposal(parts["value"], parts["terms"], parts["carry"], parts["propensity"])
    return Outcome(tick, seen, limits, proposal, proposal.value, dict(free))


def _part(flat: Arrays, part: str) -> dict[str, NDArray[Any]]:
    head = f"{part}/"
    return {name.removeprefix(head): array for name, array in flat.items() if name.startswith(head)}
