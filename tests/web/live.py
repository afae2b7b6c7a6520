"""A real loopback server around an app, in a thread, on the daemon's own wrapper; stopped in the daemon's own order."""

import asyncio
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field

from controller.daemon.serving import Server
from controller.web.app import page


@dataclass
class Live:
    """A running server."""

    feed: object
    port: int = 0
    url: str = ""
    up: threading.Event = field(default_factory=threading.Event)
    stop: object = None
    """Ask it to stop; returns at once."""
    thread: threading.Thread | None = None

    async def run(self):
        loop, asked, stopping = asyncio.get_running_loop(), asyncio.Event(), asyncio.Event()
        server = Server(page(self.feed, stopping), "127.0.0.1", self.port)
        await server.start()
        self.url, self.port = server.url, server.port
        self.stop = lambda: loop.call_soon_threadsafe(asked.set)
        self.up.set()
        await asked.wait()
        stopping.set()
        await server.stop()


@contextmanager
def live(feed, port=0):
    """Serve the page of a feed; a port that was used before lets a page come back to it."""
    served = Live(feed, port)
    served.thread = threading.Thread(target=lambda: asyncio.run(served.run()))
    served.thread.start()
    assert served.up.wait(20)
    try:
        yield served
    finally:
        if served.thread.is_alive():
            served.stop()
        served.thread.join(20)
        assert not served.thread.is_alive()
