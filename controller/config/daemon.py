"""The daemon's own config: store, addresses, logs, alarms, watchdog. What a campaign is stands in the campaign's file.

Called by `run` and `watchdog`; reads YAML with the same loader and the same errors as a campaign. Everything has a
default, so that an empty file, or none, is a daemon on loopback with its journal in the working folder.
"""

import os
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from controller.config import yaml12
from controller.config.document import Fault
from controller.config.members import misplaced_secrets
from controller.config.typed import typed
from controller.errors import ConfigError
from controller.quantities import Duration, FileName, Period, QuantityError, Range, Secret, Text
from controller.quantities.units import text_schema


@dataclass(frozen=True, slots=True)
class Address:
    """Where to listen: an IP address or localhost, and a port; port 0 takes a free one.

    >>> Address.parse("127.0.0.1:8420"), Address.parse("[::1]:0").host
    (Address(host='127.0.0.1', port=8420), '::1')
    """

    host: str
    port: int

    @classmethod
    def parse(cls, value: object) -> "Address":
        """Read `host:port`; raises QuantityError."""
        host, colon, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
        host = host.removeprefix("[").removesuffix("]")
        try:
            if host != "localhost":
                ip_address(host)
            number = int(port)
        except ValueError as fault:
            raise QuantityError(
                "not an address", value, "an IP address and a port, 127.0.0.1:8420"
            ) from fault
        if not colon or not 0 <= number <= 65535:
            raise QuantityError("no such port", value, "0 to 65535; 0 takes a free one")
        return cls(host, number)

    @property
    def is_loopback(self) -> bool:
        """True where only this machine can connect."""
        return self.host == "localhost" or ip_address(self.host).is_loopback

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return text_schema(cls.parse)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "string", "description": "host:port, such as 127.0.0.1:8420"}


@dataclass(frozen=True, slots=True, kw_only=True)
class StorePlan:
    """The journal."""

    path: FileName = field(default_factory=lambda: FileName("setpoint.journal"))
    """SQLite file, relative to the config's folder; made where there is none."""
    keep: Period = 730 * 86400.0
    """Seconds that records are kept; two years, as the strictest rule on prize promotions we know asks."""
    backups: FileName | None = None
    """Folder for copies of the journal; None: none are made."""
    backup_every: Period = 86400.0
    """Seconds between copies."""
    least_free: Annotated[int, Range(0, 1_000_000)] = 500
    """Megabytes of disk below which there is an alarm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListenPlan:
    """One listener."""

    on: bool = True
    """False: nothing listens."""
    address: Address = Address("127.0.0.1", 0)
    """Where; port 8420 for the page and 9420 for the metrics unless another is given."""
    behind: Literal["nothing", "proxy"] = "nothing"
    """`proxy`: something in front of it asks who is there. Needed for an address that other machines can reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogsPlan:
    """What the daemon writes to stderr."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """The least grave line that is written."""
    form: Literal["json", "text"] = "json"
    """One JSON object a line for machines, or text for a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsPlan:
    """Where alarms go, beside the log, the page and the metrics."""

    webhook: Text | None = None
    """Address that each alarm is posted to; None: nowhere."""
    secret: Secret | None = None
    """Key of the HMAC signature of each post; None: unsigned."""
    repeat: Period = 3600.0
    """Seconds until an alarm that nobody acknowledged or shelved is sent again."""
    timeout: Period = 5.0
    """Seconds to wait for the webhook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchdogPlan:
    """The second process that writes the safe value when the daemon is gone."""

    heartbeat: FileName = field(default_factory=lambda: FileName("setpoint.heartbeat"))
    """File that the daemon touches each tick."""
    every: Period = 5.0
    """Seconds between looks."""
    patience: Duration | None = None
    """Age in seconds of the heartbeat at which the daemon is gone; None: each actuator's lease."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DaemonPlan:
    """The whole file."""

    store: StorePlan = field(default_factory=StorePlan)
    page: ListenPlan = field(default_factory=lambda: ListenPlan(address=Address("127.0.0.1", 8420)))
    """What people look at."""
    metrics: ListenPlan = field(default_factory=lambda: ListenPlan(address=Address("127.0.0.1", 9420)))
    """/metrics, /healthz and /readyz, for Prometheus and for supervisors."""
    logs: LogsPlan = field(default_factory=LogsPlan)
    alarms: AlarmsPlan = field(default_factory=AlarmsPlan)
    watchdog: WatchdogPlan = field(default_factory=WatchdogPlan)


def load_daemon(path: str | os.PathLike[str]) -> DaemonPlan:
    """The daemon config in a file; raises ConfigError with all problems, OSError where there is no such file."""
    place = Path(path)
    return loads_daemon(
        yaml12.decode(place.read_bytes(), str(path)), file=str(path), folder=str(place.resolve().parent)
    )


def loads_daemon(text: str, *, file: str = "<text>", folder: str = "") -> DaemonPlan:
    """The daemon config in a text; `folder` is what its file names are relative to."""
    document = yaml12.read(text, file)
    value = {} if document.value is None else _with_ports(document.value)
    faults: list[Fault] = []
    plan = typed(DaemonPlan, value, (), faults, {"folder": folder})
    if plan is not None:
        faults.extend(_faults(plan))
    if faults:
        raise ConfigError(file, document.problems(faults))
    made: DaemonPlan = plan
    return made


def _with_ports(value: Any) -> Any:
    """Each listener's own default port, where only its other keys are given."""
    if not isinstance(value, dict):
        return value
    defaults = DaemonPlan()
    ports = {"page": str(defaults.page.address), "metrics": str(defaults.metrics.address)}
    return {
        key: {"address": ports[key], **part} if key in ports and isinstance(part, dict) else part
        for key, part in value.items()
    }


def _faults(plan: DaemonPlan) -> list[Fault]:
    found = misplaced_secrets(plan, ())
    for name in ("page", "metrics"):
        listener: ListenPlan = getattr(plan, name)
        if listener.on and not listener.address.is_loopback and listener.behind != "proxy":
            text = f"business secrets, and nobody is asked who is there, received {listener.address}"
            allowed = "a loopback address, or behind: proxy where something in front asks"
            found.append(Fault((name, "address"), f"{text}, allowed: {allowed}"))
    if (
        plan.page.on
        and plan.metrics.on
        and plan.page.address == plan.metrics.address
        and plan.page.address.port
    ):
        found.append(Fault(("page", "address"), "the metrics listen there already, allowed: another port"))
    return found
