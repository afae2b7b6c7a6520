"""The table of a simulation: the campaign's own policy against what people would do without it, on the same luck.

Rows: the config as written; `fixed`, the start value left alone; the best fixed value, found in hindsight on the very
luck it is judged by; `updown`, the trade's rule; `simple_pid`, its gains chosen from a small grid on other luck. All
run through the real loop with all its limits and guardrails, over the same replicas. Called by `simulate`; calls
sim.runner and sim.scoring.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from controller.assembly import cells_of
from controller.cells import Array, Cells
from controller.plan import Campaign, LoopPlan, Policy
from controller.registry import find
from models.draws import keys_of
from sim.fractions import PLACE
from sim.fractions import Settings as Fractions
from sim.runner import WEEK, Run, finish, start
from sim.scoring import Deviation, aim_of, deviation, loss
from sim.trace import Trace

GRID = tuple(n / 8 for n in range(9))
"""Fractions of the range among which the best fixed value is looked for."""
GAINS = ((0.5, 3.0), (1.0, 3.0), (1.0, 9.0), (2.0, 9.0))
"""Gain in % of range per % of target, and integral time in executions, that simple_pid is tuned among."""
TUNED_ON = 1000
"""Number of the first replica that tuning uses; those of the table are 0, 1, ..."""
Tell = Callable[[str], None]


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


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One policy of the table."""

    name: str
    about: str
    scores: Scores


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """A table, and what one must know to read it."""

    campaign: Campaign
    statement: str
    """What is recorded and what is modelled."""
    weeks: float
    seeds: int
    rows: tuple[Row, ...]

    @property
    def own(self) -> Row:
        """The row of the config itself."""
        return self.rows[0]

    def versus(self, row: Row) -> tuple[float, float]:
        """Mean of a row's loss minus the own one's, paired by luck, and its 95 % half-width (NaN for one seed)."""
        gap = row.scores.loss - self.own.scores.loss
        if len(gap) < 2:
            return float(gap.mean()), float("nan")
        from scipy.special import stdtrit

        error = float(gap.std(ddof=1)) / np.sqrt(len(gap))
        return float(gap.mean()), float(stdtrit(len(gap) - 1, 0.975)) * error


def compare(
    campaign: Campaign, *, weeks: float, seeds: int, seed: int = 1, tell: Tell | None = None
) -> Comparison:
    """Run every row over `seeds` replicas of `weeks`; `tell` hears which row is running."""
    campaign = replace(campaign, mode="auto")
    trial = _Trial(campaign, weeks, seed)
    cells = cells_of(campaign).replicated(seeds)
    rows = []
    for name, run in _rows(trial, cells, seeds):
        if tell is not None:
            tell(name)
        rows.append(run())
    return Comparison(campaign, trial.statement(cells), weeks, seeds, tuple(rows))


@dataclass(frozen=True, slots=True)
class _Trial:
    """What all rows share."""

    campaign: Campaign
    weeks: float
    seed: int

    def run(
        self, campaign: Campaign, cells: Cells, luck: tuple[str, ...] | None = None, weeks: float = 0.0
    ) -> Trace:
        keys = None if luck is None else keys_of(luck)
        seconds = (weeks or self.weeks) * WEEK
        return finish(start(Run(campaign=campaign, seconds=seconds, seed=self.seed, cells=cells, keys=keys)))

    def statement(self, cells: Cells) -> str:
        return start(
            Run(campaign=self.campaign, seconds=0.0, seed=self.seed, cells=cells)
        ).simulated.market.demand.statement()


def _rows(trial: _Trial, cells: Cells, seeds: int) -> Iterator[tuple[str, Callable[[], Row]]]:
    campaign = trial.campaign
    kinds = ", ".join(dict.fromkeys(loop.policy.kind for loop in campaign.loops.values()))
    yield "config", lambda: Row("config", kinds, scores(campaign, trial.run(campaign, cells), seeds))
    yield "fixed", lambda: _simple(trial, "fixed", "the start value, left alone", {}, cells, seeds)
    yield "best fixed", lambda: _best_fixed(trial, cells, seeds)
    yield (
        "updown",
        lambda: _simple(trial, "updown", "a step up under target, a step down over it", {}, cells, seeds),
    )
    yield "simple_pid", lambda: _tuned(trial, cells, seeds)


def _simple(trial: _Trial, kind: str, about: str, settings: dict[str, Any], cells: Cells, seeds: int) -> Row:
    campaign = with_policy(trial.campaign, lambda _name, _loop: policy(kind, **settings))
    return Row(kind, about, scores(campaign, trial.run(campaign, cells), seeds))


