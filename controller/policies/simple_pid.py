"""simple_pid: the library simple-pid, one `simple_pid.PID` a cell, for gains that people already have.

Same terms, same numbers as the library, called with dt handed in and never on its own clock. Its known traps are
guarded from outside, by its public switches:

    NaN or inf in the measurement     the cell is not called: the output holds, the state freezes
    a call before its sample time     there is no sample time; without a new sample the cell is not called, and the
                                      seconds count for the next one
    manual to auto, start, restart    the integral is set so that the first output is the value in force; where that
                                      lies outside the limits, the library is given limits that include it, and the
                                      output is cut here
    change of gains                   the integral takes up the difference of the proportional term

Gains are raw: output units per unit of the measured value (per second, times seconds), not negative; the direction in
`move` gives the sign. The pid policy with `form: parallel, anti_windup: clamp, derivative_filter: 0` gives the same
numbers and costs a fraction. Called by the loop; moves exactly one actuator.

```yaml
policy: {kind: simple_pid, kp: 0.00001, ki: 0.000000002}
```
"""

import math
from dataclasses import dataclass

import numpy as np
from simple_pid import PID

from controller.cells import Array, Bools
from controller.policies._memory import Memory
from controller.policies._single import believable, hold, only_channel, sign_of
from controller.ports import PolicyScope, State
from controller.quantities import Amount, QuantityError
from controller.signals import Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws
from models.pid.law import Law
from models.pid.state import State as Kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: simple_pid`, by the library's own names."""

    kp: float
    """Output units per unit of the measured value."""
    ki: float = 0.0
    """The same per second."""
    kd: float = 0.0
    """The same times seconds."""
    proportional_on_measurement: bool = False
    """The proportional term answers changes of the measurement only."""
    differential_on_measurement: bool = True
    """The derivative term answers changes of the measurement only."""
    starting_output: Amount | None = None
    """Where the integral starts, in the actuator's unit, as in the library: the first move may then be a jump. None: so
    that the first output is the value in force."""

    def __post_init__(self) -> None:
        for name in ("kp", "ki", "kd"):
            if not 0 <= getattr(self, name) < math.inf:
                raise QuantityError(
                    f"{name} must be a number, not negative",
                    getattr(self, name),
                    "`move` gives the direction",
                )


class SimplePidPolicy:
    """One simple_pid.PID a cell, used as a calculator: its memory is loaded before and taken out after each call.

    Parameters
    ----------
    scope: cells and the one channel of the loop.
    settings: gains and switches of the library.

    >>> from controller.cells import Cells
    >>> from controller.signals import Channel
    >>> scope = PolicyScope(Cells(("a", "b")), {"odds": Channel("odds", "share", 0.0, 0.5, 0.1, 0.1)}, 3600.0)
    >>> SimplePidPolicy(scope, Settings(kp=0.5)).loops[1].tunings
    (0.5, 0.0, 0.0)
    """

    version = 1

    def __init__(self, scope: PolicyScope, settings: Settings) -> None:
        self.settings = settings
        self.channel = only_channel("simple_pid", scope)
        self.loops = [_loop(settings) for _ in scope.cells.names]
        self.start = settings.starting_output and settings.starting_output.level_in(
            self.channel.unit, bare=True
        )
        self.memory = Memory.unborn(len(self.loops), f"{self.channel.name}|simple_pid")

    @np.errstate(over="ignore", invalid="ignore")
    def propose(self, tick: Tick, observation: Observation, limits: Limits, draws: Draws) -> Proposal:
        law = self._law(sign_of("simple_pid", self.channel, observation))
        held = hold(self.channel, observation, limits)
        acting, feedforward = self._acting(observation)
        begin = held if self.start is None else np.full(len(held), self.start)
        before = self.memory.ready(law, begin, bumpless=True)
        name = self.channel.name
        low, high = limits.low[name] - feedforward, limits.high[name] - feedforward
        after, proportional = self._call(law, before, self._seen(tick, observation), (low, high), acting)
        total = proportional + after.integral + after.derivative + feedforward
        increment = after.integral - before.integral
        rest = proportional + after.derivative + feedforward
        starting = ~self.memory.born & (self.start is None)
        after.integral = np.where(starting, held - rest, after.integral)
        acted = acting & np.isfinite(total + increment + after.integral + rest)
        limited = np.clip(total, limits.low[name], limits.high[name])
        value = np.where(acted & ~starting, limited, held)
        carry = self.memory.carry(after, law, acted, rest, feedforward)
        move = value - observation.applied[name]
        parts = (proportional, increment, limited - total)
        return Proposal({name: value}, self.memory.terms(parts, carry, move, acted & ~starting), carry)

    def _law(self, sign: float) -> Law:
        s = self.settings
        weight = 0.0 if s.proportional_on_measurement else 1.0
        return Law(sign * s.kp, sign * s.ki, sign * s.kd, setpoint_weight=weight)

    def _acting(self, seen: Observation) -> tuple[Bools, Array]:
        """Where the library may be called, and the feed-forward, 0 where there is none."""
        feedforward = seen.feedforward.get(self.channel.name, np.zeros(len(self.loops)))
        known = np.isfinite(feedforward)
        return believable(seen) & seen.fresh & known, np.where(known, feedforward, 0.0)

    def _seen(self, tick: Tick, seen: Observation) -> tuple[Array, Array, Array, Array]:
        """Setpoint, measurement, seconds since the last call, and how far slopes reach beyond those."""
        elapsed = self.memory.waited + tick.elapsed
        blind = self.memory.blind
        share = np.where(blind > 0, elapsed / (elapsed + blind), 1.0)
        return seen.setpoint, seen.process_value, elapsed, share

    def _call(
        self, law: Law, before: Kept, seen: tuple[Array, ...], limits: tuple[Array, Array], acting: Bools
    ) -> tuple[Kept, Array]:
        """Call the library for every cell where it may be; the state after, and its proportional term."""
        after = Kept.fresh(len(self.loops))
        setpoint, measured, elapsed, share = seen
        gains = [np.broadcast_to(each, len(self.loops)).tolist() for each in (law.kp, law.ki, law.kd)]
        for i in np.flatnonzero(acting).tolist():
            loop = self.loops[i]
            kept = float(before.integral[i])
            kp, ki, kd = (each[i] for each in gains)
            loop.tunings = (kp, ki, kd * float(share[i]))
            loop.setpoint = float(setpoint[i])
            _load(loop, before, i)
            loop.output_limits = (min(float(limits[0][i]), kept), max(float(limits[1][i]), kept))
            loop(float(measured[i]), dt=float(elapsed[i]))
            _take(loop, after, i)
        after.measured = np.where(acting, measured, np.nan)
        after.error = setpoint - after.measured
        return after, law.kp * after.error if law.setpoint_weight else after.on_measurement

    def observe(self, outcome: Outcome) -> None:
        self.memory = self.memory.observed(outcome, self.channel.name, bumpless=True)

    def state(self) -> State:
        return self.memory.saved()

    def restore(self, state: State) -> None:
        """Take a saved state back; one of another actuator counts as none."""
        self.memory = self.memory.restored(state)


def _loop(s: Settings) -> PID:
    """A loop of the library that has no clock: it is always handed its seconds."""
    return PID(
        s.kp,
        s.ki,
        s.kd,
        sample_time=None,
        time_fn=lambda: 0.0,
        proportional_on_measurement=s.proportional_on_measurement,
        differential_on_measurement=s.differential_on_measurement,
    )


def _load(loop: PID, kept: Kept, i: int) -> None:
    """Give a loop its memory. The library has no public way in; simple-pid is held below 3 for that."""
    last, error = float(kept.measured[i]), float(kept.error[i])
    vars(loop).update(
        _proportional=float(kept.on_measurement[i]),
        _integral=float(kept.integral[i]),
        _last_output=None,
        _last_input=None if math.isnan(last) else last,
        _last_error=None if math.isnan(error) else error,
    )


def _take(loop: PID, after: Kept, i: int) -> None:
    proportional, after.integral[i], after.derivative[i] = loop.components
    after.on_measurement[i] = proportional if loop.proportional_on_measurement else 0.0
