"""What may be believed of a reading: one state machine around every sensor, and none in any sensor.

Called by the loop once a tick and sensor; takes a Reading (or the words of a failure), gives a Signal. Judges in this
order: no data, bad data (not finite, out of order, from the future, implausible, a jump, a counter's reset), not yet
settled, too few samples. What follows is latched: bad data, or a last good value older than `stale_after`, holds the
output; after `fallback_after` more it goes to the safe value; it comes back after `recover_after` good samples in a
row. Never fills a gap with zero, unless the sensor declares that empty means zero and its feed is alive. Calls
controller.loop.counters; reads no clock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.cells import Array, Bools, Cells, Codes
from controller.loop.counters import CounterTotal, WindowIncrease
from controller.signals import Latch, Quality, Reading, Signal, Verdict, codes

DAY, FEW = 86_400.0, 30.0
"""A peak of fewer events says little about what is too high, until a whole day has been seen."""
FUTURE = 60.0
"""Seconds by which a source's clock may run ahead before its samples are disbelieved."""
_OK, _NO_DATA, _BAD_DATA, _TOO_FEW = Verdict
_BAD, _MISSING, _UNCERTAIN = Quality.BAD, Quality.MISSING, Quality.UNCERTAIN
"""Looked up once: a turn asks for them hundreds of times."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What one sensor declares of itself, in base units."""

    window: float = 0.0
    """Seconds an aggregated value covers; 0: the value is a level."""
    settle: float = 0.0
    """Seconds after its end until a window is complete."""
    stale_after: float = 3600.0
    """Age in seconds of the last good value from which the output holds."""
    fallback_after: float = 3600.0
    """Seconds of holding until the safe value."""
    recover_after: int = 3
    """Good samples in a row that end a hold."""
    latched: bool = False
    """True: only a person ends a hold."""
    plausible: tuple[float, float] = (0.0, np.inf)
    jump: float | None = 20.0
    """A value this many times the largest of late (halved each week) is bad data: a change of unit; None: no check."""
    empty_means_zero: bool = False
    counter: bool = False
    per_window: float = 1.0
    """What a counter's increase over the window is multiplied by: 1/24 for units/h over a day."""
    min_count: float = 0.0
    uncertain_is_good: bool = True


