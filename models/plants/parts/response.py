"""A lever's way into sales: dead time, then carry-over, then saturation.

    lift(t) = top x hill(carry_over(lever(t - delay)))

The order of media-mix models (Meridian: adstock, then Hill), with a dead time in front. Used by the parts beside this
file; calls models.response; draws nothing.
"""

from dataclasses import dataclass, replace

from models.plants.base import Floats, Knobs, State
from models.response.adstock import carry_over
from models.response.dead_time import delayed, line
from models.response.hill import hill


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """The chain of one lever.

    Parameters
    ----------
    top: share of sales added by an endless dose, zero or more.
    half: dose of half of that, in the lever's unit.
    slope: steepness of the curve.
    delay: dead time, seconds.
    half_life: of the carry-over, seconds.
    """

    top: float
    half: float
    slope: float
    delay: float
    half_life: float

    def start(self, dose: Floats, dt: float) -> dict[str, Floats]:
        """State as if `dose`, shape (cells,), had been given for ever."""
        return {"line": line(self.delay, dt, dose), "stock": dose.copy()}

    def step(self, state: State, dose: Floats, dt: float) -> tuple[dict[str, Floats], Floats]:
        """The state after dt seconds of `dose`, and the share of sales added, shape (cells,)."""
        past, felt = delayed(state["line"], dose)
        stock = carry_over(state["stock"], felt, self.half_life, dt)
        return {"line": past, "stock": stock}, self.settled(stock)

    def settled(self, dose: Floats) -> Floats:
        """The share of sales that a dose adds in the end."""
        return self.top * hill(dose, self.half, self.slope)

    def turned(self, knobs: Knobs) -> "Response":
        """This chain with the knobs' effect and dead time."""
        delay = self.delay if knobs.delay is None else knobs.delay
        return replace(self, top=self.top * knobs.effect, delay=delay)
