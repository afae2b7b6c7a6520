"""`setpoint status`: how a campaign stands, from its journal alone, whether the daemon runs or not.

Called by its entry point; calls view.py, standing.py (the figures) and output.py. One look, no waiting: alarms, mode,
each loop's KPI against its target, each output with its limits, and how old all of that is.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import click

from controller.cli import options
from controller.cli.output import columns, emit, level, span
from controller.clock import SystemClock
from controller.quantities.amounts import write_duration


@click.command()
@options.store
@options.as_json
def status(store: str | None, daemon: str | None, as_json: bool) -> None:
    """Show how a campaign stands: mode, KPI against target, outputs, alarms.

    Read from the journal, so it works while the daemon runs and while it is down.
    """
    from controller.cli.standing import standing
    from controller.cli.view import View
    from controller.cli.where import open_store

    opened = open_store(store, daemon)
    try:
        found = standing(View.of(opened), SystemClock().now())
    finally:
        opened.close()
    emit({"store": str(opened.path), **found}, lines(found, str(opened.path)), as_json)


def lines(found: Mapping[str, Any], path: str) -> Iterator[str]:
    """The same for people."""
    yield f"{found['campaign'] or 'no campaign yet'}  ({path})"
    yield f"daemon:  {_daemon(found)}"
    if found["last_record"] is None:
        return
    mode = found["mode"]
    gate = f"; {mode['gate']}" if mode["gate"] and not mode["permitted"] else ""
    yield f"mode:    {mode['requested']} is asked for, {', '.join(mode['actual']) or 'nothing'} is in force{gate}"
    if found["certificate"] is not None:
        yield f"certificate: {found['certificate']['text']}"
    yield f"data:    of {found['last_record']['at']}, {span(found['last_record']['age'])} ago"
    yield "loops:"
    yield from columns(_loop(name, each) for name, each in found["loops"].items())
    yield "outputs:"
    yield from columns(_output(name, each) for name, each in found["outputs"].items())
    if found["overrides"]:
        yield "overrides:"
        yield from columns(_override(each) for each in found["overrides"])
    waiting = found["orders_waiting"]
    if waiting:
        yield f"orders:  {waiting} not taken yet" + ("" if found["daemon"] else ": no daemon is running")
    yield "alarms:  none" if not found["alarms"] else "alarms:"
    yield from columns(_alarm(each) for each in found["alarms"])


def _daemon(found: Mapping[str, Any]) -> str:
    if found["daemon"] is not None:
        return f"running: {found['daemon']['text']}"
    return f"not running{'; ' + found['stopped'] if found['stopped'] else ''}"


def _loop(name: str, loop: Mapping[str, Any]) -> tuple[str, ...]:
    unit, off = loop["unit"], loop["deviation"]
    kept = {None: "", True: ", in its band", False: ", outside its band"}[loop["in_band"]]
    where = f" ({loop['cells']} cells, the median)" if loop["cells"] > 1 else ""
    against = "unknown" if off is None else f"{100 * off:+.1f} %"
    over = f" over {write_duration(loop['over'])}" if loop["over"] else ""
    band = f" within {100 * loop['band']:.3g} %{over}" if loop["band"] else ""
    state = "" if loop["state"] == "live" else f"  {loop['state'].upper()}"
    return (
        name, f"{loop['measure']} {level(loop['value'], unit)}", f"target {level(loop['target'], unit)}{band}",
        f"{against}{kept}{where}, {span(loop['age'])} old{state}",
    )  # fmt: skip


def _output(name: str, output: Mapping[str, Any]) -> tuple[str, ...]:
    unit = output["unit"]
    low, high = (level(output["allowed"][at], unit) for at in (0, 1))
    where = f"  ({output['cells']} cells, the median)" if output["cells"] > 1 else ""
    told = [] if output["known"] else ["not readable: the last known value"]
    told += [f"advice {level(output['advice'], unit)}"] if output["advice"] != output["decided"] else []
    written = {"manual", "auto"} & set(output["mode"])
    told += [output["reason"]] + ([output["landing"]] if written and output["landing"] != "confirmed" else [])
    return name, level(output["value"], unit), f"allowed {low} to {high}", "; ".join(told) + where


def _override(each: Mapping[str, Any]) -> tuple[str, ...]:
    value = "held" if each["value"] is None else level(each["value"], each["unit"])
    until = "until released" if each["expires_at"] is None else f"until {each['expires_at']}"
    name = each["output"] + (f"[{each['cell']}]" if each["cell"] else "")
    return name, value, until, f"{each['by']}: {each['reason']}"


def _alarm(each: Mapping[str, Any]) -> tuple[str, ...]:
    who = each["acked_by"] or each["shelved_by"]
    state = each["state"].replace("_", " ") + (f" by {who}" if who else "")
    return each["severity"], f"{each['code']} {each['subject']}", state, f"{each['text']}; {each['action']}"
