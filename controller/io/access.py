"""An HTTP place with credentials: settings that HTTP members share, and the one object that knows the secrets.

Called by the HTTP sensors and actuators; calls http.py, strict_json.py and redaction. Secrets are looked up at
each use, go into headers and addresses and nowhere else, and every text that leaves here has their values replaced
by their names.
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Literal
from urllib.parse import quote, quote_plus

from controller.errors import NotAvailable
from controller.io.http import Answer, Http, HttpFault, Limits
from controller.io.strict_json import BadJson, read_json
from controller.ports import Clock
from controller.quantities import FileName, Period, QuantityError, Range, Secret, Template, Text
from controller.quantities.redaction import redact

_EXCERPT = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Keys that every member has which speaks HTTP."""

    url: Text
    """http:// or https:// address. No redirect is followed: give the final one."""
    token: Secret | None = None
    """Sent as `Authorization: Bearer ...`; None: not sent."""
    username: Text | None = None
    """With `password`, sent as basic authentication."""
    password: Secret | None = None
    """See `username`."""
    headers: dict[str, Text] = field(default_factory=dict)
    """Further headers, such as a tenant's name; a secret stands in them as ${env:NAME}."""
    timeout: Period = 5.0
    """Seconds for one whole exchange; a tick waits no longer than that for it."""
    max_bytes: Annotated[int, Range(1, 1e9)] = 10_000_000
    """Largest answer taken; ten thousand cells need about one million bytes."""
    network: Literal["any", "public"] = "any"
    """`public` refuses private and loopback addresses, for hosts that others control; `any` allows them, since that is
    where metrics live. Link-local and cloud metadata addresses are refused always."""
    ca_file: FileName | None = None
    """Certificates of one's own authority (PEM); None: the system's."""

    def __post_init__(self) -> None:
        if self.token is not None and self.username is not None:
            raise QuantityError("two ways to say who is asking", "token and username", "one of them")
        if (self.username is None) != (self.password is None):
            raise QuantityError("half of a user and password", "one of them", "both, or neither")


class Site:
    """Speaks with one place on behalf of one member.

    Parameters
    ----------
    access: address, credentials and limits.
    more: other templates whose values must never show, such as a signing key.
    environ: where secrets are looked up; None: the process's environment.
    """

    def __init__(
        self,
        access: Access,
        *,
        more: tuple[Template | None, ...] = (),
        environ: Mapping[str, str] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.access, self.environ = access, os.environ if environ is None else environ
        known = (access.url, access.token, access.username, access.password, *access.headers.values(), *more)
        self.templates = tuple(template for template in known if template is not None)
        ca_file = access.ca_file.path if access.ca_file else None
        limits = Limits(access.timeout, access.max_bytes, access.network == "public", ca_file)
        self.http = Http(limits, clock)

    def send(
        self,
        method: str,
        *,
        url: Template | None = None,
        path: str = "",
        fill: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        timeout: float | None = None,
    ) -> Answer:
        """One exchange; `fill` replaces `{name}` in the address by a quoted value. Raises HttpFault, cleaned."""
        try:
            address = self.reveal(url or self.access.url)
            for name, value in (fill or {}).items():
                address = address.replace(f"{{{name}}}", quote(value, safe=""))
            if path:
                address = address.rstrip("/") + path
            return self.http.send(
                method, address, {**self._headers(), **(headers or {})}, body, timeout=timeout
            )
        except NotAvailable as fault:
            raise HttpFault(str(fault), sent=False) from None
        except HttpFault as fault:
            raise HttpFault(self.clean(str(fault)), sent=fault.sent) from None

    def reveal(self, template: Template) -> str:
        """The text with its secrets; raises NotAvailable where one is not set."""
        return template.reveal(self.environ)

    def clean(self, text: str) -> str:
        """The text without any secret's value, plain or as it is written in an address."""
        for written in (str, quote, partial(quote, safe=""), quote_plus):
            shown = {name: written(value) for name, value in self._values().items()}
            text = redact(text, self.templates, shown)
        return text

    def excerpt(self, answer: Answer) -> str:
        """Status and the beginning of the body, for messages."""
        text = " ".join(answer.body[:100_000].decode("utf-8", "replace").split())
        shown = "".join(c if c.isprintable() else "?" for c in self.clean(text))[:_EXCERPT]
        return f"{answer.status}{': ' if shown else ''}{shown}"

    def json(self, answer: Answer) -> Any:
        """The answer's document; raises BadJson, cleaned."""
        try:
            return read_json(answer.body)
        except BadJson as fault:
            raise BadJson(self.clean(str(fault))) from None

    def _values(self) -> dict[str, str]:
        names = {name for template in self.templates for name in template.names}
        return {name: self.environ[name] for name in names if name in self.environ}

    def _headers(self) -> dict[str, str]:
        access = self.access
        headers = {name: self.reveal(value) for name, value in access.headers.items()}
        if access.token is not None:
            headers["Authorization"] = f"Bearer {self.reveal(access.token)}"
        if access.username is not None and access.password is not None:
            pair = f"{self.reveal(access.username)}:{self.reveal(access.password)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return headers
