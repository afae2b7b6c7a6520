"""When the next turn is: on the grid, absolute, without drift; missed turns are skipped and counted, never made up.

Called by the runner; calls a clock and a wait that are handed in. A wake (an operator's command) makes a turn at once,
between two grid points.
"""

import asyncio
from collections.abc import Awaitable, Callable

from controller.clock import TickMaker
from controller.ports import Clock
from controller.signals import Tick

Wait = Callable[[asyncio.Event, float], Awaitable[bool]]
"""Waits until the event is set (True) or the seconds have passed (False)."""


async def wait(event: asyncio.Event, seconds: float) -> bool:
    """Wait on the running event loop."""
    try:
        await asyncio.wait_for(event.wait(), timeout=seconds)
    except TimeoutError:
        return False
    return True


class Schedule:
    """Turns of one loop on wall time.

    Parameters
    ----------
    longest: seconds after which it looks at the clock again, so that a stepped clock is noticed.
    """

    def __init__(self, maker: TickMaker, clock: Clock, waits: Wait = wait, longest: float = 1.0) -> None:
        self.maker, self.clock, self.waits, self.longest = maker, clock, waits, longest
        self.woken, self.stopped = asyncio.Event(), asyncio.Event()
        self.lateness = 0.0
        """Seconds by which the last turn began after its grid point."""

    def wake(self) -> None:
        """Make a turn now."""
        self.woken.set()

    def stop(self) -> None:
        """Let `next` return None."""
        self.stopped.set()
        self.woken.set()

    async def next(self) -> Tick | None:
        """The next turn, when it is time; None after `stop`."""
        while not self.stopped.is_set():
            now = self.clock.now()
            tick = self.maker.at(now)
            if tick is not None:
                self.lateness = max(now - tick.time, 0.0)
                return tick
            if await self.waits(self.woken, min(self.maker.next_after(now) - now, self.longest)):
                self.woken.clear()
                woken = None if self.stopped.is_set() else self.maker.wake(self.clock.now())
                if woken is not None:
                    return woken
        return None
