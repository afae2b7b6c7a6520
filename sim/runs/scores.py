"""What a run scored, replica by replica: the loops' mean where there are several, money summed over cells.

Called by the evidence, sweeps and tests with a finished run's trace; calls sim.runs.scoring for the equations. Pure
arrays.
"""

from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.plan import Campaign
from sim.runs.allowance import total_of
from sim.runs.scoring import Deviation, aim_of, deviation, in_order, loss
from sim.runs.trace import Trace
from sim.runs.true_week import true_week

OPT_OUTS = "opt_outs"
"""The signal of people who switch messages off, where a market has one."""


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """What a run scored in each replica, shape (replicas,); money summed over cells, the rest their mean."""

    inside: Array
    """Share of windows in the band."""
    outside: Array
    """Mean |y - r| / r of the windows outside; NaN where there is none."""
    spend: Array
    moves: Array
    low: Array
    high: Array
    loss: Array
    opt_outs: Array
    """People who switched messages off; zero where the market sends none."""
    blind: Array
    """Moves away from the safe value while what a loop measures could not be read."""


def scores(campaign: Campaign, trace: Trace, replicas: int) -> Scores:
    """Scores of every replica, the loops' mean where there are several."""
    parts = [_loop_scores(campaign, name, trace, replicas) for name in campaign.loops]
    spend, budget = _spend(campaign, trace, replicas)
    inside, outside, beyond, moves, low, high = (np.array(rows) for rows in zip(*parts, strict=True))
    total = loss(campaign.loss, beyond.mean(axis=0), spend, budget, moves.mean(axis=0))
    return Scores(
        inside.mean(axis=0),
        outside.mean(axis=0),
        spend,
        moves.mean(axis=0),
        low.min(axis=0),
        high.max(axis=0),
        total,
        _opt_outs(trace, replicas),
        trace.blind.reshape(replicas, -1).sum(axis=1),
    )


def reversals(campaign: Campaign, trace: Trace, replicas: int) -> Array:
    """How often an output turned round in each replica, mean over its loops and cells; shape (replicas,)."""
    assert campaign.market is not None
    levers = [campaign.market.levers[campaign.turned_by(name)[0]] for name in campaign.loops]
    return np.asarray(np.mean([_mean(trace.reversals(lever), replicas) for lever in levers], axis=0))


def _opt_outs(trace: Trace, replicas: int) -> Array:
    if OPT_OUTS not in trace.totals:
        return np.zeros(replicas)
    return np.asarray(trace.gained(OPT_OUTS).reshape(replicas, -1).sum(axis=1))


def _loop_scores(campaign: Campaign, name: str, trace: Trace, replicas: int) -> tuple[Array, ...]:
    assert campaign.market is not None
    loop, market = campaign.loops[name], campaign.market
    signal, lever = market.signals[loop.sensor], market.levers[campaign.turned_by(name)[0]]
    week = true_week(campaign, name, trace.market)
    aim = aim_of(campaign, name, trace.market.cells.label_of, signal in trace.market.counted, week)
    found = deviation(aim, trace.hourly(signal), trace.hour_of_week())
    low, high = trace.extremes(lever)
    return (
        _mean(found.inside.mean(axis=0), replicas),
        _mean_outside(found, replicas),
        _mean(in_order(found.beyond) / len(found.beyond), replicas),
        _mean(trace.moves(lever), replicas),
        low.reshape(replicas, -1).min(axis=1),
        high.reshape(replicas, -1).max(axis=1),
    )


def _mean_outside(found: Deviation, replicas: int) -> Array:
    """Mean |y - r| / r of the windows out of the band in each replica; NaN where there is none."""
    out = ~found.inside
    missed = _mean(in_order(np.where(out, np.abs(found.relative), 0.0)), replicas)
    count = _mean(out.sum(axis=0), replicas)
    return np.asarray(np.divide(missed, count, out=np.full(replicas, np.nan), where=count > 0))


def _spend(campaign: Campaign, trace: Trace, replicas: int) -> tuple[Array, float | None]:
    """Money paid and owed in each replica, and the sum of the budgets."""
    spend = np.zeros(replicas)
    for signal in spend_signals(campaign):
        spend = spend + trace.gained(signal).reshape(replicas, -1).sum(axis=1)
    return spend, total_of(campaign) or None


def spend_signals(campaign: Campaign) -> tuple[str, ...]:
    """The market's signals of money paid and owed that the campaign's budgets are read from."""
    assert campaign.market is not None
    names = [name for budget in campaign.budgets.values() for name in (budget.paid, budget.owed) if name]
    mapped = campaign.market.signals
    return tuple(dict.fromkeys(mapped[name] for name in names if name in mapped))


def _mean(values: Array, replicas: int) -> Array:
    return np.asarray(np.asarray(values, np.float64).reshape(replicas, -1).mean(axis=1))
