"""What happens to a market from outside, on schedule: competitors' promotions, and feeds that die.

Handed to a market by demos, tests and scenarios; asked by the market (demand) and by its sensors (feeds). Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promotion:
    """A competitor's promotion: demand is multiplied by `factor` from `starts` until `ends` (UTC seconds)."""

    starts: float
    ends: float
    factor: float = 0.75


@dataclass(frozen=True, slots=True)
class Outage:
    """A feed that is dead from `starts` until `ends` (UTC seconds): every reading of these signals fails."""

    starts: float
    ends: float
    signals: tuple[str, ...] = ()
    """Names of the market's signals; empty: all."""


Disturbance = Promotion | Outage


def demand_factor(disturbances: Iterable[Disturbance], moment: float) -> float:
    """What demand is multiplied by at a moment.

    >>> demand_factor([Promotion(0.0, 10.0, 0.75), Promotion(5.0, 10.0, 0.5)], 5.0)
    0.375
    """
    factor = 1.0
    for d in disturbances:
        if isinstance(d, Promotion) and d.starts <= moment < d.ends:
            factor *= d.factor
    return factor


def feed_is_dead(disturbances: Iterable[Disturbance], signal: str, moment: float) -> bool:
    """Whether a signal can't be read at a moment.

    >>> feed_is_dead([Outage(0.0, 10.0, ("opens",))], "opens", 9.0), feed_is_dead([Outage(0.0, 10.0)], "opens", 10.0)
    (True, False)
    """
    dead = (d for d in disturbances if isinstance(d, Outage) and d.starts <= moment < d.ends)
    return any(not d.signals or signal in d.signals for d in dead)
