"""Orders: what an operator asks of the daemon, as rows in the store with owner, reason and expiry.

    mode MODE          the requested mode, at most the config's       hold [OUTPUT]      stay where it is
    safe [OUTPUT]      go to the safe value                           override OUTPUT V  this value
    release OUTPUT     end an override                                resume             end all overrides and latches
    accept             let auto act without a certificate             reload             read the config again
    ack, shelve        alarms

Called by entry points; calls view.py for the names it may use, and answer.py. They work while the daemon is down too;
what can be judged beforehand (names, limits, units) is refused here, the rest by the daemon.
"""

from collections.abc import Callable, Mapping
from typing import Any

import click

from controller.alarms.book import LONGEST_SHELF
from controller.cli import options
from controller.cli.answer import Answer, give
from controller.cli.exits import FOUND
from controller.cli.output import emit, progress
from controller.cli.view import View
from controller.cli.where import open_store
from controller.clock import SystemClock
from controller.errors import CommandError
from controller.ports import OperatorCommand
from controller.quantities.amounts import Amount, write_duration, write_level
from controller.quantities.units import QuantityError

MODES = ("off", "observe", "advise", "manual", "auto")
Made = Callable[[View], Mapping[str, Any]]

cell_option = click.option("--cell", metavar="NAME", help="Only this cell; all of them without it.")


@click.command()
@click.argument("mode", type=click.Choice(MODES, case_sensitive=False), metavar="MODE")
@options.order
def mode(mode: str, **asked: Any) -> None:
    """Ask for a mode: off, observe, advise, manual or auto.

    The config sets the highest mode; this goes lower, and back up to it. Auto also needs a certificate or `setpoint
    accept`, unless the market is simulated.
    """

    def made(view: View) -> Mapping[str, Any]:
        highest = str(view.about.get("mode", "auto"))
        if MODES.index(mode) > MODES.index(highest):
            allowed = ", ".join(MODES[: MODES.index(highest) + 1])
            raise CommandError(f"mode {mode} is above the config's {highest}; allowed: {allowed}")
        return {"mode": mode}

    _order("mode", made, None, **asked)


@click.command()
@click.argument("output", required=False)
@cell_option
@options.expiry()
@options.order
def hold(output: str | None, cell: str | None, lasts: float | None, **asked: Any) -> None:
    """Keep an output where it is; all outputs where none is named."""
    _order("hold", lambda view: _which(view, output, cell), lasts, **asked)


@click.command()
@click.argument("output", required=False)
@cell_option
@options.expiry()
@options.order
def safe(output: str | None, cell: str | None, lasts: float | None, **asked: Any) -> None:
    """Put an output to its safe value; all outputs where none is named."""
    _order("safe", lambda view: _which(view, output, cell), lasts, **asked)


@click.command()
@click.argument("output")
@click.argument("value")
@cell_option
@options.expiry()
@options.order
def override(output: str, value: str, cell: str | None, lasts: float | None, **asked: Any) -> None:
    """Put an output to a value, written as in the config: 3.5%, "2 CNY", 3."""

    def made(view: View) -> Mapping[str, Any]:
        return {**_which(view, output, cell), "value": _value(view, output, value)}

    _order("override", made, lasts, **asked)


@click.command()
@click.argument("output")
@options.order
def release(output: str, **asked: Any) -> None:
    """End the overrides and holds of one output."""
    _order("release", lambda view: _which(view, output, None), None, **asked)


@click.command()
@options.order
def resume(**asked: Any) -> None:
    """End all overrides and holds, and let latched sensors back in."""
    _order("resume", _nothing, None, **asked)


@click.command()
@options.expiry(required=True, text="How long the acceptance holds, such as 7d.")
@options.order
def accept(lasts: float, **asked: Any) -> None:
    """Accept, by name and for a time, that this very config acts in auto without a certificate.

    Any edit of the config voids it.
    """
    _order("accept", _nothing, lasts, **asked)


