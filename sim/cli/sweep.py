"""`setpoint sweep`: variants of a campaign's file on its simulated market, on all processors or a cluster; resumable.

Called by its entry point; calls the config and sim.sweep. Touches no address and no secret of the file.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.cli import options
from controller.cli.output import emit, progress
from controller.errors import SetpointError
from sim.cli.executors import executor_of

if TYPE_CHECKING:
    from sim.sweep import Progress
    from sim.sweep.variants import Variant


@click.command()
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--vary", multiple=True, required=True, metavar="PATH=VALUES",
    help="A key of the file and the values to try, as in loops.sales.policy.gain=0.5,1,2. Several make a grid.",
)  # fmt: skip
@click.option(
    "--weeks", type=click.FloatRange(0.5, 520), default=2.0, show_default=True, help="How long each run is."
)
@click.option(
    "--seeds", type=click.IntRange(1, 1000), default=8, show_default=True, help="Runs of different luck."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Root of all luck.")
@click.option(
    "--workers", type=click.IntRange(1, 1024), metavar="N",
    help="Processes of this machine; default: one a processor. 1 works in this process.",
)  # fmt: skip
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="A Dask scheduler that is there already, such as tcp://10.0.0.5:8786.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), metavar="DIR",
    help="Keep each result there as it comes; the same command goes on from what is there.",
)  # fmt: skip
@options.as_json
def sweep(
    config: Path, vary: tuple[str, ...], weeks: float, seeds: int, seed: int, workers: int | None,
    cluster: str | None, out: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Try variants of a campaign's file on its simulated market, each on the same luck.

    Runs the real loop in auto on a virtual clock. Every variant is compared with the file as written, run by run.
    """
    from dataclasses import replace

    from controller.config import load
    from sim.cli.telling import telling
    from sim.runs.runner import Run, start
    from sim.sweep import run, table
    from sim.sweep.campaign import SCORE, Trial, rows

    variants = _variants(config, vary)
    campaign = replace(load(config), mode="auto")
    trial = Trial(weeks=weeks, seeds=seeds, seed=seed)
    tasks = trial.tasks(variants)
    last: list[Progress] = []

    with _resumable(out), telling("variants") as tell:

        def told(now: "Progress") -> None:
            last[:] = [now]
            tell(now)

        found = list(
            rows(trial, tasks, run(executor_of(workers, cluster, len(tasks)), SCORE, tasks, out, told))
        )
    statement = start(Run(campaign=campaign, seconds=0.0, seed=seed)).simulated.market.demand.statement()
    place = str(out) if out else None
    outcome = table.Found(campaign, statement, trial, found, last[0].there, last[0].done, place)
    emit(table.data(outcome), table.lines(outcome), as_json)


def _variants(config: Path, vary: Sequence[str]) -> "list[Variant]":
    """The variants; what is wrong with --vary is an error of the command line."""
    from sim.sweep.variants import VaryError, axis_of, read_variants

    try:
        return read_variants(config, [axis_of(text) for text in vary], progress)
    except VaryError as fault:
        raise click.BadParameter(str(fault), param_hint="--vary") from fault


@contextmanager
def _resumable(out: Path | None) -> Iterator[None]:
    """Says, when it is stopped, how to go on."""
    try:
        yield
    except (KeyboardInterrupt, SetpointError):
        if out is not None and any(out.glob("results/*.npz")):
            progress(f"what is finished is kept in {out}; the same command goes on from there")
        raise
