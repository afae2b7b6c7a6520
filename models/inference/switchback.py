"""On and off in turns: the effect of a lever where everybody must be treated alike, such as odds that the law fixes.

Time is cut into buckets; of each pair of neighbours one is on and one off, by a coin. The first `wash` periods of a
bucket are left out, so that what the bucket before did has died away. With d_k the pair's mean on less its mean off,

    effect = mean d_k
    interval = the subset means of d that are the q-th from either end         (Hartigan, JASA 64 (1969) 1303-1317)

which inverts the test that flips the coins: its level rests on the coins alone, on no bell curve and no independence
(Fisher; Bojinov, Simchi-Levi & Zhao, Management Science 69 (2023) 3759-3777, for switchbacks), for an effect that is
the same in each pair. All subsets up to `EXACT` pairs, a keyed sample of them beyond. `carry_over` measures in the
washed-out periods what the bucket before still did: if it is not nothing at their end, `wash` is too short.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from models.draws import Draws
from models.inference.checks import Array, Bools, Interval, finite, level

EXACT = 14
"""Pairs up to which all 2^pairs subsets are taken."""
SAMPLED = 9_999


class Effect(NamedTuple):
    """Of the lever, in the outcome's unit a period."""

    interval: Interval
    pairs: int
    """Pairs that count: both buckets seen."""


def coins(pairs: int, draws: Draws, key: int = 0) -> Bools:
    """Which buckets are on, shape (2 pairs,): one of each pair.

    >>> on = coins(3, Draws(5))
    >>> on.reshape(3, 2).sum(axis=1)
    array([1, 1, 1])
    """
    if pairs < 1:
        raise ValueError(f"pairs: received {pairs}, allowed are 1 or more")
    keys = np.array([key], np.uint64)
    first = np.array([draws.uniform(keys, tick, "switchback")[0] < 0.5 for tick in range(pairs)])
    return np.stack([first, ~first], axis=1).ravel()


def buckets(outcome: ArrayLike, on: ArrayLike, wash: int) -> tuple[Array, Bools]:
    """Means of buckets without their first `wash` periods, shape (buckets,), and which were on.

    Parameters
    ----------
    outcome: (buckets, periods); on: bool (buckets,), one of each pair of neighbours.

    Raises
    ------
    ValueError: values missing or infinite; shapes that don't fit; pairs not one on, one off; a wash that leaves none.
    """
    y, switched = finite("outcome", outcome), np.asarray(on)
    if y.ndim != 2 or switched.shape != y.shape[:1] or switched.dtype != np.bool_ or len(y) < 2 or len(y) % 2:
        raise ValueError(
            f"outcome, on: received {y.shape}, {switched.dtype} {switched.shape}, "
            "allowed are (buckets, periods), bool (buckets,), an even number of buckets"
        )
    if not 0 <= wash < y.shape[1]:
        raise ValueError(f"wash: received {wash} of {y.shape[1]} periods, allowed is 0 to {y.shape[1] - 1}")
    uneven = switched[::2] == switched[1::2]
    if uneven.any():
        raise ValueError(
            f"on: received pair {int(np.argmax(uneven))} alike, allowed is one bucket on and one off"
        )
    return y[:, wash:].mean(axis=1), switched


def effect(outcome: ArrayLike, on: ArrayLike, wash: int, draws: Draws, *, level: float = 0.95) -> Effect:
    """The effect a period, and an interval that rests on the coins; same errors as `buckets`.

    The interval is infinite where there are too few pairs for `level` (six for 0.95). `draws` is used beyond `EXACT`.

    >>> noise, on = np.tile([0.0, 0.3, -0.2, 0.1], 4), coins(8, Draws(1))
    >>> found = effect((5.0 + 2.0 * on + noise)[:, None].repeat(3, axis=1), on, 1, Draws(1))
    >>> bool(found.interval.low < 2.0 < found.interval.high)
    True
    """
    means, switched = buckets(outcome, on, wash)
    d = (means[::2] - means[1::2]) * np.where(switched[::2], 1.0, -1.0)
    subsets = _subsets(len(d), draws)
    sizes = subsets.sum(axis=1)
    ordered = np.sort((subsets @ d)[sizes > 0] / sizes[sizes > 0])
    # The one-sided test at m counts subset means at or beyond m, and the empty subset as well as the coins' own draw.
    tail = (1.0 - _level(level)) / 2.0
    whole = len(ordered) + 1
    rank = int(np.floor(tail * whole + 1e-9))
    ends = (ordered[rank - 1], ordered[-rank]) if rank >= 1 else (-np.inf, np.inf)
    return Effect(Interval(*(np.asarray(each, np.float64) for each in (d.mean(), *ends))), len(d))


def carry_over(outcome: ArrayLike, on: ArrayLike, period: int, *, level: float = 0.95) -> Interval:
    """What a bucket that was on still does in period `period` of the next, by regression on both buckets' states.

    Least squares of the period's outcome on this bucket's state and the one before, with Student's interval; shape ().
    ValueError as `buckets`, or for fewer than six buckets.

    >>> on = coins(20, Draws(3))
    >>> left = 0.8 * np.concatenate([[False], on[:-1]])
    >>> y = np.stack([1.0 + on + left, 1.0 + on], axis=1) + 0.01 * np.sin(np.arange(40.0))[:, None]
    >>> round(float(carry_over(y, on, 0).estimate), 1), round(abs(float(carry_over(y, on, 1).estimate)), 1)
    (0.8, 0.0)
    """
    _, switched = buckets(outcome, on, 0)
    y = finite("outcome", outcome)
    if not 0 <= period < y.shape[1]:
        raise ValueError(f"period: received {period} of {y.shape[1]}, allowed is 0 to {y.shape[1] - 1}")
    if len(y) < 6:
        raise ValueError(f"outcome: received {len(y)} buckets, allowed are 6 or more")
    x = np.stack([np.ones(len(y) - 1), switched[1:], switched[:-1]], axis=1).astype(np.float64)
    inverse = np.linalg.pinv(x.T @ x)
    solved = inverse @ x.T @ y[1:, period]
    rest, freedom = y[1:, period] - x @ solved, len(x) - 3
    se = np.sqrt(inverse[2, 2] * (rest**2).sum() / freedom)
    radius = stdtrit(freedom, 0.5 + _level(level) / 2.0) * se
    if np.linalg.matrix_rank(x) < 3:
        radius = np.inf  # strict turns: what lingers can't be told from what is
    return Interval(*(np.asarray(each) for each in (solved[2], solved[2] - radius, solved[2] + radius)))


def _subsets(pairs: int, draws: Draws) -> NDArray[np.float64]:
    """Rows of 0 and 1: all subsets of the pairs, or a keyed sample of them with the empty one first."""
    if pairs <= EXACT:
        numbers = np.arange(2**pairs)
        return ((numbers[:, None] >> np.arange(pairs)) & 1).astype(np.float64)
    keys = np.arange(SAMPLED, dtype=np.uint64)
    drawn = [draws.uniform(keys, pair, "switchback subsets") < 0.5 for pair in range(pairs)]
    return np.concatenate([np.zeros((1, pairs)), np.stack(drawn, axis=1).astype(np.float64)])


_level = level
