"""How a signal is known through its feed: what stands between the market's truth and whoever reads it.

Made by sim.market.reception for each signal whose feed is not perfect; the in-process sensors and the HTTP server ask
it through the market, so they show the same faults. With a(j), s(j) the ages and shares of the settle curve and H the
running total of what the steps counted, a running total after step e is known now as

    K(e) = sum over j of (s(j) - s(j-1)) x H(min(e, step of (now - a(j)))) - returned x H(min(e, step of (now - after)))

so each window is a difference of two of them, costs the same whatever its length, and ends at its truth. All luck is
keyed by (signal, step, cell), or (signal, step) where all share one source. Keeps folds of what has happened, never
a generator.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from controller.cells import Array, Bools
from models.draws import Draws, Uint64
from sim.instruments import Feed
from sim.market.history import History

NEVER = -math.inf


@dataclass(frozen=True, slots=True, eq=False)
class Ground:
    """What all signals of one market stand on."""

    step: float
    """Seconds of a step."""
    first: int
    """Index of the market's first step on the grid since 1970."""
    truth: History
    draws: Draws
    own: Uint64
    """Key of each cell's luck, shape (cells,)."""
    shared: Uint64
    """One key, that of a source which all cells share, shape (cells,)."""
    keep: int
    """Steps that can be read back."""

    def step_at(self, moment: float) -> int:
        """Steps from the start to the last grid point at or before a moment; may be negative."""
        return math.floor(moment / self.step + 1e-9) - self.first

    def time_of(self, step: int) -> float:
        """UTC seconds at the end of so many steps."""
        return (self.first + step) * self.step


@dataclass(frozen=True, slots=True, eq=False)
class Scheduled:
    """A feed in force only for a time."""

    starts: float
    ends: float
    feed: Feed


