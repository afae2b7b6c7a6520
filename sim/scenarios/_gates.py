"""What must hold in a scenario before a policy is let near real money; each a function of what was scored.

Used by the scenarios beside this file. A gate says in one sentence what it saw, passed or not. Futures are paired: the
policy and doing nothing met the same luck in each. All but `helps` are about harm, and doing nothing passes them. The
shares are judgements, not measurements; they are stated in the report, in docs/scenarios.md and in docs/market.md.
"""

import numpy as np

from controller.cells import Array, Bools
from controller.certificates import GateResult
from sim.scenarios._base import Gate, Judged

MOST = 0.9
"""Share of the futures in which a gate must hold."""
FEW = 10.0
"""People more or less that are chance."""


def helps(least: float = MOST) -> Gate:
    """The policy's loss is below that of doing nothing in at least that share of the futures."""

    def judge(judged: Judged) -> GateResult:
        share = _share(judged.own.loss < judged.still.loss)
        said = f"better than doing nothing in {share:.0%} of the futures, at least {least:.0%} asked"
        return GateResult("helps", share >= least, said)

    return Gate(f"better than doing nothing in {least:.0%} of the futures", judge)


def harmless(margin: float = 0.02, least: float = MOST) -> Gate:
    """The policy's loss is at most `margin` above that of doing nothing in at least that share of the futures."""

    def judge(judged: Judged) -> GateResult:
        gap = judged.own.loss - judged.still.loss
        share = _share(gap <= margin)
        said = (
            f"no worse than doing nothing by more than {margin:g} in J in {share:.0%} of the futures, "
            f"at least {least:.0%} asked; in the mean J is {_signed(gap)}"
        )
        return GateResult("harmless", share >= least, said)

    return Gate(f"J at most {margin:g} above that of doing nothing in {least:.0%} of the futures", judge)


def restrained(most: float = 0.25, least: float = MOST) -> Gate:
    """Beyond doing nothing the policy spends at most that share of the budget due, in most futures."""

    def judge(judged: Judged) -> GateResult:
        extra = judged.share_of_budget
        if extra is None:
            return GateResult("restrained", True, "no budget is spent")
        share = _share(extra <= most)
        said = (
            f"spends {np.median(extra):.0%} of the budget due beyond doing nothing (median), "
            f"at most {most:.0%} in {share:.0%} of the futures, at least {least:.0%} asked"
        )
        return GateResult("restrained", share >= least, said)

    return Gate(f"spends at most {most:.0%} of the budget due more than doing nothing", judge)


def keeps_people(most: float = 0.5, least: float = MOST) -> Gate:
    """Beyond those under doing nothing, at most that share as many people switch messages off, in most futures."""

    def judge(judged: Judged) -> GateResult:
        own, still = judged.own.opt_outs, judged.still.opt_outs
        if not own.any() and not still.any():
            return GateResult("keeps people", True, "nobody switches messages off")
        share = _share(own <= still * (1.0 + most) + FEW)
        said = (
            f"{np.median(own):,.0f} people switch messages off, {np.median(still):,.0f} by doing nothing (medians), at "
            f"most {most:.0%} more in {share:.0%} of the futures, at least {least:.0%} asked"
        )
        return GateResult("keeps people", share >= least, said)

    return Gate(f"at most {most:.0%} more people switch messages off than by doing nothing", judge)


def _blind(judged: Judged) -> GateResult:
    moves, futures = int(judged.own.blind.sum()), int((judged.own.blind > 0).sum())
    said = f"{moves} moves away from the safe value while nothing could be read, in {futures} futures; none asked"
    return GateResult("still when blind", moves == 0, said)


still_when_blind = Gate("no move away from the safe value while nothing can be read", _blind)
"""No output moves away from its safe value while what its loop measures cannot be read, in any future."""


def _budget(judged: Judged) -> GateResult:
    if judged.budget is None:
        return GateResult("within budget", True, "no budget to keep")
    most = float(judged.own.spend.max())
    said = f"at most {most:,.0f} of {judged.budget:,.0f} spent in any future"
    return GateResult("within budget", most <= judged.budget, said)


within_budget = Gate("the budget is kept in every future", _budget)
"""The budget is kept in every future."""


def _share(held: Bools) -> float:
    return float(np.asarray(held).mean())


def _signed(gap: Array) -> str:
    mean = float(gap.mean())
    return f"{abs(mean):.4f} {'above' if mean > 0 else 'below'} it"
