"""A server on a loopback port that does to its callers what real ones do: scripted faults, one a request.

    with Server(app) as server:
        server.script(reset(), status(429, {"Retry-After": "0"}))

The first two requests meet the script, later ones the app. What reached it stands in `server.seen`.
"""

import json
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case name."""
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


App = Callable[[Seen], Reply]
Step = Callable[["Handler", Seen, App], None]


def as_json(document, status=200, **headers) -> Reply:
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/json", **headers})


def status(code: int, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Step:
    """Answers without asking the app: 429 with Retry-After, 503, a redirect."""
    return lambda handler, seen, app: handler.reply(Reply(code, body, headers or {}))


def reset() -> Step:
    """Breaks the connection before an answer."""
    return lambda handler, seen, app: handler.reset()


def silent() -> Step:
    """Takes the request and says nothing until the server is closed."""
    return lambda handler, seen, app: handler.server.closing.wait(30)


def applied_then(code: int) -> Step:
    """Does what was asked, then answers as if it had failed."""

    def step(handler, seen, app):
        app(seen)
        handler.reply(Reply(code, b"oops"))

    return step


def applied_then_reset() -> Step:
    """Does what was asked, then breaks the connection."""

    def step(handler, seen, app):
        app(seen)
        handler.reset()

    return step


def half_body() -> Step:
    """Promises more than it sends."""

    def step(handler, seen, app):
        reply = app(seen)
        handler.raw(reply.body[: len(reply.body) // 2], {"Content-Length": str(len(reply.body) + 10)})

    return step


def endless_body(part: bytes = b"x" * 65536) -> Step:
    """Sends until the other side hangs up."""

    def step(handler, seen, app):
        handler.raw(b"", {"Content-Type": "application/json"})
        while not handler.server.closing.is_set():
            handler.wfile.write(part)

    return step


def dripping(gap: float = 0.05) -> Step:
    """A byte now and then: each read succeeds, the whole never ends."""

    def step(handler, seen, app):
        handler.connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not handler.server.closing.wait(gap):
            handler.connection.sendall(b"x")

    return step


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def handle_one(self):
        length = int(self.headers.get("Content-Length") or 0)
        headers = {key.lower(): value for key, value in self.headers.items()}
        seen = Seen(self.command, self.path, headers, self.rfile.read(length))
        with self.server.lock:
            self.server.seen.append(seen)
            step = self.server.steps.popleft() if self.server.steps else self.server.always
        self.close_connection = True
        try:
            if step is None:
                self.reply(self.server.app(seen))
            else:
                step(self, seen, self.server.app)
        except OSError:
            pass

    do_GET = do_POST = do_PUT = do_PATCH = handle_one  # noqa: N815

    def reply(self, reply: Reply) -> None:
        self.raw(reply.body, {"Content-Length": str(len(reply.body)), **reply.headers}, reply.status)

    def raw(self, body: bytes, headers: Mapping[str, str], code: int = 200) -> None:
        self.send_response(code)
        for key, value in headers.items():
            self.send_header(key, value)
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def reset(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.rfile.close()

    def finish(self) -> None:
        with suppress(OSError, ValueError):
            super().finish()

    def log_message(self, *args) -> None:
        pass


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address) -> None:
        pass


class Server:
    def __init__(self, app: App) -> None:
        self.listener = _Listener(("127.0.0.1", 0), Handler)
        self.listener.app, self.listener.seen, self.listener.steps = app, [], deque()
        self.listener.always, self.listener.lock, self.listener.closing = (
            None,
            threading.Lock(),
            threading.Event(),
        )
        self.port = self.listener.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(
            target=self.listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    @property
    def seen(self) -> list[Seen]:
        return self.listener.seen

    def script(self, *steps: Step) -> None:
        """What the next requests meet."""
        self.listener.steps.extend(steps)

    def always(self, step: Step | None) -> None:
        """What every request meets when the script is at its end; None: the app."""
        self.listener.always = step

    def __enter__(self) -> "Server":
        self.thread.start()
        return self

    def __exit__(self, *_) -> None:
        self.listener.closing.set()
        self.listener.shutdown()
        self.listener.server_close()
        self.thread.join()
