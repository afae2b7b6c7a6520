"""What happens to a market, on schedule: promotions, another level of demand, another way to answer, feeds that fail.

Handed to a market by demos, tests and scenarios; asked by the market (demand, answer) and by its readers (feeds). Pure.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from sim.instruments import Feed
from sim.instruments._checks import finite, span, within


@dataclass(frozen=True, slots=True)
class Promotion:
    """A competitor's promotion: demand is multiplied by `factor` from `starts` until `ends`; 0: nothing is in stock."""

    starts: float
    """UTC seconds."""
    ends: float
    """UTC seconds."""
    factor: float = 0.75
    """What demand is multiplied by; zero or more."""

    def __post_init__(self) -> None:
        span("promotion", self.starts, self.ends)
        within("promotion.factor", self.factor, 0.0, below=True)


@dataclass(frozen=True, slots=True)
class Level:
    """Another level of demand: `factor` times as much, reached in a straight line over `over` seconds from `starts`."""

    starts: float
    """UTC seconds."""
    ends: float
    """UTC seconds at which it is over, at once; inf: never."""
    factor: float
    """What demand is multiplied by in the end; zero or more."""
    over: float = 0.0
    """Seconds of the way there; 0: a step."""

    def __post_init__(self) -> None:
        span("level", self.starts, self.ends)
        within("level.factor", self.factor, 0.0, below=True)
        within("level.over", self.over, 0.0, below=True)

    def at(self, moment: float) -> float:
        """The factor at a moment.

        >>> [Level(0.0, 90.0, 0.5, over=10.0).at(moment) for moment in (-1.0, 5.0, 10.0, 90.0)]
        [1.0, 0.75, 0.5, 1.0]
        """
        if not self.starts <= moment < self.ends:
            return 1.0
        share = min((moment - self.starts) / self.over, 1.0) if self.over else 1.0
        return 1.0 + (self.factor - 1.0) * share


@dataclass(frozen=True, slots=True)
class Outage:
    """A feed that is dead from `starts` until `ends` (UTC seconds): every reading of these signals fails."""

    starts: float
    """UTC seconds."""
    ends: float
    """UTC seconds."""
    signals: tuple[str, ...] = ()
    """Names of the market's signals; empty: all."""

    def __post_init__(self) -> None:
        span("outage", self.starts, self.ends)


@dataclass(frozen=True, slots=True)
class Spell:
    """Another feed from `starts` until `ends` in place of the usual one; of several at once the last declared holds.

    What was known before it stays known: counts of the spell are late, older ones are not. When it is over everything
    that it held back comes in at once.
    """

    starts: float
    """UTC seconds."""
    ends: float
    """UTC seconds."""
    signals: tuple[str, ...]
    """Names of the market's signals; empty: all."""
    feed: Feed
    """What stands between those signals and their sensors meanwhile."""

    def __post_init__(self) -> None:
        span("spell", self.starts, self.ends)
        if self.feed.returned:
            raise ValueError(
                "spell.feed.returned: what is taken back is taken back for good, so it belongs to a feed that always "
                f"holds; received {self.feed.returned:g}, allowed 0"
            )


@dataclass(frozen=True, slots=True)
class Regime:
    """Another way to answer from `starts` until `ends` (UTC seconds)."""

    starts: float
    """UTC seconds."""
    ends: float
    """UTC seconds."""
    effect: float = 1.0
    """What the answer to the levers is multiplied by."""
    delay: float = 0.0
    """Seconds by which people hear of a lever's change later than they did."""

    def __post_init__(self) -> None:
        span("regime", self.starts, self.ends)
        finite("regime.effect", self.effect)
        within("regime.delay", self.delay, 0.0, below=True)


Disturbance = Promotion | Level | Outage | Spell | Regime


def demand_factor(disturbances: Iterable[Disturbance], moment: float) -> float:
    """What demand is multiplied by at a moment.

    >>> demand_factor([Promotion(0.0, 10.0, 0.75), Promotion(5.0, 10.0, 0.5)], 5.0)
    0.375
    """
    factor = 1.0
    for d in disturbances:
        if isinstance(d, Promotion) and d.starts <= moment < d.ends:
            factor *= d.factor
        elif isinstance(d, Level):
            factor *= d.at(moment)
    return factor


def effect_factor(disturbances: Iterable[Disturbance], moment: float) -> float:
    """What the answer to the levers is multiplied by at a moment.

    >>> effect_factor([Regime(5.0, 10.0, effect=0.5)], 4.0), effect_factor([Regime(5.0, 10.0, effect=0.5)], 5.0)
    (1.0, 0.5)
    """
    factor = 1.0
    for d in disturbances:
        if isinstance(d, Regime) and d.starts <= moment < d.ends:
            factor *= d.effect
    return factor


def hearing_delay(disturbances: Iterable[Disturbance], moment: float) -> float:
    """Seconds by which people hear of a lever's change later than the plant's own dead time says."""
    return sum(d.delay for d in disturbances if isinstance(d, Regime) and d.starts <= moment < d.ends)


def feed_is_dead(disturbances: Iterable[Disturbance], signal: str, moment: float) -> bool:
    """Whether a signal can't be read at a moment.

    >>> feed_is_dead([Outage(0.0, 10.0, ("opens",))], "opens", 9.0), feed_is_dead([Outage(0.0, 10.0)], "opens", 10.0)
    (True, False)
    """
    dead = (d for d in disturbances if isinstance(d, Outage) and d.starts <= moment < d.ends)
    return any(not d.signals or signal in d.signals for d in dead)
