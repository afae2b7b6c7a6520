"""What the figures of a trial say: a score where there is something to win, regret elsewhere, with their errors.

Called by sim.trial.targets and sim.trial.table. A case is scored where the oracle beats doing nothing by more than
three standard errors and by 5 % of J, paired by luck. With n(i), r(i), o(i) the loss J of doing nothing, of a row and
of the oracle in future i, and means over futures written without i,

    score = (n - r) / (n - o)             0: as good as doing nothing, 1: as the oracle
    share(i) = (n(i) - r(i)) / (n - o)    its mean is the score; the worst decile is that of these
    error: sd of ((n(i) - r(i)) - score (n(i) - o(i))) / (n - o), over the root of the seeds: the delta method for a
           ratio of two paired means

Futures of one seed share their luck, so the mean of a seed over its markets counts as one observation. Pure arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from controller.cells import Array
from controller.plan import Campaign
from sim.runs.allowance import due_in, total_of
from sim.runs.figures import worst_decile
from sim.trial.cases import Case
from sim.trial.field import Found, Played

NOTHING, ORACLE = "fixed", "oracle"
ERRORS, LEAST = 3.0, 0.05
"""Standard errors, and share of J, by which the oracle must beat doing nothing for a case to be scored."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and its standard error; NaN for one seed."""

    value: float
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """What an entry came to in a case."""

    case: Case
    name: str
    missing: str = ""
    """Why there is nothing to judge."""
    loss: Estimate = Estimate(np.nan, np.nan)
    parts: tuple[float, float, float] = (np.nan, np.nan, np.nan)
    """What J is made of: misses beyond the band, money, moves."""
    worst_loss: float = np.nan
    """Mean of the worst tenth of the futures."""
    score: Estimate | None = None
    """None where the case is not scored."""
    worst_score: float = np.nan
    """Mean of the worst tenth of the futures' shares of what there is to win."""
    regret: Estimate | None = None
    """J above that of doing nothing."""
    overspend: float = np.nan
    """Money beyond what was due, as a share of it, mean over futures; 0 without a budget."""
    overspent: float = np.nan
    """Share of the futures in which more than was due was spent."""
    reversals: float = np.nan
    """A week."""
    moves: float = np.nan
    """A week."""
    cpu: float = 0.0
    influence: Array | None = None
    """What each seed adds to the error of the score, shape (seeds,)."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """One case."""

    case: Case
    scored: bool
    won: Estimate | None
    """What the oracle wins over doing nothing; None where one of the two is missing."""
    nothing: float
    """J of doing nothing."""
    rows: Mapping[str, Judged]


def judge(found: Found) -> tuple[Verdict, ...]:
    """Every case of a trial, in order."""
    return tuple(_case(found, case) for case in found.trial.cases)


def _case(found: Found, case: Case) -> Verdict:
    seeds = found.trial.seeds
    played = {entry.name: found.played[case.name, entry.name] for entry in found.trial.entries}
    nothing, oracle = (_loss(played.get(name), seeds) for name in (NOTHING, ORACLE))
    won = None if nothing is None or oracle is None else estimate(nothing - oracle)
    still = np.nan if nothing is None else float(nothing.mean())
    scored = won is not None and won.value > ERRORS * won.error and won.value > LEAST * still
    rows = {
        name: _row(found, case, name, each, nothing, oracle if scored else None)
        for name, each in played.items()
    }
    return Verdict(case, scored, won, still, rows)


def _loss(played: Played | None, seeds: int) -> Array | None:
    """J of each seed, mean over its markets."""
    if played is None or played.missing:
        return None
    return np.asarray(played.figures["loss"].reshape(-1, seeds).mean(axis=0))


def _row(
    found: Found, case: Case, name: str, played: Played, nothing: Array | None, oracle: Array | None
) -> Judged:
    if played.missing:
        return Judged(case, name, played.missing)
    trial, figures = found.trial, played.figures
    mine = _loss(played, trial.seeds)
    assert mine is not None
    over = overspend(case.campaign, figures["spend"], trial.weeks)
    score, influence, worst = None, None, np.nan
    if nothing is not None and oracle is not None:
        score, influence = ratio(nothing - mine, nothing - oracle)
        before = found.played[case.name, NOTHING].figures["loss"]
        worst = worst_decile((before - figures["loss"]) / (nothing - oracle).mean(), high_is_bad=False)
    return Judged(
        case=case,
        name=name,
        loss=estimate(mine),
        parts=_parts(case.campaign, figures),
        worst_loss=worst_decile(figures["loss"]),
        score=score,
        worst_score=worst,
        regret=None if nothing is None else estimate(mine - nothing),
        overspend=float(over.mean()),
        overspent=float((over > 0).mean()),
        reversals=float(figures["reversals"].mean()) / trial.weeks,
        moves=float(figures["moves"].mean()) / trial.weeks,
        cpu=played.cpu,
        influence=influence,
    )


def _parts(campaign: Campaign, figures: Mapping[str, Array]) -> tuple[float, float, float]:
    """Means of what J is made of; see sim.runs.scoring."""
    weights, total = campaign.loss, total_of(campaign)
    money = weights.lambda_ * float(figures["spend"].mean()) / total if total else 0.0
    turning = weights.mu * float(figures["moves"].mean())
    return float(figures["loss"].mean()) - money - turning, money, turning


def estimate(values: Array) -> Estimate:
    """Mean over seeds and its standard error.

    >>> estimate(np.array([1.0, 2.0, 3.0, 2.0]))
    Estimate(value=2.0, error=0.408...)
    """
    error = float(values.std(ddof=1)) / np.sqrt(len(values)) if len(values) > 1 else np.nan
    return Estimate(float(values.mean()), float(error))


def ratio(above: Array, below: Array) -> tuple[Estimate, Array]:
    """Ratio of two paired means with its error by the delta method, and what each seed adds to it.

    above, below: one a seed, shape (seeds,); the mean of `below` is not zero.

    >>> ratio(np.array([1.0, 1.0, 2.0]), np.array([2.0, 2.0, 4.0]))[0]
    Estimate(value=0.5, error=0.0)
    """
    value = float(above.mean() / below.mean())
    influence = np.asarray((above - value * below) / below.mean())
    return Estimate(value, estimate(influence).error), influence


def overspend(campaign: Campaign, spend: Array, weeks: float) -> Array:
    """Money beyond what was due in so many weeks, as a share of it, never under zero; shape of `spend`.

    Due is the part of all budgets that the weeks are of the campaign; zero where there is no budget.
    """
    due = due_in(campaign, weeks)
    return np.maximum(spend / due - 1.0, 0.0) if due else np.zeros_like(spend)


def together(verdicts: Sequence[Verdict], name: str) -> tuple[Estimate | None, list[str]]:
    """Mean score of an entry over the scored cases, and the cases in which it is missing; None where it never scored.

    Cases share the luck of their seeds, so the error is that of the seeds' means over cases.
    """
    rows = [verdict.rows[name] for verdict in verdicts if verdict.scored]
    lacking = [row.case.scenario for row in rows if row.score is None]
    scored = [row for row in rows if row.score is not None]
    if not scored:
        return None, lacking
    value = float(np.mean([row.score.value for row in scored if row.score is not None]))
    parts = np.mean([row.influence for row in scored if row.influence is not None], axis=0)
    return Estimate(value, estimate(parts).error), lacking
