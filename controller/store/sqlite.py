"""The journal in one SQLite file: what a daemon writes, readers read meanwhile, and a restart goes on from.

One owner writes records and snapshots; anybody may post operators' commands or read. What `append` has returned for is
on disk. After a write or a sync has failed nobody knows what the disk holds, so nothing is tried again: this store
refuses all that follows. Called by the daemon, the command line and the simulator; calls the codec, queries, ownership.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from controller.clock import SystemClock
from controller.errors import StoreBroken, StoreError
from controller.ports import Clock, OperatorCommand, Record, State
from controller.store import commands, queries, retention, schema, upkeep
from controller.store.codec import Codec, Row
from controller.store.connection import connect, grow_log
from controller.store.layouts import Layouts
from controller.store.memory import Snapshot
from controller.store.ownership import Holder, Lock, held_by

BATCH = 256
"""Records that may wait in memory for the next commit."""


class SqliteStore:
    """A store in a file.

    Parameters
    ----------
    path: the file; made where it is missing, unless `readonly` or `create` says otherwise.
    readonly: never writes, not even a command.
    create: False: a missing file is a StoreError.
    clock: whose time a claim is dated with.
    statvfs: asked for the free space of the disk.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     store = SqliteStore(Path(folder) / "a.journal")
    ...     term = store.claim("doctest")
    ...     number = store.append(Record("tick", 7, 420.0, data={"mode": 4}))
    ...     found = store.last("tick")
    ...     store.close()
    >>> term, number, found.index, found.data
    (1, 0, 7, {'mode': 4})
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        readonly: bool = False,
        create: bool = True,
        clock: Clock | None = None,
        statvfs: Callable[[str], os.statvfs_result] = os.statvfs,
    ) -> None:
        self.path = Path(path)
        self.readonly = readonly
        self._clock = clock or SystemClock()
        self._statvfs = statvfs
        self._db, version = connect(self.path, readonly=readonly, create=create and not readonly)
        self._mutex = threading.RLock()
        self._waiting: list[Row] = []
        self._lock: Lock | None = None
        self._term = self._next = -1
        self._broken = ""
        self._closed = False
        try:
            self._open(version)
        except BaseException:
            self._db.close()
            raise

    def _open(self, version: int) -> None:
        if version < max(schema.known()):
            if self.readonly:
                raise StoreError(
                    f"{self.path} has schema {version}: open it once for writing, which brings it up to date"
                )
            lock = Lock(self.path, "a migration", self._clock.now())
            try:
                schema.migrate(self._db, str(self.path))
            finally:
                lock.release()
        self._learn_layouts()

    def _learn_layouts(self) -> None:
        self._codec = Codec(Layouts(lambda number: queries.layout(self._db, number)))
        for layout in queries.layouts(self._db):
            self._codec.layouts.add(layout)

    # -- the owner --------------------------------------------------------------------------------------------------

    def claim(self, owner: str) -> int:
        """Take the store's lock for life and return a term higher than any before; raises StoreBusy."""
        with self._mutex:
            self._usable(writing=True)
            lock = Lock(self.path, owner, self._clock.now())
            try:
                grow_log(self._db, self.path)
                self._term = queries.new_term(self._db, lock.holder)
                self._next = queries.next_number(self._db)
                self._learn_layouts()  # the owner before may have met more since this store was opened
            except sqlite3.Error as fault:
                lock.release()
                raise self._break("the claim", fault) from fault
            self._lock = lock
            return self._term

    def holder(self) -> Holder | None:
        """Who has claimed this store, in any process; None: nobody."""
        return held_by(self.path)

    def append(self, record: Record, durable: bool = True) -> int:
        """Add one record; on disk at return where `durable`, else with the next that is. Raises StoreBroken."""
        with self._mutex:
            self._owned()
            row = self._codec.encode(record, self._next)
            self._waiting.append(row)
            self._next += 1
            if durable or len(self._waiting) >= BATCH:
                self.flush()
            return row.number

    def flush(self) -> None:
        """Commit what is waiting."""
        with self._mutex:
            if self._waiting or self._codec.layouts.fresh:
                with self._transaction("append"):
                    pass

    def save_snapshot(self, number: int, state: State, data: Mapping[str, Any]) -> None:
        """Keep the state as it was after record `number`, in one commit with the records that wait."""
        with self._mutex:
            self._owned()
            row = self._codec.encode(Record("snapshot", 0, 0.0, state, data), number)
            with self._transaction("snapshot"):
                old = retention.superfluous(queries.snapshot_numbers(self._db), number)
                queries.put_snapshot(self._db, row, old)

    def prune(self, before: float, keep_at_least: int, at_most: int = 100_000) -> int:
        """Forget records older than `before` (UTC seconds), up to a snapshot; returns how many went.

        The newest `keep_at_least` stay, and the last `start` and `config`. Not more than `at_most` go in one call, so
        that no tick waits long: call again until it returns 0. The file keeps its size and uses the room again.
        """
        with self._mutex:
            self._owned()
            with self._transaction("prune"):
                queries.move_base(self._db, before, self._next - 1 - max(keep_at_least, 1))
            gone = 0
            while gone < at_most:
                with self._transaction("prune"):
                    step = queries.forget(self._db, min(2000, at_most - gone), retention.KEPT_FOR_EVER)
                gone += step
                if step == 0:
                    break
            return gone

    # -- everybody --------------------------------------------------------------------------------------------------

    def records(self, start: int = 0, kinds: Iterable[str] | None = None) -> Iterator[Record]:
        """Records from number `start` on, oldest first; read in pieces, so that no reader holds up the log."""
        return map(self._codec.decode, self.rows(start, kinds))

    def rows(self, start: int = 0, kinds: Iterable[str] | None = None) -> Iterator[Row]:
        """The same, undecoded."""
        return queries.rows(self._ask, start, kinds)

    @property
    def codec(self) -> Codec:
        """What decodes the rows."""
        return self._codec

    def last(self, kind: str) -> Record | None:
        """The newest record of a kind."""
        found = self._ask(queries.LAST, (kind,))
        return self._codec.decode(Row(*found[0])) if found else None

    def snapshot(self, at: int | None = None) -> Snapshot | None:
        """The newest saved state, or the newest one at or before record `at`."""
        found = self._ask(queries.SNAPSHOT, (2**62 if at is None else at,))
        if not found:
            return None
        number, layout, data, body = found[0]
        record = self._codec.decode(Row(number, "snapshot", 0, 0.0, layout, data, body))
        return number, dict(record.columns), dict(record.data)

    def base(self) -> Snapshot | None:
        """The state from which the oldest kept records go on; None while the journal begins at record 0."""
        found = self._ask(queries.BASE, ())
        return self.snapshot(found[0][0]) if found else None

    def post(self, command: OperatorCommand) -> int:
        """Add an operator's command and return its number; works beside the daemon, and while it is down."""
        with self._mutex:
            self._usable(writing=True)
            try:
                return commands.post(self._db, command)
            except StoreBroken as fault:
                self._broken = str(fault)
                raise

    def pending(self, after: int = -1) -> Sequence[OperatorCommand]:
        """Operators' commands with a number above `after`, oldest first."""
        return [commands.from_row(row) for row in self._ask(commands.PENDING, (after,))]

    # -- upkeep -----------------------------------------------------------------------------------------------------

    def free_bytes(self) -> int:
        """Bytes that are left on the journal's disk for this user."""
        found = self._statvfs(str(self.path.parent))
        return found.f_bavail * found.f_frsize

    def backup(self, target: str | os.PathLike[str]) -> int:
        """Write a whole, compact copy beside the running daemon; returns its size in bytes. Raises StoreError."""
        with self._mutex:
            self._readable()
            return upkeep.backup(self._db, self.path, Path(target))

    def verify(self) -> int:
        """Check the file and every record in it; returns the number of records. Raises StoreBroken."""
        with self._mutex:
            self._readable()
            upkeep.check_file(self._db, self.path)
            numbers = queries.snapshot_numbers(self._db)
        for number in numbers:
            self.snapshot(number)
        return sum(1 for _ in self.records())

    def close(self) -> None:
        """Commit what waits and let the next owner in."""
        with self._mutex:
            if self._closed:
                return
            try:
                if self._lock is not None and not self._broken:
                    self.flush()
            finally:
                self._closed = True
                self._db.close()
                if self._lock is not None:
                    self._lock.release()

    # -- small helps ------------------------------------------------------------------------------------------------

    @contextmanager
    def _transaction(self, what: str) -> Iterator[None]:
        """Writes of the owner, with the records that wait: all or none, and none ever again after a failure."""
        try:
            self._db.execute("BEGIN IMMEDIATE")
            queries.still(self._db, self._term)
            queries.put(self._db, self._codec.layouts.fresh, self._waiting)
            yield
            self._db.execute("COMMIT")
        except Exception as fault:
            raise self._break(what, fault) from fault
        except BaseException as fault:  # interrupted in the middle: what reached the disk is unknown too
            self._break(what, fault)
            raise
        self._codec.layouts.fresh.clear()
        self._waiting.clear()

    def _break(self, what: str, fault: BaseException) -> StoreBroken:
        self._broken = f"{what} failed: {str(fault) or type(fault).__name__}"
        upkeep.roll_back(self._db)
        return StoreBroken(
            f"the journal {self.path} is no longer written: {self._broken}; see to the disk, then start again"
        )

    def _ask(self, sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._mutex:
            self._readable()
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as fault:
                raise StoreBroken(f"the journal {self.path} can't be read: {fault}") from fault

    def _readable(self) -> None:
        self._usable()
        if self._lock is not None:
            self.flush()

    def _owned(self) -> None:
        self._usable(writing=True)
        if self._lock is None:
            raise StoreError("only the owner may write: call claim(owner) first")

    def _usable(self, writing: bool = False) -> None:
        if self._closed:
            raise StoreError(f"the journal {self.path} is closed")
        if self._broken:
            raise StoreBroken(f"the journal {self.path} is no longer used: {self._broken}")
        if writing and self.readonly:
            raise StoreError(f"the journal {self.path} is open for reading only")
