"""A new config under a running loop: parsed whole, compared, swapped between two ticks without a bump.

Called by the service when a person asks (SIGHUP or `setpoint reload`); calls the config and the assembly. A file with
any fault changes nothing. Whatever gives the controller more room drops auto to advise until a person says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from controller.assembly import assemble
from controller.config.canonical import digest, journalled
from controller.config.changes import differences, widens
from controller.errors import SetpointError
from controller.live import actuators_of, sensors_of
from controller.loop import Loop
from controller.loop.authority import Authority
from controller.plan import Campaign
from controller.ports import Record
from controller.signals import Mode


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a reload did."""

    loop: Loop
    plan: Campaign
    changed: tuple[str, ...]
    widened: tuple[str, ...]

    @property
    def said(self) -> str:
        """One sentence for the operator who asked."""
        if not self.changed:
            return "reloaded: nothing has changed"
        text = f"reloaded: {'; '.join(self.changed)}"
        return f"{text}. Auto drops to advise, since {'; '.join(self.widened)}" if self.widened else text


def reload(old: Loop, running: Campaign, read: Callable[[], Campaign], now: float) -> Reloaded:
    """The loop of the file as it is now, in the state of the old one; raises SetpointError and changes nothing.

    `read` loads and checks the file. Sensors and actuators are built anew; policies of the same kind keep their state,
    others start from the value in force.
    """
    plan = read()
    if (
        plan.campaign != running.campaign
        or plan.cells != running.cells
        or plan.runs.scan != running.runs.scan
    ):
        raise SetpointError(
            "a reload can't change the campaign's name, cells or scan: stop the daemon and start it anew"
        )
    changed, widened = tuple(differences(running, plan)), tuple(widens(running, plan))
    parts = old.parts
    loop = assemble(
        plan, sensors=sensors_of(plan, parts.cells), actuators=actuators_of(plan, parts.cells), draws=parts.draws,
        store=parts.store, gate=parts.gate, cells=parts.cells, digest=digest(plan), epochs=parts.epochs,
    )  # fmt: skip
    loop.restore(*old.state())
    if widened:
        lower(loop.parts.authority)
    data = {
        **loop.parts.about,
        "text": journalled(plan),
        "digest": loop.parts.digest,
        "changed": list(changed),
        "widened": list(widened),
    }
    parts.store.append(Record("config", 0, now, {}, data))
    return Reloaded(loop, plan, changed, widened)


def lower(authority: Authority) -> None:
    """Auto becomes advise; lower modes stay."""
    authority.requested = (
        min(authority.requested, Mode.ADVISE) if authority.requested == Mode.AUTO else authority.requested
    )


def about(plan: Campaign) -> dict[str, Any]:
    """What the `start` row says of the config."""
    return {"config": journalled(plan), "config_digest": digest(plan)}
