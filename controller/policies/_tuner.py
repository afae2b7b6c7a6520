"""What pid does with `tune: auto`: learns the plant while steering it, and asks for what keeps the target.

Called by pid.py alone; calls models.adaptive for the filters, the margins and the law. All it remembers is what it
believes and where it began: the output itself is never remembered, each move is counted from the value in force, so
whoever sets that in between is followed, and a change of what is believed moves nothing by itself.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools
from controller.policies._single import believable, hold, only_channel, sign_of
from controller.ports import PolicyScope, State, Tolerance
from controller.quantities import Duration, QuantityError
from controller.signals import Channel, Limits, Observation, Outcome, Proposal, Tick
from models.adaptive.bank import Bank, Prior, advanced, updated
from models.adaptive.belief import Belief, believed
from models.adaptive.law import Asked, asked
from models.adaptive.margins import table
from models.adaptive.plants import Plants, summed
from models.adaptive.rhythm import HOURS, Rhythm
from models.draws import Draws

LAGS = (0.4, 1.5, 4.5, 10.0)
DEAD_TIMES = (0.6, 1.75, 4.0)
"""In executions: who chooses how often a loop acts knows about how fast its market answers."""
GAIN = (-0.1, 1.3)
"""Share of the target that all of the range does, nine times in ten."""
USEFUL = 0.13
"""A lever that does less than this share of the target over all of its range counts as dead."""
GIVE_UP = 0.7
"""Probability of that from which on the output goes back to its safe value."""
INSIDE = 0.6
"""How far inside the band's cheaper edge the aim lies, as a share of its half-width."""
WORTH = 1.0
"""Smallest move, by what it does to the measured value, as a share of the band's half-width."""
NO_BAND = 0.05
"""Band that decides how small a move is worth making, where the target has none."""
SMALLEST, LARGEST = 0.05, 0.25
"""The smallest move is never less, nor more, than these shares of the range."""
NINETY = 3.29
"""Width of an interval that holds nine of ten, in standard deviations."""
_MOST = 1e6
"""Measured values beyond so many times the target are taken for that."""
FASTEST, SLOWEST = 6.0, 48.0
"""Executions over which a deviation lasts, at least and at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What is known of the market beforehand: intervals that hold the truth nine times in ten."""

    gain: tuple[float, float] | None = None
    """% of the target per % of the output's range; zero or more, since `move` gives the direction."""
    lag: tuple[Duration, Duration] | None = None
    """Time after which 63 % of an answer is there, once it begins."""
    dead_time: tuple[Duration, Duration] | None = None
    """Time until an answer begins, with half of the sensor's window."""

    def __post_init__(self) -> None:
        for name, least in (("gain", "zero or more"), ("lag", "above zero"), ("dead_time", "zero or more")):
            given = getattr(self, name)
            if given is not None:
                _check_interval(name, given, least)


def _check_interval(name: str, given: tuple[float, float], least: str) -> None:
    low, high = given
    shown = f"[{low:g}, {high:g}]"
    sign = ", since `move` gives the direction" if name == "gain" else ""
    if low < 0 or (name == "lag" and low == 0):
        raise QuantityError(f"model.{name} begins too low", shown, f"two numbers, {least}{sign}")
    if not low <= high < np.inf or high == 0:
        raise QuantityError(
            f"model.{name} is no interval", shown, "the lower end first, the upper above zero"
        )


