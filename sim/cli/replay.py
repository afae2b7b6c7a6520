"""`setpoint replay`: re-runs a journal's readings and says whether every decision comes out as recorded.

Called by its entry point; calls sim/replay/replay.py. The exit code is 0 where everything is equal, 1 where anything is
not or can't be replayed: a release may hang on it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from controller.cli import options
from controller.cli.exits import FOUND
from controller.cli.output import emit, progress
from controller.cli.why import Moment
from sim.cli.journals import journal_at

if TYPE_CHECKING:
    from sim.replay.replay import Replayed

EVERY = 5.0
"""Seconds between lines of progress."""


@click.command()
@click.argument("journal", required=False, type=click.Path(path_type=Path))
@click.option(
    "--life", type=click.IntRange(min=1), metavar="N", help="Only the Nth run in it, counted from 1."
)
@click.option(
    "--from", "since", type=Moment(), metavar="MOMENT", help="Compare from then on: 2026-06-01T08:00, UTC."
)
@click.option("--to", "until", type=Moment(), metavar="MOMENT", help="Compare ticks before then.")
@click.option(
    "--show", type=click.IntRange(0, 100_000), default=20, show_default=True, metavar="N",
    help="How many differences of each life to list; all are counted.",
)  # fmt: skip
@options.store
@options.as_json
def replay(
    journal: Path | None, life: int | None, since: float | None, until: float | None, show: int,
    store: str | None, daemon: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Re-run a journal's readings and compare every decision.

    Bit for bit on the machine and versions it was written with, else to 1e-12 with equal commands; says which. Reads
    the journal only, also while a daemon writes it.
    """
    from sim.replay.replay import replay as run

    place = journal_at(journal, store, daemon)
    window = {
        "since": float("-inf") if since is None else since,
        "until": float("inf") if until is None else until,
    }
    done = run(place, life=life, keep=show, told=_Progress(), **window)
    good = all(each.ok for each in done) and any(each.ticks for each in done)
    emit({"ok": good, "lives": [_data(each) for each in done]}, _lines(done), as_json)
    if not good:
        raise SystemExit(FOUND)


class _Progress:
    """A line on stderr every few seconds."""

    def __init__(self) -> None:
        from controller.clock import SystemClock

        self.clock = SystemClock()
        self.next = self.clock.monotonic() + EVERY

    def __call__(self, done: "Replayed") -> None:
        if self.clock.monotonic() >= self.next:
            self.next = self.clock.monotonic() + EVERY
            progress(f"life {done.place}: {done.ticks:,} ticks, {done.tally.different:,} differences so far")


def _lines(lives: "Sequence[Replayed]") -> Iterator[str]:
    for done in lives:
        yield from _of_life(done)
    lost = sum(len(done.lost) for done in lives)
    counts = [sum(getattr(done.tally, what) for done in lives) for what in ("decisions", "different")]
    refused = sum(bool(done.refused) for done in lives)
    ticks = sum(done.ticks for done in lives)
    yield (
        f"in all: {ticks:,} ticks, {counts[0]:,} decisions compared, {counts[1]:,} differences"
        + (f", {lost} ticks lost and skipped" if lost else "")
        + (f", {refused} lives not replayed" if refused else "")
        + ("" if ticks else ": nothing was compared, so nothing is shown")
    )


def _of_life(done: "Replayed") -> Iterator[str]:
    from controller.clock import iso

    head = f"life {done.place} (term {done.term}, from record {done.record})"
    if done.refused:
        yield f"{head}: not replayed: {done.refused}"
        return
    span = f", {iso(done.begins)} to {iso(done.ends)}" if done.ticks else ""
    yield f"{head}: {done.ticks:,} ticks{span}, {done.commands} commands, {done.reloads} reloads"
    yield f"  compared {rule(done)}"
    yield from (f"  {text}" for text in done.lost)
    yield from (f"  {difference.sentence}" for difference in done.tally.first)
    if done.tally.different:
        worst = ", ".join(f"{name} {count:,}" for name, count in done.tally.by_column.most_common(8))
        yield f"  {done.tally.different:,} differences: {worst}"


def rule(done: "Replayed") -> str:
    """By which rule a life was compared, and why."""
    if done.exact:
        return "bit for bit: same versions, machine and processor features as recorded"
    off = (
        f", {done.tally.rounded:,} values off by rounding" if done.tally.rounded else ", no bit is different"
    )
    return f"to 1e-12 with equal commands ({'; '.join(done.differs_in)}){off if not done.tally.different else ''}"


def _data(done: "Replayed") -> dict[str, Any]:
    from controller.clock import iso

    tally = done.tally
    return {
        "life": done.place,
        "term": done.term,
        "from_record": done.record,
        "rule": "bits" if done.exact else "1e-12",
        "differs_in": list(done.differs_in),
        "ok": done.ok,
        "not_replayed": done.refused or None,
        "ticks": done.ticks,
        "begins": iso(done.begins) if done.ticks else None,
        "ends": iso(done.ends) if done.ticks else None,
        "commands": done.commands,
        "reloads": done.reloads,
        "lost": list(done.lost),
        "decisions": tally.decisions,
        "values": tally.values,
        "rounded": tally.rounded,
        "differences": tally.different,
        "by_column": dict(tally.by_column),
        "first": [
            {
                "record": each.record, "time": iso(each.time), "column": each.column, "channel": each.channel,
                "cell": each.cell, "recorded": each.recorded, "replayed": each.replayed,
            }
            for each in tally.first
        ],
    }  # fmt: skip
