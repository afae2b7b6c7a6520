"""Connections that keep to the address rules and to one deadline for everything they do.

Called by http.py, which imports this file late; calls addresses.py and httpcore2. A deadline covers looking the
name up, connecting, TLS, sending and each byte that comes back, so that a server which answers a byte a second
holds nobody up.
"""

import socket
import ssl
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import httpcore2

from controller.io.addresses import objection
from controller.ports import Clock


class NotAllowed(Exception):
    """The address may not be connected to."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of a monotonic clock after which nothing is waited for."""

    clock: Clock
    ends: float

    def left(self) -> float:
        """Seconds that remain; raises ReadTimeout when there are none."""
        seconds = self.ends - self.clock.monotonic()
        if seconds <= 0:
            raise httpcore2.ReadTimeout("out of time")
        return seconds


class Stream(httpcore2.NetworkStream):
    """A connection, all of whose operations share a deadline."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: Deadline) -> None:
        self._inner, self._deadline = inner, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return Stream(inner, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class Backend(httpcore2.NetworkBackend):
    """Looks names up, judges the addresses, and connects to the address that was judged."""

    def __init__(self, deadline: Deadline, *, public_only: bool) -> None:
        self._deadline, self._public_only = deadline, public_only
        self._plain = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        found = self._addresses(host, port)
        why = objection(found, public_only=self._public_only)
        if why is not None:
            raise NotAllowed(f"{host}: {why}")
        fault: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in found:
            try:
                plain = self._plain.connect_tcp(
                    address, port, self._deadline.left(), local_address, socket_options
                )
                return Stream(plain, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                fault = error
        raise fault

    def _addresses(self, host: str, port: int) -> list[str]:
        """Addresses of a host, in the resolver's order; looked up beside us, as a resolver keeps no deadline."""
        found: list[Any] = []

        def look() -> None:
            try:
                found.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                found.append(error)

        looking = threading.Thread(target=look, name="look-up", daemon=True)
        looking.start()
        looking.join(self._deadline.left())
        if not found:
            raise httpcore2.ConnectTimeout(f"{host} was not found in time")
        if isinstance(found[0], Exception):
            reason = getattr(found[0], "strerror", None) or str(found[0])
            raise httpcore2.ConnectError(f"{host} was not found: {reason}")
        return list(dict.fromkeys(str(entry[4][0]) for entry in found[0]))
