"""`setpoint init`: a campaign's file to begin with.

Called by its entry point; calls the config's starter with the days that it takes from the clock.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from controller.cli import options
from controller.cli.output import emit
from controller.clock import SystemClock

WEEKS = 13


@click.command()
@click.argument("file", default="campaign.yaml", type=click.Path(dir_okay=False))
@click.option("--name", default="my-campaign", show_default=True, help="The campaign's name.")
@click.option(
    "--timezone",
    default="UTC",
    show_default=True,
    metavar="ZONE",
    help="Its IANA zone, such as Asia/Shanghai.",
)
@options.as_json
def init(file: str, name: str, timezone: str, as_json: bool) -> None:
    """Write a campaign's file to begin with, every key explained.

    FILE is campaign.yaml unless named; a file that is there already is left as it is.
    """
    from controller.config import check_text
    from controller.config.starter import starter
    from controller.errors import ConfigError

    first: date = datetime.fromtimestamp(SystemClock().now(), UTC).date()
    text = starter(first, first + timedelta(weeks=WEEKS), name=name, timezone=timezone, file=file)
    problems = check_text(text, file=file)
    if problems:
        raise ConfigError(file, problems)
    try:
        with Path(file).open("x", encoding="utf-8") as made:
            made.write(text)
    except FileExistsError:
        raise click.UsageError(
            f"{file} is there already and is left as it is, allowed: another name"
        ) from None
    except OSError as fault:
        raise click.UsageError(f"can't write {file}: {fault.strerror}") from None
    emit({"file": file, "next": ["check", "simulate", "run"]}, _said(file), as_json)


def _said(file: str) -> list[str]:
    return [
        f"{file}: written",
        f"  setpoint check {file}      what it says, and what is wrong with it",
        f"  setpoint simulate {file}   the same file on a simulated market; nothing real is touched",
    ]
