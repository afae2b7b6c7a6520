"""The config's JSON Schema (draft 2020-12), for editors and for anybody who writes configs by program.

Called by `setpoint schema` and the tests; imports every member on disk, so that each kind's keys are known. What
only the loader can tell (units that fit, names that exist, dates in order) is not in it.
"""

import dataclasses
from typing import Any, get_args

from controller import registry
from controller.config.members import common_keys
from controller.config.parse import FAMILIES
from controller.config.reserved import KINDS
from controller.config.typed import alias, bare, hints, schema_of
from controller.plan import Campaign, LoopPlan, Market, Policy

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema() -> dict[str, Any]:
    """The schema of a campaign's file."""
    properties = {alias(name): _block(alias(name), hint) for name, hint in hints(Campaign).items()}
    return {
        "$schema": DIALECT,
        "title": "Setpoint campaign",
        "type": "object",
        "required": ["campaign"],
        "additionalProperties": False,
        "properties": properties,
    }


def _block(key: str, hint: Any) -> dict[str, Any]:
    if key in FAMILIES:
        return _each(_member(*FAMILIES[key]))
    if key == "loops":
        return _each(_loop())
    if key == "market":
        return {**_plain(Market, leave_out="settings"), "additionalProperties": True}
    inner = get_args(bare(hint))
    if len(inner) == 2 and dataclasses.is_dataclass(inner[1]):
        return _each(_plain(inner[1]))
    return _plain(bare(hint) if dataclasses.is_dataclass(bare(hint)) else hint)


def _each(entry: dict[str, Any]) -> dict[str, Any]:
    """A mapping of names to entries."""
    return {"type": "object", "propertyNames": {"pattern": r"^[^\W\d][\w-]*$"}, "additionalProperties": entry}


def _plain(kind: Any, leave_out: str = "") -> dict[str, Any]:
    """The schema of a type, complete in itself: types of one name stand in many members."""
    whole = schema_of(kind)
    made: dict[str, Any] = _inlined(whole, whole.pop("$defs"))
    if leave_out in made.get("properties", {}):
        made["properties"] = {key: part for key, part in made["properties"].items() if key != leave_out}
    return made


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(inner, definitions) for inner in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(definitions[str(part["$ref"]).rpartition("/")[2]], definitions)
    return {key: _inlined(inner, definitions) for key, inner in part.items()}


def _member(family: str, declared: type[Any]) -> dict[str, Any]:
    """One alternative a kind on disk; reserved kinds and kinds from elsewhere take any further keys."""
    common = _plain(declared, leave_out="settings")
    shared = {key: part for key, part in common["properties"].items() if key in common_keys(declared)}
    if "on" in shared:
        shared["on"] = {"anyOf": [{"type": "string"}, shared["on"]]}
    choices = []
    for kind in registry.kinds(family):
        member = registry.find(family, kind)
        own = _plain(member.settings)
        choices.append(
            {
                "title": f"{family} {kind}",
                "description": member.manual.strip().partition("\n")[0],
                "type": "object",
                "properties": {**shared, **own.get("properties", {}), "kind": {"const": kind}},
                "required": sorted({*common.get("required", []), *own.get("required", []), "kind"}),
                "additionalProperties": False,
            }
        )
    later = sorted(KINDS[family] - set(registry.kinds(family)))
    elsewhere: list[dict[str, Any]] = [{"enum": later}, {"type": "string", "pattern": r"^[\w.]+:\w+$"}]
    choices.append(
        {"type": "object", "properties": {**shared, "kind": {"anyOf": elsewhere}}, "required": ["kind"]}
    )
    return {"anyOf": choices}


def _loop() -> dict[str, Any]:
    """A loop; `target: maximise` and a shape's file name are short forms."""
    loop = _plain(LoopPlan)
    target = loop["properties"]["target"]
    shaped = {
        "anyOf": [
            {"type": "string", "description": "168 weights in a CSV file"},
            target["properties"]["shape"],
        ]
    }
    target = {**target, "properties": {**target["properties"], "shape": shaped}}
    properties = {
        **loop["properties"],
        "target": {"anyOf": [{"const": "maximise"}, target]},
        "policy": _member("policy", Policy),
    }
    return {**loop, "properties": properties}
