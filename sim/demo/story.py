"""What happens in the demo, and when: two calm weeks, then a day with a competitor's promotion and a dead sensor.

Called by the stage; pure. Hours count from the start of the day that is shown.
"""

from dataclasses import dataclass

from sim.market.disturbances import Disturbance, Outage, Promotion

HOUR, DAY = 3600.0, 86_400.0
WARM_UP = 14 * DAY
MORNING = 8 * HOUR
"""Local hour at which the day that is shown begins, in seconds."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that happens."""

    name: str
    starts: float
    """Hours into the day."""
    ends: float
    said: str
    over: str


PROMOTION = Act(
    "promotion",
    3.0,
    48.0,
    "a competitor's promotion begins: demand -25 %",
    "the competitor's promotion is over",
)
OUTAGE = Act("outage", 17.0, 20.5, "the sales sensor dies", "the sales feed is back")
LENGTH = 25.0
"""Hours that are shown."""


def disturbances(live: float) -> tuple[Disturbance, ...]:
    """The acts as the market takes them; `live` is the UTC second at which the day begins."""

    def at(hours: float) -> float:
        return live + hours * HOUR

    return (
        Promotion(at(PROMOTION.starts), at(PROMOTION.ends), 0.75),
        Outage(at(OUTAGE.starts), at(OUTAGE.ends), ("units_scanned",)),
    )


def news(before: float, now: float, live: float) -> list[str]:
    """What began or ended between two moments (UTC seconds), in the order of the story."""
    told = [(act.starts, act.said) for act in (PROMOTION, OUTAGE)] + [
        (act.ends, act.over) for act in (PROMOTION, OUTAGE)
    ]
    return [text for hours, text in sorted(told) if before < live + hours * HOUR <= now]
