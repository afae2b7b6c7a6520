"""What has been counted so far, from windows that overlap, come late, are corrected, or are missing: a fold of records.

Called by the facts; pure. A sensor that says a rate over a window says how much of it was new: of a window that ends at
`at`, only the part after the last one counts, so that no moment counts twice. A correction of the newest window takes
back what that window had counted; one of an older window is not seen. A gap between two windows counts at the mean of
both rates: it is not known, and nothing would be a worse guess. Before the first window, and outside the span, nothing
counts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.plan import Campaign

START = {"reached": 0.0, "reached_at": -np.inf, "reached_rate": np.nan, "reached_part": 0.0}
"""The facts of one total and what they begin with."""


@dataclass(frozen=True, slots=True)
class TotalScope:
    """What is counted for one loop."""

    sensor: str
    per_second: float
    """What the sensor's value is multiplied by to be so many a second."""
    window: float
    """Seconds a value covers; 0: it is the rate at a moment."""
    starts_at: float
    ends_at: float


def counted(scope: TotalScope, of: Mapping[str, Array], value: Array, at: Array) -> dict[str, Array]:
    """The facts after one record, by the names of START, shape (cells,).

    `of`: the facts before it; `value` and `at`: the signal's value and the end of its window, UTC seconds.

    >>> scope = TotalScope("units", 1 / 3600, 3600.0, 0.0, 86400.0)
    >>> facts = {name: np.array([start]) for name, start in START.items()}
    >>> for value, at in ((10.0, 3600.0), (10.0, 3600.0), (20.0, 5400.0), (26.0, 5400.0), (20.0, 12600.0)):
    ...     facts = counted(scope, facts, np.array([value]), np.array([at]))
    ...     print(float(facts["reached"][0]))
    10.0
    10.0
    20.0
    23.0
    66.0
    """
    rate = value * scope.per_second
    known, last = np.isfinite(rate) & np.isfinite(at), of["reached_at"]
    later, same = known & (at > last), known & (at == last)
    begin = np.where(np.isfinite(last), last, np.where(np.isfinite(at), at, 0.0) - scope.window)
    begin, end = np.maximum(begin, scope.starts_at), np.minimum(at, scope.ends_at)
    length = np.where(later, np.maximum(end - begin, 0.0), 0.0)
    inside = np.minimum(length, np.maximum(end - np.maximum(begin, at - scope.window), 0.0))
    gap = np.where(np.isfinite(of["reached_rate"]), (length - np.where(later, inside, 0.0)) / 2.0, 0.0)
    part = np.where(later, inside, 0.0) + gap
    new = np.where(later, rate, 0.0) * part + np.nan_to_num(of["reached_rate"]) * gap
    corrected = np.where(same, (rate - np.nan_to_num(of["reached_rate"])) * of["reached_part"], 0.0)
    return {
        "reached": of["reached"] + new + corrected,
        "reached_at": np.where(later, at, last),
        "reached_rate": np.where(later | same, rate, of["reached_rate"]),
        "reached_part": np.where(later, part, of["reached_part"]),
    }


def totals_of(campaign: Campaign) -> dict[str, TotalScope]:
    """What is counted for each loop that is to reach a total."""
    found = {}
    for name, loop in campaign.loops.items():
        if loop.target.reach is not None:
            numbers, window = campaign.pace(name), campaign.sensors[loop.sensor].window or 0.0
            per_second = 1.0 / (3600.0 * numbers.per_hour)
            found[name] = TotalScope(loop.sensor, per_second, window, numbers.starts_at, numbers.ends_at)
    return found
