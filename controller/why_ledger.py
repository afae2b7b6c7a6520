"""The books of one move: what the policy's terms came to, what was held back and by whom. Terms - held back = move.

Called by why.py; reads records of kind `tick` and nothing else. A term that is a level (p, i, d, ...) counts by its
change since its loop's last execution; what was still held back then is a term of its own, `earlier`, so that the terms
sum to what the policy wanted beyond the value in force. Between executions there are no terms, and whatever moved the
output is on the other side of the books.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from controller.ports import Record
from controller.signals import Reason
from controller.why_table import LEVELS, REASONS

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Names:
    """What the `start` record says of names and units."""

    cells: tuple[str, ...]
    channels: Mapping[str, Mapping[str, Any]]
    """Channel -> unit, low, high."""
    loops: Mapping[str, Mapping[str, Any]]
    """Loop -> measure (a sensor) and channels."""

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "Names":
        """From the data of a `start` record."""
        return cls(tuple(data["cells"]), data["channels"], data["loops"])

    def loops_of(self, channel: str) -> tuple[str, ...]:
        """The loops that move a channel."""
        return tuple(name for name, loop in self.loops.items() if channel in loop["channels"])

    def span(self, channel: str) -> float:
        """The whole range of a channel."""
        return float(self.channels[channel]["high"]) - float(self.channels[channel]["low"])

    def least(self, channel: str) -> float:
        """Values of a channel nearer to each other than this are the same value."""
        ends = (abs(float(self.channels[channel][end])) for end in ("low", "high"))
        return 1e-9 * max(*ends, 1e-9)


@dataclass(frozen=True, slots=True)
class Past:
    """What the records before left: values in force, and the terms of each loop's last execution."""

    applied: Arrays = field(default_factory=dict)
    terms: Mapping[tuple[str, str], Arrays] = field(default_factory=dict)
    """(loop, channel) -> term -> shape (cells,)."""

    def after(self, record: Record, names: Names) -> "Past":
        """The past as it is once this record has happened."""
        applied = {
            n: record.columns[f"applied.{n}"] for n in names.channels if f"applied.{n}" in record.columns
        }
        terms = dict(self.terms)
        for loop, said in names.loops.items():
            for channel in said["channels"]:
                if f"propose.{loop}.{channel}" in record.columns:
                    terms[loop, channel] = _kept(record, loop, channel, terms.get((loop, channel), {}))
        return Past({**self.applied, **applied}, terms)


@dataclass(frozen=True, slots=True)
class Ledger:
    """One cell of one channel at one tick, in the channel's unit."""

    before: float
    after: float
    advice: float
    """What auto would have put in force."""
    reason: Reason
    loop: str
    """The loop whose terms these are; empty where none executed."""
    terms: Mapping[str, float]
    held: Mapping[str, float]
    """Who held how much back; sums to `held_back`."""
    limit_name: str

    @property
    def move(self) -> float:
        return self.after - self.before

    @property
    def held_back(self) -> float:
        """What the terms wanted and the output did not do; negative where it was pushed up."""
        return math.fsum(self.terms.values()) - self.move


def ledger(record: Record, names: Names, channel: str, cell: int, past: Past) -> Ledger:
    """The books of one cell; `cell` is its index."""
    at = _At(record, names, channel, cell)
    after = at.number(f"decided.{channel}")
    before = at.number(f"readback.{channel}")
    if math.isnan(before):
        before = float(past.applied[channel][cell]) if channel in past.applied else after
    advice, reason = at.number(f"requested.{channel}"), Reason(int(record.columns[f"reason.{channel}"][cell]))
    loop = at.loop(advice)
    terms = at.terms(loop, before, past) if loop else {}
    stops = at.stops(loop, terms, before, advice, after, reason)
    held = _differences(stops, names.least(channel))
    return Ledger(before, after, advice, reason, loop if terms else "", terms, held, at.limit(reason, held))


