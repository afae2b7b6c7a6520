"""SIMC: gains from a model and one wish, the closed loop's time constant. Called by the tuner; calls forms.

    Kc = tau1 / (k (tau_c + theta)),  tauI = min(tau1, 4 (tau_c + theta)),  tauD = tau2, in SERIES form

(Skogestad, J. Process Control 13 (2003) 291-309). The improved rules serve a first-order model: tauD = theta /
3 (Grimholt & Skogestad, J. Process Control 70 (2018) 36-46), or PI with tau1 + theta / 3 in place of tau1 (the
same, 2012). `closed_loop` is tau_c; None takes the dead time, the tightest that keeps good margins (Ms 1.59 to
1.70).
"""

import numpy as np

from models.pid.law import Array, Number
from models.tuning.forms import Series
from models.tuning.process import FirstOrder, Integrating, SecondOrder


def simc_pi(model: FirstOrder | Integrating, closed_loop: Number | None = None) -> Series:
    """PI gains; numbers as the model's, (plants,) or scalar. ValueError where the gain would be infinite.

    >>> simc_pi(FirstOrder(2.0, lag=8.0, dead_time=1.0))
    Series(gain=2.0, integral_time=8.0, derivative_time=0.0)
    """
    if isinstance(model, Integrating):
        _no_lag(model)
        return _integrating(model, closed_loop)
    return _lagged(model.gain, model.lag, _sum(model, closed_loop), 0.0)


def simc_pid(model: SecondOrder | Integrating, closed_loop: Number | None = None) -> Series:
    """PID gains: the derivative cancels the second lag."""
    if isinstance(model, Integrating):
        return _integrating(model, closed_loop)
    return _lagged(model.gain, model.lag, _sum(model, closed_loop), model.second_lag)


def improved_simc_pi(model: FirstOrder, closed_loop: Number | None = None) -> Series:
    """PI gains, a little stronger where the dead time is long."""
    return _lagged(
        model.gain, np.asarray(model.lag) + np.asarray(model.dead_time) / 3, _sum(model, closed_loop), 0.0
    )


def improved_simc_pid(model: FirstOrder, closed_loop: Number | None = None) -> Series:
    """PID gains for a first-order model; its derivative works against the dead time."""
    return _lagged(model.gain, model.lag, _sum(model, closed_loop), np.asarray(model.dead_time) / 3)


def _lagged(gain: Number, lag: Number, pace: Array, derivative: Number) -> Series:
    times = np.minimum(lag, 4 * pace)
    if not np.all(times > 0):
        raise ValueError(f"lag: got {lag}, allowed is above 0; a pure dead time wants integral control alone")
    return _series(np.asarray(lag) / (np.asarray(gain) * pace), times, derivative)


def _integrating(model: Integrating, closed_loop: Number | None) -> Series:
    pace = _sum(model, closed_loop)
    return _series(1 / (np.asarray(model.slope) * pace), 4 * pace, model.lag)


def _sum(model: FirstOrder | SecondOrder | Integrating, closed_loop: Number | None) -> Array:
    wish = model.dead_time if closed_loop is None else closed_loop
    pace = np.asarray(wish, np.float64) + model.dead_time
    if not np.all((np.asarray(wish) >= 0) & (pace > 0)):
        raise ValueError(
            f"closed_loop: got {closed_loop} with dead time {model.dead_time}; their sum must be above 0, "
            "name a time constant for a process without dead time"
        )
    return pace


def _no_lag(model: Integrating) -> None:
    if np.any(np.asarray(model.lag) > 0):
        raise ValueError(
            f"lag: got {model.lag}, PI takes no second lag; reduce the model first (half_rule.first_order)"
        )


def _series(gain: Array, integral: Array, derivative: Number) -> Series:
    return Series(
        *(float(n) if np.ndim(n) == 0 else np.asarray(n, np.float64) for n in (gain, integral, derivative))
    )
