"""The life of a daemon: start, turn on schedule, listen to people and signals, stop in order.

Called by `setpoint run` with everything handed in; calls the service on one worker thread, so that the page and the
probes answer while a turn waits for a slow sensor. A journal that can't be written ends the daemon at once: leases and
the watchdog take over.
"""

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Protocol

from controller.daemon.schedule import Schedule
from controller.daemon.service import Service
from controller.errors import StoreError
from controller.life import end
from controller.loop.turn import Turn

log = logging.getLogger("setpoint.daemon")

LOOK = 0.25
"""Seconds between looks for operators' commands."""


class Listener(Protocol):
    """Something that serves people while the daemon lives."""

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


@dataclass(slots=True, kw_only=True)
class Daemon:
    """A service on a schedule."""

    service: Service
    schedule: Schedule
    listeners: Sequence[Listener] = ()
    started: Callable[[], None] = field(default=lambda: None)
    """Called once all listeners listen."""
    leave: Callable[[], None] = field(default=lambda: None)
    """Called on an orderly stop, after the last turn: leave the lease to run, or write the safe value."""
    reload: Callable[[], None] = field(default=lambda: None)
    """Called on the worker thread when SIGHUP came."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the daemon ends: streams that watch are closed."""
    failed: BaseException | None = None
    _hup: bool = False

    async def run(self) -> int:
        """Live until told to stop; returns the exit code: 0, or 4 where the journal failed."""
        with ThreadPoolExecutor(1, "turn") as worker:
            loop = asyncio.get_running_loop()
            self._take_signals(loop)
            for listener in self.listeners:
                await listener.start()
            self.started()
            watch = asyncio.create_task(self._listen(worker))
            try:
                await self._turns(worker)
            except StoreError as fault:
                self.failed = fault
                log.critical("the journal failed, the daemon stops at once: %s", fault)
            finally:
                watch.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await watch
                await self._close(loop, worker)
        return 4 if self.failed else 0

    async def _turns(self, worker: ThreadPoolExecutor) -> None:
        loop = asyncio.get_running_loop()
        while (tick := await self.schedule.next()) is not None:
            if self._hup:
                self._hup = False
                await loop.run_in_executor(worker, self.reload)
            turn = await loop.run_in_executor(worker, self.service.turn, tick)
            _report(turn)

    async def _listen(self, worker: ThreadPoolExecutor) -> None:
        """Wake the loop when an operator's command comes in: in force within a second."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(LOOK)
            if await loop.run_in_executor(worker, self.service.pending):
                self.schedule.wake()

    async def _close(self, loop: asyncio.AbstractEventLoop, worker: ThreadPoolExecutor) -> None:
        if self.failed is None:
            await loop.run_in_executor(worker, self._goodbye)
        self.stopping.set()
        for listener in self.listeners:
            await listener.stop()

    def _goodbye(self) -> None:
        self.leave()
        last = self.service.last
        index, now = (last.tick.index, last.tick.time) if last else (0, self.schedule.clock.now())
        end(self.service.loop, index, now, "told to stop")
        self.service.loop.parts.store.close()

    def _take_signals(self, loop: asyncio.AbstractEventLoop) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(
                RuntimeError, ValueError
            ):  # not the main thread: whoever runs it stops it
                loop.add_signal_handler(number, self.schedule.stop)
        with contextlib.suppress(RuntimeError, ValueError):
            loop.add_signal_handler(signal.SIGHUP, self._on_hup)

    def _on_hup(self) -> None:
        self._hup = True
        self.schedule.wake()


def _report(turn: Turn) -> None:
    """One line a turn that moved or has something wrong; silence is calm."""
    for name, output in turn.outputs.items():
        if output.order is not None:
            log.info("order", extra={"record": turn.number, "channel": name, "id": output.order.id})
    for condition in turn.conditions:
        log.debug(condition.text, extra={"record": turn.number, "code": condition.code})
