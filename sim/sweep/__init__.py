"""Sweeps: the same function over many tasks, on this process, several, or a cluster; results kept as they come.

    task        what a task is, its digest            folder, codec   finished tasks on disk, resumable
    work        one task, wherever it is done         runs            run(executor, function, tasks)
    serial, processes, cluster   the executors        reading         the folder as a DataFrame
    variants, campaign, table    `setpoint sweep`: variants of a campaign's file

Called by `setpoint sweep`, by the evidence and by notebooks. Results depend on the function and its task alone: not on
the executor, the number of workers, the order of completion, nor on being stopped and resumed.
"""

from sim.sweep.chunks import chunks
from sim.sweep.cluster import ClusterExecutor
from sim.sweep.errors import Failed, SweepError
from sim.sweep.executor import Done, Executor
from sim.sweep.processes import ProcessExecutor
from sim.sweep.progress import Progress
from sim.sweep.runs import run
from sim.sweep.serial import SerialExecutor
from sim.sweep.task import Task, Values

__all__ = [
    "ClusterExecutor",
    "Done",
    "Executor",
    "Failed",
    "ProcessExecutor",
    "Progress",
    "SerialExecutor",
    "SweepError",
    "Task",
    "Values",
    "chunks",
    "run",
]
