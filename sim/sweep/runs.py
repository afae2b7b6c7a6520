"""Runs a sweep: what is there is not done again, the rest is done and kept as it comes, all is given in order.

Called by `setpoint sweep`, the evidence and notebooks; calls an executor, and folder.py for every finished task. Holds
one result at a time; the others wait on disk until their turn.
"""

import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.sweep.errors import Failed, SweepError
from sim.sweep.executor import Done, Executor
from sim.sweep.folder import Folder, Name
from sim.sweep.progress import Progress, Tell
from sim.sweep.task import Task, Values, digest_of, release, resolve, shown

STOP_AFTER = 20
"""Failed tasks after which no more are begun."""


def run(
    executor: Executor,
    function: str,
    tasks: Sequence[Task],
    folder: str | Path | None = None,
    tell: Tell | None = None,
) -> Iterator[Values]:
    """The values of each task, in the order of the tasks; begins when it is iterated over.

    Parameters
    ----------
    executor: who does the tasks.
    function: its place, `package.module:name`; takes a task, returns a mapping.
    tasks: plain data (JSON); seeds belong into them. Equal tasks are done once.
    folder: where results are kept, and found again by a later run; None: nowhere beyond this run.
    tell: hears of progress.

    Raises SweepError: at once where function or tasks are no good; when iterated over, where the folder can't be used;
    and at the end where tasks have failed. Then all results before the first failed one were given, the others are kept
    in the folder, and the same call goes on from there.

    >>> from sim.sweep.serial import SerialExecutor
    >>> list(run(SerialExecutor(), "sim.sweep.task:key_fields", [{"seed": 1}, {"seed": 2}]))
    [{'seed': 1}, {'seed': 2}]
    """
    resolve(function)
    version = release()
    names = [
        Name(
            digest=digest_of(function, task, version),
            number=number,
            function=function,
            version=version,
            task=task,
        )
        for number, task in enumerate(tasks)
    ]
    return _run(executor, names, None if folder is None else Path(folder), tell or (lambda _progress: None))


def _run(
    executor: Executor, names: list[Name], place: Path | None, tell: Tell
) -> Generator[Values, None, None]:
    with ExitStack() as stack:
        durable = place is not None
        if place is None:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="setpoint-sweep-")))
        folder = stack.enter_context(closing(Folder(place, durable)))
        sweep = _Sweep(folder, names, tell)
        yield from sweep.ready()
        if sweep.todo:
            done = executor.map(names[0].function, [name.task for name in sweep.todo])
            for each in stack.enter_context(closing(done)):
                sweep.take(each)
                yield from sweep.ready()
                if sweep.hopeless:
                    break
        sweep.end()


@dataclass(slots=True)
class _Sweep:
    """One sweep under way."""

    folder: Folder
    names: list[Name]
    tell: Tell
    todo: list[Name] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    """Digests whose results are in the folder."""
    failed: list[Failed] = field(default_factory=list)
    now: Progress = field(init=False)
    given: int = 0

    def __post_init__(self) -> None:
        first = {name.digest: name for name in reversed(self.names)}
        self.over = {digest for digest in first if self.folder.read(digest) is not None}
        self.todo = [
            name for name in self.names if name is first[name.digest] and name.digest not in self.over
        ]
        self.now = Progress(total=len(first), there=len(self.over))
        self._notes()
        self.tell(self.now)

    @property
    def kept(self) -> bool:
        """Whether results outlive this run."""
        return self.folder.durable

    @property
    def hopeless(self) -> bool:
        """Whether to begin no more: too many have failed, or nothing of it would be kept."""
        return bool(self.failed) and (len(self.failed) >= STOP_AFTER or not self.kept)

    def ready(self) -> Iterator[Values]:
        """Values that are next in the order and there."""
        while self.given < len(self.names) and (digest := self.names[self.given].digest) in self.over:
            values = self.folder.read(digest)
            self._notes()
            if values is None:
                raise SweepError(f"the result {digest} has gone from {self.folder.place} during the sweep")
            self.given += 1
            yield values

    def take(self, done: Done) -> None:
        """Keep what came of a task."""
        name, answer = self.todo[done.index], done.answer
        if done.deaths and not answer.error:
            times = "once" if done.deaths == 1 else f"{done.deaths} times"
            self._note(
                f"the worker of task {name.number} ({shown(name.task)}) died {times}; it was begun again"
            )
        if answer.error:
            self.folder.fail(name.digest, answer.trace or answer.error)
            self.failed.append(Failed(name.number, shown(name.task), answer.error))
            self.now = replace(self.now, failed=self.now.failed + 1)
        else:
            self.folder.write(name, answer)
            self.over.add(name.digest)
            self.now = replace(self.now, done=self.now.done + 1)
        self.tell(self.now)

    def end(self) -> None:
        """Say what has to be said; raises SweepError where tasks are undone."""
        if (kinds := len(self.folder.grounds)) > 1:
            self._note(
                f"the workers were of {kinds} kinds (versions, machine or processor differ): results are "
                "equal to rounding, not to the last bit"
            )
        if not self.failed:
            return
        left = len(self.names) - self.given
        count, all_of = len(self.failed), self.now.total
        kept = (
            f"the {self.now.there + self.now.done} finished ones are kept in {self.folder.place}: mend the cause and "
            f"run the same again, and only the rest is done. Whole traces are in {self.folder.place / 'failed'}"
            if self.kept
            else "nothing is kept: give a folder to be able to go on from there"
        )
        stopped = ", so no more were begun" if left > count and self.hopeless else ""
        raise SweepError(
            f"{count} of {all_of} tasks failed{stopped}; {kept}", sorted(self.failed, key=lambda f: f.number)
        )

    def _notes(self) -> None:
        for text in self.folder.notes:
            self._note(text)
        self.folder.notes.clear()

    def _note(self, text: str) -> None:
        self.tell(replace(self.now, note=text))
