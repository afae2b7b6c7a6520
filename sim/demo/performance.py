"""The show: warm-up, opening, one day at speed, summary; broken off at any time with the summary.

Called by the command with everything handed in; calls stage, screen and window.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sim.demo.screen import Screen
from sim.demo.stage import Stage
from sim.demo.story import HOUR, LENGTH
from sim.demo.summary import opening, summary
from sim.demo.window import Window


@dataclass(slots=True, kw_only=True)
class Performance:
    """One showing of the demo.

    Parameters
    ----------
    wait: waits for so many seconds of the wall clock, or until somebody wants it to end.
    stopped: whether somebody does. Ctrl-C raises KeyboardInterrupt too, but an exception that comes at any moment may
        come where nothing can be raised, and is lost there.
    now: seconds of a clock that never steps back.
    """

    stage: Stage
    window: Window
    journal: Path
    screen: Callable[[], Screen]
    say: Callable[[str], None]
    wait: Callable[[float], object]
    stopped: Callable[[], bool]
    now: Callable[[], float]
    seconds: float
    forever: bool = False

    def run(self) -> None:
        """Show it; Ctrl-C ends it with the summary."""
        try:
            self.stage.warm_up()
            for line in opening(self.stage, *self.window.open()):
                self.say(line)
            self._day()
        except KeyboardInterrupt:
            self.say("")
        for line in summary(self.stage, self.journal):
            self.say(line)
        self.window.close()

    def _day(self) -> None:
        screen = self.screen()
        pace = self.seconds / (LENGTH * HOUR / self.stage.ours.period)
        due = self.now()
        try:
            while not self.stopped() and (self.forever or not self.stage.over):
                screen.show(self.stage.step(), self.stage.scenes)
                due = max(due + pace, self.now() - 10 * pace)
                self.wait(max(due - self.now(), 0.0))
        finally:
            screen.close()
