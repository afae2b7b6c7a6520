"""updown: the trade's rule. Under target a step up, over target a step down, in the direction's sense.

With share of deviation e = (setpoint - process value) / |setpoint| and the direction s = +1 (raises) or -1 (lowers):

    u = applied + s step    where e >  deadband
    u = applied - s step    where e < -deadband
    u = applied             elsewhere, and where there is no new believable sample

inside the limits. It steps by the same amount however large the deviation, so it hunts around the target with an
amplitude of its step and its dead time; it is here because it is what people do by hand, and as a row to be beaten.
Called by the loop; keeps no state: the applied value is its memory.

```yaml
policy: {kind: updown, step: 0.5 points, deadband: 5%}
```
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.policies._single import believable, hold, only_channel, sign_of
from controller.ports import PolicyScope, State
from controller.quantities import Amount, QuantityError, Share
from controller.signals import Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: updown`."""

    step: Amount | None = None
    """Size of a step, a change in the actuator's unit (points for a share); None: the actuator's `max_step`, else a
    twentieth of its range."""
    deadband: Share = 0.0
    """Deviation, as a share of the target, up to which nothing moves; 0: every deviation moves."""


class UpdownPolicy:
    """Moves by one step an execution, towards the target.

    Parameters
    ----------
    scope: cells and the one channel of the loop.
    settings: step and deadband.

    >>> from controller.cells import Cells
    >>> from controller.signals import Channel
    >>> scope = PolicyScope(Cells(("shop",)), {"odds": Channel("odds", "share", 0.03, 0.12, 0.03, 0.03)}, 3600.0)
    >>> UpdownPolicy(scope, Settings(step=Amount.parse("0.5 points"))).step
    0.005
    """

    version = 1

    def __init__(self, scope: PolicyScope, settings: Settings) -> None:
        self.channel = only_channel("updown", scope)
        self.deadband = settings.deadband
        self.step = self._step(settings.step)

    def _step(self, wanted: Amount | None) -> float:
        if wanted is None:
            return self.channel.max_step or self.channel.span / 20
        step = wanted.change_in(self.channel.unit, self.channel.start)
        if step <= 0:
            raise QuantityError(
                "a step is larger than nothing", str(wanted), f"a change in {self.channel.unit}"
            )
        return step

    def propose(self, tick: Tick, observation: Observation, limits: Limits, draws: Draws) -> Proposal:
        name = self.channel.name
        held = hold(self.channel, observation, limits)
        move = sign_of("updown", self.channel, observation) * self.step * self._side(observation)
        value = np.clip(held + move, limits.low[name], limits.high[name])
        return Proposal({name: value}, {"step": value - held})

    def _side(self, seen: Observation) -> Array:
        """+1 under the deadband, -1 over it, 0 inside it and where nothing new is known."""
        acting = believable(seen) & seen.fresh
        error = np.where(acting, seen.setpoint, 0.0) - np.where(acting, seen.process_value, 0.0)
        edge = self.deadband * np.abs(np.where(acting, seen.setpoint, 0.0))
        side: Array = np.where(np.abs(error) > edge, np.sign(error), 0.0)
        return side

    def observe(self, outcome: Outcome) -> None:
        """Nothing is remembered."""

    def state(self) -> State:
        return {}

    def restore(self, state: State) -> None:
        """Nothing is remembered."""
