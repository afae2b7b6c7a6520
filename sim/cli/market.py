"""`setpoint market`: a campaign's simulated market as a real HTTP server, for a daemon in another process.

Called by its entry point; calls the config and sim.served. Listens on loopback alone and keeps nothing: stopped, the
market is gone. Touches no address and no secret of the file.
"""

import math
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.cli import options
from controller.cli.output import columns, emit, progress
from controller.cli.why import Moment

if TYPE_CHECKING:
    from controller.plan import Campaign
    from sim.market.world import World


@click.command()
@click.argument("config", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    show_default=True,
    help="Port on loopback; 0: any free one.",
)
@click.option(
    "--speed", type=click.FloatRange(0.01, 86_400), default=1.0, show_default=True, metavar="N",
    help="Seconds of market time in a second; 3600 makes an hour of each.",
)  # fmt: skip
@click.option("--stepped", is_flag=True, help="Time stands still but for POST /advance; for tests.")
@click.option(
    "--starts",
    type=Moment(),
    metavar="MOMENT",
    help="Where the market's clock begins: 2026-06-01T08:00, UTC.",
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Root of all luck.")
@click.option(
    "--market",
    "fitted",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A market fitted by `setpoint calibrate`; else the recorded one.",
)
@click.option(
    "--draw", type=click.IntRange(0), default=0, show_default=True, help="Which of its possible markets."
)
@options.as_json
def market(
    config: Path, port: int, speed: float, stepped: bool, starts: float | None, seed: int, fitted: Path | None,
    draw: int, as_json: bool,
) -> None:  # fmt: skip
    """Serve a campaign's simulated market over HTTP.

    Metrics for Prometheus, JSON, and levers that take orders as the http actuator sends them; docs/served_market.md
    says how. Runs until SIGTERM or Ctrl-C.
    """
    import asyncio

    from controller.clock import SystemClock
    from controller.config import load
    from sim.runs.runner import first_moment
    from sim.served import pace as paces
    from sim.served.build import serve, settings_in, warnings
    from sim.served.serving import run

    if not math.isfinite(speed):
        raise click.BadParameter(f"not a speed: {speed}", param_hint="--speed")
    if stepped and speed != 1.0:
        raise click.UsageError("--stepped and --speed exclude each other, allowed: one of them")
    campaign = load(config)
    step = settings_in(campaign).step
    if stepped:
        pace = paces.by_hand(first_moment(campaign) if starts is None else starts)
    else:
        pace = paces.running(SystemClock(), speed, step, starts)
    for text in warnings(campaign, pace):
        progress(text)
    served = serve(
        campaign, pace, seed=seed, world=None if fitted is None else _world(campaign, fitted, draw)
    )

    def started(url: str) -> None:
        levers = {name: f"{url}levers/{name}" for name in served.names}
        data = {"url": url, "metrics": f"{url}metrics", "signals": f"{url}signals", "levers": levers}
        places = {"metrics": f"{url}metrics", "signals": f"{url}signals", **levers}
        lines = [served.about, *columns(list(places.items()), indent="")]
        emit({**data, "about": served.about}, lines, as_json)

    asyncio.run(run(served, port, started))


def _world(campaign: "Campaign", fitted: Path, draw: int) -> "World":
    """The world of one posterior draw of a fitted market."""
    from controller.assembly import cells_of
    from sim.calibration import read
    from sim.runs.futures import Futures

    calibrated = read(fitted)
    if draw >= calibrated.draws:
        raise click.BadParameter(f"the market has draws 0 to {calibrated.draws - 1}, received {draw}")
    return Futures((draw,), (), (0,)).world(cells_of(campaign), calibrated)
