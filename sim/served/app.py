"""The served market's addresses, and what goes wrong at them, said in JSON.

    GET  /               what is here
    GET  /metrics        text for Prometheus
    GET  /signals        JSON; ?from=...&to=... for a window
    GET  /levers/NAME    what is in force
    POST /levers/NAME    an order, in the form of the http actuator
    POST /advance        {"seconds": 600}: let time pass; only where the market is moved by hand

Called by `setpoint market` and tests, through controller.daemon.serving; calls the views beside it. Every request first
moves the market to now.
"""

from collections.abc import Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from controller.io.numbers import BadValue
from controller.io.strict_json import BadJson, number_of, read_json
from sim.served.backend import Rejected, Served
from sim.served.metrics import Page, metric_of
from sim.served.orders import standing, take
from sim.served.signals import signals

LARGEST = 4_000_000
"""Bytes of the largest order that is read; ten thousand cells need about one million."""
FARTHEST = 366 * 86_400.0
"""Seconds of the longest advance in one request."""


def app(served: Served) -> Starlette:
    """The app over one market."""
    page = Page(served)

    async def index(_: Request) -> Response:
        await served.catch_up()
        return JSONResponse(_index(served))

    async def metrics(_: Request) -> Response:
        await served.catch_up()
        if len(served.down()) == len(served.market.plant.signals):
            raise Rejected(503, "every feed of the market is down")
        return Response(page.render(), media_type=CONTENT_TYPE_LATEST)

    async def show_signals(request: Request) -> Response:
        await served.catch_up()
        return JSONResponse(signals(served, _question(request)))

    async def lever(request: Request) -> Response:
        name = request.path_params["name"]
        served.lever_of(name)
        document = await _json(request) if request.method == "POST" else None
        await served.catch_up()
        if request.method == "POST":
            _same_id(request, document)
            take(served, name, document)
        return JSONResponse(standing(served, name))

    async def advance(request: Request) -> Response:
        if not served.pace.by_hand:
            raise Rejected(409, f"this market runs by itself, at speed {served.pace.speed:g}")
        served.pace.pass_by_hand(_passing(await _json(request)))
        await served.catch_up()
        return JSONResponse({"now": served.market.now, "steps": served.market.history.steps})

    return Starlette(
        routes=[
            Route("/", index),
            Route("/metrics", metrics),
            Route("/signals", show_signals),
            Route("/levers/{name}", lever, methods=["GET", "POST"]),
            Route("/advance", advance, methods=["POST"]),
        ],
        exception_handlers={Rejected: _rejected, HTTPException: _refused},
    )


def _index(served: Served) -> dict[str, Any]:
    return {
        "market": served.about,
        "now": served.pace.to_wall(served.market.now),
        "market_time": served.market.now,
        "speed": served.pace.speed,
        "by_hand": served.pace.by_hand,
        "cells": list(served.market.cells.label_of),
        "metrics": {name: metric_of(served, name) for name in served.market.plant.signals},
        "levers": dict(served.names),
    }


# -- reading requests -----------------------------------------------------------------------------------------------


def _question(request: Request) -> Mapping[str, str]:
    pairs = request.query_params.multi_items()
    asked = dict(pairs)
    if len(asked) < len(pairs):
        raise Rejected(400, "a word of the question stands twice")
    return asked


async def _json(request: Request) -> Any:
    """The body's document; raises Rejected."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Rejected(415, f"expected Content-Type: application/json, received {kind[:60] or 'none'}")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise Rejected(413, f"the body is larger than {LARGEST} bytes")
    try:
        return read_json(bytes(body))
    except BadJson as fault:
        raise Rejected(400, str(fault)) from None


def _same_id(request: Request, document: Any) -> None:
    key = request.headers.get("idempotency-key")
    if key is not None and isinstance(document, dict) and key != document.get("id"):
        raise Rejected(400, f"Idempotency-Key {key[:60]!r} is not the order's id")


def _passing(document: Any) -> float:
    if not isinstance(document, dict) or set(document) != {"seconds"}:
        raise Rejected(400, 'expected {"seconds": ...}')
    try:
        seconds = number_of(document["seconds"])
    except BadValue as fault:
        raise Rejected(400, f"seconds: {fault}") from None
    if not 0 < seconds <= FARTHEST:
        raise Rejected(422, f"seconds: above 0 and at most {FARTHEST:g}, received {seconds:g}")
    return seconds


# -- what went wrong ------------------------------------------------------------------------------------------------


async def _rejected(_: Request, fault: Exception) -> Response:
    assert isinstance(fault, Rejected)
    return JSONResponse({"error": str(fault), **fault.more}, status_code=fault.status)


async def _refused(request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    text = f"{fault.detail}: {request.method} {request.url.path}"[:200]
    return JSONResponse({"error": text}, status_code=fault.status_code, headers=fault.headers)
