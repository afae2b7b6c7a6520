"""Fourteen ways a source lies, as they look on the wire: what it says, given what is true and what it said last.

A sample on the wire is a number (or what stands in its place) and the source's own time of it; `None` is no answer.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from controller.checks.sensors import Said, Spoilt


@dataclass(frozen=True)
class Wire:
    """One sample as the source says it."""

    value: Said
    at: float
    """UTC seconds, by the source's clock."""
    twice: bool = False
    """The sample stands twice in the answer."""


Lie = Callable[[Wire, Wire], "Wire | None"]
"""What is said instead: (what is true now, the last true thing that was said)."""


def _says(value: Said) -> Lie:
    return lambda true, last: replace(true, value=value)


FAULTS: dict[str, Lie] = {
    "nan": _says(Spoilt.NAN),
    "inf": _says(Spoilt.INFINITE),
    "null": _says(Spoilt.NULL),
    "bool": _says(Spoilt.TRUE),
    "text": _says(Spoilt.TEXT),
    "stale": lambda true, last: replace(true, at=last.at - 7200.0),
    "frozen": lambda true, last: replace(true, at=last.at),
    "duplicate": lambda true, last: replace(last, twice=True),
    "out_of_order": lambda true, last: replace(true, at=last.at - 120.0),
    "late": lambda true, last: None,
    "negative": _says(-40.0),
    "huge": _says(1e12),
    "counter_reset": _says(0.0),
    "unit_x100": lambda true, last: replace(true, value=true.value * 100.0),
}
"""`counter_reset` is one for counters; a level that falls to zero is news, not a fault."""
