"""What policies of one output have in common: their channel, its direction, and the value that holds.

Called by fixed, updown, simple_pid and pid; calls the nouns only.
"""

import numpy as np

from controller.cells import Array, Bools
from controller.errors import NotAvailable
from controller.ports import PolicyScope
from controller.signals import Channel, Limits, Observation


def only_channel(kind: str, scope: PolicyScope) -> Channel:
    """The one channel of the loop; raises NotAvailable where there are several or none."""
    if len(scope.channels) != 1:
        names = ", ".join(scope.channels) or "none"
        raise NotAvailable(
            f"policy {kind!r} moves exactly one actuator, received {len(scope.channels)} ({names}); "
            "give each actuator a loop of its own"
        )
    return next(iter(scope.channels.values()))


def sign_of(kind: str, channel: Channel, seen: Observation) -> float:
    """+1 or -1; raises NotAvailable for `either`, since these policies can't find the direction out."""
    sign = seen.direction[channel.name]
    if sign not in (1.0, -1.0):
        raise NotAvailable(
            f"policy {kind!r} must know what raising {channel.name!r} does to the measured value, received `either`; "
            "allowed: raises, lowers"
        )
    return float(sign)


def believable(seen: Observation) -> Bools:
    """True where the process value may be acted upon and both it and the setpoint are numbers."""
    return seen.usable & np.isfinite(seen.process_value) & np.isfinite(seen.setpoint)


def hold(channel: Channel, seen: Observation, limits: Limits) -> Array:
    """The value in force, moved only as far as the limits force it; the start value where none is known."""
    applied = seen.applied[channel.name]
    known = np.where(np.isfinite(applied), applied, channel.start)
    return np.clip(known, limits.low[channel.name], limits.high[channel.name])
