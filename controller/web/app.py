"""The page's HTTP side: one document, its files, its data, and a live stream that resumes where it broke off.

Called by the daemon, and by the demo. Everything is served from this process: no other host is named anywhere, and the
content security policy forbids it. Read only: nothing here changes anything.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from controller.web.feed import Feed, thinned

LOOK = 0.5
"""Seconds between looks at the journal while somebody watches."""
POINTS = 1200
"""Points of history that a page starts with."""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SHOWN = (
    "campaign",
    "cells",
    "channels",
    "loops",
    "budgets",
    "sensors",
    "starts_at",
    "ends_at",
    "zones",
    "note",
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(feed: Feed, stopping: asyncio.Event | None = None) -> ASGIApp:
    """The app over one journal; streams end when `stopping` is set."""
    static = files("controller.web") / "static"
    stopping = stopping or asyncio.Event()

    async def document(_: Request) -> Response:
        return Response((static / "index.html").read_bytes(), media_type="text/html; charset=utf-8")

    async def campaign(_: Request) -> Response:
        await asyncio.to_thread(feed.follow)
        return JSONResponse(_shown(feed))

    async def history(request: Request) -> Response:
        await asyncio.to_thread(feed.follow)
        points = list(thinned(list(feed.points), _whole(request.query_params.get("points"), POINTS)))
        return JSONResponse({"points": points, "moves": list(feed.moves)})

    async def stream(request: Request) -> Response:
        last = _whole(request.headers.get("last-event-id") or request.query_params.get("after"), -1)
        return StreamingResponse(_events(feed, last, request, stopping), media_type="text/event-stream")

    routes = [
        Route("/", document),
        Route("/api/campaign", campaign),
        Route("/api/history", history),
        Route("/api/stream", stream),
        Mount("/static", StaticFiles(directory=str(static))),
    ]
    return _Guarded(Starlette(routes=routes))


class _Guarded:
    """Puts the security headers on every answer."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self.app(scope, receive, guarded)


async def _events(feed: Feed, last: int, request: Request, stopping: asyncio.Event) -> AsyncIterator[str]:
    """Server-sent events, each with the number of its record: a browser that comes back says where it was."""
    yield "retry: 2000\n\n"
    while not stopping.is_set() and not await request.is_disconnected():
        await asyncio.to_thread(feed.follow)
        for point in feed.after(last):
            last = point["id"]
            yield f"id: {last}\ndata: {json.dumps(point, allow_nan=False)}\n\n"
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK)


def _shown(feed: Feed) -> dict[str, Any]:
    """What of the `start` row the page needs."""
    return {key: feed.about.get(key) for key in SHOWN}


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and text.lstrip("-").isdigit() and len(text) < 12 else otherwise