class Validator:
    """Turns the readings of one sensor into signals; its state is arrays of shape (cells,)."""

    def __init__(self, sensor: str, rules: Rules, cells: Cells) -> None:
        size = len(cells)
        self.sensor, self.rules = sensor, rules
        self.value = np.full(size, np.nan)
        self.good_at = np.full(size, -np.inf)
        self.seen_at = np.full(size, -np.inf)
        self.sampled_at = np.full(size, -np.inf)
        self.latch = codes(size, Latch.LIVE)
        self.held_since = np.full(size, np.inf)
        self.streak = np.zeros(size, np.int64)
        self.peak, self.peak_samples = np.zeros(size), np.zeros(size)
        self.first_at = np.full(size, np.inf)
        self.spread: Array | None = None
        """Of the value; None where its sensor never says one."""
        self.total = CounterTotal(size, rules.jump) if rules.counter else None
        self.increase = WindowIncrease(size, rules.window) if rules.counter and rules.window else None

    def take(self, reading: Reading | None, now: float, note: str = "") -> Signal:
        """Judge one tick's reading; None with a note where the sensor failed. `now` in UTC seconds."""
        self.seen_at = np.where(np.isfinite(self.seen_at), self.seen_at, now)
        if reading is None:
            return self._conclude(
                now, codes(len(self.value), _NO_DATA), self._none(), {note or "unreachable"}
            )
        value, verdict, why = self._judge(reading, now)
        fresh = (verdict == _OK) & self._is_new(reading, now)
        if fresh.any():
            self._accept(reading, value, fresh)
        return self._conclude(now, verdict, fresh, why)

    def release(self) -> None:
        """End every hold by a person's word; the next good sample counts at once, however high it is."""
        self.streak[:] = self.rules.recover_after
        self.latch = codes(len(self.value), Latch.LIVE)
        self.held_since[:] = np.inf
        self.peak[:] = 0.0

    # -- judging ----------------------------------------------------------------------------------------------------

    def _judge(self, reading: Reading, now: float) -> tuple[Array, Codes, set[str]]:
        value = np.asarray(reading.value, np.float64)
        verdict, why = codes(len(value), _OK), set[str]()

        def mark(where: Bools, as_: Verdict, word: str) -> None:
            if not where.any():
                return
            where = where & (verdict == _OK)
            if where.any():
                verdict[where] = as_
                why.add(word)

        missing = reading.quality == _MISSING
        if self.rules.empty_means_zero and reading.alive:
            value, missing = np.where(missing, 0.0, value), np.zeros_like(missing)
        if reading.alive is False:
            mark(np.ones(len(value), np.bool_), _NO_DATA, "feed_dead")
        mark(missing, _NO_DATA, "missing")
        mark(reading.quality == _BAD, _BAD_DATA, "bad_quality")
        if not self.rules.uncertain_is_good:
            mark(reading.quality == _UNCERTAIN, _BAD_DATA, "uncertain")
        mark(~np.isfinite(value), _BAD_DATA, "not_finite")
        at = self._stamps(reading)
        mark(at > now + FUTURE, _BAD_DATA, "from_the_future")
        mark(at < self.sampled_at, _BAD_DATA, "out_of_order")
        value = self._uncounted(value, at, verdict, mark)
        low, high = self.rules.plausible
        with np.errstate(invalid="ignore"):
            mark((value < low) | (value > high), _BAD_DATA, "implausible")
            mark(self._jumps(value), _BAD_DATA, "jump")
            mark(reading.samples < self.rules.min_count, _TOO_FEW, "too_few")
        return value, verdict, why

    def _uncounted(self, value: Array, at: Array, verdict: Codes, mark: Any) -> Array:
        """The value of a counter: its total, or its increase over the window; other values as they are."""
        if self.total is None:
            return value
        mark(value < 0, _BAD_DATA, "implausible")
        good = (verdict == _OK) & (at > self.sampled_at)
        total = self.total.take(value, at, good)
        mark(good & self.total.fell, _BAD_DATA, "counter_reset")
        mark(good & self.total.leapt, _BAD_DATA, "jump")
        good &= verdict == _OK
        if self.increase is None:
            return total
        rise = self.increase.take(total, at, good)
        mark(good & np.isnan(rise), _NO_DATA, "warming_up")
        return np.where(good, rise * self.rules.per_window, self.value)

    def _jumps(self, value: Array) -> Bools:
        """Far above all of late. A peak of a few events is no measure, unless it has stood for a day."""
        if self.rules.jump is None or (self.total is not None and self.increase is None):
            return np.zeros(len(value), np.bool_)
        founded = ~(self.peak_samples < FEW) | (self.sampled_at - self.first_at >= DAY)
        jumps: Bools = founded & (self.peak > 0) & (value > self.rules.jump * self.peak)
        return jumps

    def _stamps(self, reading: Reading) -> Array:
        return np.where(np.isfinite(reading.sampled_at), reading.sampled_at, reading.window_end)

    def _is_new(self, reading: Reading, now: float) -> Bools:
        """A later sample of a settled window; a later sample of the same window is a correction, and new as well."""
        settled = not self.rules.window or reading.window_end + self.rules.settle <= now + 1e-6
        return (self._stamps(reading) > self.sampled_at) & settled

    # -- remembering ------------------------------------------------------------------------------------------------

    def _accept(self, reading: Reading, value: Array, fresh: Bools) -> None:
        at = self._stamps(reading)
        aged = np.where(np.isfinite(self.sampled_at), np.maximum(at - self.sampled_at, 0.0), 0.0)
        faded = self.peak * 0.5 ** (aged / (7 * 86_400.0))
        higher = fresh & (np.abs(np.where(fresh, value, 0.0)) >= faded)
        self.peak = np.where(fresh, np.maximum(faded, np.abs(np.where(fresh, value, 0.0))), self.peak)
        self.peak_samples = np.where(higher, reading.samples, self.peak_samples)
        self.first_at = np.where(fresh, np.minimum(self.first_at, at), self.first_at)
        self.value = np.where(fresh, value, self.value)
        if reading.spread is not None:
            before = np.full_like(value, np.nan) if self.spread is None else self.spread
            self.spread = np.where(fresh, reading.spread, before)
        end = np.where(np.isfinite(reading.sampled_at), reading.sampled_at, reading.window_end)
        self.good_at = np.where(
            fresh, np.minimum(end, reading.window_end) if self.rules.window else end, self.good_at
        )
        self.sampled_at = np.where(fresh, at, self.sampled_at)

    def _conclude(self, now: float, verdict: Codes, fresh: Bools, why: set[str]) -> Signal:
        alive = fresh | (verdict == _TOO_FEW)
        self.seen_at = np.where(
            fresh, np.maximum(self.good_at, self.seen_at), np.where(alive, now, self.seen_at)
        )
        stale = now - self.seen_at > self.rules.stale_after
        if stale.any():
            why = why | {"stale"}
        self._move_latch(now, bad=(verdict == _BAD_DATA) | stale, fresh=fresh & ~stale, verdict=verdict)
        verdict = np.where(stale & (verdict == _OK), np.int8(_NO_DATA), verdict)
        said = tuple(sorted(why))
        return Signal(self.sensor, self.value, self.good_at, fresh, verdict, self.latch, said, self.spread)

    def _move_latch(self, now: float, bad: Bools, fresh: Bools, verdict: Codes) -> None:
        self.streak = np.where(bad | (verdict == _NO_DATA), 0, self.streak + fresh)
        if not (bad.any() or self.latch.any()):
            return
        held = (self.latch != Latch.LIVE) | bad
        back = held & ~bad & (self.streak >= self.rules.recover_after) & (not self.rules.latched)
        held &= ~back
        self.held_since = np.where(held, np.minimum(self.held_since, now), np.inf)
        safe = held & (now - np.where(held, self.held_since, now) >= self.rules.fallback_after)
        safe |= held & (self.latch == Latch.SAFE)
        self.latch = np.where(safe, Latch.SAFE, np.where(held, Latch.HOLD, Latch.LIVE)).astype(np.int8)

    def _none(self) -> Bools:
        return np.zeros(len(self.value), np.bool_)

    # -- saving -----------------------------------------------------------------------------------------------------

    _SAVED = (
        "value", "good_at", "seen_at", "sampled_at", "latch", "held_since", "streak",
        "peak", "peak_samples", "first_at",
    )  # fmt: skip

    def state(self) -> dict[str, NDArray[Any]]:
        """Arrays to be saved; the first axis is cells."""
        own: dict[str, NDArray[Any]] = {name: getattr(self, name).copy() for name in self._SAVED}
        own |= {} if self.spread is None else {"spread": self.spread.copy()}
        for part in (self.total, self.increase):
            own |= part.state() if part else {}
        return own

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take saved arrays back."""
        for name in self._SAVED:
            setattr(self, name, state[name].copy())
        self.spread = state["spread"].copy() if "spread" in state else None
        for part in (self.total, self.increase):
            if part:
                part.restore(state)
