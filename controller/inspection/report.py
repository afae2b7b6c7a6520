"""What a check found: rows to look at, and faults and notes with their place in the file.

Made by inspect.py out of what the other files of this package return; printed by controller/cli/check.py. Knows no
port.
"""

from dataclasses import dataclass

from controller.config.document import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to be said about one place of the file."""

    path: Path
    text: str
    wrong: bool = True
    """False: worth knowing, and no fault."""
    unanswered: bool = False
    """True where nothing could be asked: no answer, or an environment variable that is not set."""


@dataclass(frozen=True, slots=True)
class SensorSeen:
    """One sensor, read once. Of many cells the median, and how many have a value."""

    name: str
    kind: str
    unit: str
    value: float | None = None
    age: float | None = None
    """Seconds since the sample was taken."""
    count: float | None = None
    """Events behind the value; None where the source does not say."""
    cells: int = 1
    known: int = 0
    """Cells that have a value."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class ActuatorSeen:
    """One actuator, read back once."""

    name: str
    kind: str
    unit: str
    low: float
    high: float
    lease: str
    """The lease, and who sees to it, in words."""
    value: float | None = None
    cells: int = 1
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """All of it."""

    sensors: tuple[SensorSeen, ...] = ()
    actuators: tuple[ActuatorSeen, ...] = ()
    bands: tuple[str, ...] = ()
    budgets: tuple[str, ...] = ()
    auto: str = ""
    """Whether a certificate lets auto act; empty where the file's place is not known."""
    findings: tuple[Finding, ...] = ()
    """Everything wrong or worth knowing, in the order of the file."""
    asked: bool = True
    """False where the world was not asked."""

    @property
    def wrong(self) -> tuple[Finding, ...]:
        """The faults."""
        return tuple(found for found in self.findings if found.wrong)

    @property
    def notes(self) -> tuple[Finding, ...]:
        """The rest."""
        return tuple(found for found in self.findings if not found.wrong)
