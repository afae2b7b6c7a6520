"""`setpoint simulate`: a campaign against a simulated market, and against what people would do without it.

Called by its entry point; calls the config and sim.compare. Touches no address and no secret of the file.
"""

from pathlib import Path

import click

from controller.cli import options
from controller.cli.output import emit, progress


@click.command()
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--weeks", type=click.FloatRange(0.5, 520), default=2.0, show_default=True, help="How long each run is."
)
@click.option(
    "--seeds", type=click.IntRange(1, 1000), default=4, show_default=True, help="Runs of different luck."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Root of all luck.")
@options.as_json
def simulate(config: Path, weeks: float, seeds: int, seed: int, as_json: bool) -> None:
    """Try a campaign on a simulated market, beside doing nothing, the best fixed value and the trade's rule.

    Runs the real loop in auto on a virtual clock, on recorded demand. All rows meet the same luck.
    """
    from controller.config import load
    from sim import report
    from sim.compare import compare

    campaign = load(config)
    found = compare(
        campaign, weeks=weeks, seeds=seeds, seed=seed, tell=lambda row: progress(f"running: {row}")
    )
    emit(report.data(found), report.lines(found), as_json)
