"""http: sends each order as a signed JSON request, and reads back what is in force by GET.

An order says absolutely what is to be in force and until when. Sent again under the same id it is the same
request, byte for byte (`Idempotency-Key`), so a target that keeps ids can tell. With `sign_with`, the request
carries the three headers of Standard Webhooks: HMAC-SHA256 over id, time and body. Unless `body` gives another
form, the request is

    {"id": "summer.win_rate.3.17", "channel": "win_rate", "epoch": [3, 17], "issued_at": 1780300800.0,
     "value": 0.035, "lease": 10800.0, "fallback": 0.03, "suspend": false}

with `value`, `fallback` and `suspend` as objects keyed by cell where there are several cells, and the answer to
GET is {"value": 0.035, "epoch": [3, 17], "id": "..."}, where `epoch` and `id` may be absent. In `body` (any
mapping), a text that is just `{value}` becomes that part of the order; inside longer texts its words are put in.
The parts: id, channel, value, fallback, suspend, lease, lease_until, issued_at, epoch, term, sequence. `{channel}`
may also stand in addresses.

Tried again within the tick only, for as long as `within`: after 408, 425, 429 (waiting as `Retry-After` says), any
5xx and broken connections, since those leave open whether the order arrived. 409 and 412 mean that a newer order
is in force, other 4xx and any redirect that the target says no: final. Called by the loop; calls controller.io and
stamina.

```yaml
actuators:
  win_rate:
    kind: http
    url: https://lottery.example/odds
    sign_with: ${env:ODDS_KEY}
    unit: share
    start: 3%
    safe: 3%
    limits: [3%, 12%]
    lease: 3h
    lease_by: target
```
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import numpy as np

from controller.actuators._orders import (
    Standing,
    by_cell,
    content_of,
    from_cells,
    is_new,
    require_sound,
    seen,
)
from controller.cells import Array, Cells
from controller.clock import SystemClock
from controller.errors import NotAvailable, Refused, Unreachable
from controller.io.access import Access, Site
from controller.io.http import Answer, HttpFault
from controller.io.numbers import BadValue
from controller.io.paths import Index, JsonPath, NotThere
from controller.io.retries import retry_after
from controller.io.signing import sign
from controller.io.strict_json import BadJson, number_of, write_json
from controller.io.templates import filled, parts_in
from controller.plan import Actuator
from controller.ports import Clock
from controller.quantities import Period, QuantityError, Range, Secret, Text
from controller.signals import Command, Epoch, Landing, Receipt, codes

OPEN = frozenset((408, 425, 429))
"""Statuses below 500 after which the same request may be sent again."""
SUPERSEDED = frozenset((409, 412))
PARTS = (
    "id", "channel", "value", "fallback", "suspend", "lease", "lease_until", "issued_at", "epoch", "term", "sequence"
)  # fmt: skip
FORM = {part: f"{{{part}}}" for part in PARTS if part not in ("lease_until", "term", "sequence")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(Access):
    """Keys of `kind: http`, beside those of every HTTP member."""

    method: Literal["POST", "PUT", "PATCH"] = "POST"
    """How an order is sent."""
    body: dict[str, Any] = field(default_factory=dict)
    """The request's form, where the target has one of its own; empty: the form above."""
    sign_with: Secret | None = None
    """Key of the signature (`whsec_...` is base64); None: not signed."""
    factor: float = 1.0
    """The target's number for a value of 1: 100 where it wants percent, 1000000 for parts per million."""
    decimals: Annotated[int, Range(0, 12)] | None = None
    """Decimals of the target's number, 0 for whole numbers; no coarser than the actuator's resolution. None: all."""
    attempts: Annotated[int, Range(1, 20)] = 4
    """Tries of one order within a tick."""
    within: Period = 10.0
    """Seconds that all tries of one order may take together."""
    read_back: Literal["get", "none"] = "get"
    """`none` where the target can't be asked: its orders stay unconfirmed and are sent each tick."""
    read_url: Text | None = None
    """Address of the GET; None: `url`."""
    read_path: str | None = None
    """Where the value stands in its answer; None: `value`, and `value.*` with several cells."""
    read_cell_path: str | None = None
    """Where the cells' names stand, star for star beside `read_path`; None: the keys under its star."""

    def __post_init__(self) -> None:
        Access.__post_init__(self)
        if not np.isfinite(self.factor) or self.factor <= 0:
            raise QuantityError("not a factor", self.factor, "a number above zero")
        unknown = sorted(set(parts_in(self.body)) - set(PARTS))
        if unknown:
            raise QuantityError("no such part of an order", "{" + unknown[0] + "}", ", ".join(PARTS))
        for text in (self.read_path, self.read_cell_path):
            if text is not None:
                JsonPath.parse(text)


