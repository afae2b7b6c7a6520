"""Security headers on every answer of the page, and no answer to names that this host was not asked for by.

Wrapped around the page's app. The page is read only, but what it shows is a business secret: a strange site must
neither frame it, nor run anything in it, nor read it by giving its own name this host's address (DNS rebinding).
"""

from ipaddress import ip_address

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
REFUSED = (
    "This page answers to an IP address or to localhost. Where a proxy asks under another name, "
    "say `behind: proxy` under `page:` in the daemon's config.\n"
)


class Guarded:
    """Puts the headers on every answer.

    Parameters
    ----------
    any_host: a proxy stands in front and knows its own names.
    """

    def __init__(self, app: ASGIApp, any_host: bool = False) -> None:
        self.app, self.any_host = app, any_host

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        own = scope["type"] != "http" or self.any_host or is_own(Headers(scope=scope).get("host", ""))
        app = self.app if own else PlainTextResponse(REFUSED, 421)
        await app(scope, receive, guarded)


def is_own(host: str) -> bool:
    """True for a Host header that no DNS has part in.

    >>> [is_own(host) for host in ("127.0.0.1:8420", "[::1]:8420", "localhost", "evil.example", "")]
    [True, True, True, False, False]
    """
    name = host[1 : host.find("]")] if host.startswith("[") else host.partition(":")[0]
    try:
        return name == "localhost" or bool(ip_address(name))
    except ValueError:
        return False
