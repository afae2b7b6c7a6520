"""How far a long command is, on stderr: a bar on a terminal, a line every few seconds elsewhere.

Called by `simulate` and `sweep`; calls rich for the bar. Notes are told at once either way.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from controller.cli.output import progress
from controller.clock import SystemClock
from sim.sweep.progress import Progress, Tell, Teller


@contextmanager
def telling(what: str) -> Iterator[Tell]:
    """Somebody who hears of progress, for as long as the work goes on."""
    if not sys.stderr.isatty():
        yield Teller(progress, SystemClock())
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task(what, total=None)

        def tell(now: Progress) -> None:
            if now.note:
                bars.console.print(now.note, markup=False, highlight=False)
            bars.update(bar, total=now.total, completed=now.there + now.done + now.failed)

        yield tell
