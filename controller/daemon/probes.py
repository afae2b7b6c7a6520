"""What monitoring asks of the daemon: /metrics, /healthz, /readyz, on an address of their own.

Called by the runner. Liveness is about the event loop alone (it answers, so it lives); readiness is said sensor by
sensor and degrades again when a feed dies.
"""

from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from controller.loop.turn import Turn
from controller.signals import Latch


def readiness(turn: Turn | None, starting: str = "no turn has been made yet") -> tuple[bool, dict[str, Any]]:
    """Ready when a turn has been made and no sensor is held; with the state of every sensor and output."""
    if turn is None:
        return False, {"ready": False, "why": starting}
    sensors = {name: Latch(int(signal.latch.max())).name.lower() for name, signal in turn.signals.items()}
    outputs = {name: bool(output.known.all()) for name, output in turn.outputs.items()}
    ready = all(state == "live" for state in sensors.values()) and all(outputs.values())
    return ready, {
        "ready": ready,
        "sensors": sensors,
        "outputs_readable": outputs,
        "last_turn": turn.tick.time,
    }


def probes(last: Callable[[], Turn | None], metrics: Callable[[], tuple[bytes, str]]) -> Starlette:
    """The app; `metrics` renders the text format and its content type."""

    async def show_metrics(_: Request) -> Response:
        body, kind = metrics()
        return Response(body, media_type=kind)

    async def healthz(_: Request) -> Response:
        return JSONResponse({"alive": True})

    async def readyz(_: Request) -> Response:
        ready, said = readiness(last())
        return JSONResponse(said, status_code=200 if ready else 503)

    return Starlette(
        routes=[Route("/metrics", show_metrics), Route("/healthz", healthz), Route("/readyz", readyz)]
    )
