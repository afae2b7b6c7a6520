"""fixed: keeps one value. The do-nothing row of every comparison, and a loop that is only watched.

The output is the actuator's start value, or `value:`, as far as the limits allow. Without a believable measurement it
holds what is in force, as every policy does. Called by the loop; keeps no state.

```yaml
policy: {kind: fixed, value: 4%}
```
"""

from dataclasses import dataclass

import numpy as np

from controller.policies._single import believable, hold, only_channel
from controller.ports import PolicyScope, State
from controller.quantities import Amount
from controller.signals import Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: fixed`."""

    value: Amount | None = None
    """The value to keep, in the actuator's unit; None: the actuator's start value."""


class FixedPolicy:
    """Proposes the same value for every cell at every execution.

    Parameters
    ----------
    scope: cells and the one channel of the loop.
    settings: the value; None: the channel's start.

    >>> from controller.cells import Cells
    >>> from controller.signals import Channel
    >>> scope = PolicyScope(Cells(("shop",)), {"odds": Channel("odds", "share", 0.03, 0.12, 0.03, 0.03)}, 3600.0)
    >>> FixedPolicy(scope, Settings(value=Amount.parse("4%"))).value
    0.04
    """

    version = 1

    def __init__(self, scope: PolicyScope, settings: Settings) -> None:
        self.channel = only_channel("fixed", scope)
        wanted = settings.value
        self.value = self.channel.start if wanted is None else wanted.level_in(self.channel.unit, bare=True)

    def propose(self, tick: Tick, observation: Observation, limits: Limits, draws: Draws) -> Proposal:
        name = self.channel.name
        wish = np.clip(self.value, limits.low[name], limits.high[name])
        value = np.where(believable(observation), wish, hold(self.channel, observation, limits))
        return Proposal({name: value})

    def observe(self, outcome: Outcome) -> None:
        """Nothing is remembered."""

    def state(self) -> State:
        return {}

    def restore(self, state: State) -> None:
        """Nothing is remembered."""
