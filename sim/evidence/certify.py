"""From evidence to a certificate for the campaign's file, and what evidence must be to certify at all.

Called by `simulate --certify`; calls controller.certificates. The certificate says what was found, passed or not: one
that failed is written too, and covers nothing.
"""

from collections.abc import Collection, Iterator

from controller.certificates import Certificate, GateResult, MarketUsed, Trials, issue
from controller.plan import Campaign
from sim.calibration import Calibrated
from sim.evidence.ask import weeks_left
from sim.evidence.result import Evidence
from sim.runs.runner import first_moment
from sim.scenarios._family import kinds, scenario

LEAST_SEEDS = 4
"""Seeds without which nothing is certified: the gates speak of nine of ten futures."""
LEAST_DRAWS = 4
"""Posterior draws without which nothing is certified: one market of those that the data allow says little."""


def weeks_needed(campaign: Campaign, starts: float | None = None) -> float:
    """Weeks in which every scenario shows itself, or those that the campaign has from a UTC moment on, its first."""
    longest = max(scenario(kind).least_weeks for kind in kinds())
    return min(longest, weeks_left(campaign, first_moment(campaign) if starts is None else starts))


def lacking(
    scenarios: Collection[str], weeks: float, needed: float, seeds: int, draws: int | None
) -> Iterator[str]:
    """What evidence lacks to certify, a sentence each; `draws`: of a fitted market, None for one that is not."""
    left_out = [kind for kind in kinds() if kind not in scenarios]
    if left_out:
        yield f"every scenario must have been played, {', '.join(left_out)} not"
    if weeks < needed - 1e-9:
        yield f"scenarios need {needed:.3g} weeks to show themselves, received {weeks:g}"
    if seeds < LEAST_SEEDS:
        yield f"gates speak of nine of ten futures: at least {LEAST_SEEDS} seeds, received {seeds}"
    if draws is not None and draws < LEAST_DRAWS:
        yield f"one market says little: at least {LEAST_DRAWS} draws, received {draws}"


def certificate(found: Evidence, calibrated: Calibrated | None, now: float) -> Certificate:
    """The certificate of an evidence, issued at a UTC moment; the age of its data decides how long it lasts."""
    plan = found.campaign.market
    assert plan is not None
    return issue(
        found.campaign,
        gates=(*found.gates, _enough(found, calibrated)),
        runs=Trials(
            scenarios=tuple(one.kind for one in found.scenarios if not one.skipped),
            weeks=found.weeks,
            seeds=found.seeds,
            root_seed=found.seed,
            posterior_draws=0 if calibrated is None else found.draws,
            mechanisms=found.mechanisms,
        ),
        market=MarketUsed(kind=plan.kind, calibration=None if calibrated is None else calibrated.digest),
        issued_at=now,
        data_until=None if calibrated is None else min(calibrated.until, now),
    )


def _enough(found: Evidence, calibrated: Calibrated | None) -> GateResult:
    """Whether the evidence is as much as a certificate asks for."""
    starts = next((one.starts for one in found.scenarios if not one.skipped), None)
    short = list(
        lacking(
            {one.kind for one in found.scenarios},
            found.weeks,
            weeks_needed(found.campaign, starts),
            found.seeds,
            None if calibrated is None else found.draws,
        )
    )
    unjudged = [one.kind for one in found.scenarios if not one.skipped and not one.gates]
    short += [f"nothing was judged in {', '.join(unjudged)}"] if unjudged else []
    said = (
        "; ".join(short)
        or f"{len(found.scenarios)} scenarios of {found.weeks:g} weeks in {found.futures} futures"
    )
    return GateResult("evidence: enough", not short, said)
