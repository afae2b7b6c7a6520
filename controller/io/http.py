"""One HTTP exchange with limits: time, bytes, addresses; no redirects, no cookies, no proxies, no retries.

Called by access.py for sensors and actuators, and by webhooks; calls net.py, imported when first something is
sent. A connection serves one exchange: at one exchange a minute a kept connection is mostly a closed one, and a
write that fails on it looks as if it had been lost on the way. Texts of faults hold the host and the library's
reason, and neither headers nor the query of an address.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import SplitResult, quote, urlsplit

from controller.clock import SystemClock
from controller.ports import Clock

_SAFE = "%/:=&?~#+!$,;'@()*[]"


class HttpFault(Exception):
    """No whole answer. `sent` is False where the request certainly did not leave."""

    def __init__(self, text: str, *, sent: bool) -> None:
        self.sent = sent
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer of any status."""

    status: int
    headers: Mapping[str, str]
    """By lower-case name; of a repeated header the last."""
    body: bytes = field(repr=False)

    @property
    def ok(self) -> bool:
        """2xx."""
        return 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Limits:
    """What one exchange may cost and where it may go."""

    timeout: float = 5.0
    """Seconds for the whole exchange, from the name's look-up to the last byte."""
    max_bytes: int = 10_000_000
    """Largest body that is taken."""
    public_only: bool = False
    """Refuse private and loopback addresses; link-local and metadata addresses are refused always."""
    ca_file: str | None = None
    """Certificates of one's own authority; None: those of the system."""


class Http:
    """Sends requests within limits.

    Parameters
    ----------
    limits: see Limits.
    clock: the monotonic clock that deadlines are kept by.
    """

    def __init__(self, limits: Limits | None = None, clock: Clock | None = None) -> None:
        self.limits, self.clock = limits or Limits(), clock or SystemClock()

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        *,
        timeout: float | None = None,
    ) -> Answer:
        """One exchange; raises HttpFault. `timeout` in seconds, never above the limit."""
        import httpcore2

        from controller.io import net

        target = _target(url)
        where = f"{target.hostname}:{_port(target)}"
        seconds = min(timeout or self.limits.timeout, self.limits.timeout)
        deadline = net.Deadline(self.clock, self.clock.monotonic() + seconds)
        backend = net.Backend(deadline, public_only=self.limits.public_only)
        tls = self._tls if target.scheme == "https" else None
        try:
            with httpcore2.ConnectionPool(ssl_context=tls, network_backend=backend) as pool:
                return self._exchange(pool, method, target, headers or {}, body, where)
        except net.NotAllowed as fault:
            raise HttpFault(str(fault), sent=False) from None
        except (httpcore2.ConnectError, ssl.SSLError) as fault:
            raise HttpFault(f"can't connect to {where}: {fault}", sent=False) from None
        except httpcore2.ConnectTimeout:
            raise HttpFault(f"can't connect to {where} within {seconds:g} s", sent=False) from None
        except httpcore2.TimeoutException:
            raise HttpFault(f"no whole answer from {where} within {seconds:g} s", sent=True) from None
        except httpcore2.LocalProtocolError:
            raise HttpFault(
                "a header or the address holds characters that HTTP can't carry", sent=False
            ) from None
        except httpcore2.RemoteProtocolError as fault:
            raise HttpFault(f"{where} broke off or does not speak HTTP: {fault}", sent=True) from None
        except httpcore2.NetworkError as fault:
            raise HttpFault(f"the connection to {where} broke: {fault}", sent=True) from None

    def _exchange(
        self, pool: Any, method: str, target: SplitResult, headers: Mapping[str, str], body: bytes, where: str
    ) -> Answer:
        sent = {
            "Host": target.netloc,
            "User-Agent": "setpoint",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        if body or method not in ("GET", "HEAD"):
            sent["Content-Length"] = str(len(body))
        with pool.stream(method, _url(target), headers=_raw({**sent, **headers}), content=body) as answer:
            named = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in answer.headers}
            if named.get("content-encoding", "identity").lower() not in ("identity", ""):
                raise HttpFault(f"{where} packed its answer ({named['content-encoding']}) unasked", sent=True)
            return Answer(answer.status, named, self._body(answer, where))

    def _body(self, answer: Any, where: str) -> bytes:
        parts, size = [], 0
        for part in answer.iter_stream():
            size += len(part)
            if size > self.limits.max_bytes:
                text = (
                    f"the answer of {where} is larger than {self.limits.max_bytes} bytes, which is the limit"
                )
                raise HttpFault(text, sent=True)
            parts.append(part)
        return b"".join(parts)

    @cached_property
    def _tls(self) -> ssl.SSLContext:
        import httpcore2

        if self.limits.ca_file is None:
            return httpcore2.default_ssl_context()
        try:
            return ssl.create_default_context(cafile=self.limits.ca_file)
        except OSError as fault:
            raise HttpFault(
                f"can't use the certificates in {self.limits.ca_file}: {fault}", sent=False
            ) from None


def _target(url: str) -> SplitResult:
    """The parts of an address, checked; what is wrong is said without repeating the address."""
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        raise HttpFault("the address can't be read; allowed: http://host:port/path", sent=False) from None
    if target.scheme not in ("http", "https") or not target.hostname or port == 0:
        raise HttpFault("the address is not http:// or https:// with a host", sent=False)
    if target.username is not None or target.password is not None:
        raise HttpFault(
            "the address holds a user or password: give `username` and `password` instead", sent=False
        )
    return target


def _port(target: SplitResult) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


def _url(target: SplitResult) -> Any:
    import httpcore2

    path = quote(target.path or "/", _SAFE) + (f"?{quote(target.query, _SAFE)}" if target.query else "")
    try:
        host = (target.hostname or "").encode("ascii")
    except UnicodeEncodeError:
        host = (target.hostname or "").encode("idna")
    return httpcore2.URL(scheme=target.scheme, host=host, port=target.port, target=path.encode("ascii"))


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    try:
        return [(key.encode("ascii"), value.encode("latin-1")) for key, value in headers.items()]
    except UnicodeEncodeError:
        raise HttpFault("a header holds characters that HTTP can't carry", sent=False) from None
