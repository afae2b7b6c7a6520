"""mpc: foretells what is measured from what was put in, and moves so that it comes to the target at the least cost.

At each execution with a new sample y (share of the target), inputs u (shares of their ranges) and a model of how y
follows them, a lag behind a dead time each:

    surprise    d <- d + trust (y - sum gain f - d)          what no input made; taken to stay as it is
    keep        nothing moves while  |sum gain u + d - aim| <= the target's band
    move        the first move of the plan that minimises    sum (y_j - aim)^2 + rho gain^2 (change)^2
                inside the limits of this turn, the range, and `max_step` for every later move

(models/mpc; Maeder, Borrelli & Morari, Automatica 2009). It is offset-free, knows what is on its way, and so waits for
it where a pid pushes on: it pays where the dead time is long. Several actuators of one loop are used by `cost`, the
cheapest effect first, each in its own limits. `trust` is not a setting: it is the quickest for which the loop keeps Ms
at 1.6 or below around every plant that `model` holds possible, and a model too vague for that is refused.

`model` says how the measured value answers, as for `pid` with `tune: auto`: intervals, or `setpoint tune FILE --write`
fills them in. For several actuators write `models`, by name. The campaign's `events:` are reckoned with before they
come: the output has moved when a promotion begins, and moves back before it ends; samples of events of unknown size are
left out. An output that somebody else sets is followed: it is what was put in. It does not learn: where the market
changes, tune again.

```yaml
policy: {kind: mpc, model: {gain: [0.3, 0.6], lag: [6h, 12h], dead_time: [2h, 4h]}}
```
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from controller.cells import Array, Bools
from controller.errors import NotAvailable
from controller.policies._single import believable, sign_of
from controller.policies._tuner import INSIDE, Model
from controller.ports import PolicyScope, State, Tolerance
from controller.quantities import QuantityError
from controller.signals import Channel, Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws, key_of
from models.mpc.answers import Answers
from models.mpc.design import filter_time, nominal, trust
from models.mpc.problem import Problem

_MOST = 1e6
"""Measured values beyond so many times the target are taken for that."""
_SKIPPED = 400
"""Periods without an execution that are caught up with, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Keys of `kind: mpc`."""

    model: Model = field(default_factory=Model)
    """How the measured value answers to the one actuator: `gain`, `lag`, `dead_time`, an interval each, all needed."""
    models: dict[str, Model] = field(default_factory=dict)
    """The same for several actuators, by name; instead of `model`."""
    cost: dict[str, float] = field(default_factory=dict)
    """What the whole range of each actuator costs, in any one unit; not named: 0. Decides which of several is used
    first."""
    smoothness: float = 0.05
    """rho: weight of a change against a miss of as large an effect; more is slower and calmer."""
    deadband: float = 1.0
    """Share of the target's band within which what is foretold is left alone, since every move costs; 0: never."""

    def __post_init__(self) -> None:
        if not 0 <= self.smoothness <= 1e4:
            raise QuantityError("smoothness is a weight", self.smoothness, "0 to 10000")
        if not 0 <= self.deadband <= 1:
            raise QuantityError("deadband is a share of the band", self.deadband, "0 to 1")
        if self.models and self.model != Model():
            raise QuantityError("model is for one actuator, models for several", "both", "one of the two")
        if not self.models:
            _check("model", self.model)
        for name, each in self.models.items():
            _check(f"models.{name}", each)


def _check(where: str, model: Model) -> None:
    """All three are needed: nothing is assumed of a market that nobody has looked at."""
    for name in ("gain", "lag", "dead_time"):
        if getattr(model, name) is None:
            raise QuantityError(
                f"mpc needs {where}.{name}, since it foretells by it",
                None,
                "an interval; `setpoint tune` finds it",
            )
    assert model.gain is not None
    if model.gain[0] == 0:
        raise QuantityError(
            f"{where}.gain begins at none: a lever that may do nothing foretells nothing",
            list(model.gain),
            "above 0",
        )


@dataclass(frozen=True, slots=True, eq=False)
class _Memory:
    """What is remembered, cells first; never changed, only replaced."""

    f: Array
    """Inputs as they are felt, shape (cells, inputs)."""
    past: Array
    """Inputs of the periods before, newest first, shape (cells, past, inputs)."""
    surprise: Array
    """d, shape (cells,); NaN before the first sample."""


