"""The money that a campaign may spend: all its budgets together, and what is due of them in a run of some weeks.

Called by the scores, reports, gates and the trial. Pure.
"""

from controller.plan import Campaign

WEEK = 7 * 86_400.0


def total_of(campaign: Campaign) -> float:
    """All budgets together; 0 where there is none.

    >>> from controller.config import load
    >>> from pathlib import Path
    >>> total_of(load(Path("configs/cap_lottery.yaml")))
    500000.0
    """
    return sum(budget.total.amount for budget in campaign.budgets.values())


def due_in(campaign: Campaign, weeks: float) -> float:
    """The part of all budgets that so many weeks are of the campaign; all where it has no end, or a nearer one."""
    starts, ends = campaign.runs.starts_at(), campaign.runs.ends_at()
    whole = weeks * WEEK if starts is None or ends is None else ends - starts
    return total_of(campaign) * min(weeks * WEEK / whole, 1.0)
