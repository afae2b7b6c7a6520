"""Who does the work of `simulate` and `sweep`: a cluster that is named, processes of this machine, or this process.

Called by both; calls sim.sweep.
"""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from sim.sweep import Executor


def executor_of(workers: int | None, cluster: str | None, tasks: int) -> "Executor":
    """The executor for so many tasks; `workers`: processes, None: one a processor. Raises UsageError for both."""
    from sim.sweep import ClusterExecutor, ProcessExecutor, SerialExecutor

    if workers and cluster:
        raise click.UsageError("--workers and --cluster exclude each other, allowed: one of them")
    if cluster:
        return ClusterExecutor(cluster)
    many = ProcessExecutor(workers)
    return many if min(many.workers, tasks) > 1 else SerialExecutor()
