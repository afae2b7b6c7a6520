"""What a loop's policy is in control terms: an ideal PID in % of the output's range per % of the target.

Called by advice.py and the certificate's gate; reads a campaign's policies. Where a policy has no linear law (a fixed
value, a rule of thumb) or tunes itself, there is no controller to judge beforehand.
"""

from controller.assembly import cells_of, channels_of, policy_scope
from controller.plan import Campaign, Policy
from controller.registry import find
from models.tuning.forms import Ideal

NO_TARGET = "gains in raw units say nothing without a level to keep"


def controller_of(campaign: Campaign, loop: str) -> Ideal | None:
    """The controller of a loop; None where its policy is none of fixed gains.

    >>> from controller.config import load
    >>> from pathlib import Path
    >>> found = controller_of(load(Path("configs/cap_lottery.yaml")), "sales")
    >>> found.gain, found.integral_time
    (0.718, 25200.0)
    """
    policy = campaign.loops[loop].policy
    settings = policy.settings
    if policy.kind == "simple_pid":
        return _raw(campaign, loop, settings.kp, settings.ki, settings.kd, 0.0)
    if policy.kind != "pid" or tunes_itself(policy):
        return None
    if settings.form == "parallel":
        return _raw(campaign, loop, settings.kp, settings.ki, settings.kd, settings.derivative_filter)
    times = settings.integral_time or float("inf"), settings.derivative_time
    return _ideal(settings.gain, *times, settings.derivative_filter)


def raw_unit(campaign: Campaign, loop: str) -> float:
    """A gain of one, % of the output's range per % of the target, in output units per unit of the measured value."""
    plan, channels = campaign.loops[loop], channels_of(campaign)
    scope = policy_scope(plan, find("policy", "simple_pid").cls, cells_of(campaign), channels)
    (output,) = scope.channels.values()
    return output.span / max(abs(campaign.level(loop, next(iter(campaign.cells.names), ""))), 1e-12)


def tunes_itself(policy: Policy) -> bool:
    """True where a policy finds its own gains while it runs."""
    return getattr(policy.settings, "tune", "none") == "auto"


def _raw(campaign: Campaign, loop: str, kp: float, ki: float, kd: float, filtered: float) -> Ideal | None:
    """Raw gains made normal; None where the loop keeps no level, or acts by the integral alone."""
    if not kp or campaign.loops[loop].target.amount is None:
        return None
    return _ideal(kp / raw_unit(campaign, loop), kp / ki if ki else float("inf"), kd / kp, filtered)


def _ideal(gain: float, integral: float, derivative: float, filtered: float) -> Ideal:
    return Ideal(gain, integral, derivative, derivative / filtered if filtered else 0.0)
