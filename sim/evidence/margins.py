"""Does each loop's policy have the margins to go live? A gate of its own, beside those of the scenarios.

Called by gather; calls sim.tuning for the plants that the market may be, and judges. A policy that tunes itself
keeps the same margins by its own rule; one that is no linear law has none, and the scenarios alone judge it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from controller.assembly import EFFECT, cells_of, channels_of, policy_scope
from controller.certificates import GateResult
from controller.errors import SetpointError
from controller.plan import Campaign
from controller.policies.mpc import MpcPolicy
from models.mpc.answers import Answers
from models.mpc.design import breaks_later, sensitivity
from models.mpc.problem import Problem
from models.tuning.go_live import TIMES
from models.tuning.verdict import ROBUST
from sim.tuning.advice import judge, latency_of
from sim.tuning.controllers import controller_of, tunes_itself
from sim.tuning.market import plants_of

if TYPE_CHECKING:
    from sim.calibration import Calibrated


def margin_gates(campaign: Campaign, calibrated: "Calibrated | None", draws: int) -> Iterator[GateResult]:
    """One gate a loop; `draws` of a calibrated market are tried."""
    for loop in campaign.loops:
        passed, said = _judged(campaign, loop, calibrated, draws)
        yield GateResult(f"loops.{loop}: margins", passed, said)


def _judged(campaign: Campaign, loop: str, calibrated: "Calibrated | None", draws: int) -> tuple[bool, str]:
    controller = controller_of(campaign, loop)
    policy = campaign.loops[loop].policy
    if tunes_itself(policy):
        return True, "it tunes itself, to Ms of at most 1.6 over all plants that it holds possible"
    if policy.kind == "mpc":
        return _foretelling(campaign, loop, calibrated, draws)
    if controller is None:
        return True, f"kind {policy.kind} is no linear law: margins say nothing of it, the scenarios do"
    try:
        plants = plants_of(campaign, loop, calibrated, draws)
        found = judge(campaign, loop, controller, plants.answering, latency_of(campaign, loop))
    except (SetpointError, ValueError) as fault:
        return False, f"they can't be worked out: {fault}"
    return found.passed, found.said if found.passed else f"{found.said}; see `setpoint tune`"


def _foretelling(
    campaign: Campaign, loop: str, calibrated: "Calibrated | None", draws: int
) -> tuple[bool, str]:
    """A predictive loop of one output is linear where nothing binds: the same is asked of it around every plant."""
    plan = campaign.loops[loop]
    if len(plan.channels) > 1:
        return (
            True,
            "several actuators: each alone keeps Ms of at most 1.6 over its model; no market was tried",
        )
    try:
        plants = plants_of(campaign, loop, calibrated, draws).answering
    except (SetpointError, ValueError) as fault:
        return False, f"they can't be worked out: {fault}"
    policy = MpcPolicy(
        policy_scope(plan, MpcPolicy, cells_of(campaign), channels_of(campaign)), plan.policy.settings
    )
    sign = EFFECT[plan.move[plan.channels[0]]] or 1.0
    each = Answers(plants.gain * sign, plants.lag / plan.every, plants.dead_time / plan.every)
    problem = Problem(policy.answers, np.zeros(1), plan.policy.settings.smoothness)
    ms = sensitivity(problem, policy.time, each)
    fragile = int((ms > ROBUST * (1 + 1e-3)).sum())
    if fragile:
        said = f"Ms reaches {ms.max():.3g} in {fragile} of {len(ms)} possible plants, allowed is {ROBUST}"
        return False, f"{said}: the model is too narrow; see `setpoint tune`"
    extra = TIMES * latency_of(campaign, loop) / plan.every
    broken = int(breaks_later(problem, policy.time, each, extra).sum())
    if broken:
        return (
            False,
            f"twice the latency more delay would break the loop in {broken} of {len(ms)} possible plants",
        )
    return (
        True,
        f"Ms is at most {ms.max():.3g}, and twice the latency more delay breaks it in no possible plant",
    )
