"""The campaign's calendar in a simulated market: what the file expects of an event is what happens.

Called by build.py. Demand as a whole is multiplied from an event's first moment to its last, by the campaign's zone. An
event of unknown size does nothing here. What the market can't do (some cells alone, another size for each loop) is an
error by name, since a loop that reckons with what never comes would be judged by it.
"""

from collections.abc import Iterator

import numpy as np

from controller.errors import SetpointError
from controller.plan import Campaign, Event
from sim.market.disturbances import Promotion


def expected(campaign: Campaign) -> Iterator[Promotion]:
    """One change of demand for each event whose size is known; raises SetpointError.

    >>> from controller.config import loads
    >>> from pathlib import Path
    >>> text = Path("configs/push_frequency.yaml").read_text()
    >>> fair = "events: {fair: {kind: holiday, from: 2026-07-14, to: 2026-07-15, expected: -20%}}"
    >>> [(each.ends - each.starts, each.factor) for each in expected(loads(text + fair))]
    [(172800.0, 0.8)]
    """
    for name, event in campaign.events.items():
        sizes = set(_sizes(campaign, name, event))
        if not sizes:
            continue
        if event.cells:
            raise SetpointError(
                f"events.{name}.cells: the simulated market changes demand as a whole, received "
                f"{', '.join(event.cells)}, allowed there: an event of all cells"
            )
        if len(sizes) > 1:
            told = ", ".join(f"{size:+.0%}" for size in sorted(sizes))
            raise SetpointError(
                f"events.{name}.expected: another share of each loop's target ({told}); allowed in a simulation: a "
                "share, such as 25%"
            )
        starts, ends = event.span(campaign.runs.timezone)
        yield Promotion(starts, ends, max(1.0 + sizes.pop(), 0.0))


def _sizes(campaign: Campaign, name: str, event: Event) -> Iterator[float]:
    """The change as a share of each loop's target, where it is known."""
    for key, loop in campaign.loops.items():
        if (loop.events is None or name in loop.events) and loop.target.amount is not None:
            label = next(iter(campaign.cells.names), "")
            size = loop.target.share_of(
                event.expected, campaign.sensors[loop.sensor], campaign.level(key, label)
            )
            if np.isfinite(size):
                yield round(size, 9)
