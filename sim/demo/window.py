"""The demo's page and metrics: the daemon's own, over the demo's journal, on loopback.

Called by the performance; runs its own event loop on a thread of its own, so that the show does not wait for a browser.
"""

import asyncio
import threading
from pathlib import Path

from starlette.applications import Starlette

from controller.daemon.serving import Server
from controller.store.sqlite import SqliteStore
from controller.web.app import page
from controller.web.feed import Feed


class Window:
    """A page over a journal, while the show lasts."""

    def __init__(self, journal: Path, port: int, probes: Starlette) -> None:
        self.journal, self.port, self.probes = journal, port, probes
        self.urls = ("", "")
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def open(self) -> tuple[str, str]:
        """Serve; returns the addresses of the page and of the metrics."""
        self._thread.start()
        self._ready.wait(20.0)
        return self.urls

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
        shown = Server(page(Feed(store), self._stopping), "127.0.0.1", self.port)
        metrics = Server(self.probes, "127.0.0.1", 0)
        for server in (shown, metrics):
            await server.start()
        self.urls = (shown.url, f"{metrics.url}metrics")
        self._ready.set()
        await self._stopping.wait()
        for server in (shown, metrics):
            await server.stop()
        store.close()
