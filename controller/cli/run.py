"""`setpoint run`: a campaign on its live sensors and actuators, until it is told to stop.

Called by the command line; calls build and the runner. Logs go to stderr as JSON lines; the first lines on stdout say
where the page is, what was resumed, and in which mode it runs.
"""

import asyncio
import os
from pathlib import Path

import click


@click.command(short_help="Run a campaign on its live sensors and actuators.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--daemon",
    "daemon_file",
    type=click.Path(exists=True, dir_okay=False),
    help="The daemon's config.",
)
@click.option(
    "--store",
    type=click.Path(dir_okay=False),
    help="The journal; else the daemon config's, else $SETPOINT_STORE, else ./setpoint.journal.",
)
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Root of all chance; recorded."
)
def run(file: Path, daemon_file: str | None, store: str | None, seed: int) -> None:
    """Run the campaign in FILE until SIGTERM; SIGHUP takes a changed FILE."""
    code = asyncio.run(_run(file, daemon_file, store, seed))
    raise SystemExit(code)


async def _run(file: Path, daemon_file: str | None, store: str | None, seed: int) -> int:
    from dataclasses import replace

    from controller.cli.where import place_of
    from controller.clock import SystemClock
    from controller.config.daemon import DaemonPlan, load_daemon
    from controller.daemon.build import build
    from controller.quantities import FileName
    from controller.quantities.secrets import templates_in
    from controller.telemetry.logs import set_up

    plan = load_daemon(daemon_file) if daemon_file else DaemonPlan()
    if store or not daemon_file:
        place, _ = place_of(store, None)
        plan = replace(plan, store=replace(plan.store, path=FileName(str(place))))
    set_up(plan.logs.level, plan.logs.form, tuple(templates_in(plan)), os.environ)
    built = build(file, plan, SystemClock(), os.environ, seed)
    set_up(plan.logs.level, plan.logs.form, (*templates_in(plan), *templates_in(built.plan)), os.environ)

    def started() -> None:
        if built.page:
            click.echo(f"page     {built.page.url}")
        if built.metrics:
            click.echo(f"metrics  {built.metrics.url}metrics")
        authority = built.service.loop.parts.authority
        click.echo(f"mode     {authority.requested.name.lower()} (highest: {authority.highest.name.lower()})")
        click.echo(f"journal  {plan.store.path.path}: {built.found}")

    built.daemon.started = started
    return await built.daemon.run()