@dataclass(frozen=True, slots=True)
class _At:
    """A place in a record."""

    record: Record
    names: Names
    channel: str
    cell: int

    def number(self, column: str) -> float:
        values = self.record.columns.get(column)
        return math.nan if values is None else float(values[self.cell])

    def loop(self, advice: float) -> str:
        """The executed loop with believable data whose proposal is nearest to what came of it; empty where none."""
        found = [
            (abs(self.number(f"propose.{name}.{self.channel}") - advice), name)
            for name in self.names.loops_of(self.channel)
            if self.number(f"usable.{name}") == 1.0
            and math.isfinite(self.number(f"propose.{name}.{self.channel}"))
        ]
        return min(found)[1] if found else ""

    def terms(self, loop: str, before: float, past: Past) -> dict[str, float]:
        """Parts of what the loop wants beyond the value in force; the parts sum to it."""
        head = f"term.{loop}.{self.channel}."
        raw = {
            key.removeprefix(head): self.number(key) for key in self.record.columns if key.startswith(head)
        }
        if not raw or not all(math.isfinite(value) for value in raw.values()):
            return {"wish": self.number(f"propose.{loop}.{self.channel}") - before}
        levels = [name for name in raw if name in LEVELS]
        if not levels:
            return raw
        last = self._last(levels, before, past.terms.get((loop, self.channel), {}))
        parts = {name: value - last.get(name, 0.0) for name, value in raw.items()}
        earlier = math.fsum(last.values()) - before
        return parts | ({"earlier": earlier} if abs(earlier) > 1e-12 * max(abs(before), 1e-6) else {})

    def _last(self, levels: list[str], before: float, kept: Arrays) -> dict[str, float]:
        """The levels of the last execution; before the first one, an integral that stood at the value in force."""
        last = {name: float(kept[name][self.cell]) for name in levels if name in kept}
        if not last or not all(math.isfinite(value) for value in last.values()):
            return {"i": before} if "i" in levels else {}
        return last

    def stops(
        self,
        loop: str,
        terms: Mapping[str, float],
        before: float,
        advice: float,
        after: float,
        reason: Reason,
    ) -> list[tuple[str, float]]:
        """The value's way from the wish to the output: who changed it, and to what."""
        phrase, wish = REASONS[reason], before + math.fsum(terms.values())
        way = [("", wish)]
        if terms:
            proposed = self.number(f"propose.{loop}.{self.channel}")
            way.append((self._bound("high" if wish > proposed else "low"), proposed))
        if phrase.held == "mode":
            way += [(self._rounding(way[-1][1], advice), advice)] if terms else []
        limited = {Reason.LIMITED_LOW: "low", Reason.LIMITED_HIGH: "high"}.get(reason)
        last = self._bound(limited) if limited else phrase.held or self._rounding(way[-1][1], after)
        return [*way, (last, after)]

    def _rounding(self, wish: float, came: float) -> str:
        several = len(self.names.loops_of(self.channel)) > 1
        far = abs(wish - came) > 0.01 * self.names.span(self.channel)
        return "other" if several and far else "rounding"

    def _bound(self, side: str) -> str:
        """The guardrail that set a bound."""
        names = self.record.data.get("names", ())
        by = self.record.columns.get(f"limit.{self.channel}.{side}_by")
        return str(names[int(by[self.cell])]) if by is not None and len(names) else "actuator"

    def limit(self, reason: Reason, held: Mapping[str, float]) -> str:
        if reason in (Reason.LIMITED_LOW, Reason.LIMITED_HIGH):
            return self._bound("low" if reason == Reason.LIMITED_LOW else "high")
        return next((name for name in held if name in self.record.data.get("names", ())), "")


def _differences(way: list[tuple[str, float]], least: float) -> dict[str, float]:
    """What each stop on the way took off; differences too small to be one go to the next stop."""
    held: dict[str, float] = {}
    stood = way[0][1]
    for name, value in way[1:]:
        if abs(stood - value) > least:
            held[name] = held.get(name, 0.0) + stood - value
            stood = value
    return held


def _kept(record: Record, loop: str, channel: str, old: Arrays) -> dict[str, NDArray[Any]]:
    """The terms of an execution where its data were believable, the older ones elsewhere."""
    head = f"term.{loop}.{channel}."
    usable = np.asarray(record.columns[f"usable.{loop}"], np.bool_)
    new = {key.removeprefix(head): values for key, values in record.columns.items() if key.startswith(head)}
    return {
        name: np.where(usable, values, old.get(name, np.nan))
        for name, values in new.items()
        if name in LEVELS
    }
