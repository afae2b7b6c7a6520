"""A file's value with the place of each part, and the faults found in it.

Made by yaml12.py, passed through every step of the config, turned into one ConfigError at the end. A path is a
tuple of keys and indices from the root: `("actuators", "win_rate", "limits", 0)`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from controller.errors import Problem

Path = tuple[str | int, ...]


class Mark(NamedTuple):
    """A place in a file, counted from 1."""

    line: int
    column: int


class Fault(NamedTuple):
    """What is wrong at a path; `at_key` points at the key instead of its value."""

    path: Path
    text: str
    at_key: bool = False


@dataclass(frozen=True, slots=True)
class Document:
    """The value of a file and where its parts stand."""

    file: str
    value: Any
    values: Mapping[Path, Mark] = field(default_factory=dict)
    keys: Mapping[Path, Mark] = field(default_factory=dict)

    def known(self, path: Path) -> Path:
        """The path without parts that the file doesn't have, such as a member of a union or an index added on the
        way.

        >>> Document("a.yaml", {}, {(): Mark(1, 1), ("a",): Mark(1, 4)}).known(("a", "each"))
        ('a',)
        """
        found: Path = ()
        for part in path:
            if (*found, part) in self.values:
                found = (*found, part)
        return found

    def problem(self, fault: Fault) -> Problem:
        """The fault with its line, column and path in words."""
        path = self.known(fault.path)
        key = self.keys.get(path) if fault.at_key or path != fault.path else None
        mark = key or self.values.get(path) or Mark(1, 1)
        return Problem(
            mark.line, mark.column, written(fault.path if self._absent(fault.path) else path), fault.text
        )

    def _absent(self, path: Path) -> bool:
        """True where only the last part is missing from the file: a key that should be there."""
        return (
            bool(path) and path not in self.values and path[:-1] in self.values and isinstance(path[-1], str)
        )

    def problems(self, faults: Iterable[Fault]) -> tuple[Problem, ...]:
        """All faults with their places, in the order of the file, each once."""
        return tuple(sorted({self.problem(fault) for fault in faults}))


def written(path: Path) -> str:
    """A path in words.

    >>> written(("actuators", "win_rate", "limits", 0))
    'actuators.win_rate.limits[0]'
    """
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
