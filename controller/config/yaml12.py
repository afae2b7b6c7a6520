"""YAML as people mean it: the safe types of YAML 1.2, on PyYAML's C parser.

Called by parsing of campaigns and of daemon configs; calls PyYAML, imported when something is read. `no`, `on`,
`12:30` and dates stay text, `010` is ten, `1e3` a number. Refuses, with its place: duplicate keys, merge keys,
tags, keys that are no text, values that are not finite, several documents, and anything that is not UTF-8. Never
makes an object of a class.
"""

import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

from controller.config.document import Document, Fault, Mark, Path
from controller.errors import ConfigError, Problem

LARGEST = 4_000_000
"""Bytes; a config is written by people."""
MOST_PARTS = 200_000
"""Values in one file, aliases counted as often as they are used."""
_CORE = "tag:yaml.org,2002:"
_RULES = {
    "null": (re.compile(r"(?:~|null|Null|NULL|)\Z"), ["~", "n", "N", ""]),
    "bool": (re.compile(r"(?:true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")),
    "int": (re.compile(r"[-+]?[0-9]+\Z"), list("-+0123456789")),
    "float": (
        re.compile(
            r"(?:[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z"
        ),
        list("-+.0123456789"),
    ),
}


def decode(data: bytes, file: str) -> str:
    """The bytes as text; raises ConfigError where they are not UTF-8 or too many."""
    if len(data) > LARGEST:
        raise ConfigError(
            file, [Problem(1, 1, "", f"too large, received {len(data)} bytes, allowed: {LARGEST}")]
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        column = fault.start - data.rfind(b"\n", 0, fault.start)
        text = f"not UTF-8, received byte 0x{data[fault.start]:02x}, allowed: UTF-8 text"
        raise ConfigError(file, [Problem(line, column, "", text)]) from fault


def read(text: str, file: str = "<text>") -> Document:
    """The value of a YAML text with the place of each part; raises ConfigError with every fault of form."""
    import yaml

    try:
        root = yaml.compose(text, _loader())
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        said = ", ".join(part for part in (fault.context, fault.problem) if part)
        raise ConfigError(file, [Problem(line, column, "", f"not YAML: {said}")]) from fault
    except yaml.YAMLError as fault:
        raise ConfigError(file, [Problem(1, 1, "", f"not YAML: {fault}")]) from fault
    walk = _Walk()
    value = walk.value(root, ()) if root is not None else None
    document = Document(file, value, walk.values, walk.keys)
    if walk.faults:
        raise ConfigError(file, document.problems(walk.faults))
    return document


@cache
def _loader() -> type[Any]:
    import yaml

    base: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader: Any = type("Yaml12Loader", (base,), {"yaml_implicit_resolvers": {}})
    for name, (rule, firsts) in _RULES.items():
        loader.add_implicit_resolver(_CORE + name, rule, firsts)
    made: type[Any] = loader
    return made


class _Walk:
    """Turns PyYAML's nodes into plain values and notes where each stands."""

    def __init__(self) -> None:
        self.values: dict[Path, Mark] = {}
        self.keys: dict[Path, Mark] = {}
        self.faults: list[Fault] = []
        self._open: set[int] = set()

    def value(self, node: Any, path: Path) -> Any:
        """The plain value of a node."""
        self.values[path] = _mark(node)
        if len(self.values) > MOST_PARTS or id(node) in self._open:
            self.faults.append(Fault(path[:1], "too many values, or an alias that contains itself"))
            return None
        self._open.add(id(node))
        kind = node.tag.removeprefix(_CORE)
        make: dict[str, Callable[[Any, Path], Any]] = {"map": self._mapping, "seq": self._list, "str": _text}
        result = make.get(kind, self._scalar)(node, path)
        self._open.discard(id(node))
        return result

    def _mapping(self, node: Any, path: Path) -> dict[str, Any]:
        result: dict[str, Any] = {}
        for key, value in node.value:
            place = self._place(key, path)
            twice = key.value in result if place else False
            first = self.keys.get(place) if place else None
            if place:
                self.keys[place] = _mark(key)
            if place and twice and first:
                text = f"key given twice, first in line {first.line}, allowed: once"
                self.faults.append(Fault(place, text, at_key=True))
            elif place:
                result[key.value] = self.value(value, place)
        return result

    def _place(self, key: Any, path: Path) -> Path | None:
        """The path of a key's value; None, with the fault noted, where it can't be a key."""
        text = key.value if isinstance(key.value, str) else "a list or mapping"
        what = "merge keys are not part of YAML 1.2" if text == "<<" else "a key must be a text"
        if key.tag == f"{_CORE}str" and key.value and text != "<<":
            return (*path, text)
        place = (*path, text or "(empty)")
        self.values.setdefault(place, _mark(key))
        self.keys.setdefault(place, _mark(key))
        self.faults.append(
            Fault(place, f"{what}, received {text}, allowed: text, in quotes where needed", at_key=True)
        )
        return None

    def _list(self, node: Any, path: Path) -> list[Any]:
        return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]

    def _scalar(self, node: Any, path: Path) -> Any:
        kind, text = node.tag.removeprefix(_CORE), node.value
        if kind not in _RULES or not isinstance(text, str):
            self.faults.append(
                Fault(path, f"tags are not allowed, received {node.tag}, allowed: plain values")
            )
            return None
        if not _RULES[kind][0].fullmatch(text):
            self.faults.append(Fault(path, f"no {kind}, received {text!r}, allowed: the value without a tag"))
            return None
        if kind == "null":
            return None
        if kind == "bool":
            return text.lower() == "true"
        number = _number(text)
        if not math.isfinite(number):
            self.faults.append(Fault(path, f"not a finite number, received {text}, allowed: a finite number"))
        return number


def _number(text: str) -> int | float:
    if re.fullmatch(r"[-+]?[0-9]+", text):
        return int(text)
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _text(node: Any, path: Path) -> str:  # noqa: ARG001 (called as every maker is)
    text: str = node.value
    return text


def _mark(node: Any) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)
