"""From a signal to what its sensor says: late, coarse, noisy, corrected, broken off, begun anew, or a lie.

Pure data; acted out by sim.market.receiver in this order: what each step of the market counted (noise, lies), what of
it is known by now (settle, returned, delay), where the counter began (resets), how finely it is told (quantum), and
whether anything is told at all (dropout). All luck is keyed, so that two policies on one market meet the same faults.
"""

import math
from dataclasses import dataclass

from sim.instruments._checks import finite, span, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Lie:
    """A sensor that says something else than what is, and looks healthy while it does.

    >>> Lie(starts=0.0, ends=3600.0, factor=1.3).factor
    1.3
    """

    starts: float
    """UTC seconds."""
    ends: float
    """UTC seconds; of a frozen lie finite."""
    factor: float = 1.0
    """What is counted meanwhile, or a level, times this; zero or more."""
    offset: float = 0.0
    """Added to a level, in its unit; to a count, so many an hour. What comes out is never below zero."""
    frozen: bool = False
    """True: every question is answered as it was at `starts`, with a stamp of now."""

    def __post_init__(self) -> None:
        span("lie", self.starts, self.ends)
        within("lie.factor", self.factor, 0.0, below=True)
        finite("lie.offset", self.offset)
        if self.frozen and math.isinf(self.ends):
            raise ValueError(
                "lie.ends: a frozen sensor must be mended some time: what it said must be kept; received inf"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Between a signal and its sensor; perfect by default.

    >>> Feed().perfect, Feed(delay=1800.0).perfect
    (True, False)
    >>> Feed(settle=((0.0, 0.7), (3600.0, 0.9)))
    Traceback (most recent call last):
    ...
    ValueError: feed.settle: the last share must be 1, else some of a count is never known, received 0.9
    """

    delay: float = 0.0
    """Seconds by which everything shows late, in whole steps of the market."""
    dated: bool = False
    """True: what shows late bears the time that it is of; False: it is stamped as if it were of now."""
    settle: tuple[tuple[float, float], ...] = ()
    """(age in seconds, share of a count known by then), both rising, the last share 1; between two ages nothing comes
    in. So the newest window always looks low, and a later reading of the same window is a correction. Counts and money
    only; empty: known at once."""
    returned: float = 0.0
    """Share of each count that is taken back later (returns, refunds, fraud), 0 to below 1; counts and money only."""
    returned_after: float = 86_400.0
    """Seconds from a count to its being taken back; not before it is settled."""
    dropout: float = 0.0
    """Chance that readings fail in a step of the market, 0 to below 1: SensorError."""
    burst: float = 0.0
    """Mean length of a break in seconds; up to a step of the market: each step fails by itself."""
    apart: bool = False
    """True: each cell has a source of its own, which fails and begins anew by itself; False: one source for all cells,
    replicas of a campaign too, so that a loop over many replicas waits for readings as the loop over one does."""
    noise: float = 0.0
    """Relative standard deviation of what is counted in an hour, or of a level at any moment; 0 to 1, mean one. The
    noise of a step is drawn once, so windows add up, counters only rise, and the same window reads the same."""
    quantum: float = 0.0
    """Resolution of what is told, in the signal's unit (units in the window, money); 0: as fine as it is."""
    lies: tuple[Lie, ...] = ()
    """What is told wrongly, and when."""
    resets: tuple[float, ...] = ()
    """UTC seconds at which the counter begins anew from zero; windows are not touched, only running totals."""
    reset_rate: float = 0.0
    """Mean number of further beginnings a day, by chance."""

    def __post_init__(self) -> None:
        within("feed.delay", self.delay, 0.0, below=True)
        _check_settle(self.settle)
        within("feed.returned", self.returned, 0.0, 1.0, below=True)
        settled = self.settle[-1][0] if self.settle else 0.0
        if self.returned:
            within("feed.returned_after", self.returned_after, settled, below=True)
        within("feed.dropout", self.dropout, 0.0, 1.0, below=True)
        within("feed.burst", self.burst, 0.0, below=True)
        within("feed.noise", self.noise, 0.0, 1.0)
        within("feed.quantum", self.quantum, 0.0, below=True)
        within("feed.reset_rate", self.reset_rate, 0.0, 1000.0)
        for moment in self.resets:
            finite("feed.resets", moment)

    @property
    def perfect(self) -> bool:
        """True where a sensor reads the truth at once."""
        return self == _PERFECT

    @property
    def alters(self) -> bool:
        """True where steps are counted otherwise than they were."""
        return bool(self.noise) or any(not lie.frozen for lie in self.lies)

    @property
    def restarts(self) -> bool:
        """True where the counter may begin anew."""
        return bool(self.resets or self.reset_rate)

    @property
    def lookback(self) -> float:
        """Seconds before the window asked for from which something may still be needed."""
        frozen = max((lie.ends - lie.starts for lie in self.lies if lie.frozen), default=0.0)
        ages = self.settle[-1][0] if self.settle else 0.0
        return self.delay + frozen + max(ages, self.returned_after if self.returned else 0.0)


def _check_settle(points: tuple[tuple[float, float], ...]) -> None:
    if not points:
        return
    before = (-1.0, 0.0)
    for age, share in points:
        within("feed.settle: an age", age, 0.0, below=True)
        within("feed.settle: a share", share, 0.0, 1.0)
        if age <= before[0] or share <= before[1]:
            raise ValueError(
                f"feed.settle: ages and shares must rise from point to point, shares from above 0, "
                f"received {(age, share)} after {before if before[0] >= 0 else 'nothing'}"
            )
        before = age, share
    if before[1] != 1.0:
        raise ValueError(
            f"feed.settle: the last share must be 1, else some of a count is never known, received {before[1]!r}"
        )


_PERFECT = Feed()
