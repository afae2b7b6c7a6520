"""The whole way from a file to a calibrated market: read, fit, hold out, fit to all, and say what was found.

Called by the command, by notebooks and by tests; calls the readers, the fits and the hold-out. Reads no clock: the
moment is handed in with what is asked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from models.draws import Draws
from sim.calibration.asked import Asked
from sim.calibration.calibrated import Calibrated, Gain, Source
from sim.calibration.enough import LEAST_WEEKS
from sim.calibration.faults import refuse
from sim.calibration.file import signed
from sim.calibration.fit import Wish, fit
from sim.calibration.holdout import HoldOut, judged
from sim.calibration.journal import Moves
from sim.calibration.reading import read
from sim.calibration.redemption import Lag, lag
from sim.calibration.series import WEEK, Series, Treatment
from sim.calibration.statistics import DAYS
from sim.calibration.trips import Heterogeneity, heterogeneity
from sim.calibration.wrong import wrong

TWO_THIRDS = 2.0 / 3.0
HOLIDAY = 3
"""Days in a row that are closed every year; more are a closure of that one year."""
GAIN = (0.0, 2.0)
"""From no answer at all to twice the plant's default: a proposal. Campaigns of the recorded set bracket the lift of
weekly spend from about nothing (against all other households) to an inflated tenth (against matched ones)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a calibration is asked to do, beside reading."""

    trips: Path | None = None
    people: int | None = None
    redemptions: Path | None = None
    gain: tuple[float, float] = GAIN
    holdout_from: date | None = None
    draws: int = 32
    seed: int = 1
    against_wrong: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """A market and what was seen on the way."""

    market: Calibrated
    moves: tuple[Moves, ...] = ()
    lag: Lag | None = None
    heterogeneity: Heterogeneity | None = None
    wrong: tuple[tuple[str, HoldOut], ...] = ()
    """Hold-outs of markets that are wrong on purpose."""


def calibrate(path: Path, asked: Asked, order: Order, tell: Callable[[str], None] = lambda _: None) -> Found:
    """A market from the data in a file; raises ConfigError where a file can't be used."""
    tell(f"reading {path.name}")
    series, moves = read(path, asked)
    cut = _cut(series, order.holdout_from, str(path))
    draws = Draws(order.seed).spawn("tables")
    answer = lag(order.redemptions, draws, order.draws) if order.redemptions else None
    homes = heterogeneity(order.trips, order.people, draws, order.draws) if order.trips else None
    wish = Wish(
        draws=order.draws,
        seed=order.seed,
        gain=order.gain,
        delay=answer.dead if answer else (),
        lag=answer.half_life if answer else (),
        shape=homes.shapes if homes else (),
    )
    before, after = series.between(0, cut), series.between(cut, series.days)
    tell(f"fitting {before.span[0]} to {before.span[1]}, testing on the days after")
    trial = fit(before, wish)
    held = judged(trial, before, after, order.seed)
    markets = wrong(trial) if order.against_wrong else {}
    for name in markets:
        tell(f"testing a market that is wrong on purpose: {name}")
    refused = tuple((name, judged(market, before, after, order.seed)) for name, market in markets.items())
    tell("fitting all of it")
    people = order.people or (homes.households if homes and not homes.truncated else None)
    market = Calibrated(
        data=_source(series, people),
        treated=(*series.treated, *_levers(moves)),
        closed=_holidays(series),
        posterior=fit(series, wish),
        gain=Gain(*order.gain, identified=False, text=_gain_text(moves)),
        holdout=held,
        seed=order.seed,
    )
    return Found(market=signed(market), moves=moves, lag=answer, heterogeneity=homes, wrong=refused)


def _cut(series: Series, wanted: date | None, file: str) -> int:
    """The first day held out, counted from the first of the series."""
    place = int(series.days * TWO_THIRDS) if wanted is None else wanted.toordinal() - series.first
    seen, at = series.counted, max(place, 0)
    said = f"; --holdout-from {wanted}" if wanted else ""
    for name, part, days, weeks in (
        ("fit", seen[:at], series.weekday[:at], LEAST_WEEKS // 2),
        ("hold-out", seen[at:], series.weekday[at:], 2),
    ):
        first, last = series.span
        if part.sum() < weeks * WEEK:
            text = f"{int(part.sum())} days with counts, at least {weeks} weeks are needed"
            refuse(file, f"the {name} has {text}; the data go from {first} to {last}{said}")
        thin = [day for day in np.unique(series.weekday[seen]) if part[days == day].sum() < 2]
        if thin:
            text = f"fewer than two {DAYS[thin[0]]}s with counts, so that its sales can't be told"
            refuse(file, f"the {name} has {text}; the data go from {first} to {last}{said}")
    return place


def _source(series: Series, people: int | None) -> Source:
    first, last = series.span
    return Source(
        name=series.source,
        digest=series.digest,
        rows=series.rows,
        unit=series.unit,
        zone=series.zone,
        hourly=series.slots > 1,
        first=first.isoformat(),
        last=last.isoformat(),
        days=int(series.counted.sum()),
        people=people,
    )


def _holidays(series: Series) -> tuple[str, ...]:
    """Closed days that come again every year, as MM-DD: longer closures than a holiday's do not."""
    closed = np.flatnonzero(series.closed)
    runs = np.split(closed, np.flatnonzero(np.diff(closed) > 1) + 1)
    days = [int(day) for run in runs if len(run) <= HOLIDAY for day in run]
    return tuple(sorted({date.fromordinal(series.first + day).strftime("%m-%d") for day in days}))


def _levers(moves: Sequence[Moves]) -> tuple[Treatment, ...]:
    """That levers were turned while sales were measured."""
    count = sum(each.by_loop + each.by_people + each.drawn for each in moves)
    if not count:
        return ()
    text = (
        "levers were turned while this was measured: level and mood are those of a market with the campaign in it, "
        "calmer than one left alone where a loop answered to sales"
    )
    return (Treatment("levers", count, text),)


def _gain_text(moves: Sequence[Moves]) -> str:
    """Why the gain is an interval, in words."""
    end = (
        "So how strongly sales answer is carried as an interval, and a policy must be judged over all of it. An "
        "experiment would narrow it: the lever set by lot, by days or by stores."
    )
    moved = [each for each in moves if each.by_loop + each.by_people + each.drawn]
    if not moves:
        return f"Not identified: these are counts of sales alone; no lever is seen to move in them. {end}"
    if not moved:
        return f"Not identified: no lever moved while this was measured ({', '.join(m.channel for m in moves)}). {end}"
    told = []
    for each in moved:
        by = [
            f"{count:,} times {who}"
            for count, who in (
                (each.by_loop, "by a loop that answers to sales"),
                (each.by_people, "by people"),
                (each.drawn, "drawn by lot"),
            )
            if count
        ]
        told.append(
            f"{each.channel} moved {' and '.join(by)}, between {each.low:g} and {each.high:g} {each.unit}"
        )
    return (
        f"Not identified: {'; '.join(told)}. Moves that answer to sales, or to what people saw of them, can't be told "
        f"from what would have happened anyway; no estimate is made from them. {end}"
    )
