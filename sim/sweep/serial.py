"""Does tasks one after the other in this process: for a few, for debugging, and as the yardstick of the others.

Called by runs.py; calls work.py.
"""

from collections.abc import Generator, Sequence

from sim.sweep.executor import Done
from sim.sweep.task import Task, release
from sim.sweep.work import work


class SerialExecutor:
    """This process."""

    def map(self, function: str, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """See Executor."""
        version = release()
        for index, task in enumerate(tasks):
            yield Done(index, work(function, task, version))
