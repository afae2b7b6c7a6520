"""The hold-out: whether a market fitted on the first months shows what the last ones showed.

Histories of the fitted market over the days held out, by the very law that a simulation uses; every statistic measured
of each and of the record. The bands are joint: they are as wide as it takes for nine in ten histories of the market
itself to stand inside all of them at once. The share of held-out days inside the predictive 90 % interval of their day
must lie between 80 and 97 %. Called by report.py and wrong.py; calls predict and statistics. Chance is keyed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from controller.cells import Array, Bools
from models.draws import Draws
from sim.calibration.posterior import Posterior
from sim.calibration.predict import histories
from sim.calibration.series import WEEK, Series
from sim.calibration.statistics import HALF, measured, seen_of

SHARE = 0.9
COVERED = (0.80, 0.97)
REPLICAS = 512
_NORMAL = 1.6449
"""Standard normal quantile of 0.95."""
COVERAGE = "days inside the predictive 90 % interval"


@dataclass(frozen=True, slots=True)
class Row:
    """One statistic of the table."""

    statistic: str
    recorded: float
    low: float
    high: float
    """The joint band."""
    alone: tuple[float, float]
    """The 90 % band of this statistic by itself; the coverage has one band only."""

    @property
    def passed(self) -> bool:
        """Whether the record stands in the joint band."""
        return self.low <= self.recorded <= self.high


@dataclass(frozen=True, slots=True)
class HoldOut:
    """The table, and what it was made of."""

    fitted: tuple[str, str]
    """First and last day of the fit, as dates."""
    tested: tuple[str, str]
    rows: tuple[Row, ...]

    @property
    def failed(self) -> tuple[str, ...]:
        """Statistics outside their band."""
        return tuple(row.statistic for row in self.rows if not row.passed)

    @property
    def passed(self) -> bool:
        """Whether the market may certify."""
        return bool(self.rows) and not self.failed


def judged(
    posterior: Posterior, fitted: Series, test: Series, seed: int = 1, replicas: int = REPLICAS
) -> HoldOut:
    """The table of a market fitted on `fitted`, over the days of `test`."""
    draws = Draws(seed).spawn("hold-out")
    counts = histories(posterior, test.first, test.days, replicas, draws, test.slots)
    profile = posterior.profile.mean(axis=0).reshape(WEEK, 24)
    profile = profile if test.slots > 1 else profile.mean(axis=1, keepdims=True)
    simulated = measured(counts, test.known, test.weekday, profile)
    recorded = measured(test.values[None], test.known, test.weekday, profile)
    rows = _rows({name: float(value[0]) for name, value in recorded.items()}, simulated)
    rows.append(_coverage(counts, test, seen_of(test.known, test.weekday, profile) > HALF))
    spans = [(first.isoformat(), last.isoformat()) for first, last in (fitted.span, test.span)]
    return HoldOut(spans[0], spans[1], tuple(rows))


def _rows(recorded: Mapping[str, float], simulated: Mapping[str, Array]) -> list[Row]:
    """Bands around the median, each side scaled by itself, widened alike until nine in ten histories pass whole."""
    names = list(recorded)
    found = np.stack([simulated[name] for name in names])
    low, middle, high = np.quantile(found, [(1 - SHARE) / 2, 0.5, (1 + SHARE) / 2], axis=1)[:, :, None]
    floor = 1e-9 * np.maximum(np.abs(middle), 1e-9)
    below, above = np.maximum(middle - low, floor) / _NORMAL, np.maximum(high - middle, floor) / _NORMAL
    off = np.where(found < middle, (middle - found) / below, (found - middle) / above)
    width = max(float(np.quantile(off.max(axis=0), SHARE)), _NORMAL)
    return [
        Row(
            name,
            recorded[name],
            float(middle[n, 0] - width * below[n, 0]),
            float(middle[n, 0] + width * above[n, 0]),
            (float(low[n, 0]), float(high[n, 0])),
        )
        for n, name in enumerate(names)
    ]


def _coverage(counts: Array, test: Series, open_: Bools) -> Row:
    """Share of the days whose count lies in the predictive interval of that day, over the slots known of each."""
    days = np.where(test.known, counts, 0.0).sum(axis=2)[:, open_]
    low, high = np.quantile(days, [(1 - SHARE) / 2, (1 + SHARE) / 2], axis=0)
    total = np.where(test.known, test.values, 0.0).sum(axis=1)[open_]
    return Row(COVERAGE, float(((total >= low) & (total <= high)).mean()), *COVERED, COVERED)
