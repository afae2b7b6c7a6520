"""Whether a series can be fitted at all, and what looks odd in one that can.

Called by reading.py; calls faults. A market fitted to too little would only look like one.
"""

from dataclasses import replace

import numpy as np

from models.counts import MOST_DISPERSED
from sim.calibration.dispersion import first_guess
from sim.calibration.faults import refuse
from sim.calibration.profile import profiles, weeks_of
from sim.calibration.series import WEEK, Series, Treatment

LEAST_WEEKS = 8
"""Weeks of known days: five or six to fit and two or three to test are the least that can say anything."""
LEAST_A_DAY = 10.0
"""Counts a day, in the mean: below, a day's logarithm is all chance."""
_NIGHT = frozenset({22, 23, 0, 1, 2, 3, 4, 5, 6, 7})


def enough(series: Series, file: str) -> Series:
    """The series, with what looks odd noted; raises ConfigError for what can't be fitted."""
    seen = series.counted
    days = int(seen.sum())
    if days < LEAST_WEEKS * WEEK:
        first, last = series.span
        refuse(
            file,
            f"{days} days with counts ({first} to {last}): a market needs at least {LEAST_WEEKS} weeks, of which the "
            "last third is held out to test it",
        )
    values = series.values[series.known]
    if np.ptp(values) == 0:
        refuse(
            file,
            f"the series is constant: {len(values):,} counts of {values[0]:g}; there is nothing to fit, and a real "
            "market is not so still. Is this the right column?",
        )
    total = np.where(series.known, np.nan_to_num(series.values), 0.0).sum(axis=1)[seen]
    if total.mean() < LEAST_A_DAY:
        refuse(
            file,
            f"only {total.mean():.2g} {series.unit} a day in the mean, at least {LEAST_A_DAY:g} are needed: add stores "
            "together, or take a busier measure",
        )
    _check_dispersion(series, file)
    return replace(series, treated=(*series.treated, *_odd(series, total)))


def _check_dispersion(series: Series, file: str) -> None:
    if series.slots == 1:
        return
    weeks = weeks_of(series)
    shape = profiles(weeks, np.ones((1, len(weeks.counts))), 1.0)[0]
    found = first_guess(series.values, series.known, shape[series.weekday])
    if found > MOST_DISPERSED:
        size = 10.0 ** np.ceil(np.log10(found / 10.0))
        refuse(
            file,
            f"variance over mean of an hour's {series.unit} is {found:.0f}, more than the {MOST_DISPERSED:g} that "
            f"counts may have: this looks like money or like goods sold by the case, allowed: --unit-size {size:g}, so "
            f"that one unit of the market stands for {size:g} {series.unit}; or a column that counts purchases",
        )


def _odd(series: Series, total: np.typing.NDArray[np.float64]) -> tuple[Treatment, ...]:
    noted = []
    none = int((total == 0).sum())
    if none:
        text = (
            f"{none:,} days without a sale on a weekday that sells little; the fit of moods passes them over"
        )
        noted.append(Treatment("zero days", none, text))
    never = int((~np.nan_to_num(series.by_week(series.known.astype(np.float64))).any(axis=0)).sum())
    if never:
        what = "hours of the week" if series.slots > 1 else "weekdays"
        noted.append(Treatment("never", never, f"{never} {what} have no count in any week: taken as closed"))
    quiet = quietest(series)
    if quiet is not None and quiet not in _NIGHT:
        text = f"the quietest hours lie around {quiet:02d}:00; are these stamps UTC? If so, say --utc --timezone ZONE"
        noted.append(Treatment("quiet hours", 1, text))
    return tuple(noted)


def quietest(series: Series) -> int | None:
    """Middle of the five quietest hours of the day; None for daily data."""
    if series.slots == 1:
        return None
    hours = np.where(series.known, np.nan_to_num(series.values), 0.0).sum(axis=0)
    hours = hours / np.maximum(series.known.sum(axis=0), 1)  # zero where never known: then shut
    around = sum(np.roll(hours, shift) for shift in range(-2, 3))
    return int(np.argmin(around))
