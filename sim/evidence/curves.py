"""Fans of one run: how the measured value, the levers and the money went over time, over all futures.

Called by sim.evidence.play with a finished run's trace; thins every curve to what a page shows. Pure arrays.
"""

from collections.abc import Mapping

import numpy as np

from controller.cells import Array, Bools, Ints
from controller.loop.turn import Turn
from controller.plan import Campaign
from sim.evidence.result import QUANTILES
from sim.runs.scores import spend_signals
from sim.runs.scoring import aim_of, in_order, trailing_mean
from sim.runs.trace import Trace
from sim.runs.true_week import true_week

POINTS = 160
"""Points of a curve, at most."""
HOUR, DAY = 3600.0, 86_400.0


def kpi(campaign: Campaign, loop: str, trace: Trace, futures: int) -> tuple[Array, Array]:
    """Seconds since the start, (points,), and quantiles of the measured value's truth over its reference, (5, points).

    The value is that of the window which the band is judged over, all cells of a future together.
    """
    assert campaign.market is not None
    signal = campaign.market.signals[campaign.loops[loop].sensor]
    week = true_week(campaign, loop, trace.market)
    aim = aim_of(campaign, loop, trace.market.cells.label_of, signal in trace.market.counted, week)
    y = _together(trailing_mean(trace.hourly(signal), aim.hours), futures)
    r = _together(trailing_mean(aim.reference(trace.hour_of_week()), aim.hours), futures)
    share = np.divide(y, r, out=np.full_like(y, np.nan), where=r > 0)
    seconds = (np.arange(len(share), dtype=np.float64) + aim.hours) * HOUR
    return _thinned(seconds, share)


def mean_share(campaign: Campaign, loop: str, trace: Trace, futures: int) -> Array:
    """Mean over the run of the measured value's truth, over the mean of its reference; shape (futures,)."""
    assert campaign.market is not None
    signal = campaign.market.signals[campaign.loops[loop].sensor]
    week = true_week(campaign, loop, trace.market)
    aim = aim_of(campaign, loop, trace.market.cells.label_of, signal in trace.market.counted, week)
    y = in_order(_together(trace.hourly(signal), futures))
    return np.asarray(y / in_order(_together(aim.reference(trace.hour_of_week()), futures)))


def lever(campaign: Campaign, actuator: str, trace: Trace, futures: int) -> tuple[Array, Array]:
    """Seconds since the start and quantiles of the value in force, its mean over a future's cells."""
    assert campaign.market is not None
    rows = np.array(trace.levers[campaign.market.levers[actuator]])
    mean = rows.reshape(len(rows), futures, -1).mean(axis=2)
    return _thinned(np.array(trace.moments) - trace.starts, mean)


def spend(campaign: Campaign, trace: Trace, futures: int) -> tuple[Array, Array] | None:
    """Seconds since the start and quantiles of the money paid and owed since then; None without a budget."""
    signals = spend_signals(campaign)
    if not signals:
        return None
    rows = np.sum([np.array(trace.totals[name]) for name in signals], axis=0)
    gone = _together(rows - rows[0], futures)
    return _thinned(np.arange(len(gone), dtype=np.float64) * HOUR, gone)


class Bounds:
    """Which guardrail was the bound that the policy's wish met, day by day; hears every turn of a run."""

    def __init__(self, starts: float, seconds: float) -> None:
        self.starts, self.days = starts, max(int(np.ceil(seconds / DAY)), 1)
        self.met: dict[str, Array] = {}
        self.executed = np.zeros(self.days)

    def note(self, turn: Turn) -> None:
        """Count the cells whose wish lies on a bound."""
        day = min(max(int((turn.tick.time - self.starts - 1.0) // DAY), 0), self.days - 1)
        limits = turn.limits
        for done in turn.executed.values():
            for channel, wish in done.proposal.value.items():
                self.executed[day] += wish.size
                self._count(
                    day, np.abs(wish - limits.high[channel]) < 1e-9, limits.high_by[channel], limits.names
                )
                self._count(
                    day, np.abs(wish - limits.low[channel]) < 1e-9, limits.low_by[channel], limits.names
                )

    def _count(self, day: int, met: Bools, by: Ints, names: tuple[str, ...]) -> None:
        for index, count in zip(*np.unique(by[met], return_counts=True), strict=True):
            name = names[int(index)]
            self.met.setdefault(name, np.zeros(self.days))[day] += count

    def shares(self) -> Mapping[str, Array]:
        """Guardrail -> share of each day's executions at which it was the bound, shape (days,)."""
        most = np.maximum(
            self.executed, 1.0
        )  # a guardrail that leaves one value alone is both bounds at once
        return {name: np.minimum(met / most, 1.0) for name, met in sorted(self.met.items())}


def _together(rows: Array, futures: int) -> Array:
    """(rows, cells) -> (rows, futures), the cells of a future added up."""
    return np.asarray(rows.reshape(len(rows), futures, -1).sum(axis=2))


def _thinned(seconds: Array, rows: Array) -> tuple[Array, Array]:
    """Quantiles over futures at POINTS moments evenly spread; rows have shape (moments, futures)."""
    kept = np.unique(np.linspace(0, len(rows) - 1, POINTS).round().astype(np.int64))
    with np.errstate(invalid="ignore"):
        levels = np.nanquantile(rows[kept], QUANTILES, axis=1)
    return seconds[kept], levels
