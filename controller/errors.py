"""Every error that Setpoint raises on purpose; the type says whether trying again can help.

    SetpointError
    ├── ConfigError         the file is wrong: all problems at once, each with its place; mend the file
    ├── UnknownKind         no such member of a family, with the nearest known name; mend the file
    ├── NotAvailable        the grammar knows it, this version or installation does not; mend the file or install
    ├── PortError           the world outside did not do as asked
    │   ├── SensorError     no reading could be made; the loop carries on without it
    │   └── ActuatorError   the write or the read-back did not come through
    │       ├── Refused     the target understood and said no (an older epoch, a value out of its range): final
    │       └── Unreachable no answer, or one that leaves the outcome open: read back, or the same id again
    ├── StoreError          the journal
    │   ├── StoreBusy       another daemon owns this store: stop that one first
    │   ├── StoreTooNew     written by a newer version: upgrade
    │   └── StoreBroken     a failed write or fsync, a bad checksum: stop, never try again
    └── CommandError        an operator's command can't be taken: the text says what can

Messages say what is wrong, the value received, what is allowed, and where.
"""

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


class SetpointError(Exception):
    """Root of the tree above."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a file: where it is and what to do about it."""

    line: int
    column: int
    path: str
    text: str

    def at(self, file: str) -> str:
        """`file:line:column path: text`."""
        where = f"{file}:{self.line}:{self.column}"
        return f"{where} {self.path}: {self.text}" if self.path else f"{where} {self.text}"


class ConfigError(SetpointError):
    """A file that can't be used, with every problem found in it."""

    def __init__(self, file: str, problems: Sequence[Problem]) -> None:
        self.file = file
        self.problems = tuple(sorted(problems))
        super().__init__("\n".join(problem.at(file) for problem in self.problems))


class UnknownKind(SetpointError):
    """No member of the family has this kind."""

    def __init__(self, family: str, kind: str, known: Iterable[str]) -> None:
        self.family, self.kind, self.known = family, kind, tuple(sorted(known))
        super().__init__(f"unknown {family} kind {kind!r}{nearest(kind, self.known)}")


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'? known: a, b`, for the end of a message.

    >>> nearest("prometeus", ["csv_file", "prometheus"])
    "; did you mean 'prometheus'? known: csv_file, prometheus"
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, n=1)
    guess = f"; did you mean {close[0]!r}?" if close else ";"
    return f"{guess} known: {', '.join(names) or 'none'}"


class NotAvailable(SetpointError):
    """Known to the grammar, not to this version or this installation."""


class PortError(SetpointError):
    """The world outside did not do as asked."""


class SensorError(PortError):
    """No reading could be made; says which sensor, what came, what was expected."""


class ActuatorError(PortError):
    """A write or a read-back did not come through."""


class Refused(ActuatorError):
    """The target understood the command and said no: trying again can't help."""


class Unreachable(ActuatorError):
    """The outcome is open: read back, or send the same id again."""


class StoreError(SetpointError):
    """The journal can't be used."""


class StoreBusy(StoreError):
    """Another process owns this store."""


class StoreTooNew(StoreError):
    """The journal was written by a newer version."""


class StoreBroken(StoreError):
    """A write, an fsync or a checksum failed: stop, never try again."""


class CommandError(SetpointError):
    """An operator's command can't be taken."""
