"""What can be kept at all: the levels that some fixed value within the range holds, for money that the budget has.

In each future the fixed values reach from the least level that the range gives to the highest whose cost, over what is
left of the campaign, the budget holds. A level can be kept where nine of ten futures reach it, counted, not estimated:
with fewer than ten of them, all. A fixed value says what the market gives in the mean; how closely a loop keeps to that
is said by the table. Called by sim.evidence.gather with the grid of fixed values of the calm scenario; pure.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from controller.cells import Array
from controller.plan import Campaign, amount_for
from controller.quantities import Amount, Unit, write_level
from controller.why.table import name_of
from sim.evidence.result import Feasible
from sim.runs.allowance import total_of
from sim.runs.figures import money

MOST = 0.9
"""Share of the futures that must reach a level."""
WEEK = 7 * 86_400.0


def feasible(campaign: Campaign, grid: Mapping[str, Any], weeks: float) -> tuple[Feasible, ...]:
    """What each loop can keep; `grid` is the result of the best fixed row (see sim.evidence.play).

    Levels are in the unit that the target is written in, counts and rates those of all cells together. Loops are looked
    at one by one, each as if the others stood at the same fraction of their ranges. Budgets and span of `campaign` are
    what is left of them where the runs start.
    """
    spend = _affordable(campaign, grid["grid.spend"], weeks)
    return tuple(_of(campaign, loop, grid[f"grid.{loop}"], spend) for loop in campaign.loops)


def _of(campaign: Campaign, loop: str, share: Array, most: Array) -> Feasible:
    """share: level over target at each fixed value, (grid, futures); most: place on the grid the budget holds."""
    amount = _asked(campaign, loop)
    reached = [_upto(share[:, n], float(most[n])) for n in range(share.shape[1])]
    least = np.array([values.min(initial=np.inf) for values in reached])
    highest = np.array([values.max(initial=-np.inf) for values in reached])
    low, high = (end * amount.number for end in _kept(least, highest))
    reach = int(((least <= 1.0) & (highest >= 1.0)).sum())
    within = low <= amount.number <= high
    sentence = _sentence(campaign, loop, (low, high), (reach, len(least)))
    return Feasible(loop, str(amount.unit), low, high, amount.number, within, sentence)


def _asked(campaign: Campaign, loop: str) -> Amount:
    """The level that a loop is to keep: of counts, rates and money the sum over cells, of shares their mean."""
    target, labels = campaign.loops[loop].target.amount, campaign.cells.names or ("others",)
    if target is None:  # a total: what its plan keeps at the start
        pace, noun = campaign.pace(loop), Unit.parse(campaign.sensors[campaign.loops[loop].sensor].unit).noun
        return Amount(24.0 * pace.level / pace.per_hour, Unit(noun, "day"))
    amounts = [amount_for(target, label) for label in labels]
    total, unit = sum(amount.number for amount in amounts), amounts[0].unit
    return Amount(total / len(amounts) if unit.is_share else total, unit)


def _kept(low: Array, high: Array) -> tuple[float, float]:
    """Ends of the longest stretch of levels that MOST futures reach, from `low` to `high`, (futures,); NaN for none.

    >>> _kept(np.array([1.0, 2.0]), np.array([5.0, 4.0])), _kept(np.array([1.0, 6.0]), np.array([5.0, 9.0]))
    ((2.0, 4.0), (nan, nan))
    """
    levels = np.unique(np.concatenate([low, high]))
    levels = levels[np.isfinite(levels)]
    held = ((low <= levels[:, None]) & (levels[:, None] <= high)).mean(axis=1) >= MOST
    turns = np.diff(held.astype(np.int8), prepend=0, append=0)
    first, last = levels[np.flatnonzero(turns == 1)], levels[np.flatnonzero(turns == -1) - 1]
    if not len(first):
        return np.nan, np.nan
    longest = int(np.argmax(last - first))
    return float(first[longest]), float(last[longest])


def _affordable(campaign: Campaign, spend: Array, weeks: float) -> Array:
    """The furthest place on the grid whose spending the rest of the campaign can bear, shape (futures,)."""
    total = total_of(campaign)
    size, futures = spend.shape
    if not campaign.budgets:
        return np.full(futures, size - 1.0)
    starts, ends = campaign.runs.starts_at(), campaign.runs.ends_at()
    times = 1.0 if starts is None or ends is None else max((ends - starts) / (weeks * WEEK), 1.0)
    found = np.full(futures, size - 1.0)
    for n in range(futures):
        over = np.flatnonzero(spend[:, n] * times > total)
        if len(over):
            found[n] = _crossing(spend[:, n] * times, total, int(over[0]))
    return found


def _crossing(costs: Array, total: float, first: int) -> float:
    """Place between two values of the grid at which the budget is met exactly; -1 where none is affordable."""
    if first == 0:
        return -1.0
    return first - 1 + float((total - costs[first - 1]) / (costs[first] - costs[first - 1]))


def _upto(values: Array, place: float) -> Array:
    """Levels at the values of the grid up to a place, and at the place itself; none where none is affordable.

    >>> _upto(np.array([1.0, 2.0, 4.0]), 1.5)
    array([1., 2., 3.])
    """
    if place < 0:
        return values[:0]
    last = float(np.interp(place, np.arange(len(values)), values))
    return np.append(values[: int(place) + 1], last) if place % 1 else values[: int(place) + 1]


def _sentence(campaign: Campaign, loop: str, ends: tuple[float, float], reach: tuple[int, int]) -> str:
    """In a manager's words; `reach`: in how many of how many futures the level asked for can be kept."""
    low, high = ends
    means = " and ".join(
        [_range(campaign, channel) for channel in campaign.turned_by(loop)] + _money(campaign)
    )
    asked = _asked(campaign, loop)
    name, unit = name_of(loop, "en"), str(asked.unit)
    some = f"the {_written(asked)} asked for can be in {reach[0]} of {reach[1]}"
    if not low <= high:
        return f"With {means} no level of {name} can be kept in nine of ten futures; {some}."
    span = f"{_number(low, unit)} to {_number(high, unit)}" + ("" if asked.unit.is_share else f" {unit}")
    kept = f"With {means} you can keep {name} at {span} in nine of ten futures"
    if low <= asked.number <= high:
        return f"{kept}; the {_written(asked)} asked for lies between."
    return f"{kept}; the {_written(asked)} asked for is out of reach" + (
        "." if not reach[0] else f" in {reach[1] - reach[0]} of {reach[1]}."
    )


def _range(campaign: Campaign, channel: str) -> str:
    actuator = campaign.actuators[channel]
    low, high = (write_level(value, actuator.unit) for value in (actuator.low, actuator.high))
    return f"a {name_of(channel, 'en')} of {low} to {high}"


def _money(campaign: Campaign) -> list[str]:
    return [money(budget.total.amount, budget.currency) for budget in campaign.budgets.values()]


def _written(amount: Amount) -> str:
    number = _number(amount.number, str(amount.unit))
    return number if amount.unit.is_share else f"{number} {amount.unit}"


def _number(value: float, unit: str = "") -> str:
    """A number to three significant digits, in full; a share in per cent.

    >>> _number(28000.0), _number(104321.0), _number(0.0312), _number(0.0312, "share")
    ('28,000', '104,000', '0.0312', '3.12 %')
    """
    if unit == "share":
        return f"{_number(100 * value)} %"
    if not np.isfinite(value) or value == 0:
        return f"{value:g}"
    places = 2 - int(np.floor(np.log10(abs(value))))
    return f"{round(value, places):,.{max(places, 0)}f}"
