"""What a calibration found, in words for a terminal and as plain data for --json.

Called by the command; calls the command line's way of writing tables; decides nothing.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import numpy as np

from controller.cli.output import columns
from sim.calibration.calibrated import Calibrated, spoken
from sim.calibration.holdout import COVERAGE, HoldOut, Row
from sim.calibration.posterior import Posterior
from sim.calibration.redemption import Lag
from sim.calibration.report import Found
from sim.calibration.statistics import DAYS
from sim.calibration.trips import Heterogeneity

DAY = 86_400.0
_SHARES = (COVERAGE, "share of sales in other hours")


def lines(found: Found) -> Iterator[str]:
    """The report as text."""
    market = found.market
    yield from _read(market)
    yield ""
    yield f"Fitted to all of it ({market.draws} possible markets; the middle one, and the span of nine in ten):"
    yield from columns(_fitted(found))
    yield ""
    yield f"How strongly sales answer: a factor of {market.gain.low:g} to {market.gain.high:g} on the plant's default."
    yield market.gain.text
    yield ""
    yield from table(market.holdout, market.data.unit)
    for name, held in found.wrong:
        yield ""
        yield f"Wrong on purpose: {name}. " + _refused(held)
        yield from table(held, market.data.unit, only_failed=True)
    yield ""
    yield verdict(market)


def table(held: HoldOut, unit: str, only_failed: bool = False) -> Iterator[str]:
    """The hold-out's table."""
    if not only_failed:
        yield (
            f"Hold-out: fitted to {held.fitted[0]} to {held.fitted[1]}, tested on {held.tested[0]} to {held.tested[1]}."
        )
    rows = [row for row in held.rows if not (only_failed and row.passed)]
    heads = ("statistic", "recorded", "simulated 90 % band", "")
    cells = [(_name(row, unit), _number(row, row.recorded), _band(row), _pass(row)) for row in rows]
    yield from columns([heads, *cells])
    if not only_failed:
        yield (
            "The bands are joint: of histories simulated from the market itself, nine in ten stand inside all of them. "
            "At the edge: outside the 90 % band that the statistic would have alone, as one in ten is by chance. "
            "Of the days held out, 80 to 97 % must lie in their own predictive interval."
        )


def verdict(market: Calibrated) -> str:
    """One sentence."""
    if market.passed:
        return "PASSED: what was simulated looks like the months that the fit had not seen. This market may certify."
    return f"FAILED: {', '.join(market.failed)}. This market may NOT certify."


def data(found: Found) -> dict[str, Any]:
    """The report as plain data."""
    market = found.market
    return {
        "passed": market.passed,
        "failed": list(market.failed),
        "data": asdict(market.data),
        "digest": market.digest,
        "treated": [asdict(each) for each in market.treated],
        "closed": list(market.closed),
        "draws": market.draws,
        "fitted": {name: _interval(market.posterior, name) for name in _QUANTITIES},
        "weekday_index": dict(zip(DAYS, _index(market.posterior).tolist(), strict=True)),
        "gain": asdict(market.gain),
        "moves": [asdict(each) for each in found.moves],
        "redemptions": None if found.lag is None else _lag(found.lag),
        "households": None if found.heterogeneity is None else _homes(found.heterogeneity),
        "holdout": _held(market.holdout),
        "wrong": {name: _held(held) for name, held in found.wrong},
        "verdict": verdict(market),
    }


_QUANTITIES = ("sd", "half_life", "walk", "dispersion", "growth", "gain", "delay", "lag", "shape")


def _read(market: Calibrated) -> Iterator[str]:
    told = market.data
    zone = f"hours of {told.zone}" if told.zone else "local hours of an unnamed zone"
    each = "an hour" if told.hourly else "a day"
    yield (
        f"Read {told.name}: {told.rows:,} rows, {told.first} to {told.last}, {told.days:,} days with counts, "
        f"{told.unit} {each}, {zone}."
    )
    for each_one in market.treated:
        yield f"  {each_one.what} ({each_one.count:,}): {each_one.text}"
    if not market.treated:
        yield "  nothing was filled, moved or left out"
    if market.closed:
        yield f"  the market is closed every year on {spoken(market.closed)}"


