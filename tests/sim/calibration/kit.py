"""Sales of a market that is known, as histories and as files, so that a fit can be held to the truth."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np

from models.draws import Draws
from sim.calibration.posterior import Posterior
from sim.calibration.predict import histories
from sim.calibration.series import Series

MONDAY = date(2025, 3, 3)


def profile():
    """Shut at night, busiest on Saturday afternoon; mean one, shape (168,)."""
    hours = np.array([0.0] * 7 + [1, 2, 3, 4, 5, 5, 5, 6, 7, 8, 9, 7, 5, 3, 2, 1] + [0.0])
    days = np.array([0.9, 0.8, 0.85, 0.9, 1.05, 1.3, 1.2])
    weights = (days[:, None] * hours[None, :]).ravel()
    return weights / weights.mean()


def truth(draws=1, level=12.0, sd=0.2, half_life=86_400.0, dispersion=3.0, growth=0.0) -> Posterior:
    """One market, `draws` times."""
    ones = np.ones(draws)
    return Posterior(
        monday=MONDAY.toordinal(),
        weeks=1,
        profile=np.repeat(profile()[None], draws, axis=0),
        level=np.full((draws, 1), level),
        sd=sd * ones,
        half_life=half_life * ones,
        walk=0.0 * ones,
        dispersion=dispersion * ones,
        growth=growth * ones,
        gain=ones,
        delay=np.nan * ones,
        lag=np.nan * ones,
        shape=np.nan * ones,
    )


def counted(days=182, seed=1, slots=24, replicas=1, **market):
    """Counts of histories of the known market, shape (replicas, days, slots)."""
    return histories(truth(**market), MONDAY.toordinal(), days, replicas, Draws(seed), slots)


def series(values) -> Series:
    return Series(values=values, closed=np.zeros(len(values), bool), first=MONDAY.toordinal())


def rows(values, first=MONDAY) -> list[tuple[str, str]]:
    """Stamp and count of each hour, or of each day where there is one slot."""
    found = []
    for day, slots in enumerate(values):
        for hour, count in enumerate(slots):
            stamp = (first + timedelta(days=day)).isoformat() + (f" {hour:02d}:00" if len(slots) > 1 else "")
            found.append((stamp, f"{count:g}"))
    return found


def write(path: Path, table, names=("time", "units")) -> Path:
    path.write_text("\n".join(",".join(row) for row in [names, *table]) + "\n")
    return path


def file(path: Path, days=84, seed=1, **market) -> Path:
    """A clean file of the known market."""
    return write(path, rows(counted(days, seed, **market)[0]))
