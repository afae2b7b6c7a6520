"""What can go wrong with a sweep as a whole; a task's own error is text inside it.

Raised by the files beside this one; told by the command line in its own words.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from controller.errors import SetpointError

SHOWN = 5
"""Failed tasks that a message lists; all of them are in `SweepError.failed`."""


@dataclass(frozen=True, slots=True)
class Failed:
    """One task that came to nothing."""

    number: int
    """Its place among the tasks, counted from 0."""
    fields: str
    """Its key fields, in words."""
    error: str

    def __str__(self) -> str:
        return f"task {self.number} ({self.fields}): {self.error}"


class SweepError(SetpointError):
    """A sweep that can't begin, or that has ended with tasks undone."""

    def __init__(self, text: str, failed: Sequence[Failed] = ()) -> None:
        self.failed = tuple(failed)
        more = len(self.failed) - SHOWN
        lines = [text, *(f"  {each}" for each in self.failed[:SHOWN])]
        super().__init__("\n".join(lines + ([f"  and {more} more"] if more > 0 else [])))