class MpcPolicy:
    """Predictive control of one measured value by one or several actuators.

    Parameters
    ----------
    scope: cells, the channels in order, what counts as kept.
    settings: model and weights; raises NotAvailable where models and actuators do not match, QuantityError where no
        loop keeps its margins over the model.

    >>> from controller.cells import Cells
    >>> scope = PolicyScope(Cells(("shop",)), {"odds": Channel("odds", "share", 0.0, 0.5, 0.1, 0.1)}, 7200.0)
    >>> known = Model(gain=(0.3, 0.6), lag=(21600.0, 43200.0), dead_time=(7200.0, 14400.0))
    >>> MpcPolicy(scope, Settings(model=known)).hours
    8.0
    """

    version = 1
    several = True
    """It takes every actuator of its loop, where a policy of one output is shown one effort."""

    def __init__(self, scope: PolicyScope, settings: Settings) -> None:
        self.channels: tuple[Channel, ...] = tuple(scope.channels.values())
        self.settings, self.period, self.cells = settings, scope.period, len(scope.cells)
        models = _models(self.channels, settings)
        told = scope.tolerance or Tolerance(np.zeros(self.cells), scope.period)
        self.band = told.band
        self.edge = told.band * (1 - INSIDE) if told.costs else np.zeros(self.cells)
        ends = [_ends(model, scope.period) for model in models]
        self.time = max(_filter(*each, settings.smoothness) for each in ends)
        parts = [nominal(*each) for each in ends]
        joined = (np.concatenate([getattr(part, name) for part in parts]) for name in ("gain", "lag", "dead"))
        self.answers = Answers(*joined)
        self.memory = self._unborn()
        self._problems: dict[tuple[float, ...], Problem] = {}

    @property
    def hours(self) -> float:
        """After which 63 % of a surprise is believed."""
        return round(self.time * self.period / 3600.0, 1)

    # -- the policy's port --------------------------------------------------------------------------------------------

    @np.errstate(over="ignore", invalid="ignore")
    def propose(self, tick: Tick, seen: Observation, limits: Limits, draws: Draws) -> Proposal:
        known, problem = self._learnt(tick, seen), self._problem(seen)
        held = self._held(seen, limits)
        acting = _acting(seen) & np.isfinite(known.surprise)
        surprise = np.where(acting, known.surprise, 0.0)
        now = np.stack([self._share(n, held[c.name]) for n, c in enumerate(self.channels)], axis=1)
        aim = self._aim(seen, problem)
        coming = None if seen.coming is None else seen.coming.change[:, 1:]
        stays = surprise + _summed(problem.answers.gain * now)
        if coming is not None:
            stays = stays + coming[:, problem.felt - 1]
        moves = acting & (np.abs(stays - aim) > np.maximum(self.settings.deadband * self.band, 1e-12))
        if not moves.any():
            return self._proposal(seen, held, held, moves, surprise)
        low, high, slew = self._bounds(limits, problem)
        slope = problem.slope(known.f, known.past, surprise, aim, coming)
        planned = problem.programme.solved(slope, low, high, slew)[:, : len(self.channels)]
        value = {
            c.name: np.where(
                moves,
                np.clip(self._back(n, planned[:, n]), limits.low[c.name], limits.high[c.name]),
                held[c.name],
            )
            for n, c in enumerate(self.channels)
        }
        return self._proposal(seen, held, value, moves, surprise)

    def observe(self, outcome: Outcome) -> None:
        """Take in the sample that the last execution was shown."""
        self.memory = self._learnt(outcome.tick, outcome.observation)

    def state(self) -> State:
        mine = self.memory
        return {
            "f": mine.f.copy(), "past": mine.past.copy(), "surprise": mine.surprise.copy(), "shape": self._shape(),
        }  # fmt: skip

    def restore(self, state: State) -> None:
        """Take a saved state back; one of other actuators, ranges or models counts as none."""
        if not np.array_equal(np.asarray(state["shape"]), self._shape()):
            return
        names = ("f", "past", "surprise")
        self.memory = _Memory(*(np.asarray(state[name], np.float64).copy() for name in names))

    # -- parts of an execution ----------------------------------------------------------------------------------------

    def _unborn(self) -> _Memory:
        inputs = len(self.channels)
        flat = np.zeros((self.cells, inputs))
        return _Memory(flat, np.zeros((self.cells, self.answers.past, inputs)), np.full(self.cells, np.nan))

    def _shape(self) -> Array:
        """What a saved state belongs to, one row a cell."""
        names = [float(key_of(c.name) >> 12) for c in self.channels]
        ends = [end for c in self.channels for end in (c.low, c.high)]
        row = np.concatenate([names, ends, self.answers.gain, self.answers.lag, self.answers.dead])
        return np.repeat(row[None], self.cells, axis=0)

    def _problem(self, seen: Observation) -> Problem:
        """The programme for the directions of today; made once."""
        signs = tuple(sign_of("mpc", c, seen) for c in self.channels)
        if signs not in self._problems:
            mine = self.answers
            cost = np.array([self.settings.cost.get(c.name, 0.0) for c in self.channels])
            turned = Answers(mine.gain * np.array(signs), mine.lag, mine.dead)
            self._problems[signs] = Problem(turned, cost, self.settings.smoothness)
        return self._problems[signs]

    def _learnt(self, tick: Tick, seen: Observation) -> _Memory:
        """The memory after the time since the last execution and this one's sample; pure."""
        mine, problem = self.memory, self._problem(seen)
        put_in = np.stack(
            [self._share(n, self._in_force(c, seen)) for n, c in enumerate(self.channels)], axis=1
        )
        born, acting = np.isfinite(mine.surprise), _acting(seen)
        f = np.where(born[:, None], mine.f, put_in)
        past = np.where(born[:, None, None], mine.past, put_in[:, None, :])
        for _ in range(min(max(int(np.rint(tick.elapsed / self.period)), 1), _SKIPPED)):
            f, past = problem.answers.advanced(f, past, put_in)
        target = np.abs(np.where(acting, seen.setpoint, 1.0))
        measured = np.clip(np.where(acting, seen.process_value, 0.0) / target, -_MOST, _MOST)
        if seen.coming is not None:
            measured, acting = measured - seen.coming.change[:, 0], acting & ~seen.coming.odd
        unexplained = measured - _summed(problem.answers.gain * f)
        before = np.where(born, mine.surprise, unexplained)
        surprise = np.where(acting, before + trust(self.time) * (unexplained - before), mine.surprise)
        return _Memory(f, past, surprise)

    def _aim(self, seen: Observation, problem: Problem) -> Array:
        """The target, or the cheaper edge of what counts as kept, in shares of the target."""
        effect = problem.answers.gain * np.array([_dearer(c) for c in self.channels])
        cheaper = -float(np.sign(effect.sum()))
        return np.asarray(np.sign(np.where(_acting(seen), seen.setpoint, 1.0)) + cheaper * self.edge)

    def _bounds(self, limits: Limits, problem: Problem) -> tuple[Array, Array, Array]:
        """Low and high of every planned move, and how far each may be from the one before."""
        count, moves = len(self.channels), problem.moves
        low, high = np.zeros((self.cells, moves * count)), np.ones((self.cells, moves * count))
        slew = np.full((self.cells, (moves - 1) * count), np.inf)
        for n, c in enumerate(self.channels):
            low[:, n], high[:, n] = (
                np.clip(self._share(n, end[c.name]), 0.0, 1.0) for end in (limits.low, limits.high)
            )
            if c.max_step is not None:
                slew[:, n::count] = c.max_step / (c.span or 1.0)
        return low, high, slew

    def _held(self, seen: Observation, limits: Limits) -> dict[str, Array]:
        return {
            c.name: np.clip(self._in_force(c, seen), limits.low[c.name], limits.high[c.name])
            for c in self.channels
        }

    def _in_force(self, channel: Channel, seen: Observation) -> Array:
        applied = seen.applied[channel.name]
        return np.where(np.isfinite(applied), applied, channel.start)

    def _share(self, number: int, value: Array) -> Array:
        channel = self.channels[number]
        return (value - channel.low) / (channel.span or 1.0)

    def _back(self, number: int, share: Array) -> Array:
        channel = self.channels[number]
        return channel.low + share * channel.span

    def _proposal(
        self,
        seen: Observation,
        held: Mapping[str, Array],
        value: Mapping[str, Array],
        moves: Bools,
        surprise: Array,
    ) -> Proposal:
        """Terms in output units, of the first actuator where there are several: what the plan moves, what limits do."""
        first = self.channels[0]
        applied = self._in_force(first, seen)
        planned = np.where(moves, value[first.name] - held[first.name], 0.0)
        terms = {"plan": planned, "limits": held[first.name] - applied} if len(self.channels) == 1 else {}
        return Proposal({name: each.copy() for name, each in value.items()}, terms)


