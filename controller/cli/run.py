"""`setpoint run`: a campaign on its live sensors and actuators, until it is told to stop.

Called by the command line; calls daemon/build.py and the runner. Logs go to stderr as JSON lines; the first lines on
stdout say where the page is, what was resumed, in which mode it runs, and whether a certificate covers the file.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from controller.cli import options, output

if TYPE_CHECKING:
    from controller.config.daemon import DaemonPlan
    from controller.daemon.build import Built


@click.command(short_help="Run a campaign on its live sensors and actuators.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@options.store
@click.option(
    "--seed", type=click.IntRange(0), default=0, show_default=True, help="Root of all chance; recorded."
)
@click.option(
    "--certificate",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="PATH",
    help="The certificate that lets auto act; else FILE's name with .certificate.json, if it is there.",
)
@options.as_json
def run(
    file: Path, store: str | None, daemon: str | None, seed: int, certificate: Path | None, as_json: bool
) -> None:
    """Run the campaign in FILE until SIGTERM; SIGHUP takes a changed FILE."""
    import asyncio

    raise SystemExit(asyncio.run(_run(file, plan_of(store, daemon), seed, certificate, as_json)))


def plan_of(store: str | None, daemon: str | None) -> "DaemonPlan":
    """The daemon's config, with the journal that the rule of every subcommand names; raises ConfigError."""
    from controller.cli.where import place_of
    from controller.config.daemon import DaemonPlan, load_daemon
    from controller.quantities import FileName

    plan = load_daemon(daemon) if daemon else DaemonPlan()
    place, _ = place_of(store, daemon)
    return replace(plan, store=replace(plan.store, path=FileName(str(place))))


async def _run(file: Path, plan: "DaemonPlan", seed: int, certificate: Path | None, as_json: bool) -> int:
    import os

    from controller.clock import SystemClock
    from controller.daemon.build import build
    from controller.quantities.secrets import templates_in
    from controller.telemetry.logs import set_up

    set_up(plan.logs.level, plan.logs.form, tuple(templates_in(plan)), os.environ)
    built = build(file, plan, SystemClock(), os.environ, seed, certificate)
    set_up(plan.logs.level, plan.logs.form, (*templates_in(plan), *templates_in(built.plan)), os.environ)
    said = about(built, plan)
    built.daemon.started = lambda: output.emit(said(), lines(said()), as_json)
    return await built.daemon.run()


def about(built: "Built", plan: "DaemonPlan") -> Any:
    """What is known once everything listens: addresses, mode, journal."""

    def said() -> dict[str, Any]:
        authority, cover = built.service.loop.parts.authority, built.gate.cover
        now = built.daemon.schedule.clock.now()
        return {
            "page": built.page.url if built.page else None,
            "metrics": f"{built.metrics.url}metrics" if built.metrics else None,
            "mode": authority.requested.name.lower(),
            "highest_mode": authority.highest.name.lower(),
            "certificate": cover.at(now).why if cover is not None and cover.file else None,
            "journal": str(plan.store.path.path),
            "found": built.found,
        }

    return said


def lines(said: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    for name in ("page", "metrics"):
        if said[name]:
            yield f"{name:8s} {said[name]}"
    yield f"mode     {said['mode']} (highest: {said['highest_mode']})"
    if said["certificate"]:
        yield f"auto     {said['certificate']}"
    yield f"journal  {said['journal']}: {said['found']}"
