"""May a controller be let near real money? Its margins over every plant that is possible, against what is asked.

    largest Ms            at most 1.6       Astrom & Hagglund, Advanced PID Control, ISA 2006, ch. 4
    least delay margin    above twice the latency of sensor and actuator
    stable, of one sign   everywhere

Called by `setpoint tune` and the certificate's gate; calls margins.
"""

from dataclasses import dataclass

import numpy as np

from models.pid.law import Array
from models.tuning.forms import Controller, ideal
from models.tuning.margins import Margins, margins
from models.tuning.process import Model
from models.tuning.verdict import ROBUST

TIMES = 2.0
"""By how much the delay margin must exceed the latency."""


@dataclass(frozen=True, slots=True, eq=False)
class GoLive:
    """What was asked and what was found; times in the process's unit."""

    passed: bool
    said: str
    """The reason in one sentence."""
    ms: float
    """The largest, inf where a plant is unstable."""
    ms_at: int
    """Index of that plant."""
    delay_margin: float
    """The least."""
    delay_at: int
    margins: Margins | None
    """Around each plant; None where the controller pushes some plant the wrong way."""


def go_live(
    controller: Controller, model: Model, *, latency: float, ms: float = ROBUST, extra_delay: float = 0.0,
    unit: str = "s", scale: float = 1.0,
) -> GoLive:  # fmt: skip
    """Judge a controller around all plants of a model.

    Parameters
    ----------
    latency: of sensor and actuator together, in the process's unit of time; 0 or more.
    extra_delay: dead time that a sampled loop adds, half its period.
    unit, scale: how the sentence tells times: by the process's unit times `scale`.

    >>> from models.tuning.forms import Ideal
    >>> from models.tuning.process import FirstOrder
    >>> plants = FirstOrder(np.array([0.5, 1.0, 2.0]), lag=8.0, dead_time=1.0)
    >>> go_live(Ideal(2.0, 8.0), plants, latency=0.5, unit="h").said
    'Ms is at most 1.59, and it takes 2.14 h more delay to break the loop, above twice the latency of 0.5 h'
    >>> go_live(Ideal(3.0, 8.0), plants, latency=0.5, unit="h").passed
    False
    """
    if not (latency >= 0 and np.isfinite(latency)):
        raise ValueError(f"latency: got {latency}, allowed is 0 or more")
    plant = model.process
    gains = np.broadcast_to(np.asarray(plant.gain, np.float64), (plant.plants,))
    wrong = np.sign(np.asarray(ideal(controller).gain, np.float64)) * gains < 0
    if wrong.any():
        said = f"the lever works the other way in {int(wrong.sum())} of {len(gains)} possible plants"
        return GoLive(False, said, np.inf, int(np.argmax(wrong)), 0.0, int(np.argmax(wrong)), None)
    found = margins(controller, plant.delayed(extra_delay))
    worst, least = int(np.argmax(found.ms)), int(np.argmin(found.delay_margin))
    largest, delay = float(found.ms[worst]), float(found.delay_margin[least])
    faults = [*_too_lively(found.ms, largest, ms), *_too_late(delay, latency, unit, scale)]
    said = "; ".join(faults) or _fine(largest, delay, latency, unit, scale)
    return GoLive(not faults, said, largest, worst, delay, least, found)


def _too_lively(each: Array, largest: float, ms: float) -> list[str]:
    broken = int((each > ms * (1 + 1e-9)).sum())
    if not broken:
        return []
    if not np.isfinite(largest):
        swinging = int((~np.isfinite(each)).sum())
        return [
            f"the loop swings ever wider in {swinging} of {len(each)} possible plants: its gain is too high"
        ]
    where = f"in {broken} of {len(each)} possible plants"
    return [
        f"Ms reaches {largest:.3g} {where}, allowed is {ms:.3g}: it would overshoot; a lower gain mends it"
    ]


def _too_late(delay: float, latency: float, unit: str, scale: float) -> list[str]:
    if delay > TIMES * latency or delay == 0:
        return []
    room = f"{delay * scale:.3g} {unit} more delay would break the loop"
    return [
        f"{room}, but readings and orders take {latency * scale:.3g} {unit} already: twice that is asked for"
    ]


def _fine(largest: float, delay: float, latency: float, unit: str, scale: float) -> str:
    if not np.isfinite(delay):
        return f"Ms is at most {largest:.3g}, and no delay breaks the loop"
    room = f"it takes {delay * scale:.3g} {unit} more delay to break the loop"
    return f"Ms is at most {largest:.3g}, and {room}, above twice the latency of {latency * scale:.3g} {unit}"
