"""`setpoint demo`: the main job in two minutes, on a simulated market.

Called by the command line and by `make run`; calls the performance. The wall clock only paces the show: what is shown
depends on the seed alone.
"""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from tempfile import mkdtemp

import click


@click.command(short_help="Watch a campaign kept at its target on a simulated market, in two minutes.")
@click.option(
    "--seconds", type=click.FloatRange(1.0), default=120.0, show_default=True, help="Length of the day."
)
@click.option("--forever", is_flag=True, help="Run on after the day, until Ctrl-C.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Whose luck; recorded.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Of the page; without it, a free one.")
@click.option(
    "--folder", type=click.Path(file_okay=False, path_type=Path), help="For the journal; else a new one."
)
def demo(seconds: float, forever: bool, seed: int, port: int, folder: Path | None) -> None:
    """Two calm weeks pass in silence; then one day is shown: a competitor's promotion, and a sensor that dies."""
    from controller.clock import SystemClock
    from controller.config import load
    from controller.daemon.probes import probes
    from controller.store.sqlite import SqliteStore
    from sim.demo.performance import Performance
    from sim.demo.screen import LiveScreen, PlainScreen, Screen
    from sim.demo.stage import Stage
    from sim.demo.window import Window

    campaign = load(str(files("sim.demo") / "campaign.yaml"))
    place = folder or Path(mkdtemp(prefix="setpoint-demo-"))
    place.mkdir(parents=True, exist_ok=True)
    journal = place / "demo.journal"
    clock, store = SystemClock(), SqliteStore(journal)
    click.echo(f"journal {journal}; two calm weeks pass first, in silence ...", err=True)
    stage = Stage(campaign, store, seed)

    def screen() -> Screen:
        zone = campaign.runs.timezone
        if sys.stdout.isatty():
            return LiveScreen(zone, float(stage.aim.band[0] / stage.aim.level[0]))
        return PlainScreen(click.echo, zone, clock.monotonic)

    stop = threading.Event()
    show = Performance(
        stage=stage,
        window=Window(journal, port, probes(lambda: stage.last, stage.telemetry.render)),
        journal=journal,
        screen=screen,
        say=click.echo,
        wait=stop.wait,
        stopped=stop.is_set,
        now=clock.monotonic,
        seconds=seconds,
        forever=forever,
    )
    try:
        with interrupting(stop):
            show.run()
    finally:
        store.close()


@contextmanager
def interrupting(stop: threading.Event) -> Iterator[None]:
    """Ctrl-C sets the event, and raises KeyboardInterrupt as ever; outside the main thread nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def interrupted(_number: int, _frame: object) -> None:
        stop.set()
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
