"""Families and their members, found on disk: the file's name is the kind.

A new sensor, actuator, policy or guardrail is one file in its family's folder and no other edit. A kind may also be
`package.module:Class`, for plugins that live elsewhere. Called by config (to parse a member's settings), assembly (to
build it) and the tests over each folder; imports a member only when asked for it.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from typing import Any

from controller.errors import UnknownKind

FAMILIES = {
    "sensor": "controller.sensors",
    "actuator": "controller.actuators",
    "policy": "controller.policies",
    "guardrail": "controller.guardrails",
}


@dataclass(frozen=True, slots=True)
class Member:
    """One member of a family: its class, and the dataclass of the settings that are its own."""

    family: str
    kind: str
    cls: type[Any]
    settings: type[Any]
    manual: str
    """The module's docstring, its manual page."""


@cache
def kinds(family: str) -> tuple[str, ...]:
    """The kinds on disk, sorted; files that start with an underscore are not members.

    >>> "pid" in kinds("policy")
    True
    """
    spec = find_spec(FAMILIES[family])
    places = list(spec.submodule_search_locations or ()) if spec else []
    return tuple(sorted(m.name for m in pkgutil.iter_modules(places) if not m.name.startswith("_")))


def class_name(family: str, kind: str) -> str:
    """`csv_file` + sensor -> `CsvFileSensor`.

    >>> class_name("sensor", "csv_file")
    'CsvFileSensor'
    """
    return "".join(part.capitalize() for part in kind.split("_")) + family.capitalize()


@cache
def find(family: str, kind: str) -> Member:
    """The member of a family, by kind or by `package.module:Class`; raises UnknownKind."""
    if ":" in kind:
        return _elsewhere(family, kind)
    if kind not in kinds(family):
        raise UnknownKind(family, kind, kinds(family))
    module = importlib.import_module(f"{FAMILIES[family]}.{kind}")
    return Member(
        family, kind, getattr(module, class_name(family, kind)), module.Settings, module.__doc__ or ""
    )


def _elsewhere(family: str, kind: str) -> Member:
    place, _, name = kind.partition(":")
    try:
        module = importlib.import_module(place)
        cls, settings = getattr(module, name), module.Settings
    except (ImportError, AttributeError, ValueError) as fault:
        raise UnknownKind(family, kind, kinds(family)) from fault
    return Member(family, kind, cls, settings, module.__doc__ or "")
