"""The SQL of the journal: records, layouts, snapshots, terms. No statement stands anywhere else but commands.py.

Called by the SQLite store inside its transactions; knows tables, not the meaning of what is in them. Every query is
answered from the primary key or the index over kinds, so that it takes as long after a million records as after ten.
"""

import heapq
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

from controller.errors import StoreBroken
from controller.store.codec import Row
from controller.store.layouts import Layout, layout_from
from controller.store.ownership import Holder

Ask = Callable[[str, Sequence[Any]], list[tuple[Any, ...]]]

PIECE = 64
"""Rows read at a time: no reader keeps a transaction open while its caller thinks."""

_ROW = "SELECT number, kind, tick, time, layout, data, body FROM records"
LAST = f"{_ROW} WHERE kind = ? ORDER BY number DESC LIMIT 1"
SNAPSHOT = "SELECT number, layout, data, body FROM snapshots WHERE number <= ? ORDER BY number DESC LIMIT 1"
BASE = "SELECT number FROM marks WHERE name = 'base'"


def rows(ask: Ask, start: int, kinds: Iterable[str] | None) -> Iterator[Row]:
    """Rows from `start` on, oldest first, of all kinds or of some."""
    if kinds is None:
        return _pieces(ask, f"{_ROW} WHERE number >= ? ORDER BY number LIMIT {PIECE}", start, ())
    one = f"{_ROW} WHERE kind = ? AND number >= ? ORDER BY number LIMIT {PIECE}"
    streams = [_pieces(ask, one, start, (kind,)) for kind in sorted(set(kinds))]
    return heapq.merge(*streams, key=attrgetter("number"))


def _pieces(ask: Ask, sql: str, start: int, head: tuple[str, ...]) -> Iterator[Row]:
    while found := ask(sql, (*head, start)):
        for values in found:
            yield Row(*values)
        start = found[-1][0] + 1


def layouts(db: sqlite3.Connection) -> list[Layout]:
    """All layouts."""
    return [layout_from(*row) for row in db.execute("SELECT id, kind, columns, specimen FROM layouts")]


def layout(db: sqlite3.Connection, number: int) -> Layout:
    """One layout; raises StoreBroken where there is none."""
    found = db.execute("SELECT id, kind, columns, specimen FROM layouts WHERE id = ?", (number,)).fetchone()
    if found is None:
        raise StoreBroken(f"the journal has no layout {number}")
    return layout_from(*found)


def put(db: sqlite3.Connection, fresh: Iterable[Layout], waiting: Iterable[Row]) -> None:
    """Write new layouts, then rows."""
    db.executemany(
        "INSERT INTO layouts (id, kind, columns, specimen) VALUES (?, ?, ?, ?)",
        [(each.id, each.kind, each.to_json(), each.specimen) for each in fresh],
    )
    db.executemany(
        "INSERT INTO records (number, kind, tick, time, layout, data, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
        [(r.number, r.kind, r.index, r.time, r.layout, r.data, r.body) for r in waiting],
    )


def next_number(db: sqlite3.Connection) -> int:
    """The number of the record that comes next."""
    newest: int | None = db.execute("SELECT max(number) FROM records").fetchone()[0]
    return 0 if newest is None else newest + 1


def new_term(db: sqlite3.Connection, holder: Holder) -> int:
    """Write down that somebody took the lock; the term is on disk at return."""
    db.execute("BEGIN IMMEDIATE")
    found = db.execute(
        "INSERT INTO terms (term, owner, pid, host, claimed_at) "
        "SELECT coalesce(max(term), 0) + 1, ?, ?, ?, ? FROM terms RETURNING term",
        (holder.owner, holder.pid, holder.host, holder.since),
    ).fetchone()
    db.execute("COMMIT")
    return int(found[0])


def still(db: sqlite3.Connection, term: int) -> None:
    """Raise StoreBroken where a later term has begun: its owner writes now."""
    newest, owner = db.execute("SELECT term, owner FROM terms ORDER BY term DESC LIMIT 1").fetchone()
    if newest != term:
        raise StoreBroken(f"term {newest} of {owner} has begun, this one writes in term {term}")


def snapshot_numbers(db: sqlite3.Connection) -> list[int]:
    """Numbers of the snapshots, newest last."""
    return [row[0] for row in db.execute("SELECT number FROM snapshots ORDER BY number")]


def put_snapshot(db: sqlite3.Connection, row: Row, old: Iterable[int]) -> None:
    """Write a snapshot and drop those it makes useless."""
    db.execute(
        "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?)", (row.number, row.layout, row.data, row.body)
    )
    db.executemany("DELETE FROM snapshots WHERE number = ?", [(number,) for number in old])


def move_base(db: sqlite3.Connection, before: float, newest: int) -> None:
    """Let the journal begin with the newest snapshot that is old enough, if there is one."""
    found: int | None = db.execute(
        "SELECT max(snapshots.number) FROM snapshots JOIN records USING (number) "
        "WHERE records.time < ? AND snapshots.number <= ?",
        (before, newest),
    ).fetchone()[0]
    if found is not None:
        db.execute("INSERT OR REPLACE INTO marks VALUES ('base', ?)", (found,))
        db.execute("DELETE FROM snapshots WHERE number < ?", (found,))


def forget(db: sqlite3.Connection, at_most: int, keep_last_of: Sequence[str]) -> int:
    """Delete records up to the base, oldest first, but for the last of some kinds; returns how many."""
    base = db.execute(BASE).fetchone()
    if base is None:
        return 0
    newest = "SELECT max(number) FROM records WHERE kind = ? AND number <= ?"
    kept = [db.execute(newest, (kind, base[0])).fetchone()[0] for kind in keep_last_of]
    return db.execute(
        "DELETE FROM records WHERE number IN (SELECT number FROM records WHERE number <= ? "
        "AND number NOT IN (SELECT value FROM json_each(?)) ORDER BY number LIMIT ?)",
        (base[0], json.dumps([number for number in kept if number is not None]), at_most),
    ).rowcount
