"""Who owns a store: a lock of the operating system on a file beside it, held for life.

The system frees the lock when its holder dies, kill -9 included, so no lease can be left behind. The file tells the
next one who holds it. Called by the SQLite store; calls fcntl. Never judges by the process id: ids are used again.
"""

import fcntl
import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path

from controller.clock import iso
from controller.errors import StoreBusy


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a store."""

    owner: str
    pid: int
    host: str
    since: float
    """UTC seconds."""

    def __str__(self) -> str:
        return f"{self.owner} (process {self.pid} on {self.host}) since {iso(self.since)}"


class Lock:
    """The lock of one store, taken when built; raises StoreBusy, with the holder's name."""

    def __init__(self, store: Path, owner: str, now: float) -> None:
        self.path = _beside(store)
        self.holder = Holder(owner, os.getpid(), socket.gethostname(), now)
        self._file = self._take(store)
        os.truncate(self._file, 0)
        os.pwrite(self._file, json.dumps(asdict(self.holder)).encode(), 0)

    def release(self) -> None:
        """Let the next one in."""
        if self._file >= 0:
            os.truncate(self._file, 0)
            os.close(self._file)
            self._file = -1

    def _take(self, store: Path) -> int:
        while True:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                _lock(file)
            except BlockingIOError:
                holder = _read(file)
                os.close(file)
                raise StoreBusy(
                    f"the journal {store} belongs to {holder or 'another process'}; "
                    f"one daemon a store: stop that one, or give {self.holder.owner} a store of its own"
                ) from None
            if _same(file, self.path):
                return file
            os.close(file)  # it was removed between opening and locking


def held_by(store: Path) -> Holder | None:
    """Who has a store at this moment; None: nobody."""
    try:
        file = os.open(_beside(store), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        holder = _read(file)
        if holder is not None:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # given only where the holder is gone
    except BlockingIOError:
        return holder
    finally:
        os.close(file)
    return None


def _beside(store: Path) -> Path:
    return store.with_name(store.name + ".lock")


def _lock(file: int) -> None:
    for left in reversed(range(20)):
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if left == 0:
                raise
            os.sched_yield()  # `held_by` of another process holds it for an instant
        else:
            return


def _same(file: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file), path.stat())
    except FileNotFoundError:
        return False


def _read(file: int) -> Holder | None:
    try:
        return Holder(**json.loads(os.pread(file, 4096, 0)))
    except (ValueError, TypeError):
        return None
