"""Faults of a log: all of them at once, each counted, with the first rows that have it.

Raised as LogError by `_log`, `_question` and the readers. Rows count from 0, as in the arrays.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from controller.errors import SetpointError

SHOWN = 5
"""Row numbers that a fault lists; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: what, what is allowed, in how many rows, and the first of them."""

    column: str
    text: str
    count: int
    rows: tuple[int, ...]

    def __str__(self) -> str:
        if not self.rows:
            return f"{self.column}: {self.text}"
        shown = ", ".join(f"{row:,}" for row in self.rows)
        more = ", ..." if self.count > len(self.rows) else ""
        word = "row" if self.count == 1 else "rows"
        return f"{self.column}: {self.text}; in {self.count:,} {word}: {shown}{more}"


class LogError(SetpointError):
    """A log or a target that can't be used, with every fault found in it."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Faults:
    """Collected while a log is looked at.

    >>> faults = Faults()
    >>> faults.where("propensity", np.array([False, True]), "0, allowed: above 0, at most 1")
    >>> faults.stop()
    Traceback (most recent call last):
    ...
    sim.ope._faults.LogError: propensity: 0, allowed: above 0, at most 1; in 1 row: 1
    """

    def __init__(self) -> None:
        self.found: list[Fault] = []

    def where(self, column: str, wrong: NDArray[np.bool_] | np.bool_, text: str) -> None:
        """Note the rows in which something is wrong; none: nothing is noted."""
        rows = np.flatnonzero(wrong)
        if rows.size:
            self.found.append(Fault(column, text, int(rows.size), tuple(map(int, rows[:SHOWN]))))

    def say(self, column: str, text: str) -> None:
        """Note a fault of the whole."""
        self.found.append(Fault(column, text, 1, ()))

    def stop(self) -> None:
        """Raise LogError if anything was noted."""
        if self.found:
            raise LogError(self.found)


def refuse(column: str, text: str) -> NoReturn:
    """Raise LogError with one fault of the whole."""
    raise LogError([Fault(column, text, 1, ())])
