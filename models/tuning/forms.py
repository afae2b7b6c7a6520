"""The three forms of a PID controller and the exact ways between them. Made by the rules; calls numpy and the law.

    series    C = Kc (1 + 1 / (tauI s)) (1 + tauD s)
    ideal     C = K (1 + 1 / (Ti s) + Td s / (Tf s + 1))        the ISA standard form
    parallel  C = kp + ki / s + kd s / (Tf s + 1)               the form of models/pid/law.py

Series to ideal always exists: f = 1 + tauD / tauI, K = Kc f, Ti = tauI f, Td = tauD / f. The way back needs
real zeros, Ti >= 4 Td (Skogestad, J. Process Control 13 (2003) 291-309, eqs. 36-37). An integral time of inf is
no integral.
"""

from dataclasses import dataclass

import numpy as np

from models.pid.law import Array, Law, Number
from models.tuning.process import Complex, column


@dataclass(frozen=True, slots=True, eq=False)
class Ideal:
    """ISA standard form; numbers are scalars or of shape (plants,).

    >>> Ideal(1.0, 4.0, 1.0).series()
    Series(gain=0.5, integral_time=2.0, derivative_time=2.0)
    """

    gain: Number
    integral_time: Number = float("inf")
    derivative_time: Number = 0.0
    filter_time: Number = 0.0
    """Tf of the derivative's first-order filter; 0: none."""

    def __post_init__(self) -> None:
        _times(self.integral_time, self.derivative_time, self.filter_time)

    def response(self, s: Complex) -> Complex:
        """C(s), shape (plants, points)."""
        derivative = column(self.derivative_time) * s / (column(self.filter_time) * s + 1)
        integral = 1 / column(self.integral_time) / s
        return np.asarray(column(self.gain) * (1 + integral + derivative), np.complex128)

    def phase(self, w: Array) -> Array:
        """Phase of C(jw) / sign(K), radians: the real part is never negative, so it lies within a quarter turn."""
        return np.angle(self.response(1j * w) / np.sign(column(self.gain)))

    def series(self) -> "Series":
        """The same controller in series form; ValueError where it has none."""
        if np.any(np.asarray(self.filter_time) > 0):
            raise ValueError(
                f"filter_time: got {self.filter_time}, the series form here has no filter; allowed is 0"
            )
        ratio = _ratio(self.derivative_time, self.integral_time)
        if np.any(ratio > 0.25 * (1 + 1e-12)):
            raise ValueError(
                f"integral_time: got {self.integral_time} with derivative_time {self.derivative_time}; "
                "a series form exists only where Ti >= 4 Td"
            )
        f = (1 + np.sqrt(np.maximum(1 - 4 * ratio, 0))) / 2
        return Series(_as(self.gain * f), _as(self.integral_time * f), _as(self.derivative_time / f))

    def parallel(self) -> "Parallel":
        """The same controller in parallel form; always exists."""
        ki, kd = _ratio(self.gain, self.integral_time), np.asarray(self.gain) * self.derivative_time
        return Parallel(self.gain, _as(ki), _as(kd), self.filter_time)

    def law(self, scale: Number = 1.0) -> Law:
        """The law that runs it, gains per unit of error / `scale`; the filter must be one for all."""
        form, filters = self.parallel(), np.unique(np.asarray(self.filter_time))
        if filters.size != 1:
            raise ValueError(f"filter_time: got {self.filter_time}, a law has one filter for all its loops")
        return Law(
            _as(form.kp * scale), _as(form.ki * scale), _as(form.kd * scale), filter_time=float(filters[0])
        )


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """Series (interacting) form.

    >>> Series(0.5, 1.5, 1.0).ideal().integral_time
    2.5
    """

    gain: Number
    integral_time: Number = float("inf")
    derivative_time: Number = 0.0

    def __post_init__(self) -> None:
        _times(self.integral_time, self.derivative_time, 0.0)

    def response(self, s: Complex) -> Complex:
        """C(s), shape (plants, points)."""
        lead = 1 + column(self.derivative_time) * s
        return np.asarray(column(self.gain) * (1 + 1 / column(self.integral_time) / s) * lead, np.complex128)

    def ideal(self) -> Ideal:
        """The same controller in the ISA standard form; always exists."""
        f = 1 + _ratio(self.derivative_time, self.integral_time)
        return Ideal(_as(self.gain * f), _as(self.integral_time * f), _as(self.derivative_time / f))


@dataclass(frozen=True, slots=True, eq=False)
class Parallel:
    """Parallel form: three independent gains."""

    kp: Number
    ki: Number = 0.0
    kd: Number = 0.0
    filter_time: Number = 0.0

    def response(self, s: Complex) -> Complex:
        """C(s), shape (plants, points)."""
        derivative = column(self.kd) * s / (column(self.filter_time) * s + 1)
        return np.asarray(column(self.kp) + column(self.ki) / s + derivative, np.complex128)

    def ideal(self) -> Ideal:
        """The same controller in the ISA standard form; ValueError where kp is 0 or the gains differ in sign."""
        if np.any(np.asarray(self.kp) == 0):
            raise ValueError(f"kp: got {self.kp}, a controller without proportional part has no ideal form")
        ratio = np.asarray(_ratio(self.ki, self.kp), np.float64)
        time = np.full_like(ratio, np.inf)
        np.divide(1.0, ratio, out=time, where=ratio != 0)
        return Ideal(self.kp, _as(time), _as(_ratio(self.kd, self.kp)), self.filter_time)


Controller = Ideal | Series | Parallel


def ideal(controller: Controller) -> Ideal:
    """Any form as the ISA standard form."""
    return controller if isinstance(controller, Ideal) else controller.ideal()


def _ratio(above: Number, below: Number) -> Array:
    return np.asarray(above, np.float64) / below


def _as(number: Number | np.floating) -> Number:
    return float(number) if np.ndim(number) == 0 else np.asarray(number, np.float64)


def _times(integral: Number, derivative: Number, filter_time: Number) -> None:
    if not np.all(np.asarray(integral) > 0):
        raise ValueError(f"integral_time: got {integral}, allowed is above 0, or inf for no integral")
    for name, time in (("derivative_time", derivative), ("filter_time", filter_time)):
        if not np.all((np.asarray(time) >= 0) & np.isfinite(time)):
            raise ValueError(f"{name}: got {time}, allowed is 0 or more")
