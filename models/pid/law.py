"""What a PID controller is: gains, weights, filter, anti-windup. Made by policies and tuning rules; calls nothing.

Vocabulary is that of ISA-TR5.9-2023; the form with two weights is Astrom & Hagglund, Advanced PID Control (ISA, 2006),
ch. 3. With error e = (r - y) / scale, process value y, setpoint r, weights b and c, per execution of dt seconds:

    P  = b kp e + M                     M  -= (1 - b) kp (y - y_last) / scale       weight b: kick of a setpoint change
    I += ki e dt                        (limited as `anti_windup` says)
    D += dt / (Tf + dt) (Draw - D)      Draw = c kd (e - e_last) / dt - (1 - c) kd (y - y_last) / scale / dt
    v  = P + I + D + feedforward        u = v inside [low, high] of this execution

All of P, I, D, M are in output units, so what was reached does not depend on the gains that come next.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Number = Array | float
"""A number a cell, or one for all."""
AntiWindup = Literal["back_calculation", "conditional", "clamp"]


@dataclass(frozen=True, slots=True, eq=False)
class Law:
    """Gains of the parallel form and the structure around them; numbers have shape (cells,) or are scalars.

    >>> Law.standard(gain=2.0, integral_time=10.0, derivative_time=4.0).ki
    0.2
    """

    kp: Number
    """Output units per unit of error."""
    ki: Number = 0.0
    """Output units per unit of error and second."""
    kd: Number = 0.0
    """Output units per unit of error, times seconds."""
    setpoint_weight: float = 1.0
    """b, 0..1: 1 proportional to the error, 0 to the measurement alone."""
    derivative_weight: float = 0.0
    """c, 0..1: 1 derivative of the error, 0 of the measurement alone."""
    filter_time: float = 0.0
    """Tf in seconds, of the first-order filter of D; 0: none."""
    anti_windup: AntiWindup = "back_calculation"
    tracking_time: Number = 0.0
    """Tt in seconds, of back-calculation; 0: the integral is recomputed from the limited output at once."""
    loose_clamp: bool = False
    """For `clamp`: an integral that a hand-over put outside the limits may come back, instead of being cut."""

    @classmethod
    def standard(cls, gain: Number, integral_time: float | None, derivative_time: float = 0.0) -> "Law":
        """The ISA standard form: kp = K, ki = K / Ti, kd = K Td; an integral time of None means no integral."""
        ki = 0.0 * gain if integral_time is None else gain / integral_time
        return cls(gain, ki, gain * derivative_time)

    @property
    def integrates(self) -> bool:
        """False where the integral is a constant bias."""
        return bool(np.any(self.ki))

    def block(self, where: slice) -> "Law":
        """The law of some cells."""
        numbers = (self.kp, self.ki, self.kd, self.tracking_time)
        if not any(isinstance(number, np.ndarray) for number in numbers):
            return self
        kp, ki, kd, tracking = (part(number, where) for number in numbers)
        return replace(self, kp=kp, ki=ki, kd=kd, tracking_time=tracking)


def part(number: Number, where: slice) -> Number:
    """The block of an array, shape (cells,); scalars as they are."""
    return number[where] if isinstance(number, np.ndarray) and number.ndim else number
