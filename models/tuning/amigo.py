"""AMIGO: gains from a step response, designed for Ms = 1.4. Called by the tuner; calls process and forms.

Astrom & Hagglund, J. Process Control 14 (2004) 635-650. The model's dead time is L and its lag T, both as
step_fit finds them: the tangent at the steepest point, and the time of 63 % of the way. Ideal form. The
paper's weight on the setpoint is the caller's choice: Law.setpoint_weight.
"""

import numpy as np

from models.pid.law import Array
from models.tuning.forms import Ideal
from models.tuning.process import FirstOrder, Integrating


def amigo_pi(model: FirstOrder | Integrating) -> Ideal:
    """PI gains, (plants,) or scalar as the model; ValueError without dead time.

    >>> amigo_pi(Integrating(1.0, dead_time=1.0))
    Ideal(gain=0.35, integral_time=13.4, derivative_time=0.0, filter_time=0.0)
    """
    dead = _dead(model)
    if isinstance(model, Integrating):
        return _ideal(0.35 / (np.asarray(model.slope) * dead), 13.4 * dead, 0 * dead)
    k, lag = np.asarray(model.gain, np.float64), np.asarray(model.lag, np.float64)
    gain = 0.15 / k + (0.35 - dead * lag / (dead + lag) ** 2) * lag / (k * dead)
    return _ideal(gain, 0.35 * dead + 13 * dead * lag**2 / (lag**2 + 12 * lag * dead + 7 * dead**2), 0 * dead)


def amigo_pid(model: FirstOrder | Integrating) -> Ideal:
    """PID gains, (plants,) or scalar as the model; ValueError without dead time."""
    dead = _dead(model)
    if isinstance(model, Integrating):
        return _ideal(0.45 / (np.asarray(model.slope) * dead), 8 * dead, 0.5 * dead)
    k, lag = np.asarray(model.gain, np.float64), np.asarray(model.lag, np.float64)
    gain, integral = (0.2 + 0.45 * lag / dead) / k, dead * (0.4 * dead + 0.8 * lag) / (dead + 0.1 * lag)
    return _ideal(gain, integral, 0.5 * dead * lag / (0.3 * dead + lag))


def _dead(model: FirstOrder | Integrating) -> Array:
    dead = np.asarray(model.dead_time, np.float64)
    if not np.all(dead > 0):
        raise ValueError(f"dead_time: got {model.dead_time}, allowed is above 0; AMIGO divides by it")
    if isinstance(model, Integrating) and np.any(np.asarray(model.lag) > 0):
        raise ValueError(
            f"lag: got {model.lag}, allowed is 0; reduce the model first (half_rule.first_order)"
        )
    return dead


def _ideal(gain: Array, integral: Array, derivative: Array) -> Ideal:
    return Ideal(
        *(float(n) if np.ndim(n) == 0 else np.asarray(n, np.float64) for n in (gain, integral, derivative))
    )
