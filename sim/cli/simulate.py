"""`setpoint simulate`: a campaign through scenarios on a simulated market, against what people would do without it.

Called by its entry point; calls the config and sim.evidence. Touches no address and no secret of the file.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.cli import options
from controller.cli.output import emit, progress
from sim.cli.executors import executor_of

if TYPE_CHECKING:
    from controller.plan import Campaign
    from sim.calibration import Calibrated
    from sim.evidence.ask import Ask
    from sim.evidence.result import Evidence

USUAL = 2.0
"""Weeks of a run that is not to certify."""
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("config", type=FILE)
@click.option(
    "--weeks", type=click.FloatRange(0.5, 520), help="How long each run is.  [default: 2, to certify 4]"
)
@click.option(
    "--scenarios",
    default="core",
    show_default=True,
    metavar="core|all|NAME,...",
    help="What happens to the market.",
)
@click.option("--market", type=FILE, help="A market fitted by `setpoint calibrate`; else the recorded one.")
@click.option("--from", "journal", type=FILE, help="A journal: start where the campaign stands at its end.")
@click.option(
    "--draws", type=click.IntRange(1, 1000), help="How many possible markets.  [default: 4, or 3 not fitted]"
)
@click.option(
    "--seeds", type=click.IntRange(1, 1000), default=4, show_default=True, help="Runs of different luck."
)
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="Root of all luck.")
@click.option("--workers", type=click.IntRange(1, 1024), help="Processes.  [default: one a core]")
@click.option("--cluster", metavar="ADDRESS", help="A Dask scheduler that does the work instead.")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Keep finished runs here, and go on from them.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The page.  [default: CONFIG.report.html, here]",
)
@click.option("--no-report", is_flag=True, help="Write no page.")
@click.option("--certify", is_flag=True, help="Play every scenario, and write a certificate beside the file.")
@options.as_json
def simulate(
    config: Path, weeks: float | None, scenarios: str, market: Path | None, journal: Path | None, draws: int | None,
    seeds: int, seed: int, workers: int | None, cluster: str | None, out: Path | None, report: Path | None,
    no_report: bool, certify: bool, as_json: bool,
) -> None:  # fmt: skip
    """Try a campaign on a simulated market, beside doing nothing, the best fixed value and the trade's rule.

    Runs the real loop in auto on a virtual clock, over possible markets, contested ways to answer, and luck. All rows
    meet the same futures. Writes a page that opens offline. Nothing real is touched.
    """
    from controller.clock import SystemClock
    from controller.config import load
    from sim import report as words
    from sim.calibration import read
    from sim.cli.telling import telling
    from sim.evidence.ask import Ask
    from sim.evidence.gather import gather

    campaign = load(config)
    ask = Ask(
        campaign=campaign,
        scenarios=_scenarios("all" if certify else scenarios),
        weeks=weeks or _usual(campaign, certify),
        seeds=seeds,
        draws=draws or (3 if market is None else 4),
        seed=seed,
        market=market,
        journal=journal,
    )
    if certify:
        _check_enough(ask)
    clock = SystemClock()
    calibrated = None if market is None else read(market)
    executor = executor_of(workers, cluster, len(ask.scenarios) * len(ask.rows))
    with telling("runs") as tell:
        found = gather(ask, executor, out, tell)
    emit(words.data(found), words.lines(found), as_json)
    until = _certificate(found, ask, calibrated, config, clock.now()) if certify else None
    if not no_report:
        _page(found, report or Path(f"{config.stem}.report.html"), clock.now(), until)


def _usual(campaign: "Campaign", certify: bool) -> float:
    """Weeks of a run where nobody says how many: no more than the campaign has."""
    from sim.evidence.ask import weeks_left
    from sim.evidence.certify import weeks_needed
    from sim.runs.runner import first_moment

    return weeks_needed(campaign) if certify else min(USUAL, weeks_left(campaign, first_moment(campaign)))


def _check_enough(ask: "Ask") -> None:
    """Refuse at once what could never certify."""
    from sim.evidence.certify import lacking, weeks_needed

    draws = None if ask.market is None else ask.draws
    needed = weeks_needed(ask.campaign) if ask.journal is None else 0.0
    short = list(lacking(ask.scenarios, ask.weeks, needed, ask.seeds, draws))
    if short:
        raise click.UsageError(f"--certify: {'; '.join(short)}")


def _scenarios(asked: str) -> tuple[str, ...]:
    """The scenarios of a word or a list; those that no report leaves out are always among them."""
    from sim.scenarios._family import core, kinds, scenario

    if asked == "all":
        return kinds()
    names = core() if asked == "core" else tuple(name.strip() for name in asked.split(",") if name.strip())
    for name in names:
        scenario(name)  # an unknown one is refused, with the nearest known names
    wanted = {*names, "steady", "zero_gain", "sign_reversal"}
    return tuple(kind for kind in kinds() if kind in wanted)


def _page(found: "Evidence", path: Path, now: float, until: float | None) -> None:
    import shlex
    import sys

    from sim.report_page.build import build

    typed = shlex.join(["setpoint", *sys.argv[1:]])
    path.write_text(build(found, now=now, until=until, command=typed), encoding="utf-8")
    progress(f"the report: {path.resolve()}")


def _certificate(
    found: "Evidence", ask: "Ask", calibrated: "Calibrated | None", config: Path, now: float
) -> float | None:
    """Write the certificate, passed or not, and say what it is worth; UTC seconds until which it covers the file."""
    from controller.certificates import Place, covers, write
    from sim.evidence.certify import certificate

    made = certificate(found, calibrated, now)
    path = Place.of(config).path
    write(made, path)
    answer = covers(made, ask.campaign, now)
    progress(f"the certificate: {path.resolve()}: {answer.why}")
    return made.expires_at if answer.granted else None
