"""What the terminal shows of the demo: a picture that moves on a terminal, a line every few seconds elsewhere.

Called by the performance with scenes; draws, and decides nothing.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sim.demo.stage import Scene

ROWS, LOWEST, HIGHEST = 13, 0.6, 1.25
"""Rows of the picture, and the shares of the target at its bottom and top."""


class Screen(Protocol):
    """Takes scenes as they come."""

    def say(self, text: str) -> None: ...

    def show(self, scene: Scene, every: Sequence[Scene]) -> None: ...

    def close(self) -> None: ...


def clock_of(scene: Scene, zone: str) -> str:
    """Local day and time of a scene."""
    return datetime.fromtimestamp(scene.time, ZoneInfo(zone)).strftime("%a %H:%M")


def line_of(scene: Scene, zone: str) -> str:
    """A scene in one line."""
    sales = "no data" if math.isnan(scene.share) else f"{100 * scene.share:5.1f} % of target"
    twin = "" if math.isnan(scene.twin) else f" (fixed win-rate: {100 * scene.twin:.0f} %)"
    state = {"live": "", "hold": "  HELD", "safe": "  FALLBACK"}[scene.state]
    return f"{clock_of(scene, zone)}  sales {sales}{twin}  win-rate {100 * scene.output:.2f} %{state}"


class PlainScreen:
    """Lines, for logs and pipes: one every `every` seconds of the wall clock, and whatever is news at once."""

    def __init__(
        self, write: Callable[[str], None], zone: str, now: Callable[[], float], every: float = 5.0
    ) -> None:
        self.write, self.zone, self.now, self.every = write, zone, now, every
        self.last, self.told_why = -math.inf, -math.inf

    def say(self, text: str) -> None:
        """A line of its own."""
        self.write(text)

    def show(self, scene: Scene, every: Sequence[Scene]) -> None:
        """News and alarms at once; the reason of a move after news; else a line now and then."""
        for text in (*scene.news, *scene.alarms):
            self.write(f"{clock_of(scene, self.zone)}  ** {text}")
        if scene.news:
            self.told_why = -math.inf
        if scene.why and self.now() - self.told_why >= 3 * self.every:
            self.told_why = self.now()
            self.write(f"{clock_of(scene, self.zone)}  why: {scene.why}")
        if self.now() - self.last >= self.every:
            self.last = self.now()
            self.write(line_of(scene, self.zone))

    def close(self) -> None:
        """Nothing to put back."""


class LiveScreen:
    """A picture that is drawn anew with each scene: sales and their twin, the band, the win-rate, news and reasons."""

    def __init__(self, zone: str, band: float, width: int = 72) -> None:
        from rich.console import Console
        from rich.live import Live

        self.zone, self.band, self.width = zone, band, width
        self.console = Console(highlight=False)
        self.log: list[str] = []
        self.why = ""
        self.live = Live(console=self.console, refresh_per_second=8, transient=False)
        self.live.start()

    def say(self, text: str) -> None:
        """A line above the picture."""
        self.live.console.print(text, markup=False)

    def show(self, scene: Scene, every: Sequence[Scene]) -> None:
        """Draw the day so far."""
        when = clock_of(scene, self.zone)
        self.log += [f"{when}  {text}" for text in (*scene.news, *scene.alarms)]
        self.why = f"{when}  {scene.why}" if scene.why else self.why
        self.live.update(self._picture(scene, every))

    def close(self) -> None:
        """Leave the last picture standing."""
        self.live.stop()

    def _picture(self, scene: Scene, every: Sequence[Scene]) -> Any:
        from rich.console import Group
        from rich.text import Text

        head = Text(line_of(scene, self.zone), style="bold")
        log = [Text(text, style="yellow", overflow="fold") for text in self.log[-4:]]
        return Group(head, *self._rows(every), Text(f"why  {self.why}" if self.why else ""), *log)

    def _rows(self, every: Sequence[Scene]) -> list[Any]:
        from rich.text import Text

        columns = sampled(every, self.width)
        rows = []
        for row in range(ROWS):
            share = HIGHEST - (HIGHEST - LOWEST) * row / (ROWS - 1)
            inside = abs(share - 1.0) <= self.band + 1e-9
            text = Text(f"{100 * share:4.0f} % ", style="dim")
            for column in columns:
                text.append(*self._cell(column, row, inside))
            rows.append(text)
        return rows

    def _cell(self, scene: Scene, row: int, inside: bool) -> tuple[str, str]:
        shade = "on grey23" if inside else ""
        if row_of(scene.share) == row:
            return "●", f"bold green {shade}"
        if row_of(scene.twin) == row:
            return "·", f"grey62 {shade}"
        return " ", shade


def row_of(share: float) -> int | None:
    """Row of a share of the target; None where there is none, the edge rows where it lies outside."""
    if math.isnan(share):
        return None
    row = round((HIGHEST - share) / (HIGHEST - LOWEST) * (ROWS - 1))
    return min(max(row, 0), ROWS - 1)


def sampled(scenes: Sequence[Scene], width: int) -> list[Scene]:
    """At most `width` scenes, evenly picked, the newest among them."""
    step = max(math.ceil(len(scenes) / width), 1)
    return [scene for n, scene in enumerate(scenes) if (len(scenes) - 1 - n) % step == 0]
