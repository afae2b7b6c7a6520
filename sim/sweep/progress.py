"""How far a sweep is, and telling it now and then.

Made by runs.py after every task; said by the command line and by whoever else runs sweeps. Decides nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

EVERY = 5.0
"""Seconds between lines."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Counts of tasks.

    >>> print(Progress(total=96, there=12, done=3, failed=1))
    15 of 96 tasks done (12 were there), 1 failed
    """

    total: int
    there: int = 0
    """Found in the folder, finished by an earlier run."""
    done: int = 0
    """Finished by this run."""
    failed: int = 0
    note: str = ""
    """Something to be told at once; empty: the counts alone."""

    def __str__(self) -> str:
        before = f" ({self.there} were there)" if self.there else ""
        failed = f", {self.failed} failed" if self.failed else ""
        return self.note or f"{self.there + self.done} of {self.total} tasks done{before}{failed}"


Tell = Callable[[Progress], None]


class Monotonic(Protocol):
    """A clock that never steps back."""

    def monotonic(self) -> float:
        """Seconds."""
        ...


@dataclass(slots=True)
class Teller:
    """Says notes and the first and last count at once, other counts every few seconds, with the time that is left.

    >>> from controller.clock import ManualClock
    >>> clock = ManualClock(0.0)
    >>> tell = Teller(print, clock)
    >>> tell(Progress(4))
    0 of 4 tasks done
    >>> clock.advance(3.0); tell(Progress(4, done=1))
    >>> clock.advance(3.0); tell(Progress(4, done=2))
    2 of 4 tasks done, about 6 s left
    """

    say: Callable[[str], None]
    clock: Monotonic
    _began: float = field(init=False)
    _next: float = field(default=0.0, init=False)

    def __post_init__(self) -> None:
        self._began = self.clock.monotonic()

    def __call__(self, now: Progress) -> None:
        """Hear of progress."""
        from controller.cli.output import span

        moment = self.clock.monotonic()
        left = now.total - now.there - now.done - now.failed
        if now.note:
            self.say(str(now))
        elif moment >= self._next or not left or not now.done + now.failed:
            self._next = moment + EVERY
            over = now.done + now.failed
            rest = f", about {span((moment - self._began) / over * left)} left" if over and left else ""
            self.say(f"{now}{rest}")
