"""Posts alarms to one address: JSON, signed, within a time limit, and never in the loop's way.

Called by the alarm desk with each message that is due; the posting itself is handed to whoever `submit` is, a worker
thread in the daemon. Tries each message once: an alarm whose message did not arrive is told to `failed`, and the book
makes it due again, later and later, so that a dead receiver meets one attempt at a time and never a storm. What is said
of a failure names no secret.

The body is one object: {"version": 1, "id", "event", "campaign", "at", "alarm": {...}}. With a secret, the headers of
Standard Webhooks (webhook-id, webhook-timestamp, webhook-signature) go with it.
"""

import json
import logging
from collections.abc import Callable, Mapping

from controller.alarms.alarm import Event
from controller.clock import iso
from controller.errors import NotAvailable
from controller.io.http import Http, HttpFault, Limits
from controller.io.signing import sign
from controller.ports import Clock
from controller.quantities.redaction import Template, redact

log = logging.getLogger("setpoint.webhook")

Submit = Callable[[Callable[[], None]], object]
"""Runs a piece of work elsewhere and returns at once, e.g. an executor's `submit`."""
MOST_WAITING = 100
"""Messages that may wait for a slow receiver; more count as failed."""


class Webhook:
    """One receiver of alarms.

    Parameters
    ----------
    url, secret: where and signed with what; texts that may name environment variables.
    environ: where those are looked up, at each use.
    campaign: named in each message.
    clock: for the signature's time and the deadline.
    submit: runs the posting elsewhere.
    failed: told of each message that did not arrive, from wherever `submit` runs.
    timeout: seconds for a whole exchange.
    """

    def __init__(
        self, url: Template, secret: Template | None, *, environ: Mapping[str, str], campaign: str, clock: Clock,
        submit: Submit, failed: Callable[[Event], object], timeout: float = 5.0,
    ) -> None:  # fmt: skip
        self.url, self.secret, self.environ = url, secret, environ
        self.campaign, self.clock, self.submit, self.failed = campaign, clock, submit, failed
        self.http = Http(Limits(timeout=timeout, max_bytes=1_000_000), clock)
        self.waiting = 0
        """Messages handed over and not yet answered."""
        self.delivered = 0
        self.failures = 0

    def __call__(self, event: Event) -> None:
        """Hand one message over; returns at once and raises nothing."""
        if self.waiting >= MOST_WAITING:
            self._fail(event, f"{self.waiting} messages are waiting already")
            return
        self.waiting += 1
        try:
            self.submit(lambda: self._post(event))
        except RuntimeError as fault:  # an executor that was shut down
            self.waiting -= 1
            self._fail(event, str(fault))

    def _post(self, event: Event) -> None:
        try:
            self._exchange(event)
            self.delivered += 1
        except (HttpFault, NotAvailable) as fault:
            self._fail(event, str(fault))
        finally:
            self.waiting -= 1

    def _exchange(self, event: Event) -> None:
        body = body_of(event, self.campaign)
        headers = {"Content-Type": "application/json"}
        if self.secret is not None:
            headers |= sign(self.secret.reveal(self.environ), event.id, self.clock.now(), body)
        answer = self.http.send("POST", self.url.reveal(self.environ), headers, body)
        if not answer.ok:
            raise HttpFault(f"it answered with status {answer.status}, wanted 2xx", sent=True)

    def _fail(self, event: Event, why: str) -> None:
        self.failures += 1
        text = redact(why, [self.url, *([self.secret] if self.secret else [])], self.environ)
        log.warning("an alarm did not reach the webhook: %s", text, extra={"code": event.alarm.code})
        self.failed(event)


def body_of(event: Event, campaign: str) -> bytes:
    """The message as JSON bytes."""
    said = {
        "version": 1, "id": event.id, "event": str(event.kind), "campaign": campaign, "at": iso(event.at),
        "alarm": event.alarm.as_json(),
    }  # fmt: skip
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
