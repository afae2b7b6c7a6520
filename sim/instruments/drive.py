"""From an order to what is in force: late, slow, clipped, coarse, sticky, deaf, mute, or stopped at the target.

Pure data; acted out by sim.market.levers (the target) and sim.market.stops (stock and budget). What is read back is
always the truth at the target, never the order.
"""

import math
from dataclasses import dataclass

from sim.instruments._checks import inside, span, within

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cap:
    """How much there is to give away; what all cells of a pool have used of it is counted together, by the truth.

    Looked at after each step of the market: the step that reaches the total is still offered in full.
    """

    signals: tuple[str, ...]
    """Signals of the market whose sum is counted: ("prizes_won",), ("prizes_paid", "prizes_owed")."""
    total: float
    """In the unit of those signals; what is counted reaches it once, and the lever stays off from then on."""
    since: float = -math.inf
    """UTC seconds from which on is counted; the start of the market by default."""

    def __post_init__(self) -> None:
        if not self.signals:
            raise ValueError("cap.signals: at least one signal of the market, received none")
        within("cap.total", self.total, 0.0, below=True)
        if math.isnan(self.since):
            raise ValueError(f"cap.since: must be a moment, received {self.since!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Drive:
    """Between an order and its lever; perfect by default. Values in the lever's unit.

    >>> Drive(low=0.1, high=0.05)
    Traceback (most recent call last):
    ...
    ValueError: drive.low, drive.high: low must not be above high, received 0.1 and 0.05
    """

    delay: float = 0.0
    """Seconds from an order to its being in force; until then the value before it is, and is read back. The target's
    own fallback, when a lease runs out, comes at once."""
    rate: float = math.inf
    """Largest change an hour; what is on its way is read back where it is."""
    low: float = -math.inf
    """The least that the target accepts: orders below it are clipped there, and read back so."""
    high: float = math.inf
    """The most that the target accepts."""
    quantum: float = 0.0
    """Resolution of the target; 0: as ordered."""
    deadband: float = 0.0
    """An order nearer than this to where the target stands or goes leaves it there."""
    deaf: tuple[Span, ...] = ()
    """(from, until) in UTC seconds: orders are lost: Unreachable. What is in force can still be read back."""
    mute: tuple[Span, ...] = ()
    """(from, until) in UTC seconds: orders land, and neither their answers nor readings back come through:
    Unreachable. Deaf and mute at once: the target is cut off."""
    stock: Cap | None = None
    """Units that can be given away; when they are gone the lever is off, and read back so."""
    budget: Cap | None = None
    """Money at which the target itself stops; the same for money."""

    def __post_init__(self) -> None:
        within("drive.delay", self.delay, 0.0, below=True)
        if not self.rate > 0:
            raise ValueError(f"drive.rate: must be above 0, received {self.rate!r}")
        if not self.low <= self.high:
            raise ValueError(
                f"drive.low, drive.high: low must not be above high, received {self.low!r} and {self.high!r}"
            )
        within("drive.quantum", self.quantum, 0.0, below=True)
        within("drive.deadband", self.deadband, 0.0, below=True)
        for spans, name in ((self.deaf, "drive.deaf"), (self.mute, "drive.mute")):
            for starts, ends in spans:
                span(name, starts, ends)

    @property
    def caps(self) -> tuple[Cap, ...]:
        """Stock and budget, where there are any."""
        return tuple(cap for cap in (self.stock, self.budget) if cap is not None)

    def is_deaf(self, moment: float) -> bool:
        """Whether an order is lost at a moment."""
        return bool(self.deaf) and inside(self.deaf, moment)

    def is_mute(self, moment: float) -> bool:
        """Whether the target can't answer at a moment."""
        return bool(self.mute) and inside(self.mute, moment)
