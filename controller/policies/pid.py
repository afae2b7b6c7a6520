"""pid: proportional, integral and derivative action, for any number of cells at once.

Standard form (ISA-TR5.9-2023; Astrom & Hagglund, Advanced PID Control, ISA 2006, ch. 3), normalised: `gain` is in % of
the output's range per % of the target, so it means the same for odds, coupons and pushes. With output range S, target
r, process value y, direction s = +1 (raises) or -1 (lowers):

    e = (r - y) / |r|        kp = s gain S        ki = kp / integral_time        kd = kp derivative_time

With `form: parallel` e = r - y, and kp, ki, kd are raw: output units per unit of the measured value (per second, times
seconds); the direction still gives the sign. models/pid/law.py has the equations of the terms.

What it promises. The first execution proposes exactly the value in force, and after that only what the error asks. The
same after a restart without saved state. Where somebody else set the output (manual, override, another loop) the state
follows it: the next proposal is that value plus what the new sample asks. A change of gains does not move the output.
Saturation is judged by the limits of the tick. Without a believable sample the output holds and the state freezes;
without a new sample it holds, and the seconds count for the next one. A target of zero has no per cent: the standard
form holds there.

Where the plant answers less the further it is pushed, `schedule` gives gains by the operating point (models/pid/
schedule.py): straight lines between points of the output in force (`by: output`), of the measured value as a share of
the target (`by: measured`), or of the setpoint (`by: setpoint`); each point says `at`, `gain` and perhaps
`integral_time`. Noisy samples: `despike` and `measurement_filter`; both cost delay, so slow the loop down too.

What is known in advance (`events:` that say what they are `expected` to change) is countered before it shows, inside
the limits of the turn, where it is known what a move does: with `tune: auto` that is found out, otherwise
`feedforward: {gain: 0.6, ahead: 4h}` says so (% of the target per % of the range; how long a move needs to be felt;
`setpoint tune` finds both). Without either an event does nothing here, and `check` says so. P and I see to what comes
otherwise than expected.

What to mind. Setpoint weights act on changes: b (`setpoint_weight`) 0 takes the kick out of a target that is moved by
hand; with a target that has a shape (a week's pattern) keep b = 1, or the pattern itself counts as deviation.
With `form: parallel, anti_windup: clamp, derivative_filter: 0, bumpless: false` it gives simple-pid's numbers bit for
bit, and its bumps. Called by the loop; calls models.pid; moves exactly one actuator.

```yaml
policy: {kind: pid, gain: 0.5, integral_time: 6h}
```
"""

from dataclasses import dataclass, field, fields, replace
from typing import Literal

import numpy as np

