"""Figures that runs are compared by: the worst tenth, paired differences with their interval, shares, money in words.

Called by sweeps, the terminal's table, the HTML report and the certificate; calls money.digits alone. Pure; arrays over
futures have shape (futures,).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

from controller.quantities.money import digits
from controller.why.numbers import MINUS

SIGNIFICANT = 3
"""Digits that an amount of money above a thousand is told with."""


def worst_decile(values: ArrayLike, high_is_bad: bool = True) -> float:
    """Mean of the worst tenth of the futures, of the single worst one where there are fewer than ten.

    Parameters
    ----------
    values: one a future, shape (futures,); NaN is a future in which nothing bad was there to be measured (no miss), so
        it counts as the best.
    high_is_bad: True for misses and money, False for what should be high.

    NaN where the worst tenth holds NaN alone; raises ValueError without a future.

    >>> worst_decile([1.0] * 18 + [5.0, 9.0]), worst_decile([0.9, 0.7, float("nan")], high_is_bad=False)
    (7.0, 0.7)
    """
    found = _futures(values)
    badness = np.where(np.isnan(found), -np.inf, found if high_is_bad else -found)
    worst = np.argsort(-badness, kind="stable")[: max(math.ceil(len(found) / 10), 1)]
    seen = found[worst][~np.isnan(found[worst])]
    return float(seen.mean()) if len(seen) else math.nan


def paired(a: ArrayLike, b: ArrayLike, seeds: int | None = None) -> tuple[float, float]:
    """Mean of a - b over futures, and half the width of its 95 % interval over luck (Student's t).

    Parameters
    ----------
    a, b: one value a future, same order, shape (futures,).
    seeds: number of seeds, where futures are markets times seeds, the seed running fastest. Futures of one seed share
        their luck and are not independent of each other: the mean of each seed counts as one observation, and the
        interval is that of these very markets. None: every future has luck of its own.

    The half-width is NaN for a single observation. Raises ValueError for other shapes.

    >>> mean, half = paired([3.0, 4.0, 5.0], [2.0, 2.0, 2.0])
    >>> round(mean, 3), round(half, 3)
    (2.0, 2.484)
    """
    first, second = _futures(a), _futures(b)
    if first.shape != second.shape:
        raise ValueError(f"paired futures come in pairs, received {len(first)} and {len(second)} of them")
    if seeds is not None and (seeds < 1 or len(first) % seeds):
        raise ValueError(f"seeds must divide the {len(first)} futures evenly, received {seeds}")
    gap = first - second
    units = gap if seeds is None else gap.reshape(-1, seeds).mean(axis=0)
    if len(units) < 2:
        return float(gap.mean()), math.nan
    from scipy.special import stdtrit

    error = float(units.std(ddof=1)) / math.sqrt(len(units))
    return float(gap.mean()), float(stdtrit(len(units) - 1, 0.975)) * error


def share(held: ArrayLike) -> float:
    """Share of the futures in which something held, 0..1; raises ValueError without a future.

    >>> share([True, True, False, True])
    0.75
    """
    return float(_futures(held).mean())


def money(amount: float, currency: str) -> str:
    """An amount for a sentence: three digits above a thousand, whole above ten, else to the currency's last digit.

    `currency`: ISO 4217, or empty for the bare number.

    >>> money(26584.12, "CNY"), money(-40.3, "CNY"), money(3.456, "EUR"), money(float("nan"), "EUR")
    ('26,600 CNY', '−40 CNY', '3.46 EUR', 'unknown')
    """
    if not math.isfinite(amount):
        return "unknown"
    size = abs(amount)
    if size >= 1000:
        size = float(f"{size:.{SIGNIFICANT}g}")
    places = digits(currency) if 0 < size < 10 else 0
    number = f"{size:,.{places}f}"
    sign = MINUS if amount < 0 and number.strip("0.,") else ""
    return f"{sign}{number} {currency}".rstrip()


def _futures(values: ArrayLike) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = np.asarray(values, np.float64)
    if found.ndim != 1 or not len(found):
        raise ValueError(f"figures need one value a future, shape (futures,), received shape {found.shape}")
    return found
