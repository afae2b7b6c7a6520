"""`setpoint watchdog`: the second process that keeps the leases of targets which can't keep them themselves.

Called by its entry point; calls controller.daemon.watchdog with the campaign's actuators. Opens no journal and takes no
lock, so that it runs beside the daemon and after it.
"""

import click

from controller.cli import options


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(exists=True, dir_okay=False))
@click.option(
    "--daemon", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help="The daemon's config."
)
@click.option("--once", is_flag=True, help="Look once, act if need be, and end.")
@options.as_json
def watchdog(file: str, daemon: str | None, once: bool, as_json: bool) -> None:
    """Write the fallback of a campaign's actuators when the daemon's heartbeat stops.

    For actuators with `lease_by: watchdog`. Runs until SIGTERM, beside the daemon, best on the same machine and
    under another supervisor. Prints a line for each thing that changes.
    """
    import json
    import os
    import signal
    import threading
    from dataclasses import replace
    from pathlib import Path

    from controller.assembly import cells_of
    from controller.clock import SystemClock
    from controller.config import load
    from controller.config.daemon import DaemonPlan, load_daemon
    from controller.daemon.watchdog import Report, Watchdog, watch_over
    from controller.errors import NotAvailable
    from controller.live import actuators_of
    from controller.quantities.redaction import redact
    from controller.quantities.secrets import templates_in

    campaign, plan = load(file), load_daemon(daemon) if daemon else DaemonPlan()
    kept = {name: entry for name, entry in campaign.actuators.items() if entry.lease_by == "watchdog"}
    if not kept:
        raise NotAvailable(f"{file}: no actuator has `lease_by: watchdog`, so there is no lease to keep")
    cells, secrets = cells_of(campaign), tuple(templates_in(campaign))
    made = Watchdog(
        Path(plan.watchdog.heartbeat.path),
        actuators_of(replace(campaign, actuators=kept), cells),
        cells,
        campaign.campaign,
        plan.watchdog.patience,
    )
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())

    def say(report: Report) -> None:
        text = redact(report.text, secrets, os.environ)
        line = {"did": report.deed.value, "subject": report.subject, "text": text}
        click.echo(json.dumps(line, ensure_ascii=False) if as_json else f"{report.subject}: {text}")

    wait = (lambda _: True) if once else stopping.wait
    watch_over(made, SystemClock(), wait, plan.watchdog.every, say)
