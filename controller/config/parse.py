"""A document into a plan: every entry is read by itself, so that one fault hides no other.

Called by load.py; calls typed.py, members.py and reserved.py. The draft that comes out always holds a Campaign,
made of what could be read; the rules run on that, and know from `declared` which names stand in the file though
their entry is broken.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, get_args, get_origin

from controller.config.document import Document, Fault, Path
from controller.config.members import common_part, settings_of
from controller.config.typed import alias, bare, hints, typed
from controller.errors import nearest
from controller.plan import Actuator, Campaign, Guardrail, Policy, Sensor

FAMILIES: dict[str, tuple[str, type[Any]]] = {
    "sensors": ("sensor", Sensor),
    "actuators": ("actuator", Actuator),
    "guardrails": ("guardrail", Guardrail),
}
_NAME = re.compile(r"[^\W\d][\w-]*")


@dataclass(slots=True)
class Draft:
    """A plan in the making, with what was found wrong and what is reserved."""

    document: Document
    plan: Campaign
    declared: Mapping[str, frozenset[str]]
    """Block -> names that stand in the file, whether they could be read or not."""
    broken: frozenset[str]
    """Top-level keys that could not be read."""
    faults: list[Fault] = field(default_factory=list)
    reserved: list[Fault] = field(default_factory=list)

    def names(self, block: str) -> frozenset[str]:
        """Names declared in a block."""
        return self.declared.get(block, frozenset())


def parse(document: Document, context: dict[str, Any]) -> Draft:
    """Read a campaign; faults are collected, never raised."""
    faults: list[Fault] = []
    held: list[Fault] = []
    root = document.value
    if not isinstance(root, dict):
        what = "an empty file" if root is None else "a list or a text"
        faults.append(
            Fault((), f"no campaign here, received {what}, allowed: a mapping that begins with campaign:")
        )
        root = {}
    elif "campaign" not in root:
        faults.append(Fault(("campaign",), "this key is required"))
    parts: dict[str, Any] = {"campaign": "unnamed"}
    declared: dict[str, frozenset[str]] = {}
    kinds = {alias(name): (name, hint) for name, hint in hints(Campaign).items()}
    unknown = root.keys() - kinds.keys()
    faults += [Fault((key,), f"unknown key {key!r}{nearest(key, kinds)}", at_key=True) for key in unknown]
    for key, (name, hint) in kinds.items():
        if key not in root:
            continue
        reader = _Reader(faults, held, context)
        value = reader.block(key, hint, root[key])
        if isinstance(root[key], dict):
            declared[key] = frozenset(root[key])
        if value is not None:
            parts[name] = value
    broken = frozenset(kinds) & root.keys() - {alias(name) for name in parts}
    return Draft(document, Campaign(**parts), declared, broken, faults, held)


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one top-level key; carries the lists that faults and reserved parts go to."""

    faults: list[Fault]
    reserved: list[Fault]
    context: dict[str, Any]

    def block(self, key: str, hint: Any, raw: Any) -> Any:
        """The value of a top-level key; None where it could not be read."""
        inner = get_args(bare(hint))
        if get_origin(bare(hint)) is dict and len(inner) == 2 and dataclasses.is_dataclass(inner[1]):
            return self.entries(key, inner[1], raw)
        if key == "market" and isinstance(raw, dict):
            raw = _market(raw)
        return typed(bare(hint) if raw is None else hint, raw, (key,), self.faults, self.context)

    def entries(self, key: str, kind: Any, raw: Any) -> Any:
        """The entries of a block that could be read, by name."""
        if not isinstance(raw, dict):
            return typed(dict[str, kind], raw, (key,), self.faults)
        found = {}
        for name, entry in raw.items():
            if not _NAME.fullmatch(name):
                text = f"not a name, received {name!r}, allowed: letters, digits, _ and -, beginning with a letter"
                self.faults.append(Fault((key, name), text, at_key=True))
            value = self.entry(key, kind, entry, (key, name))
            if value is not None:
                found[name] = value
        return found

    def entry(self, key: str, kind: Any, raw: Any, path: Path) -> Any:
        """One entry; None where its common keys could not be read."""
        if not isinstance(raw, dict):
            return typed(kind, raw, path, self.faults)
        if key in FAMILIES:
            return self.member(*FAMILIES[key], raw, path)
        if key == "loops":
            return self.loop(kind, raw, path)
        return typed(kind, raw, path, self.faults, self.context)

    def member(self, family: str, kind: type[Any], raw: dict[str, Any], path: Path) -> Any:
        """An entry with a kind: its common keys, and its own as `settings`."""
        common = common_part(kind, raw)
        if isinstance(common.get("on"), str):
            common["on"] = [common["on"]]
        value = typed(kind, common, path, self.faults, self.context)
        settings, reserved = settings_of(family, kind, raw, path, self.faults, self.context)
        self.reserved.extend(reserved)
        return None if value is None else dataclasses.replace(value, settings=settings)

    def loop(self, kind: Any, raw: dict[str, Any], path: Path) -> Any:
        """A loop, whose policy is a member within it; what can be read of a faulty one still meets the rules."""
        plain = {key: value for key, value in raw.items() if key != "policy"}
        if "target" in plain:
            plain["target"] = _target(plain["target"])
        mine: list[Fault] = []
        loop = typed(kind, plain, path, mine, self.context)
        self.faults.extend(mine)
        if loop is None:
            bad = {fault.path[len(path)] for fault in mine if len(fault.path) > len(path)}
            loop = typed(kind, _salvaged(plain, bad), path, [], self.context)
        policy = self.policy(raw.get("policy", {}), (*path, "policy"))
        return None if loop is None else dataclasses.replace(loop, policy=policy)

    def policy(self, raw: Any, path: Path) -> Policy:
        """A loop's policy; one of no kind where it could not be read."""
        if isinstance(raw, dict):
            policy = self.member("policy", Policy, {"kind": Policy().kind, **raw}, path)
        else:
            policy = typed(Policy, raw, path, self.faults)
        return policy or Policy(kind="")


def _salvaged(loop: dict[str, Any], bad: set[Any]) -> dict[str, Any]:
    """A loop without its faulty keys; what it can't be without stands empty, and no rule speaks of a faulty key."""
    empty: dict[str, Any] = {"every": "1m", "measure": "", "target": {}, "move": {}}
    gone = bad | {"order"} if "move" in bad else bad
    return empty | {key: value for key, value in loop.items() if key not in gone}


def _target(raw: Any) -> Any:
    """`maximise` alone stands for `{maximise: true}`, a file's name for a shape that is read from it."""
    if raw == "maximise":
        return {"maximise": True}
    if isinstance(raw, dict) and isinstance(raw.get("shape"), str):
        return {**raw, "shape": {"file": raw["shape"]}}
    return raw


def _market(raw: dict[str, Any]) -> dict[str, Any]:
    """The market's own keys go to the simulator as they stand."""
    common = {"kind", "signals", "levers"}
    own = {key: value for key, value in raw.items() if key not in common}
    return {**{key: value for key, value in raw.items() if key in common}, "settings": own}
