"""Does tasks on a Dask cluster that is there already; its workers need the same Setpoint installed, and nothing else.

Called by runs.py; calls dask.distributed, imported late (the extra `cluster`). Hands out no more tasks than keep every
worker busy, so results do not pile up there. The tasks of a worker that dies are given to others by Dask.
"""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

from controller.errors import NotAvailable, PortError
from sim.sweep.executor import Done
from sim.sweep.task import Task, digest_of, release
from sim.sweep.work import Answer

PATIENCE = 30.0
"""Seconds to wait for the scheduler to answer, and for a first worker."""
AHEAD = 2
"""Tasks handed out for each thread of the cluster: one at work and one waiting."""
LOOK = 20
"""After how many finished tasks the size of the cluster is looked at again."""


class ClusterExecutor:
    """A Dask cluster by the address of its scheduler, such as `tcp://10.0.0.5:8786`.

    A file that the scheduler has written (`dask scheduler --scheduler-file FILE`) does as well: its path.
    """

    def __init__(self, address: str, patience: float = PATIENCE) -> None:
        self.address, self.patience = address, patience

    def map(self, function: str, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """See Executor."""
        distributed = _library()
        with ExitStack() as stack:
            stack.enter_context(_quiet())
            client = self._connect(distributed)
            stack.callback(client.close, timeout=self.patience)
            try:
                self._judge(client.run(_probe(), function, release()))
                yield from _Handing(distributed, client, function, tasks).all()
            except (OSError, TimeoutError) as fault:  # Dask's own errors of connections are OSErrors
                raise PortError(f"the Dask scheduler at {self.address} was lost: {_said(fault)}") from fault

    def _connect(self, distributed: Any) -> Any:
        target = (
            {"scheduler_file": self.address} if self.address.endswith(".json") else {"address": self.address}
        )
        try:
            client = distributed.Client(**target, timeout=self.patience, set_as_default=False)
        except (OSError, TimeoutError, ValueError) as fault:
            raise PortError(
                f"no Dask scheduler answers at {self.address}: {_said(fault)}; allowed: the address that "
                "`dask scheduler` prints, such as tcp://127.0.0.1:8786"
            ) from fault
        try:
            client.wait_for_workers(1, timeout=self.patience)
        except TimeoutError as fault:
            client.close(timeout=self.patience)
            raise PortError(
                f"the Dask scheduler at {self.address} has no worker: start one there with `dask worker {self.address}`"
            ) from fault
        return client

    def _judge(self, told: Mapping[str, str]) -> None:
        """Raises PortError where workers can't do such tasks; `told` says what each lacks, empty: nothing."""
        unfit = {worker: text for worker, text in told.items() if text}
        if unfit:
            worker, text = next(iter(unfit.items()))
            raise PortError(
                f"{len(unfit)} of {len(told)} workers at {self.address} can't do these tasks; {worker}: {text}; "
                f"allowed: workers that have setpoint {release()} and the function's module installed"
            )


class _Handing:
    """Tasks on their way to a cluster and back."""

    def __init__(self, distributed: Any, client: Any, function: str, tasks: Sequence[Task]) -> None:
        self.client, self.function, self.tasks = client, function, tasks
        self.version, self.there = release(), _there()
        self.coming = distributed.as_completed(loop=client.loop)
        self.index_of: dict[Any, int] = {}
        self.begun = self.over = 0

    def all(self) -> Generator[Done, None, None]:
        """Every task, as it comes back."""
        try:
            self._feed()
            for future in self.coming:
                done = Done(self.index_of.pop(future), _answer(future))
                future.release()
                self.over += 1
                self._feed()
                yield done
        finally:
            self.client.cancel(list(self.index_of))

    def _feed(self) -> None:
        """Hand out tasks until enough are under way."""
        if self.over % LOOK == 0:
            threads = sum(self.client.nthreads().values())
            self.room = AHEAD * max(threads, 1)
        while self.begun < len(self.tasks) and len(self.index_of) < self.room:
            task = self.tasks[self.begun]
            key = f"setpoint-{digest_of(self.function, task, self.version)}-{self.begun}"
            future = self.client.submit(self.there, self.function, task, self.version, key=key)
            self.index_of[future] = self.begun
            self.begun += 1
            self.coming.add(future)


def _there() -> Callable[[str, Task, str], Answer]:
    """`work`, sent by value: a worker that can't import what a task needs would break over a name, here it says so."""

    def there(function: str, task: Task, version: str) -> Answer:
        from sim.sweep.work import work

        return work(function, task, version)

    return there


def _probe() -> Callable[[str, str], str]:
    """What a worker lacks for a function and a version of Setpoint, in words; sent by value."""

    def probe(function: str, version: str) -> str:
        try:
            from sim.sweep.task import release, resolve

            resolve(function)
        except Exception as fault:  # noqa: BLE001 (whatever stands in the way is told, from there to here)
            return f"{type(fault).__name__}: {fault}"
        return "" if release() == version else f"it has setpoint {release()}"

    return probe


def _answer(future: Any) -> Answer:
    """What came of a task; raises OSError where the cluster let go of it."""
    if future.cancelled():
        raise ConnectionError("it has dropped the tasks that it was given")
    fault = future.exception()
    if fault is not None:
        return Answer(error=f"{type(fault).__name__}: {_said(fault)}")
    answer: Answer = future.result()
    return answer


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's client prints a trace when its scheduler is lost; that is told once, by us."""
    logger = logging.getLogger("distributed.client")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _library() -> Any:
    try:
        import distributed
    except ImportError as fault:
        raise NotAvailable(
            f"a cluster needs Dask, which is not installed here ({fault}): pip install 'setpoint[cluster]'"
        ) from fault
    return distributed


def _said(fault: BaseException) -> str:
    return " ".join(str(fault).split()) or type(fault).__name__
