"""Files that are whole or not there: written beside, made durable, then put in place.

Called by the file actuator and the watchdog's heartbeat; calls the operating system. A reader sees the old text or
the new one and never half of either, also after a crash; several writers take turns by a lock file.
"""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class TooLarge(OSError):
    """The file is larger than the limit."""


def read_limited(path: Path, max_bytes: int) -> bytes:
    """The file's bytes; raises OSError, TooLarge among them."""
    with path.open("rb") as file:
        body = file.read(max_bytes + 1)
    if len(body) > max_bytes:
        raise TooLarge(f"{path} is larger than {max_bytes} bytes, which is the limit")
    return body


def write_atomic(path: Path, body: bytes, *, durable: bool = True) -> None:
    """Replace the file that `path` (or the link it is) leads to; raises OSError and then leaves the old one.

    `durable` waits for the disk, so that the new one survives a loss of power. It has the old one's permissions, else
    0644 less the umask, so that other users' readers keep on reading.
    """
    place = path.resolve()
    beside = place.with_name(f".{place.name}.{os.getpid()}.{threading.get_ident()}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            _keep_mode(file.fileno(), place)
            if durable:
                os.fsync(file.fileno())
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
    if durable:
        _sync_folder(place.parent)


@contextmanager
def taking_turns(path: Path) -> Iterator[None]:
    """Hold the lock file beside `path` while changing it; raises BlockingIOError where somebody else holds it."""
    place = path.resolve()
    handle = os.open(place.parent / f".{place.name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(handle)


def _keep_mode(handle: int, place: Path) -> None:
    with suppress(FileNotFoundError):
        os.fchmod(handle, place.stat().st_mode & 0o777)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
