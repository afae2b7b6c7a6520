"""What can be kept at all: each loop's sentence, and a bar with the range and what was asked.

Called by content; calls names and the controller's writer of levels.
"""

import math
from dataclasses import dataclass

from controller.cli.output import level
from sim.evidence.result import Evidence, Feasible
from sim.report_page.names import sentence, word

LENGTH = 1000


@dataclass(frozen=True, slots=True)
class Reach:
    """One loop."""

    name: str
    said: str
    within: bool
    asked: str
    low: str
    """Ends of what can be kept, written; empty where nothing can."""
    high: str
    x_low: int
    """Places on a line of LENGTH that starts at zero."""
    x_high: int
    x_asked: int


def reaches(evidence: Evidence) -> list[Reach]:
    """One for each loop that was looked at."""
    return [_reach(one) for one in evidence.feasible]


def _reach(one: Feasible) -> Reach:
    there = math.isfinite(one.low) and math.isfinite(one.high) and one.low <= one.high
    ends = [
        value for value in ((one.low, one.high, one.asked) if there else (one.asked,)) if math.isfinite(value)
    ]
    longest = 1.12 * max([*ends, 0.0]) or 1.0

    def place(value: float) -> int:
        return round(LENGTH * min(max(value / longest, 0.0), 1.0)) if math.isfinite(value) else 0

    low, high = (level(one.low, one.unit), level(one.high, one.unit)) if there else ("", "")
    return Reach(
        name=word(one.loop),
        said=sentence(one.sentence),
        within=one.within,
        asked=level(one.asked, one.unit),
        low=low,
        high=high,
        x_low=place(one.low) if there else 0,
        x_high=place(one.high) if there else 0,
        x_asked=place(one.asked),
    )
