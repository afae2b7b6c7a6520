"""Members in the file: common keys and a kind's own keys stand in one mapping; here they part.

Called by parse.py; calls the registry, which imports the member's file, and typed.py. Kinds of the grammar whose
engine comes later are reserved: their own keys are taken as they stand and the kind is refused by name in a step
of its own.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any

from controller import registry
from controller.config.document import Fault, Path
from controller.config.reserved import KINDS, unavailable
from controller.config.typed import alias, keys_of, typed
from controller.errors import UnknownKind, nearest

Entry = Mapping[str, Any]


def common_part(kind: type[Any], entry: Entry) -> dict[str, Any]:
    """The keys of an entry that every member of its family has."""
    common = common_keys(kind)
    return {key: value for key, value in entry.items() if key in common}


def common_keys(kind: type[Any]) -> frozenset[str]:
    """Keys that every member of a family has: the fields of its declaration, without `settings`."""
    return frozenset(keys_of(kind)) - {"settings"}


def settings_of(
    family: str, declared: type[Any], entry: Entry, path: Path, faults: list[Fault], context: dict[str, Any]
) -> tuple[Any, list[Fault]]:
    """The member's own Settings, and what is reserved in it; None where there were faults."""
    kind = entry.get("kind")
    if not isinstance(kind, str):
        return None, []
    own = {key: value for key, value in entry.items() if key not in common_keys(declared)}
    if kind in KINDS[family] and kind not in registry.kinds(family):
        return own, [Fault((*path, "kind"), unavailable(f"{family} kind {kind!r}"))]
    try:
        member = registry.find(family, kind)
    except UnknownKind as fault:
        faults.append(Fault((*path, "kind"), str(fault)))
        return None, []
    known = {alias(field.name) for field in dataclasses.fields(member.settings)}
    for key in own.keys() - known:
        hint = nearest(key, known | common_keys(declared))
        faults.append(
            Fault((*path, key), f"unknown key {key!r} for {family} kind {kind!r}{hint}", at_key=True)
        )
    mine = {key: value for key, value in own.items() if key in known}
    inner: list[Fault] = []
    settings = typed(member.settings, mine, path, inner, context)
    typo = len(mine) < len(own)  # then what is said of the whole mostly follows from the misspelt key
    faults.extend(fault for fault in inner if not (typo and fault.path == path))
    if settings is not None:
        faults.extend(misplaced_secrets(settings, path))
    return settings, []


def misplaced_secrets(value: Any, path: Path) -> list[Fault]:
    """Plain texts that name an environment variable where nothing would look it up."""
    if isinstance(value, str):
        return (
            [Fault(path, "nothing is looked up here, received '${...}', allowed: plain text")]
            if "${" in value
            else []
        )
    if isinstance(value, dict):
        return [
            fault for key, inner in value.items() for fault in misplaced_secrets(inner, (*path, str(key)))
        ]
    if isinstance(value, list | tuple):
        return [
            fault for index, inner in enumerate(value) for fault in misplaced_secrets(inner, (*path, index))
        ]
    if dataclasses.is_dataclass(value) and not hasattr(value, "reveal"):
        inner_fields = ((alias(f.name), getattr(value, f.name)) for f in dataclasses.fields(value))
        return [fault for key, inner in inner_fields for fault in misplaced_secrets(inner, (*path, key))]
    return []
