"""pacing: spends a budget, or reaches a total, by a price on money that moves by what is spent too much or too little.

The price is a multiplier mu >= 0; the output stands at a share of its range that falls with it. With the measured rate
y, the rate r that the target asks for and g = (r - y) / r, once an execution:

    l' = l - step g - proportional (g - g1) - derivative (g - 2 g1 + g2)        l = log(1 + mu),  0 <= mu <= most
    share = (1 / (1 + mu) - 1 / (1 + most)) / (1 - 1 / (1 + most))
    u = low + share (high - low)      where the output raises the measured value, else  u = high - share (high - low)

`step` alone is adaptive pacing (Balseiro and Gur 2019), with steps on the logarithm so that each moves spending by the
same share; the rest makes it the dual PID (Balseiro, Lu, Mirrokni and Sivan 2022). It fits loops that `spend` a budget
or `reach` a total, and any level that one output raises or lowers.

A small budget spends in few events, and each of them looks like an error. `hysteresis` sorts errors into buckets of
that width and answers the middle of a bucket, which is left only when the error lies clearly beyond its edge; the
middle bucket answers nothing. `rest` is the least time between two moves; what was asked for and spent in that time is
added up and answered as one error.

The multiplier follows whatever value is really in force: another one set by a person, or cut by a limit, is the one it
goes on from. Called by the loop; moves exactly one actuator.

```yaml
policy: {kind: pacing, step: 0.1, hysteresis: 20%, rest: 6h}
```
"""

