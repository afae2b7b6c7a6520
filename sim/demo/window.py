"""The demo's page and metrics: the daemon's own, over the demo's journal, on free loopback ports.

Called by the performance; runs its own event loop on a thread of its own, so that the show does not wait for a browser.
"""

import asyncio
import threading
from pathlib import Path

from controller.daemon.serving import Server
from controller.store.sqlite import SqliteStore
from controller.web.app import page
from controller.web.feed import Feed


class Window:
    """A page over a journal, while the show lasts."""

    def __init__(self, journal: Path, port: int = 0) -> None:
        self.journal, self.port = journal, port
        self.url = ""
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def open(self) -> str:
        """Serve; returns the address."""
        self._thread.start()
        self._ready.wait(20.0)
        return self.url

    def close(self) -> None:
        """Stop serving."""
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(5.0)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        self._stopping = asyncio.Event()
        store = SqliteStore(self.journal, readonly=True)
        server = Server(page(Feed(store), self._stopping), "127.0.0.1", self.port)
        await server.start()
        self.url = server.url
        self._ready.set()
        await self._stopping.wait()
        await server.stop()
        store.close()
