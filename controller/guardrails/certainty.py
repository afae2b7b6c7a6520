"""How far an output may move while what it is steered by is known only roughly: the wider, the smaller the step.

For loops on a ratio of few events, such as a cost per sale from five sales. The sensor must know the width of its value
(a `formula` with `posterior:`). With value v and standard deviation s, an output moves at an execution at most

    step x a^2 / (a^2 + s^2)        a = half_at x |v|

from the value in force: half a step at a width of `half_at` of the value, next to nothing at several times that, the
whole step once the value is known well. `step` is the actuator's `max_step`, else its whole range. Steps finer than the
actuator's resolution are no steps: the output rests. Class process: law, safety, fallback and people are not held up.
Where no width is known yet, it does not care.

```yaml
guardrails: {careful: {kind: certainty, on: coupon, sensor: cost_per_sale, half_at: 10%}}
```
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from controller.ports import Context, GuardrailScope
from controller.quantities import QuantityError, Share
from controller.signals import Bound, Channel
from models.pacing.ratio import step_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: certainty`."""

    sensor: str
    """The sensor whose width counts."""
    half_at: Share = 0.1
    """Width, as a share of the value, at which half a step is allowed; by default a tenth. Above 0%."""

    def __post_init__(self) -> None:
        if self.half_at <= 0:
            raise QuantityError("half_at must be above zero", self.half_at, "a share such as 10%")


class CertaintyGuardrail:
    """Keeps each channel within a step that its sensor's width is good for.

    Parameters
    ----------
    scope: its channels are those held back.
    settings: which sensor, and how wide is wide.

    >>> from controller.cells import Cells
    >>> coupon = Channel("coupon", "CNY", 0.0, 10.0, 2.0, 0.0, max_step=1.0)
    >>> CertaintyGuardrail(GuardrailScope(Cells(("shop",)), {"coupon": coupon}), Settings(sensor="cost")).needs
    ('applied.coupon',)
    """

    rank = "process"

    def __init__(self, scope: GuardrailScope, settings: Settings) -> None:
        self.channels, self.settings = tuple(scope.channels.values()), settings
        self.needs = tuple(f"applied.{channel.name}" for channel in self.channels)

    def limit(self, context: Context) -> Sequence[Bound]:
        return [self._bound(channel, context) for channel in self.channels]

    def _bound(self, channel: Channel, context: Context) -> Bound:
        applied = context.facts[f"applied.{channel.name}"]
        centre = np.where(np.isnan(applied), channel.start, applied)
        signal, name = context.signals.get(self.settings.sensor), self.settings.sensor
        if signal is None or signal.spread is None:
            unknown = np.full_like(centre, np.nan)
            return Bound(channel.name, unknown, unknown.copy(), f"how well {name} is known is not said yet")
        known = np.isfinite(signal.value) & ~np.isnan(signal.spread)
        share = step_share(self.settings.half_at * np.where(known, signal.value, 1.0), signal.spread)
        step = np.where(known, (channel.max_step or channel.span) * share, np.nan)
        wide = signal.spread[known] / np.abs(signal.value[known]) if known.any() else np.zeros(1)
        why = f"{name} is known to {float(np.max(wide)):.0%} at the worst"
        return Bound(channel.name, centre - step, centre + step, why)
