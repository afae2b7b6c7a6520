"""How far an output may move at one execution of its loop, or per period.

Customers notice jumps, and a small step bounds what one wrong decision can do. Class process: it binds the policy's own
moves. A move that law or safety asks for, the fallback to the safe value and an operator's override are never held up.

    step    largest change from the value in force: 1 point, 0.5 CNY; left out: the actuator's `max_step`
    per     left out: the step is allowed at every execution. With a period, what is allowed grows with the time since
            the last change, up to one step after the whole period: in the long run one step a period

Around the value in force, up and down alike; before any value is known, around the actuator's `start`. An actuator's
`max_step` brings this guardrail along without writing it.

```yaml
guardrails: {calm: {kind: slew, on: win_rate, step: 0.5 points, per: 6h}}
```
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.ports import Context, GuardrailScope
from controller.quantities import Amount, Duration
from controller.quantities.amounts import write_change
from controller.signals import Bound, Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: slew`."""

    step: Amount | None = None
    """Largest change, in points for a share; None: the actuator's `max_step`."""
    per: Duration | None = None
    """Period in which one step may be used up; None: each execution, the loop's own period."""


class SlewGuardrail:
    """Keeps each channel within a step of the value in force.

    Parameters
    ----------
    scope: its channels are those held back; one without a step of its own, where none is set, is left free.
    settings: ValueError where no channel has a step, or one is not above zero.

    >>> from controller.cells import Cells
    >>> odds = Channel("odds", "share", 0.03, 0.12, 0.03, 0.03, max_step=0.01)
    >>> SlewGuardrail(GuardrailScope(Cells(("shop",)), {"odds": odds}), Settings()).needs
    ('applied.odds', 'applied_at.odds')
    """

    rank = "process"

    def __init__(self, scope: GuardrailScope, settings: Settings) -> None:
        self.per = settings.per
        steps = {name: (channel, _step(channel, settings)) for name, channel in scope.channels.items()}
        self.steps = {name: (channel, step) for name, (channel, step) in steps.items() if step is not None}
        if not self.steps:
            raise ValueError(f"slew: no step given, and none of {', '.join(scope.channels)} has a max_step")
        self.needs = tuple(f"{fact}.{name}" for name in self.steps for fact in ("applied", "applied_at"))

    def limit(self, context: Context) -> Sequence[Bound]:
        return [self._bound(channel, step, context) for channel, step in self.steps.values()]

    def _bound(self, channel: Channel, step: float, context: Context) -> Bound:
        applied = context.facts[f"applied.{channel.name}"]
        centre = np.where(np.isnan(applied), channel.start, applied)
        allowed = step * self._earned(context.tick.time - context.facts[f"applied_at.{channel.name}"])
        span = "an execution" if self.per is None else f"each {self.per:.6g} s"
        why = f"{channel.name} moves at most {write_change(step, channel.unit)} {span}"
        return Bound(channel.name, centre - allowed, centre + allowed, why)

    def _earned(self, since: Array) -> Array:
        """Share of a step that the time since the last change allows, 0..1."""
        return np.ones_like(since) if not self.per else np.clip(since / self.per, 0.0, 1.0)


def _step(channel: Channel, settings: Settings) -> float | None:
    step = channel.max_step if settings.step is None else settings.step.change_in(channel.unit)
    if step is not None and not 0 < step < np.inf:
        raise ValueError(f"slew on {channel.name}: step must be above zero, received {step!r}")
    return step
