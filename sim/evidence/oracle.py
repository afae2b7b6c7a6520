"""The oracle: a policy that knows the true plant and its state, the base demand to come, and all limits; not the luck.

At each execution it tries values across what the limits leave, each over the next hours on a copy of the market that
has no luck (every count is its mean), and takes the one with the least loss J; between two of them a parabola. It
stays where it is unless a move is worth what a move costs. So it is a yardstick: nobody has such knowledge. It looks a
horizon ahead and holds its value meanwhile, so in a market that turns after weeks it is short-sighted. Faults of the
ports (late orders, lost ones) are not foreseen, nor what the other loops will do. Built by sim.evidence.play from a
market; never part of a campaign.
"""

from dataclasses import dataclass, field

import numpy as np

from controller.cells import Array
from controller.clock import civil_at
from controller.plan import Campaign, LoopPlan
from controller.ports import State
from controller.signals import Limits, Observation, Outcome, Proposal, Tick
from models.draws import Draws
from sim.market.disturbances import hearing_delay
from sim.market.market import Market
from sim.runs.allowance import total_of
from sim.runs.evenly import EvenLuck
from sim.runs.scores import spend_signals
from sim.runs.scoring import Aim, aim_of, trailing_mean
from sim.runs.true_week import true_week

HOUR = 3600.0
TRIED = 9
"""Values tried at each execution."""
LOOKS = 36 * HOUR
"""Seconds that it looks ahead for the sake of a band's window, at most; see `horizon_of`."""


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What a loss is made of beside misses, for one market."""

    signals: tuple[str, ...]
    """Signals of money paid and owed."""
    per_money: float
    """lambda over the budget, for money spent within one horizon."""
    per_move: float
    """mu, for a move within one horizon."""


@dataclass(slots=True, eq=False)
class OraclePolicy:
    """See the module; one loop, one lever."""

    market: Market
    channel: str
    lever: str
    signal: str
    aim: Aim
    costs: Costs
    horizon: float
    """Seconds ahead."""
    starts: float
    """UTC seconds at which the run starts; what was before is not judged."""
    version: int = field(default=1, init=False)

    def propose(self, tick: Tick, observation: Observation, limits: Limits, draws: Draws) -> Proposal:
        low, high = limits.low[self.channel], limits.high[self.channel]
        held = np.clip(observation.applied[self.channel], low, high)
        if not (high > low).any():
            return Proposal({self.channel: held})
        fractions = np.linspace(0.0, 1.0, TRIED)
        tried = low + fractions[:, None] * (high - low)
        costs = self.cost(tick.time, np.concatenate([tried, held[None]]))
        best = np.clip(low + _least(fractions, costs[:-1]) * (high - low), low, high)
        worth = costs[:-1].min(axis=0) + self.costs.per_move < costs[-1]
        return Proposal({self.channel: np.where(worth, best, held)})

    def observe(self, outcome: Outcome) -> None:
        """Nothing is remembered: the market itself is looked at."""

    def state(self) -> State:
        return {}

    def restore(self, state: State) -> None:
        """Nothing is remembered."""

    def cost(self, now: float, tried: Array) -> Array:
        """Loss over the horizon of each value tried, shape of `tried`: (values, cells)."""
        self.market.advance_to(now)
        hours = max(round(self.horizon / HOUR), 1)
        measured, money = self._ahead(tried, hours)
        asked = self._asked(now, hours)
        past = self._past(now, asked)
        rows = np.concatenate([np.broadcast_to(past[:, None, :], (len(past), *tried.shape)), measured])
        miss = self._miss(*(trailing_mean(each, self.aim.hours)[-hours:] for each in (rows, asked)))
        return np.asarray(miss + self.costs.per_money * money)

    def _ahead(self, tried: Array, hours: int) -> tuple[Array, Array]:
        """What is measured in each hour to come, shape (hours, values, cells), and money spent by its end.

        Demand and what happens are taken as they are when each hour begins.
        """
        market, step = self.market, self.market.timing.step
        per_hour = round(HOUR / step)
        state: State = {
            name: np.broadcast_to(v[..., None, :], _beside(v, len(tried))) for name, v in market.state.items()
        }
        measured, money = [], np.zeros(tried.shape)
        owed = {name: market.history.at(name, market.history.steps) for name in self._levels()}
        for hour in range(hours):
            total, inputs = np.zeros(tried.shape), self._inputs(market.time + hour * HOUR, tried)
            for n in range(per_hour):
                ahead = hour * per_hour + n
                luck = EvenLuck(tried.shape, market.first + market.history.steps + ahead)
                state, signals = market.plant.step(state, inputs, luck, step)
                total = total + signals[self.signal]
                money = money + sum((signals[s] for s in self.costs.signals if s in market.counted), 0.0)
            counted = self.signal in market.counted
            measured.append(total if counted else np.broadcast_to(signals[self.signal], tried.shape))
        for name, before in owed.items():
            money = money + signals[name] - before
        return np.array(measured), money

    def _inputs(self, moment: float, tried: Array) -> dict[str, Array]:
        """What the plant would be shown at a moment to come if the values tried stood from now on."""
        at: dict[str, Array] = {
            name: np.broadcast_to(v, tried.shape) for name, v in self.market.inputs(moment).items()
        }
        at[self.lever] = tried
        late = hearing_delay(self.market.disturbances, moment)
        if late and moment - late >= self.market.time:
            at[f"felt.{self.lever}"] = tried
        return at

    def _past(self, now: float, asked: Array) -> Array:
        """Truth of the hours before now that the band's window still sees, shape (hours, cells).

        Hours before the start are in no window that is judged, so they count as on target.
        """
        market, per_hour = self.market, round(HOUR / self.market.timing.step)
        ended, first = market.history.steps, market.history.oldest
        ends = [max(ended - n * per_hour, first) for n in range(self.aim.hours, -1, -1)]
        rows = np.array([market.history.at(self.signal, end) for end in ends])
        seen = np.diff(rows, axis=0) if self.signal in market.counted else rows[1:]
        judged = now - HOUR * np.arange(self.aim.hours, 0, -1) >= self.starts - 1.0
        return np.where(judged[:, None], seen, asked[: self.aim.hours])

    def _asked(self, now: float, hours: int) -> Array:
        """The reference of the hours that windows see, past and to come, shape (the window's + hours, cells)."""
        when = [civil_at(now + (n + 0.5) * HOUR, self.market.cells) for n in range(-self.aim.hours, hours)]
        return self.aim.reference(np.array([civil.hour_of_week for civil in when], np.float64))

    def _miss(self, y: Array, asked: Array) -> Array:
        """Mean over the hours of what lies beyond the band, as a share of the reference.

        A little of what lies within it breaks ties: of two values that both keep the target, the one in its middle.
        y: what is measured over each window, shape (hours, values, cells); asked: its reference, shape (hours, cells).
        """
        r = asked[:, None, :]
        gap = np.divide(y - r, r, out=np.zeros_like(y), where=np.broadcast_to(r, y.shape) > 0)
        band = np.divide(
            self.aim.band, self.aim.level, out=np.zeros_like(self.aim.band), where=self.aim.level > 0
        )
        if self.aim.verb == "keep_above":
            gap = np.minimum(gap, 0.0)
        if self.aim.verb == "keep_below":
            gap = np.maximum(gap, 0.0)
        beyond = np.maximum(np.abs(gap) - band, 0.0)
        return np.asarray((beyond + 0.02 * np.abs(gap)).mean(axis=0))

    def _levels(self) -> tuple[str, ...]:
        return tuple(name for name in self.costs.signals if name not in self.market.counted)


def oracles(campaign: Campaign, market: Market, seconds: float) -> dict[str, OraclePolicy]:
    """An oracle for every loop that moves one actuator, in a run of so many seconds from where the market is.

    A loop that leads another, or shares its effort out among several actuators, keeps the policy of the file.
    """
    assert campaign.market is not None
    found = {}
    for name, loop in campaign.loops.items():
        if len(loop.channels) > 1 or loop.channels[0] not in campaign.actuators:
            continue
        signal = campaign.market.signals[loop.sensor]
        week = true_week(campaign, name, market)
        aim = aim_of(campaign, name, market.cells.label_of, signal in market.counted, week)
        ahead = horizon_of(loop)
        lever = campaign.market.levers[loop.channels[0]]
        costs = costs_of(campaign, seconds / ahead)
        found[name] = OraclePolicy(market, loop.channels[0], lever, signal, aim, costs, ahead, market.now)
    return found


def horizon_of(loop: LoopPlan) -> float:
    """Seconds that an oracle of a loop looks ahead: two executions, or one and a half of the band's windows."""
    return float(max(2 * loop.every, min(1.5 * (loop.target.over or 0.0), LOOKS), 12 * HOUR))


def costs_of(campaign: Campaign, horizons: float) -> Costs:
    """What money and moves within one horizon weigh in the loss of a run that is so many horizons long."""
    weights, total = campaign.loss, total_of(campaign)
    per_money = weights.lambda_ / total * horizons if total else 0.0
    return Costs(spend_signals(campaign), per_money, weights.mu * horizons)


def _least(at: Array, costs: Array) -> Array:
    """Where a parabola through the least of the costs and its neighbours is least, shape (cells,).

    >>> at = np.linspace(0.0, 1.0, 5)
    >>> _least(at, ((at - 0.6) ** 2)[:, None])
    array([0.6])
    """
    best = costs.argmin(axis=0)
    middle = np.clip(best, 1, len(at) - 2)
    each = np.arange(costs.shape[1])
    left, here, right = (costs[middle + n, each] for n in (-1, 0, 1))
    bend = left - 2.0 * here + right
    shift = np.divide(0.5 * (left - right), bend, out=np.zeros_like(bend), where=bend > 0)
    step = at[1] - at[0]
    curved = at[middle] + np.clip(shift, -1.0, 1.0) * step
    return np.asarray(np.where(bend > 0, curved, at[best]))


def _beside(value: Array, times: int) -> tuple[int, ...]:
    return (*value.shape[:-1], times, value.shape[-1])
