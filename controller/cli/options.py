"""Options that subcommands share: --json, which store, who asks and why.

Called by the subcommands; calls click and amounts.
"""

from collections.abc import Callable
from typing import Any

import click

from controller.quantities.amounts import read_duration
from controller.quantities.units import QuantityError

Decorated = Callable[..., Any]


class Duration(click.ParamType[float]):
    """A length of time as in a config: 5m, 3h, 7d; seconds inside."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Seconds."""
        if isinstance(value, float):
            return value
        try:
            return 0.0 if value == "0" else read_duration(value)
        except QuantityError as fault:
            self.fail(str(fault), param, ctx)


def as_json(command: Decorated) -> Decorated:
    """--json"""
    return click.option("--json", "as_json", is_flag=True, help="One JSON value on stdout instead of text.")(
        command
    )


def store(command: Decorated) -> Decorated:
    """--store and --daemon; the rule is in where.py."""
    text = "The journal; else the one that --daemon names, else $SETPOINT_STORE, else ./setpoint.journal."
    command = click.option("--store", "store", metavar="PATH", type=click.Path(dir_okay=False), help=text)(
        command
    )
    about = "A daemon's config, for the journal it names."
    return click.option("--daemon", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help=about)(
        command
    )


def order(command: Decorated) -> Decorated:
    """What every order carries: --by, --reason, where, --wait, --json."""
    for add in (
        as_json,
        store,
        click.option(
            "--wait", type=Duration(), default="5s", show_default=True,
            help="How long to wait for a running daemon's answer; 0 does not wait.",
        ),
        click.option("--reason", required=True, help="Why; kept in the journal."),
        click.option(
            "--by", "owner", required=True, envvar=["SETPOINT_BY", "USER"], metavar="NAME",
            help="Who asks; kept in the journal. Default: $SETPOINT_BY, else $USER.",
        ),
    ):  # fmt: skip
        command = add(command)
    return command


def expiry(required: bool = False, text: str = "") -> Callable[[Decorated], Decorated]:
    """--for DURATION."""
    about = text or "How long it holds, such as 30m, 3h, 7d; without it, until it is released."
    return click.option("--for", "lasts", type=Duration(), required=required, metavar="DURATION", help=about)
