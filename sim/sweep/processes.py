"""Does tasks in processes of this machine; a process that dies costs the task that it was doing, which is done again.

Called by runs.py; calls concurrent.futures, one pool of one process a worker, so that a death has one task to its name.
Processes are spawned, never forked: threads and locks of this one don't reach them. Each holds its arithmetic to one
thread, and ends with its leash, a pipe whose other end is here: closed on purpose or by a kill of this process.
"""

import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection

from sim.sweep.errors import SweepError
from sim.sweep.executor import Done
from sim.sweep.task import Task, release
from sim.sweep.work import Answer, work

TRIES = 3
"""How often a task whose worker died is begun before it is given up."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
"""Set to 1 for workers: read by the libraries behind NumPy when they are loaded."""


class ProcessExecutor:
    """Processes of this machine; without a number, one a processor that this process may use."""

    def __init__(self, workers: int | None = None) -> None:
        if workers is not None and workers < 1:
            raise SweepError(f"at least 1 worker, received {workers}")
        self.workers = workers or processors()

    def map(self, function: str, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """See Executor."""
        crew = _Crew(function, tasks, min(self.workers, len(tasks)))
        try:
            while crew.feed():
                for future in wait(crew.busy, return_when=FIRST_COMPLETED).done:
                    done = crew.take(future)
                    crew.feed()  # before the caller, who writes to disk, takes its time
                    if done is not None:
                        yield done
        finally:
            crew.end()


def processors() -> int:
    """How many processors this process may use."""
    allowed = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(allowed(0)) if allowed else os.cpu_count() or 1


class _Crew:
    """Workers, and who is at what."""

    def __init__(self, function: str, tasks: Sequence[Task], size: int) -> None:
        self.function, self.tasks, self.version = function, tasks, release()
        self.waiting = deque(range(len(tasks)))
        self.deaths = Counter[int]()
        self.idle = [_Worker() for _ in range(size)]
        self.busy: dict[Future[Answer], tuple[_Worker, int]] = {}

    def feed(self) -> bool:
        """Give every idle worker a task; False where all tasks are over."""
        while self.waiting and self.idle:
            worker, index = self.idle.pop(), self.waiting.popleft()
            self.busy[worker.begin(self.function, self.tasks[index], self.version)] = worker, index
        return bool(self.busy)

    def take(self, future: "Future[Answer]") -> Done | None:
        """What came of a task; None where it has to be begun again."""
        worker, index = self.busy.pop(future)
        answer = worker.answer(future)
        self.idle.append(worker)
        if answer is None:
            self.deaths[index] += 1
            if self.deaths[index] < TRIES:
                self.waiting.appendleft(index)
                return None
        return Done(index, answer or _given_up(), self.deaths[index])

    def end(self) -> None:
        """Stop all processes."""
        for worker in [*self.idle, *(worker for worker, _ in self.busy.values())]:
            worker.end()


def _given_up() -> Answer:
    return Answer(
        error=f"its worker process died {TRIES} times: killed, out of memory, or a crash inside a library "
        '(a script that sweeps begins under `if __name__ == "__main__":`)'
    )


class _Worker:
    """One process at a time, begun anew when it has died."""

    def __init__(self) -> None:
        self._start()

    def begin(self, function: str, task: Task, version: str) -> "Future[Answer]":
        """Hand it a task."""
        with _one_thread():  # the process itself is spawned here, with its first task
            try:
                return self._pool.submit(work, function, task, version)
            except BrokenProcessPool:  # it died idle
                self._restart()
                return self._pool.submit(work, function, task, version)

    def answer(self, future: "Future[Answer]") -> Answer | None:
        """What came of a task; None: the process died over it."""
        try:
            return future.result()
        except BrokenProcessPool:
            self._restart()
            return None
        except Exception as fault:  # noqa: BLE001 (a result that can't be sent is told like any error of the task)
            return Answer(error=f"{type(fault).__name__}: {fault}")

    def end(self) -> None:
        """Stop the process, whatever it does."""
        self._leash.close()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _start(self) -> None:
        spawn = get_context("spawn")
        held, self._leash = spawn.Pipe(duplex=False)
        self._pool = ProcessPoolExecutor(1, spawn, initializer=_begin, initargs=(held,))

    def _restart(self) -> None:
        self.end()
        self._start()


def _begin(leash: Connection) -> None:
    """First thing in a worker: Ctrl-C is the business of the process that leads, and the leash is watched."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_hold, args=(leash,), daemon=True).start()


def _hold(leash: Connection) -> None:
    try:
        leash.recv_bytes()
    except (EOFError, OSError):
        os._exit(0)


@contextmanager
def _one_thread() -> Iterator[None]:
    """The environment that a worker is to inherit."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
