"""Narrower limits than the actuator's own: a house rule on how low or how high an output may go.

The actuator's `limits` are what it can take; these are what you want. Class process: law and safety go first, and where
they leave no value inside, this rule gives way and says so.

    low, high    a level of the actuator, with its unit: 4%, 2 CNY, 3 pushes/week; at least one of the two

Speaks of every actuator in `on:`, which are then all of one unit; give each unit a guardrail of its own. Reads no
facts. A bound outside the actuator's own limits is refused: it would do nothing, or leave nothing.

```yaml
guardrails: {house: {kind: bounds, on: win_rate, low: 4%, high: 8%}}
```
"""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.cells import Cells
from controller.ports import Context, GuardrailScope
from controller.quantities import Amount
from controller.signals import Bound, Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of kind `bounds`."""

    low: Amount | None = None
    """Lowest level; None: the actuator's own."""
    high: Amount | None = None
    """Highest level; None: the actuator's own."""

    def __post_init__(self) -> None:
        if self.low is None and self.high is None:
            raise ValueError("bounds: neither low nor high is given, allowed: one of them, or both")


class BoundsGuardrail:
    """Holds each channel between two levels.

    Parameters
    ----------
    scope: its channels are those bounded.
    settings: levels that fit each channel's unit and limits; ValueError else.
    """

    rank = "process"
    needs: tuple[str, ...] = ()

    def __init__(self, scope: GuardrailScope, settings: Settings) -> None:
        self._bounds = [_bound(channel, settings, scope.cells) for channel in scope.channels.values()]

    def limit(self, context: Context) -> Sequence[Bound]:
        return self._bounds


def _bound(channel: Channel, settings: Settings, cells: Cells) -> Bound:
    low = channel.low if settings.low is None else settings.low.level_in(channel.unit)
    high = channel.high if settings.high is None else settings.high.level_in(channel.unit)
    if not channel.low <= low <= high <= channel.high:
        allowed = f"low <= high, both from {channel.low:.6g} to {channel.high:.6g}"
        raise ValueError(f"bounds on {channel.name}: received {low:.6g} to {high:.6g}, allowed: {allowed}")
    at_least = [f"at least {settings.low}"] if settings.low is not None else []
    at_most = [f"at most {settings.high}"] if settings.high is not None else []
    why = f"the house rule: {channel.name} {' and '.join(at_least + at_most)}"
    return Bound(channel.name, cells.full(low), cells.full(high), why)
