"""The books of one move: what the policy's terms came to, what was held back and by whom. Terms - held back = move.

Called by why.py; reads records of kind `tick` and nothing else. A policy says its terms as parts of its move; what its
term `limits` took off is held back and goes to the other side of the books, with rounding and whoever stood between the
proposal and the output. Where the value in force is not the one that the policy started from, the difference is part of
`carried`. Between executions there are no terms, and whatever moved the output is on the other side.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from controller.ports import Record
from controller.signals import Reason
from controller.why.table import REASONS

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
    """What the records before left: the values in force, for ticks at which an output could not be read back."""

    applied: Arrays = field(default_factory=dict)

    def after(self, record: Record, names: Names) -> "Past":
        """The past as it is once this record has happened."""
        found = {n: record.columns.get(f"applied.{n}") for n in names.channels}
        return Past({**self.applied, **{n: values for n, values in found.items() if values is not None}})


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
    terms = at.terms(loop, before) if loop else {}
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

    def terms(self, loop: str, before: float) -> dict[str, float]:
        """Parts of what the loop wants beyond the value in force, before any limit; the parts sum to it."""
        head, proposed = f"term.{loop}.{self.channel}.", self.number(f"propose.{loop}.{self.channel}")
        parts = {
            key.removeprefix(head): self.number(key) for key in self.record.columns if key.startswith(head)
        }
        if not parts or not all(math.isfinite(value) for value in parts.values()):
            return {"wish": proposed - before}
        wish = proposed - parts.pop("limits", 0.0)
        gap = wish - before - math.fsum(parts.values())
        if abs(gap) > self.names.least(self.channel):
            parts["carried"] = parts.get("carried", 0.0) + gap
        return parts

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