from controller.cells import Array, Bools
from controller.policies._feedforward import Feedforward
from controller.policies._memory import Memory
from controller.policies._samples import Samples
from controller.policies._schedule import Point, Schedule, check, lines_of
from controller.policies._single import believable, hold, only_channel, sign_of
from controller.policies._tuner import Model, Tuner
from controller.ports import PolicyScope, State
from controller.quantities import Duration, QuantityError, Share
from controller.signals import Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws
from models.pid.law import AntiWindup, Law
from models.pid.state import Sample
from models.pid.step import step


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: pid`."""

    tune: Literal["none", "auto"] = "none"
    """auto: gains are found while steering, so none may be given."""
    model: Model = field(default_factory=Model)
    """tune: auto: what is known of the market beforehand, as intervals; left out: any market this is made for."""
    dither: Share = 0.0
    """tune: auto: size of the steps that are added while the gain is not known well, share of the range; 0: none."""
    form: Literal["standard", "parallel"] = "standard"
    """standard: gain and times, in shares of target and range; parallel: kp, ki, kd in raw units."""
    gain: float | None = None
    """% of the output's range per % of the target; needed by the standard form."""
    integral_time: Duration | None = None
    """Ti; None: no integral action."""
    derivative_time: Duration = 0.0
    """Td; 0: no derivative action, the right choice for noisy counts."""
    kp: float | None = None
    """Parallel form: output units per unit of the measured value."""
    ki: float = 0.0
    """Parallel form: the same per second."""
    kd: float = 0.0
    """Parallel form: the same times seconds."""
    setpoint_weight: float = 1.0
    """b, 0 to 1: share of a target's change that the proportional term answers at once."""
    derivative_weight: float = 0.0
    """c, 0 to 1: 0 derivative of the measurement, 1 of the error."""
    derivative_filter: float = 10.0
    """N: D is filtered with Td / N; 0: no filter. 8 to 20 is usual."""
    anti_windup: AntiWindup = "back_calculation"
    """back_calculation: the integral is drawn to what the limits allow; conditional: it stops there; clamp: it stays
    inside them by itself."""
    tracking_time: Duration | None = None
    """Tt of back-calculation; 0: at once, the least overshoot; longer: less moved by noise near a limit. None: the root
    of Ti Td, or Ti / 4 without derivative."""
    schedule: Schedule | None = None
    """Gains by the operating point, in place of `gain` and, where its points say so, `integral_time`."""
    measurement_filter: Duration = 0.0
    """Time constant of a first-order filter of the measured value, right for samples at any distance; 0: none."""
    despike: bool = False
    """Act on the middle of the last three samples: a single wild one never counts, a real step one sample later."""
    deadband_above: Share = 0.0
    """Share of the target by which the measured value may lie above it without a move; continuous at the edge."""
    deadband_below: Share = 0.0
    """The same below the target."""
    feedforward: Feedforward | None = None
    """What a move does, so that events with an `expected` change are countered before they show; None: they are not."""
    bumpless: bool = True
    """False: hand-over and gain change as simple-pid makes them, with their bumps; for comparison only."""

    def __post_init__(self) -> None:
        if self.tune == "auto":
            _check_auto(self)
            return
        _check_not_auto(self)
        _check_form(self)
        for name in ("setpoint_weight", "derivative_weight"):
            if not 0 <= getattr(self, name) <= 1:
                raise QuantityError(f"{name} is a share of one", getattr(self, name), "0 to 1")
        if not 0 <= self.derivative_filter < np.inf:
            raise QuantityError("derivative_filter counts from none", self.derivative_filter, "0, or 8 to 20")


_AUTO = ("tune", "model", "dither")
"""Keys that go with tune: auto; no other does."""


def _check_auto(s: Settings) -> None:
    for key in fields(s):
        given, usual = getattr(s, key.name), key.default
        if key.name not in _AUTO and given != usual:
            raise QuantityError(
                f"tune: auto finds gains by itself, so {key.name} can't be given beside it",
                given,
                f"tune: auto with {', '.join(_AUTO[1:])} or nothing; or {key.name} without tune",
            )
    if not 0 <= s.dither <= 0.2:
        raise QuantityError("dither is a small share of the range", s.dither, "0 to 0.2")


def _check_not_auto(s: Settings) -> None:
    for name, given in (("model", s.model != Model()), ("dither", s.dither != 0)):
        if given:
            raise QuantityError(
                f"{name} is for tune: auto alone", getattr(s, name), "tune: auto, or no such key"
            )


def _check_form(s: Settings) -> None:
    if s.schedule is not None:
        check(s.schedule, s.gain, s.form, s.integral_time)
    standard = {
        "gain": s.gain if s.schedule is None else s.schedule.points[0].gain,
        "integral_time": s.integral_time,
        "derivative_time": s.derivative_time or None,
    }
    parallel = {"kp": s.kp, "ki": s.ki or None, "kd": s.kd or None}
    mine, other = (standard, parallel) if s.form == "standard" else (parallel, standard)
    key = next(iter(mine))
    if mine[key] is None:
        raise QuantityError(f"the {s.form} form needs {key}", None, f"{', '.join(mine)}")
    strangers = [name for name, value in other.items() if value is not None]
    if strangers:
        raise QuantityError(
            f"{strangers[0]} is no key of the {s.form} form", other[strangers[0]], ", ".join(mine)
        )
    bad = [name for name, value in mine.items() if value is not None and not 0 <= value < np.inf]
    if bad:
        raise QuantityError(
            f"{bad[0]} must be a number, not negative", mine[bad[0]], "`move` gives the direction"
        )
    if s.integral_time == 0:
        raise QuantityError(
            "an integral time of zero has no meaning", "0", "a duration, or no key for no integral"
        )


__all__ = ["Feedforward", "PidPolicy", "Point", "Schedule", "Settings"]


class PidPolicy:
    """The PID law as a policy of one channel.

    Parameters
    ----------
    scope: cells and the one channel of the loop.
    settings: gains and structure.

    >>> from controller.cells import Cells
    >>> from controller.signals import Channel
    >>> scope = PolicyScope(Cells(("shop",)), {"odds": Channel("odds", "share", 0.0, 0.5, 0.1, 0.1)}, 3600.0)
    >>> policy = PidPolicy(scope, Settings(gain=2.0, integral_time=3600.0))
    >>> policy.law(sign=-1.0).kp
    -1.0
    """

    version = 1

    def __init__(self, scope: PolicyScope, settings: Settings) -> None:
        self.settings, self.cells, self.period = settings, len(scope.cells), scope.period
        self.channel = only_channel("pid", scope)
        self.tuner = Tuner(scope, settings.model, settings.dither) if settings.tune == "auto" else None
        if self.tuner is not None:
            self.version = Tuner.version
        self._law = _law(settings, self.channel.span)
        self.lines = (
            None
            if settings.schedule is None
            else lines_of(settings.schedule, settings.integral_time, self.channel)
        )
        bands = (settings.deadband_above, settings.deadband_below)
        self.memory = Memory.unborn(self.cells, f"{self.channel.name}|{settings.form}|{bands}")
        self.samples = Samples.none(self.cells, settings.measurement_filter, settings.despike)

    def law(self, sign: float, seen: Observation | None = None) -> Law:
        """The law in output units, with the direction's sign; with a schedule, at the operating point that is seen."""
        law = self._law
        if self.lines is not None and seen is not None:
            law = self._scheduled(law, *self.lines.of(self._point(seen)))
        return replace(law, kp=sign * law.kp, ki=sign * law.ki, kd=sign * law.kd)

    def _point(self, seen: Observation) -> Array:
        """Where the schedule is read, shape (cells,)."""
        by = "" if self.settings.schedule is None else self.settings.schedule.by
        if by == "output":
            return seen.applied[self.channel.name]
        if by == "setpoint":
            return seen.setpoint
        known = believable(seen) & (seen.setpoint != 0)
        measured = self.samples.filtered if self.samples.time else seen.process_value
        nowhere = np.full(self.cells, np.nan)
        share: Array = np.divide(measured, np.abs(seen.setpoint), out=nowhere, where=known)
        return share

    def _scheduled(self, law: Law, gain: Array, times: Array | None) -> Law:
        s, kp = self.settings, gain * self.channel.span
        if times is None:
            return replace(law, kp=kp, kd=kp * s.derivative_time)
        own = np.sqrt(times * s.derivative_time) if s.derivative_time > 0 else times / 4
        tracking = own if s.tracking_time is None else law.tracking_time
        return replace(law, kp=kp, ki=kp / times, kd=kp * s.derivative_time, tracking_time=tracking)

    @np.errstate(over="ignore", invalid="ignore")
    def propose(self, tick: Tick, observation: Observation, limits: Limits, draws: Draws) -> Proposal:
        if self.tuner is not None:
            return self.tuner.propose(tick, observation, limits, draws)
        observation = self._foreseeing(observation, limits)
        name, memory = self.channel.name, self.memory
        law = self.law(sign_of("pid", self.channel, observation), observation)
        held = hold(self.channel, observation, limits)
        acting = self._acting(observation)
        since = memory.waited + tick.elapsed + memory.blind
        measured = self.samples.take(observation.process_value, since)
        sample = self._sample(tick, replace(observation, process_value=measured), limits, acting)
        before = memory.ready(law, held, self.settings.bumpless)
        after, move = step(law, before, sample)
        rest = move.proportional + after.derivative + _or_zero(sample.feedforward)
        starting = ~memory.born & self.settings.bumpless
        after.integral = np.where(starting, held - rest, after.integral)
        value = np.where(starting, held, move.value)
        acted = acting & np.isfinite(move.unlimited + move.increment + after.integral + rest)
        value = np.where(acted, value, held)
        carry = memory.carry(after, law, acted, rest, _or_zero(sample.feedforward))
        parts = (move.proportional, move.increment, move.value - move.unlimited)
        terms = memory.terms(parts, carry, value - observation.applied[name], acted & ~starting)
        return Proposal(
            {name: value}, terms, carry | self.samples.carry(observation.process_value, measured, acted)
        )

    def _foreseeing(self, seen: Observation, limits: Limits) -> Observation:
        """With what counters events that are coming, where it is known what a move does.

        Only as much as the limits leave room for, so that what is taken back later is what was given.
        """
        told, name = self.settings.feedforward, self.channel.name
        if told is None or seen.coming is None or seen.coming.felt is None:
            return seen
        sign = sign_of("pid", self.channel, seen)
        counter = told.counter(self.channel.span, sign, seen.coming.felt, self.period)
        usual = hold(self.channel, seen, limits) - self.memory.feedforward
        wanted = usual + counter + _or_zero(seen.feedforward.get(name))
        return replace(seen, feedforward={name: np.clip(wanted, limits.low[name], limits.high[name]) - usual})

    def _acting(self, seen: Observation) -> Bools:
        acting = believable(seen) & seen.fresh
        feedforward = seen.feedforward.get(self.channel.name)
        if feedforward is not None:
            acting = acting & np.isfinite(feedforward)
        return acting & (seen.setpoint != 0) if self.settings.form == "standard" else acting

    def _sample(self, tick: Tick, seen: Observation, limits: Limits, acting: Bools) -> Sample:
        """What the law is shown; harmless numbers stand where it must not act."""
        name, settings = self.channel.name, self.settings
        setpoint = np.where(acting, seen.setpoint, 1.0)
        elapsed = self.memory.waited + tick.elapsed
        scale = np.abs(setpoint)
        band = scale if settings.form == "parallel" else 1.0
        dead = settings.deadband_above > 0 or settings.deadband_below > 0
        feedforward = seen.feedforward.get(name)
        return Sample(
            setpoint,
            np.where(acting, seen.process_value, 1.0),
            elapsed,
            limits.low[name],
            limits.high[name],
            elapsed + self.memory.blind,
            scale if settings.form == "standard" else None,
            settings.deadband_below * band if dead else None,
            settings.deadband_above * band if dead else None,
            None if feedforward is None else np.where(acting, feedforward, 0.0),
        )

    def observe(self, outcome: Outcome) -> None:
        if self.tuner is not None:
            self.tuner.observe(outcome)
            return
        self.memory = self.memory.observed(outcome, self.channel.name, self.settings.bumpless)
        self.samples = self.samples.observed(outcome.proposal.carry)

    def state(self) -> State:
        if self.tuner is not None:
            return self.tuner.state()
        return self.memory.saved() | self.samples.saved()

    def restore(self, state: State) -> None:
        """Take a saved state back; one of another actuator, form or deadband counts as none: a start from what is in
        force."""
        if self.tuner is not None:
            self.tuner.restore(state)
            return
        self.memory = self.memory.restored(state)
        self.samples = self.samples.restored(state)


def _law(s: Settings, span: float) -> Law:
    """The law for direction +1."""
    if s.form == "standard":
        gain, time = s.gain or 0.0, s.integral_time
        if s.schedule is not None:
            gain, time = s.schedule.points[0].gain, s.schedule.points[0].integral_time or time
        law = Law.standard(gain * span, time, s.derivative_time)
        lead = s.derivative_time
    else:
        law = Law(s.kp or 0.0, s.ki, s.kd)
        lead = s.kd / s.kp if s.kp else 0.0
    lag = _ratio(law.kp, law.ki)
    tracking = np.sqrt(lag * lead) if lead > 0 else lag / 4
    return replace(
        law,
        setpoint_weight=s.setpoint_weight,
        derivative_weight=s.derivative_weight,
        filter_time=lead / s.derivative_filter if s.derivative_filter else 0.0,
        anti_windup=s.anti_windup,
        tracking_time=float(tracking) if s.tracking_time is None else s.tracking_time,
        loose_clamp=s.bumpless,
    )


def _ratio(kp: object, ki: object) -> float:
    """Ti = kp / ki in seconds; 0 without integral action."""
    assert isinstance(kp, float | int)
    assert isinstance(ki, float | int)
    return kp / ki if ki else 0.0


def _or_zero(value: Array | float | None) -> Array | float:
    return 0.0 if value is None else value
