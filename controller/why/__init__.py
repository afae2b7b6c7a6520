"""Why an output has the value it has: one sentence, English or Chinese, from a turn or from the journal alone.

Called by the command line, the page, the demo and the daemon's log; calls why_ledger (the books) and why_clauses (the
words and figures). The printed parts of a move add up to the printed move. Pure: reads no store and no clock.

    teller = Teller(Names.of(store.last("start").data))
    for record in store.records(kinds=("tick",)):
        for told in teller.tell(record): ...
"""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from controller.errors import CommandError, nearest
from controller.loop.recording import tick_record
from controller.loop.turn import Turn
from controller.ports import Record
from controller.signals import Reason
from controller.why import clauses as why_clauses
from controller.why.ledger import Names, Past, ledger
from controller.why.numbers import Scale

__all__ = [
    "Explanation",
    "Names",
    "Past",
    "Summary",
    "Teller",
    "explain",
    "last_moves",
    "of_turn",
    "summarise",
]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One cell of one output at one tick, in the output's unit: sum(terms) - held_back == move."""

    channel: str
    cell: str
    before: float
    after: float
    move: float
    terms: Mapping[str, float]
    """What the policy's parts wanted, each since its loop's last execution."""
    held_back: float
    held: Mapping[str, float]
    """`held_back` by who held it back: a guardrail's name, `rounding`, `mode`, `dwell`, ..."""
    advice: float
    """What auto would have put in force."""
    reason: Reason
    limit_name: str
    """The guardrail that bound it; empty where none did."""
    moved: bool
    """True where the output has another value than before, beyond the noise of floats."""
    sentence: str
    index: int = -1
    time: float = 0.0
    """Tick index and UTC seconds of the record."""
    number: int = -1
    """Number of the record in the journal."""


@dataclass(frozen=True, slots=True)
class Summary:
    """Many cells of one output at one tick."""

    channel: str
    raised: int
    lowered: int
    stayed: int
    median: float
    """Median move of all cells, in the output's unit."""
    smallest: float
    largest: float
    reasons: Mapping[Reason, int]
    """How many cells have each reason."""
    example: Explanation
    """The cell that moved most."""
    sentence: str

    @property
    def moved(self) -> bool:
        """True where any cell has another value than before."""
        return bool(self.raised or self.lowered)


def explain(
    record: Record,
    names: Names,
    channel: str,
    cell: str | None = None,
    past: Past | None = None,
    language: str = "en",
) -> Explanation:
    """Explain one cell of a `tick` record (None: the first); raises CommandError for a name it does not have.

    `past` is what the records before left: without it the first execution of each loop is taken to start afresh.
    """
    if f"decided.{channel}" not in record.columns or channel not in names.channels:
        raise CommandError(f"there is no actuator {channel!r}{nearest(channel, names.channels)}")
    if cell is not None and cell not in names.cells:
        raise CommandError(f"there is no cell {cell!r}{nearest(cell, names.cells)}")
    index = 0 if cell is None else names.cells.index(cell)
    books = ledger(record, names, channel, index, past or Past())
    sentence = why_clauses.sentence(record, names, channel, index, books, language)
    return Explanation(
        channel, names.cells[index], books.before, books.after, books.move, books.terms, books.held_back, books.held,
        books.advice, books.reason, books.limit_name, abs(books.move) > names.least(channel), sentence, record.index,
        record.time, record.number,
    )  # fmt: skip


def of_turn(
    turn: Turn,
    names: Names,
    channel: str,
    cell: str | None = None,
    past: Past | None = None,
    language: str = "en",
) -> Explanation:
    """The same, from a live turn."""
    return explain(_recorded(turn), names, channel, cell, past, language)


def summarise(
    record: Record, names: Names, channel: str, past: Past | None = None, language: str = "en"
) -> Summary:
    """All cells of one output: how many moved, by how much, and the one that moved most told by name."""
    past = past or Past()
    after = record.columns[f"decided.{channel}"]
    before = record.columns[f"readback.{channel}"]
    before = np.where(np.isfinite(before), before, past.applied.get(channel, after))
    moves = after - before
    example = explain(record, names, channel, names.cells[int(np.argmax(np.abs(moves)))], past, language)
    codes, counts = np.unique(record.columns[f"reason.{channel}"], return_counts=True)
    reasons = {Reason(int(code)): int(count) for code, count in zip(codes, counts, strict=True)}
    least = names.least(channel)
    raised, lowered = int((moves > least).sum()), int((moves < -least).sum())
    spread = (float(np.median(moves)), float(moves.min()), float(moves.max()))
    scale = Scale.of(str(names.channels[channel]["unit"]), (float(after.max()),), example.move)
    sentence = (
        why_clauses.many(channel, raised, lowered, len(moves), spread, scale, language) + example.sentence
    )
    return Summary(
        channel, raised, lowered, len(moves) - raised - lowered, *spread, reasons, example, sentence
    )


Told = Explanation | Summary


class Teller:
    """Tells turns or records in their order, and remembers what each sentence needs of the ones before."""

    def __init__(
        self, names: Names, language: str = "en", cell: str | None = None, past: Past | None = None
    ) -> None:
        self.names, self.language, self.cell = names, language, cell
        self.past = past or Past()

    def tell(self, happened: Turn | Record) -> tuple[Told, ...]:
        """What is to be said of each output: of the named or only cell, else of all cells together."""
        record = _recorded(happened) if isinstance(happened, Turn) else happened
        told = tuple(
            self._one(record, name) for name in self.names.channels if f"decided.{name}" in record.columns
        )
        self.past = self.past.after(record, self.names)
        return told

    def pass_by(self, record: Record) -> None:
        """Take a record in without a word."""
        self.past = self.past.after(record, self.names)

    def _one(self, record: Record, channel: str) -> Told:
        if self.cell is None and len(self.names.cells) > 1:
            return summarise(record, self.names, channel, self.past, self.language)
        return explain(record, self.names, channel, self.cell, self.past, self.language)


def last_moves(
    records: Iterable[Record], teller: Teller, count: int = 1, channel: str | None = None
) -> list[Told]:
    """The last `count` tellings of each output in which it moved, newest last; where it never moved, its last state.

    `records` are those of kind `tick`, oldest first.
    """
    moved: dict[str, deque[Told]] = {}
    latest: dict[str, Told] = {}
    for record in records:
        for told in teller.tell(record):
            if channel in (None, told.channel):
                latest[told.channel] = told
                if told.moved:
                    moved.setdefault(told.channel, deque(maxlen=count)).append(told)
    return [told for name, last in latest.items() for told in moved.get(name, (last,))]


def _recorded(turn: Turn) -> Record:
    record = tick_record(turn)
    return Record(record.kind, record.index, record.time, record.columns, record.data, turn.number)
