"""A model of rewards from the log itself: a ridge an arm, around the mean of all rewards.

With features x (the position as an indicator, and the context in standard units) and penalty l, arm a's coefficients
are (X_a' X_a + l I)^-1 X_a' (r - mean). Without a context this is a table of means by arm and position, drawn to the
overall mean as by l more rows of it; so an arm with few rows says little, and one without any says the mean. What
stands in `crossed` comes from fits that left the row's fold out (Chernozhukov et al., Econometrics Journal 21, 2018,
section 3). Folds are equal in size and drawn by keyed draws. Called by _evaluate; pure.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.draws import Draws
from sim.ope._base import Rewards
from sim.ope._faults import refuse
from sim.ope._log import Floats, Ints, Log
from sim.ope._question import Question

FOLDS = 5
PENALTY = 1.0


def fitted(question: Question, draws: Draws, folds: int = FOLDS, penalty: float = PENALTY) -> Rewards:
    """The model of a log's rewards; raises LogError where there are fewer rows than folds.

    >>> log = Log(arms=("a", "b"), action=[0, 1] * 50, reward=[1.0, 0.0] * 50, propensity=[0.5] * 100)
    >>> fitted(Question(log, [1.0, 0.0]), Draws(1)).whole[0].round(3)
    array([0.99, 0.01])
    """
    log, rows = question.log, len(question.log)
    if folds < 2 or rows < folds:
        refuse("log", f"{rows:,} rows in {folds} folds, allowed: 2 folds or more, and a row for each")
    features = _features(log)
    members = _members(log)
    fold = folds_of(rows, folds, draws)
    crossed = np.empty((rows, len(log.arms)))
    for number in range(folds):
        out = fold == number
        mean, slopes = _ridge(log, features, members, ~out, penalty)[:2]
        crossed[out] = mean + features[out] @ slopes.T
    mean, slopes, inverse = _ridge(log, features, members, np.ones(rows, np.bool_), penalty)
    return Rewards(crossed, mean + features @ slopes.T, features, inverse)


def given(question: Question, expected: Floats) -> Rewards:
    """Predictions that were made elsewhere and not from this log, shape (rows, arms) or (arms,)."""
    shape = question.probability.shape
    whole = np.broadcast_to(np.asarray(expected, np.float64), shape)
    if not np.isfinite(whole).all():
        refuse("rewards", "predictions that are missing or not finite, allowed: finite numbers")
    return Rewards(whole, whole, np.zeros((shape[0], 1)), np.zeros((shape[1], 1, 1)))


def folds_of(rows: int, folds: int, draws: Draws) -> Ints:
    """The fold of each row: equal in size, by keyed draws."""
    luck = draws.uniform(np.arange(rows, dtype=np.uint64), 0, "ope.folds")
    fold = np.empty(rows, np.int64)
    fold[np.argsort(luck, kind="stable")] = np.arange(rows) % folds
    return fold


def _features(log: Log) -> Floats:
    """Position as indicators, then the context in standard units; shape (rows, features)."""
    slots = np.eye(log.positions)[log.slot]
    if log.context is None:
        return slots
    spread = log.context.std(axis=0)
    scaled = (log.context - log.context.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    return np.hstack([slots, scaled])


def _members(log: Log) -> list[Ints]:
    """Rows of each arm."""
    order = np.argsort(log.action, kind="stable")
    return np.split(order, np.cumsum(log.shown)[:-1])


def _ridge(
    log: Log, features: Floats, members: list[Ints], kept: NDArray[np.bool_], penalty: float
) -> tuple[float, Floats, Floats]:
    """Mean, slopes (arms, features) and inverse matrices (arms, features, features) of the rows kept."""
    mean = float(log.reward[kept].mean())
    size = features.shape[1]
    grams, sums = np.empty((len(members), size, size)), np.empty((len(members), size))
    for arm, mine in enumerate(_of(members, kept)):
        own = features[mine]
        grams[arm] = own.T @ own
        sums[arm] = own.T @ (log.reward[mine] - mean)
    inverse = np.linalg.inv(grams + penalty * np.eye(size)).astype(np.float64)
    slopes: Floats = np.einsum("aij,aj->ai", inverse, sums)
    return mean, slopes, inverse


def _of(members: list[Ints], kept: NDArray[np.bool_]) -> Iterator[Ints]:
    """Rows of each arm that are kept."""
    for rows in members:
        yield rows[kept[rows]]