class Receiver:
    """One signal as it is known; `kind` as in models.plants.base.Signal."""

    def __init__(
        self, name: str, kind: str, feed: Feed, spells: Sequence[Scheduled], ground: Ground, cells: int
    ) -> None:
        self.name, self.kind, self.feed, self.spells, self.ground = name, kind, feed, tuple(spells), ground
        self.counted = kind != "level"
        every = (feed, *(spell.feed for spell in spells))
        for each in every:
            _check_burst(name, each, ground.step)
        self._seen = History((name,), cells, ground.keep) if any(f.alters for f in every) else None
        restarts = self.counted and any(f.restarts for f in every)
        self._base = History((name,), cells, ground.keep) if restarts else None
        self._drops = any(f.dropout for f in every)
        self.silent: Bools | None = None
        """Where readings fail in the running step, shape (cells,); None: nowhere."""
        self.keeps_notes = self._drops or self._seen is not None or self._base is not None
        """True where every step must be noted."""
        self._drop()

    # -- each step --------------------------------------------------------------------------------------------------

    def note(self, value: Array) -> None:
        """Take in what the step that the truth has just counted was, or the level at its end."""
        step = self.ground.truth.steps
        feed, _ = self.in_force(self.ground.time_of(step - 1))
        if self._seen is not None:
            heard = {self.name: self._heard(value, feed, step)}
            self._seen.add(heard, (self.name,) if self.counted else ())
        if self._base is not None:
            self._base.add({self.name: self._begun(feed, step)}, ())
        self._drop()

    def _heard(self, value: Array, feed: Feed, step: int) -> Array:
        """What the step looks like to those who count."""
        ground, hours = self.ground, self.ground.step / 3600.0
        if feed.noise:
            sd = feed.noise / math.sqrt(hours) if self.counted else feed.noise
            value = value * _factor(ground.draws.uniform(ground.own, *self._luck(step, "noise")), sd)
        moment = ground.time_of(step if not self.counted else step - 1)
        for lie in feed.lies:
            if not lie.frozen and lie.starts <= moment < lie.ends:
                value = value * lie.factor + lie.offset * (hours if self.counted else 1.0)
        return np.maximum(value, 0.0)

    def _begun(self, feed: Feed, step: int) -> Array:
        """The total at which the counter began that runs in this step."""
        assert self._base is not None
        before, begins = self._base.at(self.name, step - 1), self.ground.time_of(step - 1)
        anew: Bools | bool = any(begins <= reset < begins + self.ground.step for reset in feed.resets)
        if feed.reset_rate:
            chance = -math.expm1(-feed.reset_rate * self.ground.step / 86_400.0)
            u = self.ground.draws.uniform(self._keys(feed), *self._luck(step, "reset"))
            anew = (u < chance) | anew
        if not np.any(anew):
            return before
        return np.where(anew, self._known(step - 1, begins), before)

    def _drop(self) -> None:
        """Whether readings fail from the end of the last step to the end of the next."""
        if not self._drops:
            return
        step = self.ground.truth.steps
        feed, _ = self.in_force(self.ground.time_of(step))
        if not feed.dropout:
            self.silent = None
            return
        chance: Array | float = feed.dropout
        length = feed.burst / self.ground.step
        if length > 1.0 and self.silent is not None:
            chance = np.where(self.silent, 1.0 - 1.0 / length, feed.dropout / ((1.0 - feed.dropout) * length))
        u = self.ground.draws.uniform(self._keys(feed), *self._luck(step, "dropout"))
        self.silent = u < chance

    # -- reading ----------------------------------------------------------------------------------------------------

    def total(self, step: int, now: float) -> tuple[Array, int]:
        """A counter or a level after a step as known now, shape (cells,), and the step that it is stamped with."""
        feed, _ = self.in_force(now)
        shown, then = self._shown(*self._thawed(feed, step, now))
        value = self._known(shown, then)
        if self._base is not None:
            value = value - self._base.at(self.name, shown)
        return _told(value, feed), self._stamp(step, feed, now)

    def window(self, start: int, end: int, now: float) -> tuple[Array, int]:
        """What was counted after step `start` up to step `end` as known now, and the step it is stamped with."""
        feed, _ = self.in_force(now)
        last, first = (self._shown(*self._thawed(feed, step, now)) for step in (end, start))
        value = self._known(*last) - self._known(*first)
        return _told(value, feed), self._stamp(end, feed, now)

    def in_force(self, moment: float) -> tuple[Feed, float]:
        """The feed at a moment, and since when; the spell declared last goes before."""
        for spell in reversed(self.spells):
            if spell.starts <= moment < spell.ends:
                return spell.feed, spell.starts
        return self.feed, NEVER

    def _known(self, step: int, now: float) -> Array:
        """The running total after a step, or a level, as known at a moment where nothing is delayed."""
        feed, since = self.in_force(now)
        if not self.counted or not (feed.settle or feed.returned):
            return self._row(step)
        points = feed.settle or ((0.0, 1.0),)
        step = min(step, self._arrived(now - points[0][0], since))
        total, late = self._row(step), np.zeros(())
        for (_, before), (age, share) in pairwise(points):
            arrived = min(step, self._arrived(now - age, since))
            if arrived < step:
                late = late + (total - self._row(arrived)) * round(share - before, 12)
        known = total - self._whole(late)
        if feed.returned:
            gone = self._row(min(step, self._arrived(now - feed.returned_after, since)))
            known = known - self._whole(gone * feed.returned)
        return known

    # -- small helps ------------------------------------------------------------------------------------------------

    def _thawed(self, feed: Feed, step: int, now: float) -> tuple[int, float]:
        """The step and the moment that a sensor looks at: those of the moment at which it froze."""
        frozen = [lie.starts for lie in feed.lies if lie.frozen and lie.starts <= now < lie.ends]
        if not frozen:
            return step, now
        back = self.ground.truth.steps - max(self.ground.step_at(min(frozen)), 0)
        return step - back, now - back * self.ground.step

    def _shown(self, step: int, now: float) -> tuple[int, float]:
        """The step and the moment that show, the delay being what it is; what showed before a spell stays shown."""
        feed, since = self.in_force(now)
        late = round(feed.delay / self.ground.step)
        if not late:
            return step, now
        if since == NEVER:
            return step - late, now - late * self.ground.step
        at = max(now - late * self.ground.step, since)
        return max(step - late, min(step, self.ground.step_at(since))), at

    def _stamp(self, step: int, feed: Feed, now: float) -> int:
        return self._shown(step, now)[0] if feed.dated else step

    def _arrived(self, moment: float, since: float) -> int:
        """The last step that ended at or before a moment; what was counted before a spell is not held up by it."""
        return self.ground.step_at(max(moment, since))

    def _row(self, step: int) -> Array:
        if self._seen is None:
            return self.ground.truth.at(self.name, step)
        row = self._seen.at(self.name, step)
        return np.floor(row) if self.kind == "count" else row

    def _whole(self, value: Array) -> Array:
        return np.floor(value) if self.kind == "count" else value

    def _keys(self, feed: Feed) -> Uint64:
        return self.ground.own if feed.apart else self.ground.shared

    def _luck(self, step: int, what: str) -> tuple[int, str]:
        return self.ground.first + step, f"feed of {self.name}: {what}"


def _factor(u: Array, sd: float) -> Array:
    """Log-normal factors of mean one and standard deviation `sd`, monotone in u."""
    from scipy.special import ndtri

    log = math.sqrt(math.log1p(sd * sd))
    return np.exp(log * ndtri(np.clip(u, 2.0**-54, 1.0 - 2.0**-53)) - log * log / 2.0)


def _told(value: Array, feed: Feed) -> Array:
    return np.round(value / feed.quantum) * feed.quantum if feed.quantum else value


def _check_burst(name: str, feed: Feed, step: float) -> None:
    """Breaks of a mean length need gaps between them: some shares of the time can't be reached."""
    least = step * feed.dropout / (1.0 - feed.dropout)
    if feed.burst > step and feed.burst < least:
        raise ValueError(
            f"feed of {name}: a dropout of {feed.dropout:g} needs bursts of {least:g} s or more on steps of "
            f"{step:g} s, or none at all, received {feed.burst:g} s"
        )
