"""Does each loop's policy have the margins to go live? A gate of its own, beside those of the scenarios.

Called by gather; calls sim.tuning for the plants that the market may be, and judges. A policy that tunes itself
keeps the same margins by its own rule; one that is no linear law has none, and the scenarios alone judge it.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from controller.certificates import GateResult
from controller.errors import SetpointError
from controller.plan import Campaign
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
    if controller is None:
        return True, f"kind {policy.kind} is no linear law: margins say nothing of it, the scenarios do"
    try:
        plants = plants_of(campaign, loop, calibrated, draws)
        found = judge(campaign, loop, controller, plants.answering, latency_of(campaign, loop))
    except (SetpointError, ValueError) as fault:
        return False, f"they can't be worked out: {fault}"
    return found.passed, found.said if found.passed else f"{found.said}; see `setpoint tune`"
