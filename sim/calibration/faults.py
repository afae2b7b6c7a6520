"""Faults of a data file: all of them at once, each with its line, what came and what is allowed.

Raised as ConfigError, so that the command ends as it does for any file that is wrong. Called by the readers.
"""

from dataclasses import dataclass, field
from typing import NoReturn

from controller.errors import ConfigError, Problem

MOST = 8
"""Faults of one kind that are listed one by one."""


@dataclass(slots=True)
class Faults:
    """Collected while reading one file."""

    file: str
    found: dict[str, list[tuple[int, str, str]]] = field(default_factory=dict)
    """What is wrong -> line, column's name and text of each."""

    def add(self, what: str, line: int, column: str, text: str) -> None:
        """Note one fault; `what` groups those of a kind."""
        self.found.setdefault(what, []).append((line, column, text))

    def stop(self) -> None:
        """Raise ConfigError if there are any."""
        problems = []
        for what, each in self.found.items():
            problems += [Problem(line, 1, column, text) for line, column, text in each[:MOST]]
            if len(each) > MOST:
                line = each[MOST][0]
                problems.append(
                    Problem(line, 1, each[MOST][1], f"and {len(each) - MOST:,} more lines with {what}")
                )
        if problems:
            raise ConfigError(self.file, problems)

    def refuse(self, text: str, line: int = 1, column: str = "") -> NoReturn:
        """Raise ConfigError with this one fault about the file as a whole, and with what was noted before."""
        self.add("this", line, column, text)
        self.stop()
        raise AssertionError("a fault was noted")


def refuse(file: str, text: str) -> NoReturn:
    """Raise ConfigError about a file as a whole.

    >>> refuse("sales.csv", "the file is empty")
    Traceback (most recent call last):
    ...
    controller.errors.ConfigError: sales.csv:1:1 the file is empty
    """
    raise ConfigError(file, [Problem(1, 1, "", text)])