def _models(channels: tuple[Channel, ...], settings: Settings) -> list[Model]:
    if not settings.models:
        if len(channels) != 1:
            told = ", ".join(c.name for c in channels)
            raise NotAvailable(
                f"policy 'mpc' moves {len(channels)} actuators ({told}); allowed: `models` with each"
            )
        return [settings.model]
    names = [c.name for c in channels]
    for said, given in (("models", settings.models), ("cost", settings.cost)):
        strangers = [name for name in given if name not in names]
        if strangers:
            raise NotAvailable(
                f"policy 'mpc': {said} names {strangers[0]!r}, its loop moves {', '.join(names)}"
            )
    missing = [name for name in names if name not in settings.models]
    if missing:
        raise NotAvailable(
            f"policy 'mpc': models has no {missing[0]!r}, which its loop moves; allowed: one for each"
        )
    return [settings.models[name] for name in names]


def _ends(model: Model, period: float) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    """Gain, and lag and dead time in executions."""
    assert model.gain is not None
    assert model.lag is not None
    assert model.dead_time is not None
    lag, dead = (tuple(end / period for end in ends) for ends in (model.lag, model.dead_time))
    return model.gain, lag, dead


def _filter(gain: tuple[float, ...], lag: tuple[float, ...], dead: tuple[float, ...], rho: float) -> float:
    try:
        return filter_time(gain, lag, dead, rho)
    except ValueError as fault:
        raise QuantityError(str(fault), "this model", "narrower intervals, or a longer `every`") from fault


def _acting(seen: Observation) -> Bools:
    acting: Bools = believable(seen) & seen.fresh & (seen.setpoint != 0)
    return acting


def _dearer(channel: Channel) -> float:
    """+1 where higher values cost more, as the safe value says."""
    return 1.0 if channel.safe <= (channel.low + channel.high) / 2 else -1.0


def _summed(values: Array) -> Array:
    """Sum over inputs, one after the other."""
    total: Array = values[:, 0]
    for n in range(1, values.shape[1]):
        total = total + values[:, n]
    return total
