"""Server-sent events: what is new in the journal, each event with the number of its last record.

Called by the app; looks at the feed from worker threads, never in the event loop. A browser that comes back says which
number it had (Last-Event-ID), so nothing is missing and nothing comes twice. A beat now and then keeps proxies from
closing a quiet stream, and tells the page that its host is alive.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

from controller.errors import StoreError
from controller.web.feed import Feed, Look

LOOK = 0.5
"""Seconds between looks at the journal while somebody watches."""
BEAT = 15.0
"""Seconds after which a quiet stream says that it is alive."""
RETRY = 2000
"""Milliseconds after which a browser tries again."""


async def events(feed: Feed, after: int, version: str, stopping: asyncio.Event) -> AsyncIterator[str]:
    """News of one feed, until `stopping` is set, the campaign begins anew or the journal can't be read."""
    yield f"retry: {RETRY}\n\n"
    told: dict[str, Any] = {}
    quiet = 0.0
    while not stopping.is_set():
        try:
            look = await asyncio.to_thread(feed.look, after)
        except StoreError as fault:
            yield _event("trouble", {"text": str(fault)})
            return
        if look.version != version:
            yield _event("anew", {})
            return
        if look.points or _state(look) != told:
            after, told, quiet = max([after, *(point["id"] for point in look.points)]), _state(look), 0.0
            yield f"id: {after}\n{_event('', as_json(look))}"
        elif quiet >= BEAT:
            quiet = 0.0
            yield _event("beat", {})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK)
        quiet += LOOK


def as_json(look: Look) -> dict[str, Any]:
    """What of a look goes to the browser."""
    return {"points": look.points, "moves": look.moves, **_state(look)}


def _state(look: Look) -> dict[str, Any]:
    return {"why": look.why, "alarms": look.alarms, "stopped": look.stopped}


def _event(name: str, data: dict[str, Any]) -> str:
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(data, allow_nan=False)}\n\n"
