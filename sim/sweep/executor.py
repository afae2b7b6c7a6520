"""Who does the tasks: the one protocol of executors.

Implemented by serial.py, processes.py and cluster.py, and by whoever has other machinery; called by runs.py alone. An
executor keeps nothing and judges nothing: it hands out tasks and passes on what came of each, in any order.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Protocol

from sim.sweep.task import Task
from sim.sweep.work import Answer


@dataclass(frozen=True, slots=True, eq=False)
class Done:
    """A task that is over."""

    index: int
    """Its place among the tasks handed in, counted from 0."""
    answer: Answer
    deaths: int = 0
    """How many workers died while they did it."""


class Executor(Protocol):
    """Does tasks, somewhere."""

    def map(self, function: str, tasks: Sequence[Task]) -> Generator[Done, None, None]:
        """Do `function` (a place, `package.module:name`) on every task; each is given once, in order of completion.

        A task that fails is given with its error and stops nothing. Closing the generator stops what is still running.
        Raises PortError where the machinery itself is out of reach, NotAvailable where it is not installed.
        """
        ...