class Tuner:
    """The adaptive policy of one channel.

    Parameters
    ----------
    scope: cells, the one channel, and what counts as kept.
    model: what is known beforehand.
    dither: size of the steps that are added while the gain is not known well, share of the range.
    """

    version = 101
    """Apart from those of pid with gains: neither goes on from a state of the other."""

    def __init__(self, scope: PolicyScope, model: Model, dither: float) -> None:
        self.channel, self.keys, self.dither = only_channel("pid", scope), scope.cells.key, dither
        cells = len(scope.cells)
        told = scope.tolerance or Tolerance(np.zeros(cells), scope.period)
        window = told.over / scope.period
        self.period, self.plants = scope.period, _plants(model, scope.period, window)
        self.prior = _prior(model, window)
        self.margins = table(self.plants, self.prior)
        self.band = told.band
        self.edge = _cheaper(self.channel) * told.band * (1 - INSIDE) if told.costs else np.zeros(cells)
        self.bank = Bank.fresh(self.plants, self.prior, cells)
        self.origin = np.full(cells, np.nan)
        self.sign = np.ones(cells)
        self.rhythm = Rhythm.fresh(cells)
        self._last: tuple[Observation, Bank, Rhythm] | None = None

    # -- the policy's port --------------------------------------------------------------------------------------------

    @np.errstate(over="ignore", invalid="ignore")
    def propose(self, tick: Tick, seen: Observation, limits: Limits, draws: Draws) -> Proposal:
        name, (bank, _) = self.channel.name, self._learnt(tick, seen)
        held, sign = hold(self.channel, seen, limits), sign_of("pid", self.channel, seen)
        acting = _acting(seen) & np.isfinite(self.origin)
        stays = self._share(held, sign)
        want = self._asked(bank, seen, acting, stays, sign)
        gone = self._given_up(bank)
        wish = np.clip(held + sign * want.move * self.channel.span, self.channel.low, self.channel.high)
        moves = gone | (np.abs(want.needed) >= self._worth(bank))
        shaken = self._dithered(tick, bank, draws)
        wish = np.where(gone, self.channel.safe, np.where(moves, wish, held) + shaken)
        moves = acting & (moves | (shaken != 0))
        value = np.where(moves, _on_grid(self.channel, np.where(moves, wish, held)), held)
        value = np.clip(value, limits.low[name], limits.high[name])
        return Proposal({name: value}, self._terms(want, (seen.applied[name], held, value), sign, gone))

    def observe(self, outcome: Outcome) -> None:
        """Learn what the last execution was shown; where a cell begins, its value in force is the origin."""
        seen = outcome.observation
        self.bank, self.rhythm = self._learnt(outcome.tick, seen)
        applied = seen.applied[self.channel.name]
        begins = ~np.isfinite(self.origin) & _acting(seen)
        self.origin = np.where(
            begins, np.where(np.isfinite(applied), applied, self.channel.start), self.origin
        )
        self._last = None

    def state(self) -> State:
        """What is believed, and in words of one number a cell for people: `belief.*`, see `explained`."""
        own = {"origin": self.origin.copy(), "shape": self._shape()}
        own |= {f"rhythm.{name}": array for name, array in self.rhythm.arrays().items()}
        return own | {f"bank.{name}": array for name, array in self.bank.arrays().items()} | self.explained()

    def restore(self, state: State) -> None:
        """Take a saved state back; one of other plants counts as none."""
        if not np.array_equal(np.asarray(state["shape"]), self._shape()):
            return
        self.bank, self.rhythm = Bank.of(_under("bank.", state)), Rhythm.of(_under("rhythm.", state))
        self.origin = np.asarray(state["origin"], np.float64).copy()
        self._last = None

    # -- what is told -------------------------------------------------------------------------------------------------

    def explained(self) -> dict[str, NDArray[Any]]:
        """Gain with deviation, lag and dead time in seconds, probabilities, gain in use and its Ms; (cells,) each."""
        found = self.belief(self.bank).arrays()
        for name in ("lag", "lag_sd", "dead", "dead_sd"):
            found[name] = found[name] * self.period
        ones = np.ones(len(self.origin))
        want = asked(self.bank, self.plants, self.prior, self.margins, (ones, ones, 0.0 * ones), USEFUL)
        used = {"gain_used": want.gain, "ms": want.ms, "given_up": self._given_up(self.bank)}
        return {f"belief.{name}": array for name, array in (found | used).items()}

    def belief(self, bank: Bank) -> Belief:
        """What is believed of the plant."""
        return believed(bank, self.plants, USEFUL)

    # -- parts of an execution ----------------------------------------------------------------------------------------

    def _learnt(self, tick: Tick, seen: Observation) -> tuple[Bank, Rhythm]:
        """The bank after the time since the last execution and this one's sample; the same for the same arguments."""
        if self._last is not None and self._last[0] is seen:
            return self._last[1:]
        sign = sign_of("pid", self.channel, seen)
        applied = np.where(
            np.isfinite(seen.applied[self.channel.name]), seen.applied[self.channel.name], self.origin
        )
        put_in = np.where(np.isfinite(self.origin), self._share(applied, sign), 0.0)
        periods = max(int(np.rint(tick.elapsed / self.period)), 1)
        bank = advanced(self.bank, self.plants, self.prior, put_in, periods)
        known = _acting(seen)
        measured, target = (
            np.where(known, seen.process_value, 0.0),
            np.abs(np.where(known, seen.setpoint, 1.0)),
        )
        if seen.coming is not None:
            measured, known = measured - seen.coming.change[:, 0] * target, known & ~seen.coming.odd
        hour = tick.civil.hour_of_week % HOURS
        rhythm = self.rhythm.told(hour, measured, target, known)
        share = measured / (target * rhythm.factor(hour))
        bank = updated(bank, self.prior, np.clip(share, -_MOST, _MOST), known)
        self._last = (seen, bank, rhythm)
        return bank, rhythm

    def _share(self, value: Array, sign: float) -> Array:
        """An output as a share of the range from the origin, in the direction that raises the measured value."""
        begun = np.where(np.isfinite(self.origin), self.origin, value)
        return np.asarray(sign * (value - begun) / (self.channel.span or 1.0))

    def _asked(self, bank: Bank, seen: Observation, acting: Bools, stays: Array, sign: float) -> Asked:
        measured = np.where(acting, seen.process_value, 1.0) / np.abs(np.where(acting, seen.setpoint, 1.0))
        aim = np.sign(np.where(acting, seen.setpoint, 1.0)) + sign * self.edge
        if seen.coming is not None:
            ahead = int(np.median(self.plants.horizon))
            aim = aim - summed(seen.coming.change[:, 1 : ahead + 1].T) / ahead
            measured = measured - seen.coming.change[:, 0]
        return asked(bank, self.plants, self.prior, self.margins, (aim, measured, stays), USEFUL)

    def _given_up(self, bank: Bank) -> Bools:
        return np.asarray(self.belief(bank).useless > GIVE_UP)

    def _worth(self, bank: Bank) -> Array:
        """Smallest move that is worth making, share of the range."""
        gain = np.maximum(self.belief(bank).gain, 1e-3)
        return np.clip(WORTH * np.maximum(self.band, NO_BAND) / gain, SMALLEST, LARGEST)

    def _dithered(self, tick: Tick, bank: Bank, draws: Draws) -> Array:
        """The change of a random binary signal, while the gain is known to no better than half of itself."""
        if not self.dither:
            return np.zeros(len(self.origin))
        found = self.belief(bank)
        blind = found.gain_sd > 0.5 * np.abs(found.gain)
        steps = [self._side(moment, draws) for moment in (tick.time, tick.time - tick.elapsed)]
        return np.asarray(np.where(blind, (steps[0] - steps[1]) * self.dither * self.channel.span, 0.0))

    def _side(self, moment: float, draws: Draws) -> Array:
        """Half a step up or down, drawn anew every few executions."""
        turn = int(moment // (_DITHER_EVERY * self.period))
        up = draws.uniform(self.keys, turn, f"dither of {self.channel.name}") < 0.5
        return np.where(up, 0.5, -0.5)

    def _terms(
        self, want: Asked, values: tuple[Array, Array, Array], sign: float, gone: Bools
    ) -> dict[str, Array]:
        """Parts of the move in output units; together they are the move."""
        applied, held, value = values
        move = np.where(np.isfinite(applied), value - applied, 0.0)
        acts = (value != held) & ~gone
        scale = sign * self.channel.span
        present = np.where(acts, want.present * scale, 0.0)
        past = np.where(acts, (want.move - want.present) * scale, 0.0)
        back = np.where(gone, move, 0.0)
        return {"p": present, "i": past, "back_off": back, "limits": move - present - past - back}

    def _shape(self) -> Array:
        """What a saved state belongs to: the plants held possible, one row a cell."""
        row = np.concatenate(
            [self.plants.lag[:, 0], self.plants.dead[:, 0], [self.channel.low, self.channel.high]]
        )
        return np.repeat(row[None], len(self.origin), axis=0)


_DITHER_EVERY = 3
"""Executions for which a random binary signal stays as it is, at least."""


def _under(head: str, state: State) -> dict[str, NDArray[Any]]:
    return {name.removeprefix(head): array for name, array in state.items() if name.startswith(head)}


def _acting(seen: Observation) -> Bools:
    """Where there is a new believable sample of a target that has a per cent."""
    acting: Bools = believable(seen) & seen.fresh & (seen.setpoint != 0)
    return acting


def _cheaper(channel: Channel) -> float:
    """-1 where lower values cost less, as their safe value says; +1 where higher ones do."""
    return -1.0 if channel.safe <= (channel.low + channel.high) / 2 else 1.0


def _on_grid(channel: Channel, value: Array) -> Array:
    """The nearest value that the actuator can take, so that nothing is owed and worked off in small moves."""
    if channel.levels is not None:
        levels = np.array(channel.levels)
        return np.asarray(levels[np.abs(value[:, None] - levels).argmin(axis=1)])
    if channel.resolution is None:
        return value
    return np.asarray(channel.low + np.rint((value - channel.low) / channel.resolution) * channel.resolution)


def _plants(model: Model, period: float, window: float) -> Plants:
    lags = LAGS if model.lag is None else _spread(model.lag, period, len(LAGS))
    deads = DEAD_TIMES if model.dead_time is None else _spread(model.dead_time, period, len(DEAD_TIMES))
    return Plants.over(lags, deads, window)


def _spread(interval: tuple[float, float], period: float, count: int) -> tuple[float, ...]:
    """Times over an interval, in periods: evenly by their ratio."""
    low, high = (max(end / period, 0.05) for end in interval)
    return (low,) if low == high else tuple(float(each) for each in np.geomspace(low, high, count))


def _prior(model: Model, window: float) -> Prior:
    low, high = GAIN if model.gain is None else model.gain
    lasts = float(np.clip(window, FASTEST, SLOWEST))
    sd = max((high - low) / NINETY, 0.02 * high)
    return Prior(gain=(low + high) / 2, gain_sd=sd, lasts=lasts, worn_lag=6 * lasts)
