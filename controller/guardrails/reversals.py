"""How often a day an output may turn back: up, then down, is one reversal.

An output that hunts up and down costs trust, and shows a loop that is tuned too fast. Class process. When the day's
reversals are used up, the output may still hold or go on in the direction of its last move; turning back waits for the
next business date of the cell's own zone. The actuator's safe value, law and safety are not held up.

    at_most    so many a day: `6 per day`; other spans are refused, since the count is kept by business date

A day of 23 or 25 hours is one day; a clock that steps back over midnight neither doubles nor forgets the count.

```yaml
guardrails: {calm: {kind: reversals, at_most: 6 per day}}
```
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.ports import Context, GuardrailScope
from controller.quantities import Rate
from controller.signals import Bound, Channel

DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: reversals`."""

    at_most: Rate
    """Changes of direction a business date; no default: how much hunting is bearable depends on what is turned."""

    def __post_init__(self) -> None:
        if self.at_most.seconds != DAY or self.at_most.count != int(self.at_most.count):
            raise ValueError(
                f"reversals: received {self.at_most}, allowed: a whole number per day, such as 6 per day"
            )


class ReversalsGuardrail:
    """Forbids turning back once the day's changes of direction are used up.

    Parameters
    ----------
    scope: its channels are those watched, each with a count of its own.
    settings: how many.
    """

    rank = "process"

    def __init__(self, scope: GuardrailScope, settings: Settings) -> None:
        self.channels, self.most = tuple(scope.channels.values()), settings.at_most.count
        facts = ("applied", "direction", "reversals", "counted_on")
        self.needs = tuple(f"{fact}.{channel.name}" for channel in self.channels for fact in facts)

    def limit(self, context: Context) -> Sequence[Bound]:
        return [self._bound(channel, context) for channel in self.channels]

    def _bound(self, channel: Channel, context: Context) -> Bound:
        def fact(name: str) -> Array:
            return context.facts[f"{name}.{channel.name}"]

        today = context.tick.civil.business_date <= fact("counted_on")
        used_up = np.where(today, fact("reversals"), 0.0) >= self.most
        low = np.where(used_up & (fact("direction") > 0), fact("applied"), np.nan)
        high = np.where(used_up & (fact("direction") < 0), fact("applied"), np.nan)
        why = f"{channel.name} has turned back {self.most:.0f} times today, as often as it may"
        return Bound(channel.name, low, high, why)
