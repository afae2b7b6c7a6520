"""One task, done in the process that it was brought to: the same few lines in every executor.

Called by the executors, here or on another machine; calls the task's function. An error of the function becomes text,
since its class may not exist where the answer is read.
"""

import traceback
from dataclasses import dataclass, field
from pathlib import Path

from sim.sweep.codec import plain
from sim.sweep.errors import SweepError
from sim.sweep.task import Task, Values, ground, release, resolve


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What came of a task: values, or an error."""

    values: Values = field(default_factory=dict)
    ground: str = ""
    """What arithmetic rested on where it was done; see task.ground."""
    error: str = ""
    """In one line; empty where all is well."""
    trace: str = ""


def work(function: str, task: Task, version: str) -> Answer:
    """Do a task for a sweep that was begun with `version` of Setpoint.

    >>> work("math:isnan", {}, release()).error
    'TypeError: must be real number, not dict (in isnan)'
    """
    try:
        if release() != version:
            text = f"this worker has setpoint {release()}, the sweep was begun with {version}: install the same on both"
            raise SweepError(text)
        return Answer(plain(resolve(function)(task)), ground())
    except (Exception, SystemExit) as fault:  # noqa: BLE001 (a task may raise anything; it is told, and stops no other)
        return Answer(error=_line(fault, function), trace=traceback.format_exc())


def _line(fault: BaseException, function: str) -> str:
    """An error and where it was raised, in one line."""
    frames = traceback.extract_tb(fault.__traceback__)[1:]
    where = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else function.partition(":")[2]
    text = " ".join(str(fault).split())
    return f"{type(fault).__name__}: {text} (in {where})"