import math
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools
from controller.policies._single import believable, hold, only_channel, sign_of
from controller.ports import PolicyScope, State
from controller.quantities import Duration, QuantityError, Share
from controller.signals import Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws
from models.pacing.dual import Law, relative_gradient
from models.pacing.hysteresis import answered, bucket_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: pacing`."""

    step: float = 0.1
    """Share by which spending is moved in an execution in which nothing is spent of what should be; above zero. The
    default suits where the next execution sees the effect. Where the effect takes ten of them, a tenth of it; where
    money goes in rare lots, so little that the waits between two of them move it by well under one."""
    proportional: float = 0.0
    """Share by which spending is moved at a change of the error by the whole rate."""
    derivative: float = 0.0
    """The same for a change of that change."""
    most: float = 9.0
    """Highest multiplier, at which the output stands at the low end of its range; the higher, the finer the steps near
    that end. Above zero."""
    hysteresis: Share = 0.0
    """Width of the buckets that errors are sorted into, a share of the rate asked for; 0: every error is answered."""
    rest: Duration = 0.0
    """Least seconds between two moves; 0: every execution may move."""

    def __post_init__(self) -> None:
        for name in ("step", "most"):
            if not 0 < getattr(self, name) < math.inf:
                raise QuantityError(f"{name} must be above zero", getattr(self, name), "a number such as 0.1")
        for name in ("proportional", "derivative"):
            if not 0 <= getattr(self, name) < math.inf:
                raise QuantityError(
                    f"{name} must be a number, not negative",
                    getattr(self, name),
                    "`move` gives the direction",
                )


_NAMES = ("multiplier", "before", "earlier", "bucket", "asked", "spent", "waited")


class PacingPolicy:
    """A multiplier a cell; all of its memory is arrays of shape (cells,).

    Parameters
    ----------
    scope: cells and the one channel of the loop.
    settings: see Settings.

    >>> from controller.cells import Cells
    >>> from controller.signals import Channel
    >>> scope = PolicyScope(Cells(("a",)), {"odds": Channel("odds", "share", 0.0, 0.5, 0.1, 0.1)}, 3600.0)
    >>> PacingPolicy(scope, Settings()).output(np.array([0.0, 1.0, 9.0]), 1.0).round(3)
    array([0.5  , 0.222, 0.   ])
    """

    version = 1

    def __init__(self, scope: PolicyScope, settings: Settings) -> None:
        self.channel, self.settings = only_channel("pacing", scope), settings
        self.law = Law(settings.step, settings.proportional, settings.derivative, settings.most, True)
        size = len(scope.cells)
        self.memory = {name: np.full(size, np.nan) for name in _NAMES[:4]}
        self.memory |= {name: np.zeros(size) for name in ("asked", "spent")}
        self.memory["waited"] = np.full(size, np.inf)

    def output(self, multiplier: Array, sign: float) -> Array:
        """The output that a multiplier stands for, shape (cells,)."""
        share = self.law.share(multiplier)
        low, span = self.channel.low, self.channel.span
        return np.asarray(low + span * (share if sign > 0 else 1.0 - share))

    def multiplier(self, output: Array, sign: float) -> Array:
        """The multiplier that stands for an output: the inverse of `output`."""
        share = (output - self.channel.low) / self.channel.span
        return self.law.at_share(share if sign > 0 else 1.0 - share)

    def propose(self, tick: Tick, observation: Observation, limits: Limits, draws: Draws) -> Proposal:
        name, mine = self.channel.name, self.memory
        sign, held = sign_of("pacing", self.channel, observation), hold(self.channel, observation, limits)
        acting = believable(observation) & observation.fresh
        asked, spent = self._gathered(observation, acting)
        moving = acting & (mine["waited"] + tick.elapsed >= self.settings.rest)
        error = np.where(moving, relative_gradient(asked, spent), 0.0)
        bucket = np.where(moving, self._bucket(error), mine["bucket"])
        gradient = answered(bucket, self.settings.hysteresis) if self.settings.hysteresis else error
        now = np.where(np.isfinite(mine["multiplier"]), mine["multiplier"], self.multiplier(held, sign))
        after = np.where(moving, self.law.after(now, gradient, mine["before"], mine["earlier"]), now)
        wanted = np.where(moving & (after != now), self.output(after, sign), held)
        value = np.clip(wanted, limits.low[name], limits.high[name])
        cut = (value != wanted) | (~moving & (held != observation.applied[name]))
        carry = {
            "multiplier": np.where(cut, self.multiplier(value, sign), after),
            "before": np.where(moving, gradient, mine["before"]),
            "earlier": np.where(moving, mine["before"], mine["earlier"]),
            "bucket": bucket,
            "asked": np.where(moving, 0.0, asked),
            "spent": np.where(moving, 0.0, spent),
            "waited": np.where(value != held, 0.0, mine["waited"] + tick.elapsed),
        }
        return Proposal({name: value}, {"pace": value - held}, carry)

    def _gathered(self, seen: Observation, acting: Bools) -> tuple[Array, Array]:
        """Sums of what was asked for and of what was spent since the last move, this sample included."""
        rate, spent = (np.where(acting, each, 0.0) for each in (seen.setpoint, seen.process_value))
        return self.memory["asked"] + rate, self.memory["spent"] + spent

    def _bucket(self, error: Array) -> Array:
        if not self.settings.hysteresis:
            return np.full_like(error, np.nan)
        return bucket_of(error, self.memory["bucket"], self.settings.hysteresis)

    def observe(self, outcome: Outcome) -> None:
        """Take over what was proposed; where another value came into force, go on from that."""
        name, carry = self.channel.name, outcome.proposal.carry
        applied = outcome.applied[name]
        moved = outcome.tracking[name] & np.isfinite(applied)
        followed = self.multiplier(
            np.where(moved, applied, self.channel.start), outcome.observation.direction[name]
        )
        after = {key: np.array(carry[key], np.float64) for key in _NAMES}
        after["multiplier"] = np.where(moved, followed, after["multiplier"])
        for key, start in (("before", np.nan), ("earlier", np.nan), ("asked", 0.0), ("spent", 0.0)):
            after[key] = np.where(moved, start, after[key])
        self.memory = after

    def state(self) -> State:
        return {name: array.copy() for name, array in self.memory.items()}

    def restore(self, state: State) -> None:
        """Take a saved state back."""
        self.memory = {name: np.array(state[name], np.float64) for name in _NAMES}
