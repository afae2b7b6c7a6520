"""A sensor and an actuator of our own, for tests of the config: `kind: tests.config.parts:Gauge`."""

from dataclasses import dataclass, field
from typing import Annotated

from controller.quantities import Duration, FileName, Range, Secret, Text


@dataclass(frozen=True, slots=True)
class Header:
    name: str
    value: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    url: Text | None = None
    token: Secret | None = None
    query: str = ""
    file: FileName | None = None
    timeout: Duration = 5.0
    retries: Annotated[int, Range(0, 5)] = 0
    headers: tuple[Header, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    from_: str = ""


class Gauge:
    def __init__(self, declared, settings, cells):
        self.declared, self.settings, self.cells = declared, settings, cells
