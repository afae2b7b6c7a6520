"""Serves a market until it is told to stop, and moves it on while nobody asks.

Called by `setpoint market`; calls the daemon's own HTTP server.
"""

import asyncio
import contextlib
import signal
from collections.abc import Callable

from controller.daemon.serving import Server
from sim.served.app import app
from sim.served.backend import Served

HOST = "127.0.0.1"
"""A simulated market is for this machine alone."""
PAUSE = 0.1
"""Seconds between two looks at the clock."""


async def run(served: Served, port: int, started: Callable[[str], None]) -> None:
    """Listen, say where, and serve until SIGTERM or SIGINT; raises SetpointError where the port is taken."""
    server, stop = Server(app(served), HOST, port), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await server.start()
    started(server.url)
    try:
        await _keep_pace(served, stop)
    finally:
        await server.stop()


async def _keep_pace(served: Served, stop: asyncio.Event) -> None:
    while not stop.is_set():
        await served.catch_up()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), PAUSE)
