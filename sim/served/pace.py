"""How the market's clock runs against the wall's: so many times as fast, or by hand.

Called by everything that turns a time on the wire into one of the market or back; reads no clock but the one handed in.
"""

import math
from dataclasses import dataclass

from controller.clock import ManualClock
from controller.ports import Clock

HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Pace:
    """Two clocks that met once.

    Parameters
    ----------
    clock: the wall's; a ManualClock where people move the market by hand.
    wall, market: UTC seconds that both showed when they met.
    speed: seconds of market time in a second of wall time.

    >>> pace = Pace(ManualClock(110.0), wall=100.0, market=7200.0, speed=3600.0)
    >>> pace.due(), pace.to_wall(10_800.0), pace.to_market(100.5)
    (43200.0, 101.0, 9000.0)
    """

    clock: Clock
    wall: float
    market: float
    speed: float = 1.0

    @property
    def by_hand(self) -> bool:
        """Whether time passes only when somebody says so."""
        return isinstance(self.clock, ManualClock)

    def due(self) -> float:
        """The market's time now."""
        return self.to_market(self.clock.now())

    def to_market(self, wall: float) -> float:
        """The market's time at a moment of the wall."""
        return self.market + (wall - self.wall) * self.speed

    def to_wall(self, moment: float) -> float:
        """The wall's time at a moment of the market."""
        return self.wall + (moment - self.market) / self.speed

    def pass_by_hand(self, seconds: float) -> None:
        """Let time pass; only with a ManualClock."""
        assert isinstance(self.clock, ManualClock)
        self.clock.advance(seconds)


def running(clock: Clock, speed: float, step: float, starts: float | None = None) -> Pace:
    """A pace from now on.

    At speed 1 both clocks show the same; else the market begins at the last full hour, or at `starts` (UTC seconds).
    The wall's moment is taken back to where windows of whole seconds end on the market's grid of `step` seconds.
    """
    now = clock.now()
    grain = max(step / speed, 1.0)
    wall = math.floor(now / grain) * grain
    begin = wall if speed == 1.0 else now
    if starts is not None:
        begin = starts
    return Pace(clock, wall, begin if speed == 1.0 and starts is None else _full_hour(begin), speed)


def by_hand(starts: float) -> Pace:
    """A pace that stands still at `starts` (UTC seconds) until it is advanced."""
    begin = _full_hour(starts)
    return Pace(ManualClock(begin), begin, begin)


def _full_hour(moment: float) -> float:
    return math.floor(moment / HOUR) * HOUR
