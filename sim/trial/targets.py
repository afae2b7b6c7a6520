"""What the trial must show, each met or missed.

Called by sim.trial.table and benchmarks/field_trial.py; pure. A target that the trial has nothing to say of (its
row was not played, no case was scored) is neither: `met` is None.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sim.trial.judge import Estimate, Judged, Verdict, together

AUTO, PID, MPC, YARDSTICK = "auto", "pid", "mpc", "simple_pid"
MEAN = 0.80
"""Mean score over the scored cases."""
NOISE = 2.0
"""Standard errors within which a regret is noise."""
LATE = ("delayed_and_late_data", "regime_change")
"""Scenarios in which dead time is long: three hours more, or twice as much."""


@dataclass(frozen=True, slots=True)
class Target:
    """One figure beside what it must be."""

    figure: str
    value: float
    error: float
    unit: str
    target: float | None
    met: bool | None
    said: str = ""
    """What is behind a miss."""


def targets(verdicts: Sequence[Verdict]) -> list[Target]:
    """All of them, in the order in which they are asked."""
    names = verdicts[0].rows.keys() if verdicts else ()
    found = [] if AUTO not in names else [_mean(verdicts), *_above(verdicts), *_regrets(verdicts)]
    return found + ([] if MPC not in names else list(_late(verdicts)))


def _mean(verdicts: Sequence[Verdict]) -> Target:
    figure = "auto, mean score"
    found, lacking = together(verdicts, AUTO)
    if found is None:
        return Target(figure, np.nan, np.nan, "", MEAN, None, _never(verdicts, AUTO))
    said = f"missing in {', '.join(lacking)}" if lacking else ""
    return Target(figure, found.value, found.error, "", MEAN, found.value >= MEAN and not lacking, said)


def _above(verdicts: Sequence[Verdict]) -> Iterator[Target]:
    """auto above simple_pid, in every scored case."""
    for verdict in verdicts:
        if verdict.scored and YARDSTICK in verdict.rows:
            figure = f"auto above simple_pid, {verdict.case.name}"
            yield _gap(figure, verdict.rows[AUTO], [verdict.rows[YARDSTICK]])


def _regrets(verdicts: Sequence[Verdict]) -> Iterator[Target]:
    """No regret of auto beyond noise, in every case that is not scored."""
    for verdict in verdicts:
        if verdict.scored:
            continue
        row, figure = verdict.rows[AUTO], f"auto, regret, {verdict.case.name}"
        if row.regret is None:
            yield Target(figure, np.nan, np.nan, "J", None, None, row.missing)
            continue
        most = NOISE * row.regret.error
        yield Target(figure, row.regret.value, row.regret.error, "J", most, row.regret.value <= most)


def _late(verdicts: Sequence[Verdict]) -> Iterator[Target]:
    """mpc above every pid, where dead time is long."""
    for verdict in verdicts:
        if verdict.case.scenario in LATE:
            others = [verdict.rows[name] for name in (PID, AUTO) if name in verdict.rows]
            yield _gap(f"mpc above pid, {verdict.case.name}", verdict.rows[MPC], others)


def _gap(figure: str, mine: Judged, others: Sequence[Judged]) -> Target:
    """How far a score, or a loss where there is none, is above the best of others."""
    if mine.missing:
        return Target(figure, np.nan, np.nan, "", 0.0, None, mine.missing)
    there = [each for each in others if not each.missing]
    if not there:
        return Target(figure, np.nan, np.nan, "", 0.0, None, "nothing to compare it with")
    if mine.score is None:
        best = min(there, key=lambda each: each.loss.value)
        gap, unit = best.loss.value - mine.loss.value, "J"
        return Target(figure, gap, np.nan, unit, 0.0, gap > 0, f"not scored; best of the others: {best.name}")
    best = max(there, key=lambda each: each.score.value if each.score else -np.inf)
    assert best.score is not None
    return Target(
        figure,
        mine.score.value - best.score.value,
        _paired(mine, best).error,
        "of the score",
        0.0,
        mine.score.value > best.score.value,
        f"{mine.score.value:.2f} beside {best.score.value:.2f} of {best.name}",
    )


def _paired(mine: Judged, other: Judged) -> Estimate:
    """The difference of two scores of one case, seeds paired."""
    from sim.trial.judge import estimate

    assert mine.influence is not None
    assert other.influence is not None
    return estimate(mine.influence - other.influence)


def _never(verdicts: Sequence[Verdict], name: str) -> str:
    reasons = dict.fromkeys(verdict.rows[name].missing for verdict in verdicts if verdict.rows[name].missing)
    return "; ".join(reasons) or "no case was scored"
