"""The market of bench_pacing.py: money that could be spent each hour, and what it would bring, in many futures at once.

In hour t all there is to buy costs C_t, the best of it first: of a share f the money is C_t f and the value
q_t C_t (2 f - f^2). C_t = level x the week's profile x luck of the day x luck of the hour; the level is not known
beforehand (a quarter up or down), the profile is. q_t is what money is worth in that hour. A small budget buys in lots:
the money of an hour is a Poisson number of them.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.pacing.hindsight import best_spending

WEEK = np.loadtxt(Path(__file__).parents[1] / "configs" / "week.csv", delimiter=",", skiprows=1)[:, 1]
WEEK = WEEK / WEEK.mean()
HOURS = 4 * 168
SHARE = 0.45
"""The budget, as a share of what all there is would cost at the usual level."""
MONEY = 100_000.0
WORST = 2.0 * MONEY / SHARE / HOURS
"""Most that the target gives away in an hour."""
SLICES = 12


@dataclass
class Futures:
    """Futures of four weeks, shape (hours, futures) throughout."""

    cost: np.ndarray
    worth: np.ndarray
    lot: float
    """Money of one purchase; 0: any amount."""
    luck: np.random.Generator

    @classmethod
    def of(cls, count, seed, lot=0.0):
        rng = np.random.default_rng(seed)
        level = np.exp(rng.normal(0.0, 0.25, count))
        day = np.repeat(np.exp(rng.normal(0.0, 0.15, (HOURS // 24, count))), 24, axis=0)
        hour = rng.gamma(25.0, 1 / 25.0, (HOURS, count))
        usual = MONEY / SHARE / HOURS * np.tile(WEEK, HOURS // 168)[:, None]
        worth = np.exp(rng.normal(0.0, 0.3, (HOURS, count)))
        return cls(usual * level * day * hour, worth, lot, np.random.default_rng(seed + 1))

    def spent(self, hour, share, part=1.0):
        """Money spent in a part of an hour at an output, shape (futures,)."""
        wanted = self.cost[hour] * share * part
        if self.lot:
            wanted = self.luck.poisson(wanted / self.lot) * self.lot
        return np.minimum(wanted, WORST * part)

    def value(self, money):
        """What the money of each hour brought, the best first; `money` shape (hours, futures)."""
        share = np.clip(money / self.cost, 0.0, 1.0)
        return (self.worth * self.cost * (2.0 * share - share**2)).sum(axis=0)

    def bound(self, futures):
        """Value of the best spending in hindsight, of the first so many futures; each hour in slices of worth."""
        cost = self.cost[:, :futures].T[:, :, None] / SLICES
        ranks = 1.0 - (np.arange(SLICES) + 0.5) / SLICES
        value = 2.0 * self.worth[:, :futures].T[:, :, None] * cost * ranks
        flat = (futures, HOURS * SLICES)
        cost = np.broadcast_to(cost, (futures, HOURS, SLICES)).reshape(flat)
        return best_spending(value.reshape(flat), cost, np.full(futures, MONEY)).value


def plan_by(hour):
    """Money planned by the end of an hour, along the week's profile."""
    return MONEY * np.cumsum(np.tile(WEEK, HOURS // 168))[hour] / HOURS


def even(futures):
    """An open loop: the share that spends the budget at the usual level, for ever."""
    return run(futures, lambda share, *_: share, SHARE)


def linkedin(futures):
    """Agarwal et al., KDD 2014: a tenth up while spending lags its plan, a tenth down while it leads; from 10 % on."""

    def rule(share, hour, spent, _last):
        return np.clip(np.where(spent <= plan_by(hour), 1.1 * share, 0.9 * share), 0.001, 1.0)

    return run(futures, rule, 0.1)


def auctionnet(futures):
    """The rule that AuctionNet calls PID: x 1.2 while the rest would be spent to less than 0.7, x 0.7 above 1.1."""

    def rule(share, hour, spent, last):
        ahead = last / WEEK[hour % 168] * (HOURS - hour - 1)
        rest = np.maximum(MONEY - spent, 1e-9)
        factor = np.where(ahead < 0.7 * rest, 1.2, np.where(ahead > 1.1 * rest, 0.7, 1.0))
        return np.clip(share * factor, 0.001, 1.0)

    return run(futures, rule, SHARE)


def run(futures, rule, start):
    """Money and output of each hour under a rule that moves after every hour; a perfect ledger stops at the budget."""
    count = futures.cost.shape[1]
    share, spent = np.full(count, start), np.zeros(count)
    money, outputs = np.zeros((HOURS, count)), np.zeros((HOURS, count))
    for hour in range(HOURS):
        z = np.minimum(futures.spent(hour, share), MONEY - spent)
        spent, money[hour], outputs[hour] = spent + z, z, share
        share = rule(share, hour, spent, z)
    return money, outputs
