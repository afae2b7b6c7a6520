"""A new config under a running loop: parsed whole, compared, swapped between two ticks without a bump.

Called by the service when a person asks (SIGHUP or `setpoint reload`); calls the config and the assembly. A file with
any fault changes nothing. Whatever gives the controller more room, or leaves the certificate that covered the old
config, drops auto to advise until a person says otherwise.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from controller.assembly import assemble
from controller.certificates.cover import Cover
from controller.config.canonical import digest, journalled
from controller.config.changes import differences, widens
from controller.daemon.certified import lost
from controller.errors import SetpointError
from controller.gates import LiveGate
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
    """Why auto drops to advise: what gives more room, and the certificate that no longer covers the config."""
    certificate: str = ""
    """What the certificate that lies there now says of the new config; empty where there is none."""

    @property
    def said(self) -> str:
        """A sentence or three for the operator who asked."""
        told = [f"reloaded: {'; '.join(self.changed) or 'nothing has changed'}"]
        told += [f"Auto drops to advise, since {'; '.join(self.widened)}"] if self.widened else []
        told += [f"Certificate: {self.certificate}"] if self.certificate else []
        return ". ".join(told)


def reload(
    old: Loop, running: Campaign, read: Callable[[], Campaign], now: float,
    certify: Callable[[Campaign], Cover] | None = None,
) -> Reloaded:  # fmt: skip
    """The loop of the file as it is now, in the state of the old one; raises SetpointError and changes nothing.

    `read` loads and checks the file; `certify` says what the certificate that lies there now means for it. Sensors and
    actuators are built anew; policies of the same kind keep their state, others start from the value in force.
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
    cover, parts = None if certify is None else certify(plan), old.parts
    changed, widened = tuple(differences(running, plan)), tuple(widens(running, plan))
    widened += lost(parts.gate, cover, now) if cover else ()
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
    if cover is not None and isinstance(parts.gate, LiveGate):
        parts.gate.certify(cover)
        data["certificate"] = cover.journalled()
    parts.store.append(Record("config", 0, now, {}, data))
    return Reloaded(loop, plan, changed, widened, cover.at(now).why if cover and cover.file else "")


def lower(authority: Authority) -> None:
    """Auto becomes advise; lower modes stay."""
    authority.requested = (
        min(authority.requested, Mode.ADVISE) if authority.requested == Mode.AUTO else authority.requested
    )


def about(plan: Campaign) -> dict[str, Any]:
    """What the `start` row says of the config."""
    return {"config": journalled(plan), "config_digest": digest(plan)}