def _best_fixed(trial: _Trial, cells: Cells, seeds: int) -> Row:
    """Every value of the grid beside every other, each meeting the luck of all replicas."""
    many = beside(cells, GRID)
    fractions = tuple(float(f) for f in np.repeat(GRID, len(cells)))
    campaign = with_policy(
        trial.campaign, lambda _name, _loop: Policy(kind=PLACE, settings=Fractions(fractions=fractions))
    )
    every = scores(campaign, trial.run(campaign, many, cells.names * len(GRID)), seeds * len(GRID))
    losses = every.loss.reshape(len(GRID), seeds).mean(axis=1)
    best = int(losses.argmin())
    mine = slice(best * seeds, (best + 1) * seeds)
    found = Scores(*(getattr(every, name)[mine] for name in Scores.__slots__))
    low, high = found.low.min(), found.high.max()
    value = f"{low:g}" if low == high else f"{low:g} to {high:g}"
    return Row("best fixed", f"{value}, chosen in hindsight among {len(GRID)}", found)


def _tuned(trial: _Trial, cells: Cells, seeds: int) -> Row:
    """simple_pid with the gains that did best on luck of its own."""
    practice = cells_of(trial.campaign).replicated(2, first=TUNED_ON)
    tried = []
    for gain, executions in GAINS:
        campaign = with_policy(trial.campaign, _simple_pid(trial.campaign, gain, executions))
        said = scores(campaign, trial.run(campaign, practice, weeks=min(trial.weeks, 2.0)), 2)
        tried.append((float(said.loss.mean()), gain, executions, campaign))
    _, gain, executions, campaign = min(tried, key=lambda each: each[0])
    about = f"gain {gain:g}, integral time {executions:g} executions: best of {len(GAINS)} on other luck"
    return Row("simple_pid", about, scores(campaign, trial.run(campaign, cells), seeds))


def _simple_pid(campaign: Campaign, gain: float, executions: float) -> Callable[[str, LoopPlan], Policy]:
    """Gains in the library's raw terms, from those that mean the same for every loop."""

    def made(name: str, loop: LoopPlan) -> Policy:
        actuator = campaign.actuators[loop.channels[0]]
        kp = gain * (actuator.high - actuator.low) / max(abs(campaign.level(name)), 1e-12)
        return policy("simple_pid", kp=kp, ki=kp / (executions * loop.every))

    return made


def policy(kind: str, **settings: Any) -> Policy:
    """A policy of a kind with its settings."""
    return Policy(kind=kind, settings=find("policy", kind).settings(**settings))


def with_policy(campaign: Campaign, made: Callable[[str, LoopPlan], Policy]) -> Campaign:
    """The campaign with another policy in every loop."""
    loops = {name: replace(loop, policy=made(name, loop)) for name, loop in campaign.loops.items()}
    return replace(campaign, loops=loops)


def beside(cells: Cells, variants: Iterable[object]) -> Cells:
    """The cells once a variant, one after the other; each variant its own pools."""
    marks = tuple(f"v{n}" for n, _ in enumerate(variants))
    names = tuple(f"{mark}/{name}" for mark in marks for name in cells.names)
    pool = np.concatenate([cells.pool_of + n * cells.pools for n in range(len(marks))])
    return Cells(names, pool, cells.zone_of * len(marks), cells.label_of * len(marks))


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
    )


def _loop_scores(campaign: Campaign, name: str, trace: Trace, replicas: int) -> tuple[Array, ...]:
    assert campaign.market is not None
    loop, market = campaign.loops[name], campaign.market
    signal, lever = market.signals[loop.sensor], market.levers[loop.channels[0]]
    aim = aim_of(campaign, name, trace.market.cells.label_of, signal in trace.market.counted)
    found = deviation(aim, trace.hourly(signal), trace.hour_of_week())
    low, high = trace.extremes(lever)
    return (
        _mean(found.inside.mean(axis=0), replicas),
        _mean_outside(found, replicas),
        _mean(found.beyond.mean(axis=0), replicas),
        _mean(trace.moves(lever), replicas),
        low.reshape(replicas, -1).min(axis=1),
        high.reshape(replicas, -1).max(axis=1),
    )


def _mean_outside(found: Deviation, replicas: int) -> Array:
    """Mean |y - r| / r of the windows out of the band in each replica; NaN where there is none."""
    out = ~found.inside
    missed = _mean(np.where(out, np.abs(found.relative), 0.0).sum(axis=0), replicas)
    count = _mean(out.sum(axis=0), replicas)
    return np.asarray(np.divide(missed, count, out=np.full(replicas, np.nan), where=count > 0))


def _spend(campaign: Campaign, trace: Trace, replicas: int) -> tuple[Array, float | None]:
    """Money paid and owed in each replica, and the sum of the budgets."""
    assert campaign.market is not None
    names = [name for budget in campaign.budgets.values() for name in (budget.paid, budget.owed) if name]
    signals = dict.fromkeys(
        campaign.market.signals[name] for name in names if name in campaign.market.signals
    )
    spend = np.zeros(replicas)
    for signal in signals:
        spend = spend + trace.gained(signal).reshape(replicas, -1).sum(axis=1)
    total = sum(budget.total.amount for budget in campaign.budgets.values())
    return spend, total or None


def _mean(values: Array, replicas: int) -> Array:
    return np.asarray(np.asarray(values, np.float64).reshape(replicas, -1).mean(axis=1))
