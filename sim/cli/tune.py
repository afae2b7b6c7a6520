"""`setpoint tune`: gains for a campaign's loops, what they are worth, and into the file on request.

Called by its entry point; calls the config and sim.tuning. Touches no address and no secret of the file. The exit code
is 0 where what the file has may go live as far as margins go, 1 where it may not.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from controller.cli import options
from controller.cli.exits import FOUND
from controller.cli.output import emit, progress

if TYPE_CHECKING:
    from controller.plan import Campaign
    from sim.tuning.advice import Advice

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("config", type=FILE)
@click.option("--loop", "loops", multiple=True, metavar="NAME", help="Only this loop; several may be given.")
@click.option("--market", type=FILE, help="A market fitted by `setpoint calibrate`; else what the file says.")
@click.option(
    "--from", "journal", type=FILE, help="A journal: tune by what the lever did there, not by a market."
)
@click.option(
    "--draws", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many possible markets."
)
@click.option("--write", is_flag=True, help="Write the gains into CONFIG, all else in it as it is.")
@options.as_json
def tune(
    config: Path, loops: tuple[str, ...], market: Path | None, journal: Path | None, draws: int, write: bool,
    as_json: bool,
) -> None:  # fmt: skip
    """Find gains for each loop: robust over all that its lever's answer may be.

    Tries small steps on the simulated market, or reads a journal, and prints how the lever answers, the gains with
    their margins, what to expect when demand drops by a tenth, and what would break the loop. Nothing real is touched.
    """
    from controller.config import load
    from sim.tuning import words

    if market is not None and journal is not None:
        raise click.UsageError("--market and --from exclude each other, allowed: one of them")
    campaign = load(config)
    found = [_advice(campaign, name, market, journal, draws) for name in _named(campaign, loops)]
    told = [line for one in found for line in words.lines(campaign, one)]
    emit([words.data(one) for one in found], told, as_json)
    if write:
        _write(config, campaign, found)
    elif any(one.present_judged is not None and not one.present_judged.passed for one in found):
        click.get_current_context().exit(FOUND)


def _named(campaign: "Campaign", loops: tuple[str, ...]) -> tuple[str, ...]:
    from controller.errors import nearest

    for name in loops:
        if name not in campaign.loops:
            raise click.UsageError(f"--loop: no loop is called {name!r}{nearest(name, campaign.loops)}")
    return loops or tuple(campaign.loops)


def _advice(
    campaign: "Campaign", loop: str, market: Path | None, journal: Path | None, draws: int
) -> "Advice":
    from sim.calibration import read
    from sim.tuning.advice import advise
    from sim.tuning.market import plants_of

    if journal is not None:
        from sim.tuning.journal import recorded

        seen = recorded(campaign, loop, journal)
        return advise(campaign, loop, seen.plants, seen.latency)
    calibrated = None if market is None else read(market)
    progress(f"{loop}: trying steps on the market ...")
    return advise(campaign, loop, plants_of(campaign, loop, calibrated, draws))


def _write(config: Path, campaign: "Campaign", found: "list[Advice]") -> None:
    """Write the file anew, once it has been read back as what was meant."""
    from controller.config import loads
    from controller.io.files import write_atomic
    from sim.tuning.writing import edited

    text = config.read_text(encoding="utf-8")
    for one in found:
        values = _values(campaign, one)
        text = edited(text, ["loops", one.loop, "policy"], values)
    loads(text, file=str(config), folder=str(config.resolve().parent))
    write_atomic(config, text.encode())
    progress(f"written into {config}: {', '.join(one.loop for one in found)}")


def _values(campaign: "Campaign", one: "Advice") -> Mapping[str, str]:
    """The keys of a policy that are written, by its kind."""
    from controller.errors import SetpointError
    from sim.tuning import words
    from sim.tuning.controllers import raw_unit, tunes_itself

    policy = campaign.loops[one.loop].policy
    if tunes_itself(policy) or policy.kind == "mpc":
        return words.model(one)
    if policy.kind == "pid" and policy.settings.form == "standard":
        return words.settings(one)
    if policy.kind in ("pid", "simple_pid"):
        return words.raw(one, raw_unit(campaign, one.loop)) | ({"kd": "0"} if policy.settings.kd else {})
    raise SetpointError(
        f"loops.{one.loop}.policy: gains can't be written for {policy.kind}, allowed: pid or simple_pid, which take "
        "gains, or one that takes a model"
    )
