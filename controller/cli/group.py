"""The command itself: its subcommands are entry points of the group `setpoint.commands`.

Called by the console script. Listing them imports none: the one line of help is read from the first line of the
function's docstring in the source, so that a plugin's subcommand needs no edit here. Only the subcommand that was asked
for is imported.
"""

import ast
from importlib.metadata import EntryPoint, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click

from controller.cli.exits import INTERRUPTED, Failure
from controller.errors import SetpointError, nearest

GROUP = "setpoint.commands"
SECTIONS = {
    "Write a campaign": ("init", "check", "schema"),
    "Try it on a simulated market": ("simulate", "calibrate", "sweep", "market", "demo"),
    "Run it": ("run", "watchdog", "reload", "backup"),
    "Look at it": ("status", "why", "export", "replay"),
    "Take over": "mode accept hold safe override release resume ack shelve".split(),
}
"""How `--help` arranges the names it knows; others come last."""


class Commands(click.Group):
    """A group whose members are looked up by entry point."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all subcommands, sorted."""
        return sorted(entries())

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Import the one that was asked for; a UsageError names the nearest."""
        found = entries().get(cmd_name)
        if found is None:
            raise click.UsageError(f"there is no command {cmd_name!r}{nearest(cmd_name, entries())}", ctx)
        try:
            loaded: click.Command = found.load()
        except (ImportError, AttributeError) as fault:
            raise click.ClickException(
                f"the command {cmd_name!r} ({found.value}) can't be loaded: {fault}"
            ) from fault
        return loaded

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list under `--help`, by section."""
        left = entries()
        for title, names in (*SECTIONS.items(), ("More", tuple(left))):
            rows = [(name, summary(left.pop(name))) for name in names if name in left]
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def invoke(self, ctx: click.Context) -> Any:
        """Run, and tell errors in their own words."""
        try:
            return super().invoke(ctx)
        except SetpointError as fault:
            raise Failure(fault) from fault
        except KeyboardInterrupt:
            click.echo("stopped", err=True)
            ctx.exit(INTERRUPTED)


def entries() -> dict[str, EntryPoint]:
    """Subcommands by name."""
    return {entry.name: entry for entry in entry_points(group=GROUP)}


def summary(entry: EntryPoint) -> str:
    """The first line of the docstring of a subcommand's function, without importing its module."""
    source = _source(entry.module)
    if source is None:
        return f"({entry.module} is missing)"
    body = ast.parse(source.read_bytes()).body
    found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == entry.attr]
    return ((ast.get_docstring(found[0]) if found else None) or "").partition("\n")[0]


def _source(module: str) -> Path | None:
    """The file of a module; found below its top package, since looking it up would import the packages between."""
    top, *inner = module.split(".")
    spec = find_spec(top)
    if spec is None or not inner:
        return None if spec is None or spec.origin is None else Path(spec.origin)
    places = [Path(place, *inner) for place in spec.submodule_search_locations or ()]
    files = [file for place in places for file in (place.with_suffix(".py"), place / "__init__.py")]
    return next((file for file in files if file.is_file()), None)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(version("setpoint"), prog_name="setpoint")
def main() -> None:
    """A thermostat for campaigns: keeps a campaign's KPI at its target by turning what may be turned.

    Every command takes --help; those that answer take --json, for one JSON value on stdout. Exit codes: 0 all is well,
    1 something was found or refused, 2 the command line is wrong, 3 a config is, 4 the journal, 5 something outside did
    not answer, 130 Ctrl-C.
    """
