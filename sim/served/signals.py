"""GET /signals: what the market has counted, as a JSON document that the http_json sensor reads.

Without a question: totals since the market's start, and levels, as of the end of its last step. With `?from=...&to=...`
(UTC seconds or ISO, of the wall): counts in that window, on the market's grid of steps, and levels at its end; all as
known by now, through each signal's feed. A signal whose feed is dead is not there and stands in `down`; one that bears
an older time than the document has an `as_of` of its own. Called by the app; changes nothing.
"""

from collections.abc import Mapping
from typing import Any

from controller.cells import Array
from controller.io.moments import moment_of
from controller.io.numbers import BadValue
from sim.market.market import Market
from sim.served.backend import Rejected, Served


def signals(served: Served, asked: Mapping[str, str]) -> dict[str, Any]:
    """The document; raises Rejected for a question that has no answer."""
    unknown = sorted(set(asked) - {"from", "to"})
    if unknown or len(asked) == 1:
        text = f"received {', '.join(sorted(asked))}"[:100]
        raise Rejected(400, f"/signals takes `from` and `to` together or nothing, {text}")
    span = (_moment(asked, "from"), _moment(asked, "to")) if asked else None
    return _document(served, span)


def _document(served: Served, span: tuple[float, float] | None) -> dict[str, Any]:
    market, pace = served.market, served.pace
    start, end = _steps(served, span)
    down = served.down()
    return {
        "as_of": _wall(served, end),
        "from": _wall(served, start),
        "to": _wall(served, end),
        "now": pace.to_wall(market.now),
        "market_time": (market.first + end) * market.timing.step,
        "speed": pace.speed,
        "down": list(down),
        "signals": {
            name: _signal(served, name, start, end, span is not None)
            for name in market.signals
            if name not in down
        },
    }


def _signal(served: Served, name: str, start: int, end: int, counted: bool) -> dict[str, Any]:
    signal = served.market.signals[name]
    value, stamp = _value(served.market, name, start, end, counted)
    told = {
        "value": served.by_cell(value, served.heard(name)),
        "kind": signal.kind,
        "unit": served.unit_of(name),
        "what": signal.what,
    }
    at = served.pace.to_wall(stamp)
    return told if at == _wall(served, end) else {**told, "as_of": at}


def _value(market: Market, name: str, start: int, end: int, counted: bool) -> tuple[Array, float]:
    """What was counted between two steps; a level, and everything where no window was asked for, at the second."""
    step = market.timing.step
    moment = (market.first + end) * step
    if counted and name in market.counted:
        return market.window(name, moment, (end - start) * step)
    return market.total(name, moment)


def _steps(served: Served, span: tuple[float, float] | None) -> tuple[int, int]:
    """Numbers of the market's steps that a window runs between; raises Rejected where nothing is known of it."""
    market = served.market
    if span is None:
        return 0, market.history.steps
    start, end = (served.pace.to_market(wall) for wall in span)
    if not start < end:
        raise Rejected(422, f"`from` must be earlier than `to`, received {span[0]:.3f} and {span[1]:.3f}")
    if end > market.now + 1e-6:
        now = served.pace.to_wall(market.now)
        raise Rejected(422, f"`to` lies {span[1] - now:.3f} s in the future: now is {now:.3f}")
    first, last = market.step_at(start), market.step_at(end)
    lag = market.reception.lookback
    if first < 0:
        raise Rejected(422, f"the market is younger than that: it began at {_wall(served, 0):.3f}")
    if first - lag < market.history.oldest and market.history.oldest > 0:
        kept = _wall(served, market.history.oldest + lag)
        raise Rejected(422, f"too long ago: windows are kept that begin at {kept:.3f} or later")
    return first, last


def _wall(served: Served, step: int) -> float:
    market = served.market
    return served.pace.to_wall((market.first + step) * market.timing.step)


def _moment(asked: Mapping[str, str], key: str) -> float:
    text = asked[key]
    try:
        return moment_of(text, "seconds" if text[:1].isdigit() and "T" not in text else "iso")
    except BadValue as fault:
        raise Rejected(
            400, f"{key}: {fault}; a moment is written 1780300800 or 2026-06-01T08:00:00Z"
        ) from None
