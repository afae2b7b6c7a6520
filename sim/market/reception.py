"""All that is known of a market: its true history, and what each signal's feed makes of it.

Made by the market, told each step, asked by the market's readers. Signals whose feed is perfect are read straight off
the history and cost nothing. What the market's timing says (a ledger that lags, counts that come late) is a Feed like
any other, and fills what a declared one leaves open. Calls sim.market.receiver.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from controller.cells import Array, Bools, Cells
from models.draws import Draws, Uint64, key_of
from models.plants.base import Signal, State
from sim.instruments import Feed
from sim.market.disturbances import Spell
from sim.market.history import History
from sim.market.receiver import Ground, Receiver, Scheduled


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How a market runs and reports, in seconds; a Feed that says otherwise of a signal goes before."""

    step: float = 600.0
    """Length of a step; windows, dead times and an hour must be multiples of it."""
    paid_lag: float = 3600.0
    """By how much the ledger shows late what was paid."""
    late_share: float = 0.0
    """Share of each step's counts that comes in only `late_by` after it happened."""
    late_by: float = 0.0
    keep: float = 8 * 86_400.0
    """How far back signals can be read."""

    def filled(self, feed: Feed, name: str, kind: str) -> Feed:
        """A feed, with what it leaves open as this timing has it.

        >>> Timing().filled(Feed(noise=0.1), "prizes_paid", "money").delay
        3600.0
        >>> Timing(late_share=0.2, late_by=600.0).filled(Feed(), "opens", "count").settle
        ((0.0, 0.8), (600.0, 1.0))
        """
        if name.endswith("_paid") and not feed.delay:
            feed = replace(feed, delay=self.paid_lag)
        if kind == "count" and self.late_share and self.late_by and not feed.settle:
            at_once = ((0.0, 1.0 - self.late_share),) if self.late_share < 1 else ()
            feed = replace(feed, settle=(*at_once, (self.late_by, 1.0)))
        return feed


class Reception:
    """What is known of each signal of a market.

    Parameters
    ----------
    signals: those of the plant.
    feeds: by signal; `*` stands for every signal not named.
    spells: feeds that hold only for a time.
    """

    def __init__(
        self,
        signals: Mapping[str, Signal],
        feeds: Mapping[str, Feed],
        spells: Iterable[Spell],
        timing: Timing,
        cells: Cells,
        *,
        first: int,
        draws: Draws,
        keys: Uint64,
    ) -> None:
        spells = tuple(spells)
        known = {
            name: _scheduled(name, signal.kind, feeds, spells, timing) for name, signal in signals.items()
        }
        every = [feed for plain, held in known.values() for feed in (plain, *(each.feed for each in held))]
        self.lookback = int(np.ceil(max((feed.lookback for feed in every), default=0.0) / timing.step))
        """Steps before a window that may still be needed to say what is known of it."""
        keep = round(timing.keep / timing.step) + self.lookback
        self.truth = History(signals, len(cells), keep)
        shared = np.full_like(keys, key_of("source"))
        self.ground = Ground(timing.step, first, self.truth, draws, keys, shared, keep)
        self._receivers = {
            name: Receiver(name, signals[name].kind, plain, held, self.ground, len(cells))
            for name, (plain, held) in known.items()
            if held or not plain.perfect
        }
        self._noting = tuple(each for each in self._receivers.values() if each.keeps_notes)
        self._counted = frozenset(name for name, signal in signals.items() if signal.kind != "level")

    def note(self, signals: State) -> None:
        """Take in what a step was."""
        self.truth.add(signals, self._counted)
        for receiver in self._noting:
            receiver.note(signals[receiver.name])

    def total(self, signal: str, step: int, now: float) -> tuple[Array, int]:
        """A count's total since the start (or since its counter began), or a level, after a step, as known now.

        Returns the value, shape (cells,), and the step that it is stamped with.
        """
        receiver = self._receivers.get(signal)
        return (self.truth.at(signal, step), step) if receiver is None else receiver.total(step, now)

    def window(self, signal: str, start: int, end: int, now: float) -> tuple[Array, int]:
        """What was counted after step `start` up to `end`, as known now, and the step that it is stamped with."""
        receiver = self._receivers.get(signal)
        if receiver is None:
            return self.truth.between(signal, start, end), end
        return receiver.window(start, end, now)

    def silent(self, signal: str) -> Bools | None:
        """Where readings of a signal fail in the running step, shape (cells,); None: nowhere."""
        receiver = self._receivers.get(signal)
        return None if receiver is None else receiver.silent


def _scheduled(
    name: str, kind: str, feeds: Mapping[str, Feed], spells: tuple[Spell, ...], timing: Timing
) -> tuple[Feed, tuple[Scheduled, ...]]:
    """The feed of a signal, and those that hold for a time."""
    plain = timing.filled(feeds.get(name, feeds.get("*", Feed())), name, kind)
    held = (s for s in spells if not s.signals or name in s.signals)
    return plain, tuple(Scheduled(s.starts, s.ends, timing.filled(s.feed, name, kind)) for s in held)
