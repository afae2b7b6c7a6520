"""Values into a YAML text, everything else as it was: comments, order, quotes, the other loops.

Called by the command; calls PyYAML for the places of nodes. Works on flow and block mappings alike. What comes out is
read again by the caller before it is written.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from controller.errors import SetpointError


def edited(text: str, path: Sequence[str], values: Mapping[str, str]) -> str:
    """The text with `values` in the mapping at `path`: a key that is there gets a new value, another is added.

    Values are texts of YAML. SetpointError where `path` leads to no mapping.

    >>> print(edited("policy: {kind: pid, gain: 1.5}  # by hand", ["policy"], {"gain": "0.8", "integral_time": "9h"}))
    policy: {kind: pid, gain: 0.8, integral_time: 9h}  # by hand
    """
    for key, value in values.items():
        text = _one(text, path, key, value)
    return text


def _one(text: str, path: Sequence[str], key: str, value: str) -> str:
    node = _node(text, path)
    for name, old in node.value:
        if name.value == key:
            return text[: old.start_mark.index] + value + text[_end(text, old) :]
    if not node.value:
        return text[: node.start_mark.index] + f"{{{key}: {value}}}" + text[node.end_mark.index :]
    name, last = node.value[-1]
    after = _end(text, last)
    between = ", " if node.flow_style else "\n" + " " * int(name.start_mark.column)
    if not node.flow_style:
        after = _line_end(text, after)
    return f"{text[:after]}{between}{key}: {value}{text[after:]}"


def _node(text: str, path: Sequence[str]) -> Any:
    """The mapping at a path; an empty one is written where its key is missing."""
    node = yaml.compose(text, yaml.SafeLoader)
    for depth, key in enumerate(path):
        inner = None if node is None else next((v for k, v in _pairs(node) if k.value == key), None)
        if inner is None:
            there = ".".join(path[:depth]) or "the file"
            raise SetpointError(
                f"{there} has no {key!r} to write into, allowed: a loop with a policy of its own"
            )
        node = inner
    if not isinstance(node, yaml.MappingNode):
        raise SetpointError(f"{'.'.join(path)} is no mapping, so nothing can be written into it")
    return node


def _pairs(node: Any) -> list[Any]:
    return list(node.value) if isinstance(node, yaml.MappingNode) else []


def _end(text: str, node: Any) -> int:
    """Index after the last character of a node; a block's own mark stands at the next token."""
    start, end = node.start_mark.index, node.end_mark.index
    if isinstance(node, yaml.ScalarNode) or node.flow_style:
        return int(end)
    last = node.value[-1]
    return _end(text, last[1] if isinstance(last, tuple) else last) if node.value else int(start)


def _line_end(text: str, index: int) -> int:
    """Index of the end of the line, so that a comment stays with its value."""
    found = text.find("\n", index)
    return len(text) if found < 0 else found