class _Open(Unreachable):
    """This try left the outcome open; another may follow, after `wait` seconds where the target said so."""

    def __init__(self, text: str, wait: float | None = None) -> None:
        self.wait = wait
        super().__init__(text)


class HttpActuator:
    """Drives a target that takes orders by HTTP.

    Parameters
    ----------
    declared: its lease.
    settings: address, form and tries.
    cells: by label.
    site: who speaks HTTP; None: made from the settings.
    clock: for deadlines and the time of signatures; None: the machine's.
    """

    def __init__(
        self,
        declared: Actuator,
        settings: Settings,
        cells: Cells,
        *,
        site: Site | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.declared, self.settings, self.cells = declared, settings, cells
        self.clock = clock or SystemClock()
        self.site = site or Site(settings, more=(settings.sign_with, settings.read_url), clock=self.clock)
        self.path = JsonPath.parse(settings.read_path or ("value" if len(cells) == 1 else "value.*"))
        self.cell_path = JsonPath.parse(settings.read_cell_path) if settings.read_cell_path else None
        self.channel = declared.kind
        self.newest: Standing | None = None
        if len(cells) > 1 and not self.path.stars:
            raise QuantityError(
                f"{len(cells)} cells are read back from a single value",
                settings.read_path,
                "a star where the cells stand, such as value.*",
            )

    # -- orders -----------------------------------------------------------------------------------------------------

    def apply(self, command: Command) -> Receipt:
        import stamina

        require_sound(command, self.cells)
        is_new(command, content_of(command), self.newest)
        self.newest = Standing(command.id, command.epoch, content_of(command))
        self.channel = command.channel
        body = self._body(command)
        ends = self.clock.monotonic() + self.settings.within
        tries = stamina.retry_context(
            on=lambda fault: self._again(fault, ends),
            attempts=self.settings.attempts,
            timeout=self.settings.within,
            wait_initial=0.1,
            wait_max=2.0,
            wait_jitter=0.1,
        )
        for attempt in tries:
            with attempt:
                status = self._send(command, body, ends)
        landing = codes(len(self.cells), Landing.UNCONFIRMED)
        note = f"accepted with {status}; not yet read back"
        return Receipt(command.channel, self.cells.full(np.nan), landing, command.epoch, command.id, note)

    def _again(self, fault: Exception, ends: float) -> bool | float:
        """Whether another try may follow, and after how many seconds where the target said so."""
        left = ends - self.clock.monotonic()
        if not isinstance(fault, _Open) or left <= 0:
            return False
        return True if fault.wait is None else fault.wait <= left and fault.wait

    def _send(self, command: Command, body: bytes, ends: float) -> int:
        """One try; its status where the order was taken. Raises Refused, or _Open."""
        left = max(ends - self.clock.monotonic(), 0.05)
        headers = {"Content-Type": "application/json", "Idempotency-Key": command.id}
        try:
            if self.settings.sign_with is not None:
                key = self.site.reveal(self.settings.sign_with)
                headers |= sign(key, command.id, self.clock.now(), body)
            fill = {"channel": command.channel, "id": command.id}
            answer = self.site.send(self.settings.method, fill=fill, headers=headers, body=body, timeout=left)
        except NotAvailable as fault:
            raise Refused(f"{command.channel}: {fault}; nothing was sent") from None
        except HttpFault as fault:
            what = "the outcome is open" if fault.sent else "it was not sent"
            raise _Open(f"{command.channel}: {fault}; {what} (order {command.id})") from None
        return self._judged(command, answer)

    def _judged(self, command: Command, answer: Answer) -> int:
        if answer.ok:
            return answer.status
        said = f"{self.site.access.url} answered {self.site.excerpt(answer)} (order {command.id})"
        if answer.status in SUPERSEDED:
            raise Refused(f"{command.channel}: superseded, a newer order is in force: {said}")
        if answer.status >= 500 or answer.status in OPEN:
            wait = retry_after(answer.headers.get("retry-after"), self.clock.now())
            raise _Open(f"{command.channel}: {said}; the outcome is open", wait)
        raise Refused(f"{command.channel}: {said}; expected 2xx")

    def _body(self, command: Command) -> bytes:
        suspend = np.zeros(len(self.cells), np.bool_) if command.suspend is None else command.suspend
        stops = (
            bool(suspend[0])
            if len(self.cells) == 1
            else dict(zip(self.cells.label_of, suspend.tolist(), strict=True))
        )
        parts = {
            "id": command.id,
            "channel": command.channel,
            "value": self._outward(command.value),
            "fallback": self._outward(command.fallback),
            "suspend": stops,
            "lease": command.lease,
            "lease_until": None if command.lease is None else command.issued_at + command.lease,
            "issued_at": command.issued_at,
            "epoch": [command.epoch.term, command.epoch.sequence],
            "term": command.epoch.term,
            "sequence": command.epoch.sequence,
        }
        return write_json(filled(self.settings.body or FORM, parts))

    # -- the target's numbers ---------------------------------------------------------------------------------------

    def _outward(self, values: Array) -> Any:
        if self.settings.factor == 1.0 and self.settings.decimals is None:
            return by_cell(values, self.cells)
        numbers = [self._number(value) for value in values.tolist()]
        return numbers[0] if len(self.cells) == 1 else dict(zip(self.cells.label_of, numbers, strict=True))

    def _number(self, value: float) -> float | int:
        """Twelve digits, so that a factor leaves no tail of binary rounding."""
        number = float(f"{value * self.settings.factor:.12g}")
        decimals = self.settings.decimals
        if decimals is None:
            return number
        return round(number) if decimals == 0 else round(number, decimals)

    # -- reading back -----------------------------------------------------------------------------------------------

    def read_back(self) -> Receipt:
        if self.settings.read_back == "none":
            return seen(self.channel, self.cells.full(np.nan), note="this target can't be asked")
        url = self.settings.read_url or self.settings.url
        try:
            fill, headers = {"channel": self.channel}, {"Accept": "application/json"}
            answer = self.site.send("GET", url=url, fill=fill, headers=headers)
            if not answer.ok:
                raise Unreachable(f"{self.channel}: {url} answered {self.site.excerpt(answer)}; expected 200")
            document = self.site.json(answer)
            value = from_cells(self._values(document), self.cells) / self.settings.factor
        except (HttpFault, BadJson, NotThere, BadValue) as fault:
            raise Unreachable(self.site.clean(f"{self.channel}: read-back from {url}: {fault}")) from None
        return seen(self.channel, value, *_order_in(document))

    def _values(self, document: Any) -> dict[str, float]:
        found = self.path.find(document)
        if len(self.cells) == 1 and not self.path.stars:
            return {self.cells.label_of[0]: number_of(found[0][1])}
        names = dict(self.cell_path.find(document)) if self.cell_path else {}
        labelled = {
            str(names.get(index, "") if self.cell_path else _key(index)): value for index, value in found
        }
        return {label: number_of(labelled[label]) for label in self.cells.label_of if label in labelled}


def _key(index: Index) -> str:
    return str(index[-1])


def _order_in(document: Any) -> tuple[Epoch | None, str]:
    """Epoch and id, where the target tells them in our own form."""
    if not isinstance(document, dict):
        return None, ""
    epoch, name = document.get("epoch"), document.get("id")
    is_pair = isinstance(epoch, list) and len(epoch) == 2 and all(type(part) is int for part in epoch)
    return Epoch(epoch[0], epoch[1]) if is_pair and epoch else None, name if isinstance(name, str) else ""