@click.command()
@options.order
def reload(**asked: Any) -> None:
    """Let the daemon read its campaign file again, and say what that changes.

    A file with any fault changes nothing. What gives the controller more room, or leaves the certificate that covered
    the old file, drops auto to advise.
    """
    _order("reload", _nothing, None, **asked)


@click.command()
@click.argument("code", required=False)
@click.argument("subject", required=False)
@options.order
def ack(code: str | None, subject: str | None, **asked: Any) -> None:
    """Acknowledge alarms: somebody is on it, and no more messages are sent.

    By code, as `setpoint status` shows it, and by subject where several have that code.
    """
    _order("ack", lambda view: _alarms(view, code, subject), None, **asked)


@click.command()
@click.argument("code")
@click.argument("subject", required=False)
@options.expiry(required=True, text="How long it is kept quiet, 7d at most.")
@options.order
def shelve(code: str, subject: str | None, lasts: float, **asked: Any) -> None:
    """Keep alarms quiet for a time: known, and not to be told again until then."""
    if lasts > LONGEST_SHELF:
        text = f"received {write_duration(lasts)}, allowed: {write_duration(LONGEST_SHELF)} at most"
        raise click.UsageError(f"--for: an alarm can't be shelved so long, {text}")
    _order("shelve", lambda view: _alarms(view, code, subject), lasts, **asked)


# -- what they share ------------------------------------------------------------------------------------------------


def _order(
    verb: str, made: Made, lasts: float | None, *, store: str | None, daemon: str | None, owner: str, reason: str,
    wait: float, as_json: bool,
) -> None:  # fmt: skip
    """Check, post, wait, tell; exits with FOUND where the daemon refuses."""
    now = SystemClock().now()
    if not reason.strip():
        raise click.UsageError("a reason is needed, received an empty one: --reason 'stock runs out'")
    opened = open_store(store, daemon, readonly=False)
    try:
        view = View.of(opened)
        data = made(view)
        expires = None if lasts is None else now + lasts
        answer = give(opened, OperatorCommand(verb, owner, reason, data, expires, now), wait)
    finally:
        opened.close()
    _tell(answer, as_json)
    if verb in ("hold", "safe", "override") and view.idle:
        progress(f"note: {view.idle}, so nothing is sent to any output yet")


def _nothing(_view: View) -> Mapping[str, Any]:
    return {}


def _tell(answer: Answer, as_json: bool) -> None:
    emit(answer.data(), [answer.text], as_json)
    if answer.refused:
        click.get_current_context().exit(FOUND)


def _which(view: View, output: str | None, cell: str | None) -> dict[str, Any]:
    """Channel and cell, as far as they are named; raises CommandError for names that the campaign does not have."""
    found: dict[str, Any] = {}
    if output is not None:
        view.channel(output)
        found["channel"] = output
    if cell is not None:
        found["cell"] = view.cell(cell)
    return found


def _alarms(view: View, code: str | None, subject: str | None) -> dict[str, Any]:
    """Which alarms are meant. The newest may not stand in the journal yet: the daemon says whether there is one."""
    if code is None:
        there = ", ".join(f"{alarm.code} {alarm.subject}" for alarm in view.alarms) or "none"
        raise CommandError(f"which alarm is meant? raised now: {there}")
    return {key: value for key, value in (("code", code), ("subject", subject)) if value is not None}


def _value(view: View, output: str, text: str) -> float:
    """A value in the output's unit, inside its limits."""
    channel = view.channel(output)
    unit, low, high = channel["unit"], channel["low"], channel["high"]
    try:
        value = Amount.parse(_numeral(text)).level_in(unit, bare=True)
    except QuantityError as fault:
        raise CommandError(f"override of {output}: {fault}") from fault
    if not low <= value <= high:
        allowed = f"{write_level(low, unit)} to {write_level(high, unit)}"
        raise CommandError(f"override of {output}: out of its limits, received {text!r}, allowed: {allowed}")
    return value


def _numeral(text: str) -> str | float:
    """A bare number as a number, so that the message about its unit speaks of one."""
    try:
        return float(text)
    except ValueError:
        return text
