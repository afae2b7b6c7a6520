"""How long people take to answer: dead time and half-life of redemptions after a campaign's first day.

    redemptions[a] ~ reach x scale x g(a)      g(t) = (1 - e^(-t' / rise)) 2^(-t' / half_life)      t' = t - wait > 0

a is the age of the campaign in days, g(a) the mean over that day; each campaign has a scale of its own. A plant knows a
dead time and one half-life, so the rise counts with the wait: dead = wait + rise x tau / (rise + tau), which keeps the
mean time to the answer (tau = half_life / ln 2). The likelihood is Poisson's, divided by the variance over mean that
the best curve leaves, for days are lumpy. It tells the shape and the timing of an answer, never how large it is.
Called by report.py; calls faults.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from controller.cells import Array, Ints
from models.draws import Draws
from models.response.parameter import Parameter
from sim.calibration.faults import Faults, refuse
from sim.calibration.luck import uniforms

DAY = 86_400.0
WAIT = Parameter(0.5, 0.0, 7.0, "days", "proposal: none to a week, all alike before the data")
RISE = Parameter(2.0, 0.1, 7.0, "days", "proposal: at once to a week, the logarithm uniform")
HALF_LIFE = Parameter(17.0, 2.0, 90.0, "days", "proposal: two days to three months, the logarithm uniform")
LEAST = 30
"""Redemptions without which no curve is fitted."""
_PARTS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Lag:
    """Draws of the answer's timing, seconds."""

    dead: tuple[float, ...]
    half_life: tuple[float, ...]
    redemptions: int
    campaigns: int
    source: str


def lag(path: Path, draws: Draws, count: int) -> Lag:
    """The timing in a CSV with columns of redemptions and of reach a day; raises ConfigError.

    Columns are `red_A`, `reach_A` of the shipped table, or `redemptions`, `reach`; rows are days in order.
    """
    redeemed, reach = _columns(path)
    age, campaign = ages(reach)
    here = age >= 0
    if redeemed[here].sum() < LEAST:
        refuse(str(path), f"{redeemed[here].sum():.0f} redemptions, at least {LEAST} are needed for a curve")
    wait = np.linspace(WAIT.low, WAIT.high, 15)
    rise, half = np.geomspace(RISE.low, RISE.high, 8), np.geomspace(HALF_LIFE.low, HALF_LIFE.high, 49)
    table = _by_age(redeemed[here], reach[here], age[here], campaign[here])
    log = np.array([[[_fit(table, w, r, h) for h in half] for r in rise] for w in wait])
    best = np.unravel_index(log.argmax(), log.shape)
    rough = _roughness(table, wait[best[0]], rise[best[1]], half[best[2]])
    sums = np.cumsum(np.exp((log - log.max()) / max(rough, 1.0)).ravel())
    where = (np.arange(count) + uniforms(draws, count, "lag")) / count * sums[-1]
    at = np.unravel_index(np.searchsorted(sums, where).clip(0, log.size - 1), log.shape)
    tau = half[at[2]] / np.log(2.0)
    dead = wait[at[0]] + rise[at[1]] * tau / (rise[at[1]] + tau)
    return Lag(
        tuple(dead * DAY),
        tuple(half[at[2]] * DAY),
        int(redeemed[here].sum()),
        int(campaign.max()) + 1,
        path.name,
    )


def ages(reach: Array) -> tuple[Ints, Ints]:
    """Age of the campaign that runs on each day, -1 where none does, and its number; shape of `reach`.

    A campaign begins where the reach rises from nothing and ends where it falls to nothing.

    >>> ages(np.array([0.0, 5.0, 5.0, 0.0, 7.0]))
    (array([-1,  0,  1, -1,  0]), array([-1,  0,  0, -1,  1]))
    """
    runs = reach > 0
    starts = runs & ~np.concatenate([[False], runs[:-1]])
    campaign = np.where(runs, np.cumsum(starts) - 1, -1)
    began = np.flatnonzero(starts)
    age = np.where(runs, np.arange(len(reach)) - began[np.maximum(campaign, 0)] if len(began) else -1, -1)
    return age.astype(np.int64), campaign.astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Redemptions and reach by campaign and age, both of shape (campaigns, days); reach zero where there is no day."""

    red: Array
    reach: Array


def _by_age(red: Array, reach: Array, age: Ints, campaign: Ints) -> _Table:
    shape = int(campaign.max()) + 1, int(age.max()) + 1
    table = _Table(np.zeros(shape), np.zeros(shape))
    table.red[campaign, age], table.reach[campaign, age] = red, reach
    return table


def _expected(table: _Table, wait: float, rise: float, half_life: float) -> Array:
    """Redemptions of each campaign and age, each campaign at its best scale.

    Days inside the dead time may hold a few redemptions by other ways: a tenth of one a day is allowed for.
    """
    time = np.arange(table.red.shape[1])[:, None] + (np.arange(_PARTS) + 0.5) / _PARTS - wait
    after = np.maximum(time, 0.0)
    curve = (-np.expm1(-after / rise) * 0.5 ** (after / half_life)).mean(axis=1)
    base = table.reach * curve
    scale = table.red.sum(axis=1) / np.maximum(base.sum(axis=1), 1e-300)
    return np.asarray(scale[:, None] * base + 0.1)


def _fit(table: _Table, wait: float, rise: float, half_life: float) -> float:
    """Poisson's log likelihood."""
    mean = _expected(table, wait, rise, half_life)
    return float(np.where(table.reach > 0, table.red * np.log(mean) - mean, 0.0).sum())


def _roughness(table: _Table, wait: float, rise: float, half_life: float) -> float:
    """Pearson's variance over mean around the curve."""
    mean, days = _expected(table, wait, rise, half_life), table.reach > 0
    return float(((table.red - mean) ** 2 / mean)[days].sum() / max(int(days.sum()) - 3 - len(mean), 1))


def _columns(path: Path) -> tuple[Array, Array]:
    faults = Faults(str(path))
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        names = [name.strip() for name in reader.fieldnames or []]
        pair = next(
            (p for p in (("redemptions", "reach"), ("red_A", "reach_A")) if set(p) <= set(names)), None
        )
        if pair is None:
            refuse(
                str(path),
                f"columns redemptions and reach are needed a day, received {', '.join(names) or 'none'}",
            )
        found = list[tuple[float, float]]()
        for line, row in enumerate(reader, start=2):
            cells = [str(row.get(name) or "").strip() for name in pair]
            try:
                found.append((float(cells[0]), float(cells[1])))
            except ValueError:
                faults.add("no numbers", line, pair[0], f"not two numbers, received {', '.join(cells)!r}")
    faults.stop()
    table = np.array(found, np.float64).reshape(-1, 2)
    if not (np.isfinite(table) & (table >= 0)).all():
        refuse(str(path), f"redemptions and reach must be zero or more, received {table.min():g}")
    return table[:, 0], table[:, 1]
