"""Puts the sentence of `why` together: what it did, the reason's words, the parts that add up, how the order landed.

Called by why.py alone; calls the words (why_table) and the figures (why_numbers). Says nothing that is not in the
record or the books.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from controller.ports import Record
from controller.signals import Landing, Latch, Reason
from controller.why.ledger import Ledger, Names
from controller.why.numbers import Scale, apportion, percent
from controller.why.table import FAULTS, LANDINGS, REASONS, held_of, limit_of, name_of, pick, term_of


def sentence(record: Record, names: Names, channel: str, cell: int, books: Ledger, language: str) -> str:
    """The whole sentence, with its full stop."""
    return _Writer(record, names, channel, cell, books, language).sentence()


def many(
    channel: str,
    raised: int,
    lowered: int,
    cells: int,
    spread: tuple[float, float, float],
    scale: Scale,
    language: str,
) -> str:
    """The head of a summary over many cells; `spread` is median, smallest and largest move."""
    median, low, high = (scale.ticks(value) for value in spread)
    middle, ends = scale.change(median, language), (scale.bare(low), scale.bare(high))
    name = name_of(channel, language)
    if not raised and not lowered:
        none = f"{name}：{cells} 个单元均未变动。例如："
        return none if language == "zh" else f"{_capital(name)}: none of {cells} cells moved. One of them: "
    if language == "zh":
        moves = f"中位数 {middle}（{ends[0]} 至 {ends[1]}）"
        counts = f"{cells} 个单元中 {raised} 个上调、{lowered} 个下调"
        return f"{name}：{counts}；{moves}。变动最大者："
    moves = f"median {middle} ({ends[0]} to {ends[1]})"
    return f"{_capital(name)}: {raised} of {cells} cells raised, {lowered} lowered; {moves}. Most: "


@dataclass(frozen=True, slots=True)
class _Writer:
    """One sentence in the making."""

    record: Record
    names: Names
    channel: str
    cell: int
    books: Ledger
    language: str

    @property
    def zh(self) -> bool:
        return self.language == "zh"

    def sentence(self) -> str:
        clause, landed = self._clause(), self._landing()
        if self.zh:
            return f"{self._head()}{'：' if clause else ''}{clause}{'；' if landed else ''}{landed}。"
        return f"{self._head()}{': ' if clause else ''}{clause}{'; ' if landed else ''}{landed}."

    # -- what it did ------------------------------------------------------------------------------------------------

    def _head(self) -> str:
        scale = self._scale()
        before, after = scale.ticks(self.books.before), scale.ticks(self.books.after)
        subject = self._subject()
        here = scale.level(after, self.language)
        if before == after:
            return f"{subject}保持在 {here}" if self.zh else f"{subject} stays at {here}"
        there, change = scale.level(before, self.language), scale.change(after - before, self.language)
        if self.zh:
            return f"{subject}从 {there} {'升' if after > before else '降'}至 {here}（{change}）"
        return f"{subject} {'raised' if after > before else 'lowered'} from {there} to {here} ({change})"

    def _subject(self) -> str:
        name, one = name_of(self.channel, self.language), len(self.names.cells) == 1
        if self.zh:
            return name if one else f"{self.names.cells[self.cell]} 的{name}"
        return _capital(name) if one else f"{_capital(name)} of {self.names.cells[self.cell]}"

    def _scale(self) -> Scale:
        books = self.books
        moves = [abs(move) for move in (books.move, books.advice - books.before)]
        smallest = min((move for move in moves if move > self.names.least(self.channel)), default=0.0)
        unit = str(self.names.channels[self.channel]["unit"])
        return Scale.of(unit, (books.before, books.after), smallest)

    # -- the reason -------------------------------------------------------------------------------------------------

    def _clause(self) -> str:
        phrase = REASONS[self.books.reason]
        if self.books.reason == Reason.NOT_DUE and abs(self.books.move) > self.names.least(self.channel):
            return (
                "读回的是另一个值，重新下发" if self.zh else "another value was read back, so it is set again"
            )
        fields = {
            name: fill()
            for name, fill in self._fields().items()
            if f"{{{name}}}" in phrase.text(self.language)
        }
        clause = phrase.text(self.language).format(**fields)
        advice = self._advice() if phrase.tells == "advice" else ""
        return clause + advice

    def _fields(self) -> dict[str, Callable[[], str]]:
        return {
            "cause": lambda: self._cause(self.books.after),
            "limit": lambda: limit_of(self.books.limit_name, self.language),
            "why": lambda: self._why(self.books.limit_name),
            "sensor": lambda: name_of(self._sensor(), self.language),
            "detail": self._detail,
            "dropped": lambda: self._bracket("; ".join(self.record.data.get("dropped", ()))),
            "gate": lambda: self._bracket(str(self.record.data.get("gate", ""))),
        }

    def _advice(self) -> str:
        """What auto would do, where that is something else or has terms to tell."""
        scale, books = self._scale(), self.books
        wanted = scale.ticks(books.advice)
        if wanted == scale.ticks(books.after) and not books.loop:
            return ""
        level, moved = scale.level(wanted, self.language), wanted - scale.ticks(books.before)
        change = self._bracket(scale.change(moved, self.language)) if moved else ""
        cause = self._cause(books.advice)
        if self.zh:
            return f"；自动模式下应为 {level}{change}" + (f"：{cause}" if cause else "")
        return f"; in auto it would be {level}{change}" + (f": {cause}" if cause else "")

    def _why(self, limit: str) -> str:
        text = str(self.record.data.get("limit_why", {}).get(limit, ""))
        return "" if self.zh or limit == "actuator" else self._bracket(text)

    def _bracket(self, text: str) -> str:
        return "" if not text else f"（{text}）" if self.zh else f" ({text})"

    def _sensor(self) -> str:
        """The measured sensor at fault: one with something said against it, else the first."""
        sensors = [str(self.names.loops[loop]["measure"]) for loop in self.names.loops_of(self.channel)]
        guilty = [s for s in sensors if self._number(f"signal.{s}.latch") not in (float(Latch.LIVE), None)]
        return next(iter([*guilty, *sensors]), "")

    def _detail(self) -> str:
        sensor = self._sensor()
        words = [pick(FAULTS[word], self.language) if word in FAULTS else word for word in self._said(sensor)]
        failure = self.record.data.get("failures", {}).get(sensor)
        return self._bracket(("；" if self.zh else "; ").join([*words, *([failure] if failure else [])]))

    def _said(self, sensor: str) -> list[str]:
        return list(self.record.data.get("why", {}).get(sensor, ()))

    # -- the parts --------------------------------------------------------------------------------------------------

    def _cause(self, target: float) -> str:
        """Deviation, terms and what was held back on the way to `target`."""
        terms, held = self._parts(target)
        shown = [f"{figure} {words}" if not self.zh else f"{words} {figure}" for words, figure in terms]
        comma, gap = ("，", self._deviation()) if self.zh else (", ", self._deviation())
        told = self._bracket(("，" if self.zh else ", ").join(shown)).lstrip() if shown else ""
        if not shown and self.books.loop:
            told = "策略不要求变动" if self.zh else "the policy asks for no move"
            return comma.join(part for part in (gap, told, *held) if part)
        first = gap + ("" if self.zh or not gap or not told else " ") + told
        return comma.join(part for part in (first, *held) if part)

    def _parts(self, target: float) -> tuple[list[tuple[str, str]], list[str]]:
        """Words and figures of the terms, and clauses of what was held back; the figures add up to the move."""
        scale, books = self._scale(), self.books
        terms = books.terms
        held = {name: value for name, value in books.held.items() if name != "mode"} if terms else {}
        total = scale.ticks(target) - scale.ticks(books.before)
        ticks = apportion([*terms.values(), *(-value for value in held.values())], total, scale)
        wanted = list(zip(terms, ticks, strict=False))
        back = list(zip(held, ticks[len(terms) :], strict=True))
        way = sum(count for _, count in wanted)
        lines = [(term_of(name, self.language), scale.bare(count)) for name, count in wanted if count]
        if lines:
            first = next(count for _, count in wanted if count)
            lines[0] = (lines[0][0], scale.change(first, self.language))
        return lines, [self._held(name, count, way, scale) for name, count in back if count]

    def _held(self, name: str, ticks: int, way: int, scale: Scale) -> str:
        who, size = held_of(name, self.language), scale.size(ticks, self.language)
        if name == "rounding" or ticks * way >= 0:
            change = scale.change(ticks, self.language)
            return f"{who} {change}" if self.zh else f"{change} by {who}{self._why(name)}"
        return f"被{who}压住 {size}" if self.zh else f"held back by {size} by {who}{self._why(name)}"

    def _deviation(self) -> str:
        """How far the measured value is from its target."""
        loop = self.books.loop
        value, target = self._number(f"process.{loop}"), self._number(f"setpoint.{loop}")
        if (
            not loop
            or value is None
            or target is None
            or not np.isfinite([value, target]).all()
            or target == 0
        ):
            return ""
        gap, name = (value - target) / abs(target), name_of(loop, self.language)
        if abs(gap) < 0.0005:
            return f"{name}正合目标" if self.zh else f"{name} on target"
        if self.zh:
            return f"{name}{'高于' if gap > 0 else '低于'}目标 {percent(gap, 'zh')}"
        return f"{name} {percent(gap)} {'over' if gap > 0 else 'under'} target"

    def _landing(self) -> str:
        code = self._number(f"landing.{self.channel}")
        if (
            self.channel not in self.record.data.get("orders", {})
            or code is None
            or Landing(int(code)) not in LANDINGS
        ):
            return ""
        return pick(LANDINGS[Landing(int(code))], self.language)

    def _number(self, column: str) -> float | None:
        values = self.record.columns.get(column)
        return None if values is None else float(values[self.cell])


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
