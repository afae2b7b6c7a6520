"""Finished tasks on disk: one file each under the task's digest, whole or not there, and a line in the index.

Called by runs.py, the only writer. A result is written under another name, synced and renamed, so a kill at any moment
leaves every file whole; what was being written then is cleared away at the next opening, and said. An index that lacks
lines is written anew from the files.

    sweep.json     layout of this folder          results/DIGEST.npz   finished tasks, see codec.py
    index.jsonl    a line a result: key fields    failed/DIGEST.txt    the trace of a task's last error
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sim.sweep.codec import Unreadable, decode, encode
from sim.sweep.index import digests_in, line_of, lines_of
from sim.sweep.layout import (
    DAMAGED,
    FAILED,
    INDEX,
    LAYOUT,
    MARK,
    PART,
    RESULTS,
    claim,
    locked,
    result_at,
    sync,
    trace_at,
)
from sim.sweep.task import Task, Values
from sim.sweep.work import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a result is known by."""

    digest: str
    number: int
    """Place among the tasks of the sweep that made it."""
    function: str
    version: str
    task: Task


@dataclass(slots=True)
class Folder:
    """A folder of results, held by this process alone; raises SweepError where it can't be one."""

    place: Path
    durable: bool = True
    """Whether to wait for the disk; a folder that nobody resumes need not."""
    notes: list[str] = field(default_factory=list)
    """What was found amiss and what was done about it, a sentence each."""
    grounds: set[str] = field(default_factory=set)
    """What arithmetic rested on for the results read so far; see task.ground."""
    _lock: IO[str] = field(init=False)
    _index: IO[str] = field(init=False)

    def __post_init__(self) -> None:
        fresh = claim(self.place)
        self._lock = locked(self.place)
        if fresh:
            self._write(self.place / MARK, json.dumps({"layout": LAYOUT}).encode())
        for name in (RESULTS, FAILED):
            (self.place / name).mkdir(exist_ok=True)
        self._clear()
        self._mend()
        self._index = (self.place / INDEX).open("a", encoding="utf-8")

    def read(self, digest: str) -> Values | None:
        """The values of a finished task; None where it is not there. A damaged file is set aside, and said."""
        path = result_at(self.place, digest)
        try:
            head, values = decode(path.read_bytes())
            if head.get("digest") != digest:
                raise Unreadable("it is of another task")
        except FileNotFoundError:
            return None
        except Unreadable as fault:
            path.rename(path.with_suffix(DAMAGED))
            self.notes.append(f"{path.name} is damaged ({fault}): set aside, its task is done again")
            return None
        self.grounds.add(str(head.get("ground")))
        return values

    def write(self, name: Name, answer: Answer) -> None:
        """Keep a result; on return it outlives a kill, and with `durable` a power cut."""
        head = {
            "layout": LAYOUT, "number": name.number, "digest": name.digest, "function": name.function,
            "version": name.version, "ground": answer.ground, "task": name.task,
        }  # fmt: skip
        self._write(result_at(self.place, name.digest), encode(head, answer.values))
        trace_at(self.place, name.digest).unlink(missing_ok=True)
        self._index.write(line_of(head))
        self._index.flush()

    def fail(self, digest: str, trace: str) -> None:
        """Keep the trace of a task's error."""
        self._write(trace_at(self.place, digest), trace.encode())

    def close(self) -> None:
        """Let others in."""
        self._index.close()
        self._lock.close()

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_name(path.name + PART)
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            if self.durable:
                os.fsync(file.fileno())
        part.rename(path)
        if self.durable:
            sync(path.parent)

    def _clear(self) -> None:
        parts = list(self.place.glob(f"**/*{PART}"))
        for part in parts:
            part.unlink()
        if parts:
            what = "1 half-written file" if len(parts) == 1 else f"{len(parts)} half-written files"
            self.notes.append(f"{what} of an earlier run ignored and cleared away")

    def _mend(self) -> None:
        """Every file has its line, every line its file; what a kill has cut off is written anew."""
        lines, cut = lines_of(self.place)
        files = digests_in(self.place)
        if cut:
            self.notes.append(
                f"{INDEX} has {cut} half-written lines: ignored, and written anew from the results"
            )
        if cut or lines.keys() != files:
            kept = [line for digest, line in lines.items() if digest in files]
            self._write(self.place / INDEX, "".join([*kept, *self._anew(files - lines.keys())]).encode())

    def _anew(self, digests: frozenset[str]) -> Iterator[str]:
        for digest in sorted(digests):
            try:
                yield line_of(decode(result_at(self.place, digest).read_bytes())[0])
            except (Unreadable, LookupError):
                continue  # read() sets it aside when its turn comes
