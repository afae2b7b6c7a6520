"""How much households differ in how often they buy: the negative binomial law fitted to a table of trips.

`people[i]` households came `count[i]` times. The shape r of the gamma law of their rates is drawn from its likelihood
on a grid around the best fit (models/response/nbd.py). Called by report.py; calls faults and the law.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from controller.cells import Array
from models.draws import Draws
from models.response import nbd
from sim.calibration.faults import Faults, refuse
from sim.calibration.luck import uniforms

_CLASSES = ((0, 0), (1, 1), (2, 4), (5, 9), (10, 19), (20, 49), (50, 10**9))


@dataclass(frozen=True, slots=True, eq=False)
class Heterogeneity:
    """The fit, with its quality."""

    shape: float
    """r of the gamma law; small: few heavy buyers make the sales."""
    mean: float
    """Trips a household in the period of the table."""
    shapes: tuple[float, ...]
    """Posterior draws of r."""
    households: int
    truncated: bool
    """Whether households that never came are unknown."""
    classes: tuple[tuple[str, float, float], ...]
    """Trips, households recorded, households by the law."""

    @property
    def worst(self) -> float:
        """Largest difference of a class, as a share of all households."""
        return max(abs(seen - fitted) for _, seen, fitted in self.classes) / self.households


def heterogeneity(path: Path, people: int | None, draws: Draws, count: int) -> Heterogeneity:
    """The law of a CSV of two columns, trips and households; raises ConfigError.

    people: all households, those that never came among them; None: they are in the table, or unknown.
    """
    trips, households = _table(path, people)
    truncated = not (trips == 0).any()
    try:
        shape, alpha = nbd.fit(trips, households)
    except ValueError as fault:
        refuse(str(path), str(fault))
    return Heterogeneity(
        shape=shape,
        mean=shape / alpha,
        shapes=tuple(_drawn(trips, households, (shape, alpha), draws, count)),
        households=int(households.sum()),
        truncated=truncated,
        classes=_classes(trips, households, shape, alpha, truncated),
    )


def _drawn(trips: Array, households: Array, best: tuple[float, float], draws: Draws, count: int) -> Array:
    """Draws of r from the likelihood over (r, alpha), one a stratum."""
    width = 6.0 / np.sqrt(
        households.sum()
    )  # the standard error of log r is of the order of two over the root
    steps = np.linspace(-2.0 * width, 2.0 * width, 41)
    r, alpha = np.meshgrid(best[0] * np.exp(steps), best[1] * np.exp(2.0 * steps), indexing="ij")
    log = nbd.log_likelihood(trips, households, r, alpha)
    mass = np.exp(log - log.max()).sum(axis=1)
    sums = np.concatenate([[0.0], np.cumsum(mass)]) / mass.sum()
    where = (np.arange(count) + uniforms(draws, count, "shape")) / count
    edges = np.concatenate([steps - (steps[1] - steps[0]) / 2, [steps[-1] + (steps[1] - steps[0]) / 2]])
    return np.asarray(best[0] * np.exp(np.interp(where, sums, edges)))


def _classes(
    trips: Array, households: Array, shape: float, alpha: float, truncated: bool
) -> tuple[tuple[str, float, float], ...]:
    top = int(trips.max())
    law = nbd.buyers(np.arange(top + 1.0), 1.0, shape, alpha)
    seen_share = 1.0 - law[0] if truncated else 1.0
    law = law * households.sum() / seen_share
    found = []
    for low, high in _CLASSES:
        if low > top or (truncated and high == 0):
            continue
        here = (trips >= low) & (trips <= high)
        rest = households.sum() - law[(1 if truncated else 0) : low].sum()
        fitted = float(law[low : high + 1].sum()) if high < top else float(rest)
        name = f"{low}" if low == high else f"{low} to {high}" if high < 10**9 else f"{low} and more"
        found.append((name, float(households[here].sum()), fitted))
    return tuple(found)


def _table(path: Path, people: int | None) -> tuple[Array, Array]:
    faults = Faults(str(path))
    trips, households = list[float](), list[float]()
    with path.open(encoding="utf-8-sig", newline="") as file:
        for line, row in enumerate(csv.reader(file), start=1):
            if line == 1 or not row:
                continue
            numbers = [int(cell) for cell in row if cell.strip().isdigit()]
            if len(row) != 2 or len(numbers) != 2:
                text = f"not a number of trips and of households, received {','.join(row)!r}, allowed: such as 3,157"
                faults.add("no two whole numbers", line, "", text)
            elif numbers[0] in trips:
                faults.add(
                    "twice",
                    line,
                    "",
                    f"{numbers[0]} trips stand here a second time, allowed: each number once",
                )
            else:
                trips.append(numbers[0])
                households.append(numbers[1])
    faults.stop()
    if not trips:
        refuse(
            str(path), "no rows: a table of trips has two columns, number of trips and number of households"
        )
    if people is not None:
        never = people - sum(households) + (households[trips.index(0)] if 0 in trips else 0)
        if never < 0:
            refuse(
                str(path),
                f"--people {people:,} is fewer than the {sum(households):,.0f} households of the table",
            )
        if 0 in trips:
            households[trips.index(0)] = never
        else:
            trips, households = [0.0, *trips], [never, *households]
    return np.array(trips, np.float64), np.array(households, np.float64)
