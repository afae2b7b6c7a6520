"""The page's HTTP side: one document, its files, the history, and a live stream that resumes where it broke off.

Called by the daemon, and by the demo. Everything is served from this process: no other host is named anywhere, and the
content security policy forbids it. Read only: nothing here changes anything.
"""

import asyncio
import threading
from collections import OrderedDict
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from controller.errors import StoreError
from controller.web.feed import Feed
from controller.web.guard import Guarded
from controller.web.stream import as_json, events

POINTS = 1200
"""Points of history that a page starts with, about."""
CELLS = 8
"""Single cells that are followed at the same time; each costs one reading of the journal."""
STREAMS = 100
"""Pages that may watch at the same time."""
SHOWN = (
    "campaign", "cells", "channels", "loops", "budgets", "sensors", "starts_at", "ends_at", "scan", "zones", "note",
)  # fmt: skip
"""What of the `start` row the page needs."""
UNBUFFERED = {"X-Accel-Buffering": "no"}
"""Asks a proxy to pass each event on at once."""


def page(feed: Feed, stopping: asyncio.Event | None = None, any_host: bool = False) -> ASGIApp:
    """The app over one journal; streams end when `stopping` is set.

    `any_host`: answer under any host name; a proxy stands in front.
    """
    static = files("controller.web") / "static"
    views, watching, stopping = Views(feed), Watching(), stopping or asyncio.Event()

    async def document(_: Request) -> Response:
        return Response((static / "index.html").read_bytes(), media_type="text/html; charset=utf-8")

    async def history(request: Request) -> Response:
        shown = await asyncio.to_thread(views.of, request.query_params.get("cell"))
        look = await asyncio.to_thread(shown.look, -1, POINTS)
        return JSONResponse({"version": look.version, "campaign": _campaign(shown), **as_json(look)})

    async def stream(request: Request) -> Response:
        asked = request.query_params
        if watching.count >= STREAMS:
            raise HTTPException(503, f"{STREAMS} pages are watching, which is as many as may")
        shown = await asyncio.to_thread(views.of, asked.get("cell"))
        after = _whole(request.headers.get("last-event-id") or asked.get("after"))
        found = watching.counted(events(shown, after, asked.get("version", ""), stopping))
        return StreamingResponse(found, media_type="text/event-stream", headers=UNBUFFERED)

    small = [Middleware(GZipMiddleware, compresslevel=6)]
    routes = [
        Route("/", document),
        Route("/api/history", history, middleware=small),
        Route("/api/stream", stream),
        Mount("/static", StaticFiles(directory=str(static)), middleware=small),
    ]
    return Guarded(Starlette(routes=routes, exception_handlers={StoreError: _unreadable}), any_host)


class Views:
    """One feed for all cells together, and one for each single cell that somebody looks at."""

    def __init__(self, whole: Feed) -> None:
        self.whole = whole
        self._single: OrderedDict[str, Feed] = OrderedDict()
        self._mutex = threading.Lock()

    def of(self, cell: str | None) -> Feed:
        """The feed of a cell, of all for None; raises HTTPException for a cell that the campaign does not have."""
        if not cell:
            return self.whole
        with self._mutex:
            if cell not in self.whole.about.get("cells", ()):
                self.whole.look()
            if cell not in self.whole.about.get("cells", ()):
                raise HTTPException(
                    404, "the campaign has no cell of this name; without ?cell= the page shows all"
                )
            found = self._single.pop(cell, None) or Feed(self.whole.store, cell)
            self._single[cell] = found
            if len(self._single) > CELLS:
                self._single.popitem(last=False)
            return found


class Watching:
    """Counts the streams, so that there is an end to them."""

    def __init__(self) -> None:
        self.count = 0

    async def counted(self, stream: AsyncIterator[str]) -> AsyncIterator[str]:
        """The same stream."""
        self.count += 1
        try:
            async for text in stream:
                yield text
        finally:
            self.count -= 1


def _campaign(feed: Feed) -> dict[str, Any]:
    """What the page needs of the `start` row; empty names and lists before there is one."""
    return {"cell": feed.cell, **{key: feed.about.get(key) for key in SHOWN}}


async def _unreadable(_: Request, fault: Exception) -> Response:
    return PlainTextResponse(str(fault), 503)


def _whole(text: str | None) -> int:
    """A record's number; -1 for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else -1
