"""A small path language for JSON documents: `data.stores[*].units`.

Called by http_json and by the http actuator's read-back; calls nothing. A path is names joined by dots; `[3]` is
an entry of a list, `[*]` all of them, `.*` all values of an object, `['a.b']` a name with other characters in it.
What stands before the first star must be there, or the document is not the one that was meant; what stands after
it may be absent.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from controller.quantities import QuantityError


class Mark(Enum):
    """Stands for every entry of a list or object, and for a value that is not there."""

    STAR = "*"
    ABSENT = "absent"


Step = str | int | Mark
Index = tuple[str | int, ...]
"""Which entries the stars of a path stood for."""
Found = list[tuple[Index, Any]]

_STEP = re.compile(
    r"\.?(?:(?P<name>[^.\[\]'\"*]+)|(?P<star>\*)|\[(?:(?P<at>\d+)|(?P<all>\*)|'(?P<quoted>[^']*)')\])"
)
_ALLOWED = "names joined by dots, [3], [*], .*, ['a.b']: data.stores[*].units"


class NotThere(LookupError):
    """The document has no such place before the first star."""


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path, parsed.

    >>> path = JsonPath.parse("stores[*].units")
    >>> path.find({"stores": [{"units": 5}, {"name": "b"}]})
    [((0,), 5), ((1,), <Mark.ABSENT: 'absent'>)]
    >>> JsonPath.parse("*.units").find({"a": {"units": 5}})
    [(('a',), 5)]
    """

    text: str
    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> "JsonPath":
        """Read a path; raises QuantityError."""
        steps: list[Step] = []
        rest = text.removeprefix("$").removeprefix(".") if text.startswith("$") else text
        while rest:
            match = _STEP.match(rest)
            if match is None or (not steps and rest.startswith(".")):
                raise QuantityError("not a path into a JSON document", text, _ALLOWED)
            steps.append(_step(match))
            rest = rest[match.end() :]
        if not steps and text != "$":
            raise QuantityError("an empty path", text, _ALLOWED)
        return cls(text, tuple(steps))

    @property
    def stars(self) -> int:
        """How many stars stand in it."""
        return self.steps.count(Mark.STAR)

    def find(self, document: Any) -> Found:
        """Every match with the entries its stars stood for, in the document's order; raises NotThere."""
        return list(self._walk(document, 0, ()))

    def _walk(self, node: Any, at: int, index: Index) -> Iterator[tuple[Index, Any]]:
        if at == len(self.steps):
            yield index, node
            return
        step = self.steps[at]
        if step is Mark.STAR:
            for key, entry in self._entries(node, at, index):
                yield from self._walk(entry, at + 1, (*index, key))
            return
        inner = _inner(node, step)
        if inner is not Mark.ABSENT:
            yield from self._walk(inner, at + 1, index)
        elif Mark.STAR in self.steps[:at]:
            yield from self._absent(at, index)
        else:
            raise NotThere(f"nothing stands at {self._shown(at + 1)!r}")

    def _entries(self, node: Any, at: int, index: Index) -> list[tuple[str | int, Any]]:
        if isinstance(node, list):
            return list(enumerate(node))
        if isinstance(node, dict):
            return list(node.items())
        if index:
            return []
        raise NotThere(f"neither a list nor an object stands at {self._shown(at)!r}")

    def _absent(self, at: int, index: Index) -> Iterator[tuple[Index, Any]]:
        if Mark.STAR not in self.steps[at:]:
            yield index, Mark.ABSENT

    def _shown(self, count: int) -> str:
        if count == len(self.steps):
            return self.text
        return (
            "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in self.steps[:count]).lstrip(".")
            or "$"
        )


def _step(match: re.Match[str]) -> Step:
    if match["name"] is not None:
        return match["name"]
    if match["at"] is not None:
        return int(match["at"])
    return Mark.STAR if match["star"] or match["all"] else match["quoted"]


def _inner(node: Any, step: Step) -> Any:
    if isinstance(step, int):
        return node[step] if isinstance(node, list) and step < len(node) else Mark.ABSENT
    return node.get(step, Mark.ABSENT) if isinstance(node, dict) else Mark.ABSENT