def _fitted(found: Found) -> Iterator[tuple[str, ...]]:
    """Numbers in plain words, a row each."""
    market, drawn = found.market, found.market.posterior
    unit, last = market.data.unit, 24.0 * drawn.level[:, drawn.weeks - 1]
    low, middle, high = np.quantile(last, (0.05, 0.5, 0.95))
    yield "level", f"{middle:,.0f} {unit} a day in the last week ({low:,.0f} to {high:,.0f})"
    yield "wander", f"{_percent(drawn, 'walk')} a week, up or down, beyond the data"
    index = _index(drawn)
    best, worst = int(index.argmax()), int(index.argmin())
    yield "week", f"{DAYS[worst]} sells {index[worst]:.2f} of the mean day, {DAYS[best]} {index[best]:.2f}"
    if market.data.hourly:
        hours = drawn.profile.mean(axis=0).reshape(7, 24).sum(axis=0)
        yield (
            "hours",
            f"busiest from {int(hours.argmax()):02d}:00, {_share(hours.max() / hours.sum())} of the day's sales",
        )
    else:
        yield "hours", "not in the data, which hold days: those of the recorded soft drinks are borrowed"
    yield "mood", f"sales swing by {_percent(drawn, 'sd')} (sd) for reasons that nobody ordered"
    yield "memory", f"half of a swing is gone after {_days(drawn, 'half_life')}"
    yield "counts", _counts(market)
    if found.lag is not None:
        days = f"dead time {_days(drawn, 'delay')}, then a half-life of {_days(drawn, 'lag')}"
        yield "answer", f"{days} ({found.lag.redemptions:,} redemptions, {found.lag.campaigns} campaigns)"
    if found.heterogeneity is not None:
        yield "households", _heavy(found.heterogeneity)


def _counts(market: Calibrated) -> str:
    drawn = market.posterior
    low, middle, high = drawn.interval("dispersion")
    text = f"variance / mean {middle:.2g} ({low:.2g} to {high:.2g}); chance alone would give 1"
    if not market.data.hourly:
        return text + "; days hardly tell it"
    raised, power, most = drawn.interval("growth")
    return text + f"; grows as a swing to the power {power:.2g} ({raised:.2g} to {most:.2g})"


def _heavy(homes: Heterogeneity) -> str:
    """What the shape means: the share of trips that the heaviest fifth make."""
    from scipy.special import gammainc, gammaincinv

    share = 1.0 - float(gammainc(homes.shape + 1.0, float(gammaincinv(homes.shape, 0.8))))
    low, high = np.quantile(homes.shapes, (0.05, 0.95))
    return (
        f"the heaviest fifth of {homes.households:,} make {100 * share:.0f} % of the trips (shape {homes.shape:.2f}, "
        f"{low:.2f} to {high:.2f}); the law is off by {100 * homes.worst:.1f} % of households at worst"
    )


def _index(drawn: Posterior) -> np.typing.NDArray[np.float64]:
    """Mean weight of each weekday, shape (7,)."""
    days = drawn.profile.mean(axis=0).reshape(7, 24).mean(axis=1)
    return np.asarray(days / days.mean())


def _share(value: float) -> str:
    return f"{100 * value:.1f} %"


def _percent(drawn: Posterior, name: str) -> str:
    low, middle, high = drawn.interval(name)
    return f"{100 * middle:.2g} % ({100 * low:.2g} to {100 * high:.2g} %)"


def _days(drawn: Posterior, name: str) -> str:
    low, middle, high = (end / DAY for end in drawn.interval(name))
    return f"{middle:.2g} days ({low:.2g} to {high:.2g})"


def _interval(drawn: Posterior, name: str) -> list[float]:
    return list(drawn.interval(name))


def _lag(lag: Lag) -> dict[str, Any]:
    return {"source": lag.source, "redemptions": lag.redemptions, "campaigns": lag.campaigns}


def _homes(homes: Heterogeneity) -> dict[str, Any]:
    told = ("shape", "mean", "households", "truncated", "worst")
    classes = [dict(zip(("trips", "recorded", "fitted"), row, strict=True)) for row in homes.classes]
    return {**{name: getattr(homes, name) for name in told}, "classes": classes}


def _held(held: HoldOut) -> dict[str, Any]:
    rows = [{**asdict(row), "passed": row.passed} for row in held.rows]
    return {"fitted": held.fitted, "tested": held.tested, "passed": held.passed, "rows": rows}


def _refused(held: HoldOut) -> str:
    return (
        "NOT refused: this data could not tell."
        if held.passed
        else f"Refused by {len(held.failed)} statistics:"
    )


def _name(row: Row, unit: str) -> str:
    return f"{row.statistic}, {unit}" if row.statistic == "mean of a day" else row.statistic


def _number(row: Row, value: float) -> str:
    if row.statistic in _SHARES:
        return _share(value)
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.2f}" if abs(value) >= 2 else f"{value:.3f}"


def _band(row: Row) -> str:
    return f"{_number(row, row.low)} to {_number(row, row.high)}"


def _pass(row: Row) -> str:
    if not row.passed:
        return "MISS"
    return "ok" if row.alone[0] <= row.recorded <= row.alone[1] else "ok, at the edge"
